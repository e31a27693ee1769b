package misskey

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

type decodeTarget struct {
	ID        string         `json:"id"`
	CreatedAt time.Time      `json:"createdAt"`
	Poll      *decodePoll    `json:"poll"`
	Counts    map[string]int `json:"counts"`
	Renote    *decodeTarget  `json:"renote"`
}

type decodePoll struct {
	Choices []struct {
		Votes int64 `json:"votes"`
	} `json:"choices"`
}

func TestDecodeErrorTellsThePlace(t *testing.T) {
	for _, tt := range []struct{ body, pointer string }{
		{`{}`, ""},
		{`[{"id":7}]`, "/0/id"},
		{`[{"id":"x"},{"id":"y","createdAt":"yesterday"}]`, "/1/createdAt"},
		{`[{"poll":{"choices":[{"votes":1},{"votes":1},{"votes":"two"}]}}]`, "/0/poll/choices/2/votes"},
		{`[{"poll":{"choices":[{"votes":1.5}]}}]`, "/0/poll/choices/0/votes"},
		{`[{"poll":{"choices":[{"votes":1e99}]}}]`, "/0/poll/choices/0/votes"},
		{`{"id":"x"}`, ""},
		{`[[{"id":7}]]`, "/0"},
		{`[{"id":{"x":{}}}]`, "/0/id"},
		{`[{"poll":[{"votes":1}]}]`, "/0/poll"},
		{`[{"counts":{"a/b~c":[]}}]`, "/0/counts/a~1b~0c"},
		{`[{"renote":{"renote":{"renote":{"poll":[]}}}}]`, "/0/renote/renote/renote/poll"},
		{` [ null , { "unknown" : [ {} ] , "id" : true } ] `, "/1/id"},
		{`[`, ""},
		{`[{"id":"x"}] x`, ""},
		{`[{"id":"\x"}]`, ""},
		{strings.Repeat(`[{"renote":`, 1) + strings.Repeat(`{"renote":`, 30) + `7` + strings.Repeat(`}`, 30) + `}]`, "/0" + strings.Repeat("/renote", 15)},
	} {
		mk := fakeClient(t, func(*http.Request) (*http.Response, error) { return answer(200, jsonType, tt.body), nil })
		var out []decodeTarget
		err := mk.Call(t.Context(), opShow, nil, &out)
		e, ok := errors.AsType[*DecodeError](err)
		if !ok || e.Endpoint != "notes/show" || e.Pointer != tt.pointer || e.Err == nil {
			t.Errorf("%.80s: %#v, want the place %q", tt.body, err, tt.pointer)
			continue
		}
		if !strings.Contains(err.Error(), "notes/show") || !strings.Contains(err.Error(), tt.pointer) {
			t.Errorf("%.80s: says %q", tt.body, err)
		}
	}
}

func TestDecodeErrorIsWrapped(t *testing.T) {
	mk := fakeClient(t, func(*http.Request) (*http.Response, error) { return answer(200, jsonType, `[{"createdAt":"x"}]`), nil })
	err := mk.Call(t.Context(), opShow, nil, new([]decodeTarget))
	if _, ok := errors.AsType[*time.ParseError](err); !ok {
		t.Errorf("%v", err)
	}
	long := &DecodeError{Endpoint: "x", Pointer: strings.Repeat("/\x1b", 1000), Err: errors.New(strings.Repeat("\x1b", 1000))}
	if s := long.Error(); len(s) > 4*600 || strings.Contains(s, "\x1b") {
		t.Errorf("unfit message %q", s)
	}
}

// What is looked for a second time is bounded.
func TestFindFaultIsBounded(t *testing.T) {
	deep := []byte(strings.Repeat("[", 9000) + "7" + strings.Repeat("]", 9000))
	wide := []byte("[" + strings.Repeat("{},", 200_000) + "7]")
	large := []byte(`["` + strings.Repeat("x", maxFaultBytes) + `",7]`)
	for want, data := range map[string][]byte{strings.Repeat("/0", maxFaultDepth): deep, "/200000": wide, "": large} {
		var out any = new([]decodeTarget)
		if len(data) == len(deep) {
			out = new(nestedStrings)
		}
		if got := findFault(data, reflect.TypeOf(out)); got != want {
			t.Errorf("%.60q, want %.60q", got, want)
		}
	}
}

// nestedStrings are arrays in arrays, where a number is a fault.
type nestedStrings []nestedStrings

func FuzzFindFault(f *testing.F) {
	for _, s := range []string{`[{"id":7}]`, `[{"createdAt":"x"},7]`, `{"a":[]}`, `[{"counts":{"":1.5,"":[]}}]`, `[{"id":1,"id":"x"}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var out []decodeTarget
		err := decode(opShow, data, &out)
		if (err == nil) != (json.Unmarshal(data, new([]decodeTarget)) == nil) {
			t.Fatalf("%v", err)
		}
		e, ok := err.(*DecodeError)
		if !ok || e.Pointer == "" {
			return
		}
		var doc any
		if json.Unmarshal(data, &doc) != nil {
			t.Fatalf("%q: a place in what is not JSON", data)
		}
		for step := range strings.SplitSeq(e.Pointer[1:], "/") {
			step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
			switch d := doc.(type) {
			case map[string]any:
				next, ok := d[step]
				if !ok {
					t.Fatalf("%q has no %q", data, e.Pointer)
				}
				doc = next
			case []any:
				n, err := strconv.Atoi(step)
				if err != nil || n < 0 || n >= len(d) {
					t.Fatalf("%q has no %q", data, e.Pointer)
				}
				doc = d[n]
			default:
				return // of a member that is there twice, the other one
			}
		}
	})
}
