package decode_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

func pointersOf(mismatches []decode.Mismatch) string {
	var all []string
	for _, m := range mismatches {
		all = append(all, fmt.Sprintf("%s: %s for %s", m.Pointer, m.Found, m.Want))
	}
	return strings.Join(all, "; ")
}

// Whatever is of another kind stays zero and is reported; the rest is decoded.
func TestMismatchesLeaveZero(t *testing.T) {
	for _, tt := range []struct{ data, want, mismatches string }{
		{`{"S":7,"B":true}`, `{"B":true}`, "/S: number for string"},
		{`{"S":"x","S":7}`, `{}`, "/S: number for string"},
		{`{"PI":"x","I64":2}`, `{"I64":2}`, "/PI: string for int64"},
		{`{"PI":1.5,"I8":300,"U":-1}`, `{}`, "/PI: number for int64; /I8: number for int8; /U: number for uint"},
		{`{"Self":{"Self":[],"S":"x"}}`, `{"Self":{"S":"x"}}`, "/Self/Self: array for decode_test.everything"},
		{`{"Texts":["a",1,"b"]}`, `{"Texts":["a","","b"]}`, "/Texts/1: number for string"},
		{`{"SliceP":[{},true,{"S":"x"}]}`, `{"SliceP":[{},null,{"S":"x"}]}`, "/SliceP/1: bool for decode_test.everything"},
		{`{"Slice":{"0":{}}}`, `{}`, "/Slice: object for []decode_test.everything"},
		{`{"M":{"a":"b","c":{},"d~/":1}}`, `{"M":{"a":"b"}}`, "/M/c: object for string; /M/d~0~1: number for string"},
		{`{"MI":{"a":1,"a":"x","b":2}}`, `{"MI":{"b":2}}`, "/MI/a: string for int64"},
		{`{"ME":{"a":{"S":1,"B":true},"b":7}}`, `{"ME":{"a":{"B":true}}}`, "/ME/a/S: number for string; /ME/b: number for decode_test.everything"},
		{`{"T":"yesterday","time":"today","S":"x"}`, `{"S":"x"}`, "/T: string for time.Time; /time: string for time.Time"},
		{`{"T":7}`, `{}`, "/T: number for time.Time"},
		{`{"Method":"bad","PMethod":"bad"}`, `{}`, "/Method: string for decode_test.method; /PMethod: string for decode_test.method"},
		{`{"Quoted":12,"Num":"x","MInt":{"x":"y"},"Bytes":"!"}`, `{}`, "/Quoted: number for int64; /Num: string for json.Number; /MInt: object for map[int]string; /Bytes: string for []uint8"},
		{`{"Array":[1,"x",3],"B":true}`, `{"Array":[1,0,3],"B":true}`, "/Array/1: string for int64"},
		{` { "a\"b" : [ { "x" : "}" } ] , "Self" : { "\u0053" : [ ] } } `, `{"Self":{}}`, "/Self/S: array for string"},
		{`{"Any":[1e999,2]}`, `{"Any":[null,2]}`, "/Any/0: number for float64"},
	} {
		got, want := new(everything), new(everything)
		if err := json.Unmarshal([]byte(tt.want), want); err != nil {
			t.Fatal(err)
		}
		mismatches, err := unmarshal([]byte(tt.data), got)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, error %v, want %s", tt.data, got, err, tt.want)
		}
		if got := pointersOf(mismatches); got != tt.mismatches {
			t.Errorf("%s: %q, want %q", tt.data, got, tt.mismatches)
		}
		var strict everything
		_, err = decode.Unmarshal(t.Context(), []byte(tt.data), &strict, decode.Options{Strict: true})
		e, ok := errors.AsType[*decode.MismatchError](err)
		if !ok || e.First.Pointer != mismatches[0].Pointer || e.Count != len(mismatches) || !reflect.ValueOf(strict).IsZero() {
			t.Errorf("%s: strictly: %v, %+v", tt.data, err, strict)
		}
	}
}

