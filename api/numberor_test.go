package api

import (
	"encoding/json"
	"testing"
)

// condition has the form of the generated type that NumberOr was made for.
type condition struct {
	Type  *string              `json:"type,omitempty"`
	Value *NumberOr[condition] `json:"value,omitempty"`
}

func TestNumberOr(t *testing.T) {
	for _, wire := range []string{
		`{}`,
		`{"type":"notesMoreThanOrEq","value":0}`,
		`{"type":"notesMoreThanOrEq","value":-3}`,
		`{"type":"not","value":{"type":"isRemote"}}`,
		`{"type":"not","value":{"type":"not","value":{"type":"followersLessThanOrEq","value":9007199254740993}}}`,
	} {
		var c condition
		if err := json.Unmarshal([]byte(wire), &c); err != nil {
			t.Errorf("%s: %v", wire, err)
			continue
		}
		data, err := json.Marshal(c)
		if err != nil {
			t.Errorf("%s: %v", wire, err)
			continue
		}
		if string(data) != wire {
			t.Errorf("%s became %s", wire, data)
		}
	}
}

func TestNumberOrStates(t *testing.T) {
	text, number := "<b>", 3
	for _, tt := range []struct {
		v    NumberOr[string]
		wire string
	}{
		{NumberOr[string]{}, `null`},
		{NumberOr[string]{Number: &number}, `3`},
		{NumberOr[string]{Other: &text}, `"<b>"`},
	} {
		data, err := tt.v.MarshalJSON()
		if err != nil || string(data) != tt.wire {
			t.Errorf("got %s, %v, want %s", data, err, tt.wire)
		}
	}
	if _, err := json.Marshal(NumberOr[string]{Number: &number, Other: &text}); err == nil {
		t.Error("both set: no error")
	}
}

func TestNumberOrForgetsTheOldValue(t *testing.T) {
	number := 3
	for _, wire := range []string{`null`, `"x"`, `1.5`, `true`} {
		v := NumberOr[string]{Number: &number}
		_ = json.Unmarshal([]byte(wire), &v)
		if v.Number != nil {
			t.Errorf("%s: the number %d stayed", wire, *v.Number)
		}
	}
}

func FuzzNumberOr(f *testing.F) {
	for _, seed := range []string{`{"value":1}`, `{"value":{"value":-2}}`, `{"value":null}`, `{"value":[]}`, `{"value":1e3}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c, again condition
		if json.Unmarshal(data, &c) != nil {
			return
		}
		out, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("%s became %s: %v", data, out, err)
		}
	})
}
