package api

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestOneOrMany(t *testing.T) {
	for _, tt := range []struct {
		v     OneOrMany[string]
		wire  string
		items []string
		many  bool
	}{
		{One("<a>"), `"<a>"`, []string{"<a>"}, false},
		{Many("a", "b"), `["a","b"]`, []string{"a", "b"}, true},
		{Many("a"), `["a"]`, []string{"a"}, true},
		{Many[string](), `[]`, nil, true},
		{Many([]string{}...), `[]`, nil, true},
		{OneOrMany[string]{}, `null`, nil, false},
	} {
		if got := send(t, tt.v); got != tt.wire {
			t.Errorf("sent %s, want %s", got, tt.wire)
		}
		back := One("old")
		if err := json.Unmarshal([]byte(tt.wire), &back); err != nil {
			t.Error(err)
			continue
		}
		if back.IsMany() != tt.many || len(back.Items()) != len(tt.items) || len(tt.items) > 0 && !reflect.DeepEqual(back.Items(), tt.items) {
			t.Errorf("%s became %v, %v", tt.wire, back.Items(), back.IsMany())
		}
		if first, ok := back.First(); ok != (len(tt.items) > 0) || ok && first != tt.items[0] {
			t.Errorf("%s: First is %q, %v", tt.wire, first, ok)
		}
		if back.IsZero() != (tt.wire == "null") {
			t.Errorf("%s: IsZero is %v", tt.wire, back.IsZero())
		}
	}
	type holder struct {
		IDs OneOrMany[string] `json:"ids,omitzero"`
	}
	if got := send(t, holder{}); got != `{}` {
		t.Errorf("nothing set is sent as %s", got)
	}
	if got := send(t, holder{Many[string]()}); got != `{"ids":[]}` {
		t.Errorf("no items are sent as %s", got)
	}
}

func TestOneOrManyDecodes(t *testing.T) {
	for _, wire := range []string{"7", "{}", "[7]", "[[]]", "true"} {
		if err := json.Unmarshal([]byte(wire), new(OneOrMany[string])); err == nil {
			t.Errorf("%s is accepted", wire)
		}
	}
	var v OneOrMany[string]
	if err := v.UnmarshalJSON([]byte(" \n null ")); err != nil || !v.IsZero() {
		t.Errorf("%v, %v", v, err)
	}
	if err := v.UnmarshalJSON([]byte("\t[\"a\"] ")); err != nil || !v.IsMany() {
		t.Errorf("%v, %v", v, err)
	}
	if err := v.UnmarshalJSON(nil); err == nil {
		t.Error("no bytes are accepted")
	}
}

func FuzzOneOrMany(f *testing.F) {
	for _, s := range []string{`"a"`, `["a",null]`, `[]`, ` null`, `{}`, ``, `[`, `["\ud800"]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[OneOrMany[string]](t, data)
	})
}

// roundTrip decodes data, and if that is possible, encodes and decodes it again:
// the same must come out.
func roundTrip[T any](t *testing.T, data []byte) {
	t.Helper()
	var direct T
	_ = any(&direct).(json.Unmarshaler).UnmarshalJSON(data) // must not panic
	var v, again T
	if json.Unmarshal(data, &v) != nil {
		return
	}
	wire, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%q cannot be encoded again: %v", data, err)
	}
	if err := json.Unmarshal(wire, &again); err != nil {
		t.Fatalf("%q became %q: %v", data, wire, err)
	}
	if twice, err := json.Marshal(again); err != nil || string(twice) != string(wire) {
		t.Fatalf("%q became %q, and that %q, %v", data, wire, twice, err)
	}
}