// Null is zero for a value that cannot hold it, and a mismatch only if that is
// asked for.
func TestNullForARequiredValue(t *testing.T) {
	data := []byte(`{"S":null,"ps":null,"B":null,"I64":null,"I8":null,"F":null,"T":null,"E3":null,"Slice":null,"M":null,"Any":null,"Method":null,"Raw":null,"Name":null,"Array":null}`)
	var out everything
	if mismatches, err := unmarshal(data, &out); err != nil || mismatches != nil {
		t.Errorf("%v, %v", mismatches, err)
	}
	_, err := decode.Unmarshal(t.Context(), data, &out, decode.Options{Strict: true})
	if e, ok := errors.AsType[*decode.MismatchError](err); !ok || e.First.Pointer != "/S" || e.First.Found != "null" || e.Count != 8 {
		t.Errorf("%#v", err)
	}
}

func TestErrorsLeaveOutAsItWas(t *testing.T) {
	var many strings.Builder
	for range 200 {
		many.WriteString(`,1`)
	}
	for name, data := range map[string]string{
		"syntax":     `{"S":"x","Slice":[{"S":"y"},{]}`,
		"cut off":    `{"S":"x","Slice":[{"S":"y"}`,
		"after":      `{"S":"x"} {}`,
		"empty":      ``,
		"kind":       `[{"S":"x"}]`,
		"number":     `7`,
		"string":     `"x"`,
		"mismatches": `{"S":"x","Texts":["y"` + many.String() + `]}`,
		"memory":     `{"S":"x","Slice":[` + strings.Repeat(`{},`, 5000) + `{}]}`,
		"depth":      `{"S":"x","u":` + strings.Repeat("[", 512) + strings.Repeat("]", 512) + `}`,
	} {
		for _, before := range []everything{{}, {S: "before", Slice: []everything{{I: 7}, {I: 8}}, M: map[string]string{"a": "b"}}} {
			out := before
			mismatches, err := unmarshal([]byte(data), &out)
			if err == nil || mismatches != nil || !reflect.DeepEqual(out, before) {
				t.Errorf("%s: error %v, mismatches %v, %+v", name, err, mismatches, out)
			}
			if len(before.Slice) > 0 && (before.Slice[0].S != "" || before.Slice[0].I != 7) {
				t.Errorf("%s: has changed what it was", name)
			}
		}
	}
	out := everything{S: "before", M: map[string]string{"a": "b"}}
	if _, err := unmarshal([]byte(`{"B":true,"M":{"c":"d"}}`), &out); err != nil || out.S != "before" || !out.B || len(out.M) != 2 {
		t.Errorf("what is there is not merged: %+v, %v", out, err)
	}
	for _, out := range []any{nil, everything{}, (*everything)(nil)} {
		if _, err := unmarshal([]byte(`{}`), out); err == nil {
			t.Errorf("decoded into %T", out)
		}
	}
}

// The number of mismatches is bounded. With one more the value is an error.
func TestManyMismatches(t *testing.T) {
	for count, fails := range map[int]bool{100: false, 101: true, 5000: true} {
		data := []byte("[" + strings.Repeat("7,", count-1) + "7]")
		var out []string
		mismatches, err := unmarshal(data, &out)
		if fails {
			e, ok := errors.AsType[*decode.MismatchError](err)
			if !ok || e.Count != 101 || e.First.Pointer != "/0" || !strings.Contains(err.Error(), "more than 100") {
				t.Errorf("%d: %v", count, err)
			}
		} else if err != nil || len(mismatches) != count || mismatches[99].Pointer != "/99" || len(out) != count {
			t.Errorf("%d: %d mismatches, error %v", count, len(mismatches), err)
		}
	}
}

type nested []nested

