package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
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

func returning(t *testing.T, body string, opts ...Option) *Client {
	return fakeClient(t, func(*http.Request) (*http.Response, error) { return answer(200, jsonType, body), nil }, opts...)
}

func TestStrictErrorsTellThePlace(t *testing.T) {
	for _, tt := range []struct{ body, pointer string }{
		{`{}`, ""},
		{`[{"id":7}]`, "/0/id"},
		{`[{"id":null}]`, "/0/id"},
		{`[{"id":"x"},{"id":"y","createdAt":"yesterday"}]`, "/1/createdAt"},
		{`[{"poll":{"choices":[{"votes":1},{"votes":1},{"votes":"two"}]}}]`, "/0/poll/choices/2/votes"},
		{`[{"poll":{"choices":[{"votes":1.5}]}}]`, "/0/poll/choices/0/votes"},
		{`{"id":"x"}`, ""},
		{`[[{"id":7}]]`, "/0"},
		{`[{"id":{"x":{}}}]`, "/0/id"},
		{`[{"counts":{"a/b~c":[]}}]`, "/0/counts/a~1b~0c"},
		{` [ null , { "unknown" : [ {} ] , "id" : true } ] `, "/0"},
		{`[`, ""},
		{`[{"id":"x"}] x`, ""},
		{`[{"id":"\x"}]`, ""},
	} {
		var out []decodeTarget
		err := returning(t, tt.body, WithStrict()).Call(t.Context(), opShow, nil, &out)
		again := returning(t, tt.body).Call(t.Context(), opShow, nil, &out, Strict())
		e, ok := errors.AsType[*DecodeError](err)
		if !ok || e.Endpoint != "notes/show" || e.Pointer != tt.pointer || e.Err == nil || out != nil || again == nil || again.Error() != err.Error() {
			t.Errorf("%.80s: %#v, want the place %q; of the call %v", tt.body, err, tt.pointer, again)
			continue
		}
		if !strings.Contains(err.Error(), "notes/show") || !strings.Contains(err.Error(), tt.pointer) {
			t.Errorf("%.80s: says %q", tt.body, err)
		}
	}
}

func TestDecodeErrorIsWrapped(t *testing.T) {
	err := returning(t, `[{"createdAt":"x"}]`).Call(t.Context(), opShow, nil, new([]decodeTarget), Strict())
	if _, ok := errors.AsType[*time.ParseError](err); !ok {
		t.Errorf("%v", err)
	}
	long := &DecodeError{Endpoint: "x", Pointer: strings.Repeat("/\x1b", 1000), Err: errors.New(strings.Repeat("\x1b", 1000))}
	if s := long.Error(); len(s) > 4*600 || strings.Contains(s, "\x1b") {
		t.Errorf("unfit message %q", s)
	}
}

// A value of another kind does not fail the response. It is reported and logged,
// without its text.
func TestMismatchesAreReported(t *testing.T) {
	var events []MismatchEvent
	var log bytes.Buffer
	body := `[{"id":"a","createdAt":"` + canary + `","counts":{"` + canary + `\u001b":"x","b":2}},{"id":7,"poll":"secret text"}]`
	mk := returning(t, body, WithToken(canary), WithLogger(slog.New(slog.NewTextHandler(&log, nil))), WithMismatchNotify(func(e MismatchEvent) { events = append(events, e) }))
	var out []decodeTarget
	if err := mk.Call(t.Context(), opShow, nil, &out); err != nil {
		t.Fatal(err)
	}
	if want := []decodeTarget{{ID: "a", Counts: map[string]int{"b": 2}}, {}}; !reflect.DeepEqual(out, want) {
		t.Errorf("%+v", out)
	}
	if len(events) != 1 || events[0].Endpoint != "notes/show" || len(events[0].Mismatches) != 4 {
		t.Fatalf("%+v", events)
	}
	all := events[0].Mismatches
	if m := all[0]; m.Pointer != "/0/createdAt" || m.Want != "time.Time" || m.Found != "string" || m.Err == nil || strings.Contains(m.Err.Error(), canary) {
		t.Errorf("%+v", m)
	}
	if m := all[1]; !strings.HasPrefix(m.Pointer, "/0/counts/") || strings.Contains(m.Pointer, canary) || strings.Contains(m.Pointer, "\x1b") || m.Err != nil {
		t.Errorf("%+v", m)
	}
	if m := all[3]; m != (Mismatch{Pointer: "/1/poll", Want: "misskey.decodePoll", Found: "string"}) {
		t.Errorf("%+v", m)
	}
	if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "count=4") || !strings.Contains(text, "pointer=/0/createdAt") || strings.Contains(text, canary) || strings.Contains(text, "secret text") {
		t.Errorf("logged %s", text)
	}
	if _, err := New("misskey.example", WithMismatchNotify(nil)); err == nil {
		t.Error("no function is taken")
	}
}

