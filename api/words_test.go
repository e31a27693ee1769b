package api

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestMutedWord(t *testing.T) {
	for _, tt := range []struct {
		w    MutedWord
		wire string
	}{
		{MutedWord{Words: []string{"a", "<b>"}}, `["a","<b>"]`},
		{MutedWord{Words: []string{}}, `[]`},
		{MutedWord{Pattern: "/spoil.*er/i"}, `"/spoil.*er/i"`},
		{MutedWord{Pattern: `/<a>\/&/`}, `"/<a>\\/&/"`},
	} {
		if got := send(t, tt.w); got != tt.wire {
			t.Errorf("sent %s, want %s", got, tt.wire)
		}
		back := MutedWord{Words: []string{"old"}, Pattern: "old"}
		if err := json.Unmarshal([]byte(tt.wire), &back); err != nil || !reflect.DeepEqual(back, tt.w) {
			t.Errorf("%s became %#v, %v", tt.wire, back, err)
		}
	}
	if got := send(t, []MutedWord{{}}); got != `[[]]` {
		t.Errorf("nothing is sent as %s", got)
	}
	if _, err := json.Marshal(MutedWord{Words: []string{"a"}, Pattern: "b"}); err == nil {
		t.Error("words and a pattern are accepted")
	}
	w := MutedWord{Pattern: "old"}
	if err := json.Unmarshal([]byte(`null`), &w); err != nil || w.Words != nil {
		t.Errorf("%#v, %v", w, err)
	}
	for _, wire := range []string{`7`, `{}`, `[7]`, `[["a"]]`, `true`} {
		if err := json.Unmarshal([]byte(wire), &w); err == nil {
			t.Errorf("%s is accepted", wire)
		}
	}
}

func FuzzMutedWord(f *testing.F) {
	for _, s := range []string{`"/a/i"`, `["a","b"]`, `[null]`, `""`, `null`, ` "a" `, `{}`, ``, `"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { roundTrip[MutedWord](t, data) })
}