func TestLongPointers(t *testing.T) {
	long := strings.Repeat("日~", 1000)
	var out map[string]map[string]string
	mismatches, err := unmarshal([]byte(`{"`+long+`":{"`+strings.Repeat(`\ud83d\ude00`, 5000)+`":1},"a":{"b":2}}`), &out)
	if err != nil || len(mismatches) != 2 {
		t.Fatalf("%v, %v", mismatches, err)
	}
	if p := mismatches[0].Pointer; len(p) > 1100 || !strings.HasPrefix(p, "/日~0日~0") || !strings.HasSuffix(p, "/…") {
		t.Errorf("%d bytes: %.50s", len(p), p)
	}
	if mismatches[1].Pointer != "/a/b" {
		t.Errorf("%+v", mismatches[1])
	}
	// As deep as may be.
	deep := strings.Repeat("[", 512) + "7" + strings.Repeat("]", 512)
	if mismatches, err = unmarshal([]byte(deep), new(nested)); err != nil || len(mismatches) != 1 || mismatches[0].Pointer != strings.Repeat("/0", 512) {
		t.Errorf("%v, %v", mismatches, err)
	}
}

// Hostile input takes no more than its share of memory, and time in proportion to
// its length.
func TestHostileInput(t *testing.T) {
	const size = 2 << 20
	const long = 8 << 20
	repeat := func(head, part, tail string) []byte {
		return []byte(head + strings.Repeat(part, size/len(part)) + strings.TrimPrefix(part, ",") + tail)
	}
	for _, tt := range []struct {
		name string
		data []byte
		out  any
		ok   bool
	}{
		{"empty objects", []byte("[" + strings.Repeat("{},", long/3) + "{}]"), new([]gen.Note), false},
		{"numbers", []byte("[" + strings.Repeat("7,", long/2) + "7]"), new([]gen.Note), false},
		{"nulls", []byte("[" + strings.Repeat("null,", size/5) + "null]"), new([]gen.Note), false},
		{"objects behind pointers", []byte("[" + strings.Repeat("{},", size/3) + "{}]"), new([]*gen.Note), false},
		{"objects in objects", []byte("[" + strings.Repeat(`{"reply":{},"renote":{}},`, size/25) + "{}]"), new([]gen.Note), false},
		{"deep arrays", []byte("[" + strings.Repeat(strings.Repeat("[", 500)+strings.Repeat("]", 500)+",", size/1001) + "0]"), new(any), true},
		{"too deep", []byte(strings.Repeat("[", size)), new(any), false},
		{"empty arrays", []byte("[" + strings.Repeat("[],", size/3) + "[]]"), new([][]string), true},
		{"anything", []byte("[" + strings.Repeat("{},", size/3) + "{}]"), new(any), true},
		{"members", manyMembers(size), new(map[string]int64), true},
		{"large entries", manyMembers(size), new(map[string][64]int64), false},
		{"unknown members", manyMembers(size), new(gen.Note), true},
		{"the same member", repeat("{", `"renote":{"renote":{}},`, `"id":"x"}`), new(gen.Note), true},
		{"the same list", repeat("{", `"fileIds":["a","b","c"],`, `"id":"x"}`), new(gen.Note), true},
		{"names in another case", repeat("{", `"ReNoTeCoUnT":7,`, `"ID":"x"}`), new(gen.Note), true},
		{"escapes", repeat(`{"text":"`, `\ud83d\ude00`, `"}`), new(gen.Note), true},
		{"broken UTF-8", repeat(`{"text":"`, "\xff", `"}`), new(gen.Note), true},
		{"white space", repeat("{", " ", "}"), new(gen.Note), true},
		{"a long number", repeat(`{"renoteCount":`, "7", "}"), new(gen.Note), true},
		{"nested choices", []byte("[" + strings.Repeat(strings.Repeat(`[{"v":`, 200)+"7"+strings.Repeat("}]", 200)+",", size/1600) + "7]"), new([]choice), true},
		{"mismatches deep down", []byte("[" + strings.Repeat(strings.Repeat("[", 500)+"7"+strings.Repeat("]", 500)+",", 90) + "[]]"), new(nested), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := decode.Unmarshal(ctx, tt.data, tt.out, decode.Options{})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := int64(after.TotalAlloc - before.TotalAlloc)
			t.Logf("%d kB: %v, %d kB allocated, error %v", len(tt.data)>>10, took.Round(time.Millisecond), allocated>>10, err)
			if (err == nil) != tt.ok {
				t.Errorf("error %v", err)
			}
			if ctx.Err() != nil {
				t.Error("it took too long")
			}
			if limit := int64(300 << 20); allocated > limit {
				t.Errorf("%d bytes allocated", allocated)
			}
		})
	}
}