func TestManyMismatchesAreAnError(t *testing.T) {
	events := 0
	mk := returning(t, "["+strings.Repeat(`{"id":7},`, 100)+`{"id":7}]`, WithMismatchNotify(func(MismatchEvent) { events++ }))
	out := []decodeTarget{{ID: "before"}}
	err := mk.Call(t.Context(), opShow, nil, &out)
	if e, ok := errors.AsType[*DecodeError](err); !ok || e.Pointer != "/0/id" || events != 0 || len(out) != 1 || out[0].ID != "before" {
		t.Errorf("%v, %d events, %+v", err, events, out)
	}
}

// Where a zero would be taken for success, there is none.
func TestCredentialsAreDecodedStrictly(t *testing.T) {
	for endpoint := range strictEndpoints {
		var out struct{ Token string }
		op := *opCheck
		op.Endpoint = endpoint
		if err := returning(t, `{"token":7}`).Call(t.Context(), op.WithPath("session", "s"), nil, &out); err == nil {
			t.Errorf("%s: no error", endpoint)
		}
	}
	file, err := returning(t, `{"id":null,"name":"x"}`).Upload(t.Context(), File{Name: "x", Body: strings.NewReader("x")})
	if e, ok := errors.AsType[*DecodeError](err); !ok || e.Pointer != "/id" {
		t.Errorf("%+v, %v", file, err)
	}
}

func TestRawKeepsTheResponse(t *testing.T) {
	const body = ` [{"id":"x","new":{"a":1}}] `
	type kept struct{ endpoint, body string }
	var all []kept
	mk := returning(t, body, WithRaw(func(endpoint string, body json.RawMessage) { all = append(all, kept{endpoint, string(body)}) }))
	var raw json.RawMessage
	var out []decodeTarget
	if err := mk.Call(t.Context(), opShow, nil, &out, Raw(&raw)); err != nil {
		t.Fatal(err)
	}
	// The buffer of the response is used again.
	if err := mk.Call(t.Context(), opDelete, nil, nil); err != nil {
		t.Fatal(err)
	}
	if string(raw) != body || !reflect.DeepEqual(all, []kept{{"notes/show", body}, {"notes/delete", body}}) {
		t.Errorf("%s, %q", raw, all)
	}
	raw = nil
	if _, err := Call[[]decodeTarget](t.Context(), returning(t, "[7]"), "notes/show", nil, Raw(&raw), Strict()); err == nil || string(raw) != "[7]" {
		t.Errorf("of what cannot be decoded: %s, %v", raw, err)
	}
	if _, err := New("misskey.example", WithRaw(nil)); err == nil {
		t.Error("no function is taken")
	}
}

func TestDecodedSizeIsBounded(t *testing.T) {
	body := "[" + strings.Repeat("{},", 1<<16) + "{}]"
	var out []decodeTarget
	for _, mk := range []*Client{returning(t, body, WithMaxDecodedBytes(1000)), returning(t, body)} {
		err := mk.Call(t.Context(), opShow, nil, &out)
		if _, ok := errors.AsType[*DecodeError](err); mk.config.maxDecoded > 0 && (!ok || !errors.Is(err, ErrTooLarge)) || mk.config.maxDecoded == 0 && err != nil {
			t.Errorf("%v", err)
		}
	}
	if _, err := New("misskey.example", WithMaxDecodedBytes(0)); err == nil {
		t.Error("no bytes at all")
	}
}

// A call that is given up while a response is decoded says so.
func TestDecodingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
		cancel(cause)
		return answer(200, jsonType, `[{"id":"x"}]`), nil
	})
	var out []decodeTarget
	if err := mk.Call(ctx, opShow, nil, &out); !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || out != nil {
		t.Errorf("%v, %+v", err, out)
	}
}

// What is returned does not change when the buffer of its response is used again.
func TestResponsesDoNotShareBuffers(t *testing.T) {
	mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
		return answer(200, jsonType, `{"id":"`+strings.Repeat(req.URL.Path[len("/api/"):], 100)+`"}`), nil
	})
	var running sync.WaitGroup
	for _, endpoint := range []string{"a", "b", "c", "d"} {
		running.Go(func() {
			for range 50 {
				var raw json.RawMessage
				out, err := Call[struct {
					ID  string
					Raw json.RawMessage `json:"id"`
				}](t.Context(), mk, endpoint, nil, Raw(&raw))
				if want := `"` + strings.Repeat(endpoint, 100) + `"`; err != nil || string(out.Raw) != want || string(raw) != `{"id":`+want+`}` {
					t.Errorf("%s: %+v, %s, %v", endpoint, out, raw, err)
				}
			}
		})
	}
	running.Wait()
}