func manyMembers(size int) []byte {
	var b strings.Builder
	b.WriteByte('{')
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, `"%x":1,`, n)
	}
	b.WriteString(`"id":2}`)
	return []byte(b.String())
}

// A choice is a number or, in an array, another one.
type choice struct {
	Number int64
	Other  []struct{ V choice }
}

func (c *choice) DecodeJSON(first byte, decode func(any) error) error {
	*c = choice{}
	switch first {
	case '[':
		return decode(&c.Other)
	case 'n':
		return nil
	case 't':
		return errors.New("not true")
	}
	return decode(&c.Number)
}

func TestMemoryIsBounded(t *testing.T) {
	data := []byte("[" + strings.Repeat("{},", 1<<20) + "{}]")
	for limit, fails := range map[int64]bool{0: true, 1 << 20: true, 1 << 30: true} {
		var out []gen.Note
		_, err := decode.Unmarshal(t.Context(), data, &out, decode.Options{MaxMemory: limit})
		if errors.Is(err, decode.ErrTooMuch) != fails {
			t.Errorf("%d: %v", limit, err)
		}
	}
	// Many short notes are few bytes.
	var out []gen.Note
	if _, err := unmarshal([]byte("["+strings.Repeat(`{"id":"x"},`, 500)+"{}]"), &out); err != nil || len(out) != 501 {
		t.Errorf("%d notes, error %v", len(out), err)
	}
}

func TestContextEndsDecoding(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	for _, data := range []string{`[{"S":"x"}]`, `[` + strings.Repeat(" 1,", 1<<20) + `1]`} {
		var out []everything
		if _, err := decode.Unmarshal(ctx, []byte(data), &out, decode.Options{}); !errors.Is(err, context.Canceled) || out != nil {
			t.Errorf("%v, %v", err, out)
		}
	}
	// In the middle: the value itself cancels.
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for _, filler := range []string{`{"S":"x"},`, `{"u":[1,2,3]},`, `{"M":{"a":"b"}},`, `{"Any":[1,{"a":2}]},`} {
		data := `[{"Text":"stop"},` + strings.Repeat(filler, 1<<17/len(filler)) + `{}]`
		cancelText = stop
		var out []struct {
			everything
			Text canceling
		}
		if _, err := decode.Unmarshal(ctx, []byte(data), &out, decode.Options{MaxMemory: 1 << 40}); !errors.Is(err, context.Canceled) && !errors.Is(err, decode.ErrTooMuch) {
			t.Errorf("%s: %v", filler, err)
		}
	}
}

var cancelText func()

type canceling struct{}

func (*canceling) UnmarshalJSON([]byte) error { cancelText(); return nil }

func TestPartsAreDecodedInTheSamePass(t *testing.T) {
	var out struct{ A, B, C, D, E, F choice }
	data := []byte(`{"A":7,"B":[{"V":8},{"V":"x"},{"V":[{"V":9}]}],"C":null,"D":true,"E":{},"F":[1,{"V":2}]}`)
	mismatches, err := unmarshal(data, &out)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := pointersOf(mismatches), "/B/1/V: string for int64; /D: bool for decode_test.choice; /E: object for int64; /F/0: number for struct { V decode_test.choice }"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if out.A.Number != 7 || len(out.B.Other) != 3 || out.B.Other[0].V.Number != 8 || out.B.Other[2].V.Other[0].V.Number != 9 || out.E.Other != nil || out.F.Other[1].V.Number != 2 {
		t.Errorf("%+v", out)
	}
	var whole choice
	if _, err := unmarshal([]byte(`"x"`), &whole); err == nil {
		t.Error("a whole of another kind")
	}
	if _, err := unmarshal([]byte(`tru`), &whole); err == nil {
		t.Error("no syntax error")
	}
}

// What the types of package api hold is decoded as tolerantly as all else.
func TestTypesOfPackageAPIAreTolerant(t *testing.T) {
	var users api.OneOrMany[inner]
	for data, want := range map[string]string{`[{"X":1,"Y":"x"},7]`: "/0/Y: string for int64; /1: number for decode_test.inner", `{"X":true}`: "/X: bool for int64"} {
		mismatches, err := unmarshal([]byte(data), &users)
		if got := pointersOf(mismatches); err != nil || got != want {
			t.Errorf("%s: %q, %v", data, got, err)
		}
	}
	var all everything
	mismatches, err := unmarshal([]byte(`{"Many":{"X":1,"Y":"x"},"Number":{"X":"x","Y":2},"Words":["/x/",7,[1,"a"]],"Delay":["x","y"],"Nullable":8}`), &all)
	want := "/Many/Y: string for int64; /Number/X: string for int64; /Words/1: number for []string; /Words/2/0: number for string; /Delay: array for api.QueueDelay; /Nullable: number for string"
	if got := pointersOf(mismatches); err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	if many, _ := all.Many.First(); many.X != 1 || all.Number.Other.Y != 2 || len(all.Words) != 3 || all.Words[2].Words[1] != "a" || !all.Nullable.IsZero() {
		t.Errorf("%+v", all)
	}
}

type panicking struct{}

func (*panicking) UnmarshalJSON([]byte) error { panic("a bug") }

func TestPanicsAreErrors(t *testing.T) {
	var out struct {
		S string
		P panicking
	}
	if _, err := unmarshal([]byte(`{"S":"x","P":7}`), &out); err == nil || !strings.Contains(err.Error(), "a bug") || out.S != "" {
		t.Errorf("%v, %+v", err, out)
	}
}

func TestSyntaxErrorsTellTheOffset(t *testing.T) {
	for data, offset := range map[string]int{`{"S":"x"`: 8, `[1,2,x]`: 5, `{"S" "x"}`: 5, `{"S":"\q"}`: 7, `{} x`: 3, `{"u":[1,}`: 8, `{"u":01}`: 6, "{\"u\":\"\n\"}": 6, `{"S":"x" "B":true}`: 9} {
		_, err := unmarshal([]byte(data), new(any))
		_, err2 := unmarshal([]byte(data), new(everything))
		for _, err := range []error{err, err2} {
			if e, ok := errors.AsType[*decode.SyntaxError](err); ok && (e.Offset != offset || !strings.Contains(err.Error(), fmt.Sprint(offset))) {
				t.Errorf("%s: %v, want offset %d", data, err, offset)
			}
		}
		if err2 == nil {
			t.Errorf("%s: no error", data)
		}
	}
}

// Strings are copies. What is decoded does not change with the input.
func TestNothingOfTheInputIsKept(t *testing.T) {
	data := []byte(`{"S":"text","ps":"pointer","Raw":[1,2],"M":{"key":"value"},"Any":"any","Texts":["` + strings.Repeat("long", 100) + `"],"MRaw":{"a":{}}}`)
	var out, want everything
	if _, err := unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = 'x'
	}
	if !reflect.DeepEqual(out, want) {
		t.Errorf("%+v", out)
	}
}

// Tables are made and used by several at once.
func TestConcurrentUse(t *testing.T) {
	type fresh struct {
		everything
		More []everything
	}
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for _, data := range []string{`{"S":"x","B":true,"More":[{"S":"y","I":1}]}`, `{"B":true,"S":"x","More":[{"I":1,"S":"y"}]}`} {
				for range 200 {
					var out fresh
					if _, err := unmarshal([]byte(data), &out); err != nil || out.S != "x" || !out.B || out.More[0].I != 1 || out.More[0].S != "y" {
						t.Errorf("%+v, %v", out, err)
						return
					}
				}
			}
		})
	}
	running.Wait()
}
