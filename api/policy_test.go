package api

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

func TestPolicyValue(t *testing.T) {
	for _, tt := range []struct {
		v    PolicyValue
		wire string
		want any
	}{
		{PolicyBool(true), `true`, true},
		{PolicyBool(false), `false`, false},
		{PolicyNumber(0), `0`, 0.0},
		{PolicyNumber(0.5), `0.5`, 0.5},
		{PolicyNumber(-100), `-100`, -100.0},
		{PolicyNumber(1 << 40), `1099511627776`, float64(1 << 40)},
		{PolicyText("available"), `"available"`, "available"},
		{PolicyText(""), `""`, ""},
		{PolicyText("<&>"), `"<&>"`, "<&>"},
		{PolicyTexts("image/*", "<b>"), `["image/*","<b>"]`, []string{"image/*", "<b>"}},
		{PolicyTexts(), `[]`, []string{}},
		{PolicyValue{}, `null`, nil},
	} {
		if got := send(t, tt.v); got != tt.wire || tt.v.String() != tt.wire {
			t.Errorf("sent %s, printed %s, want %s", got, tt.v, tt.wire)
		}
		back := PolicyText("old")
		if err := json.Unmarshal([]byte(tt.wire), &back); err != nil || back != tt.v {
			t.Errorf("%s became %v, %v", tt.wire, back, err)
		}
		var got any
		n := 0
		if b, ok := back.Bool(); ok {
			got, n = b, n+1
		}
		if f, ok := back.Number(); ok {
			got, n = f, n+1
		}
		if s, ok := back.Text(); ok {
			got, n = s, n+1
		}
		if l, ok := back.Texts(); ok {
			got, n = l, n+1
		}
		if !reflect.DeepEqual(got, tt.want) || n > 1 || back.IsZero() != (tt.want == nil) {
			t.Errorf("%s is %#v in %d ways, zero %v", tt.wire, got, n, back.IsZero())
		}
	}
}

func TestPolicyValueKeepsWhatItIsGiven(t *testing.T) {
	for _, wire := range []string{`1.50`, `123456789012345678901234567890`, `{"new":["kind"]}`, `[1,"a"]`, `1e3`} {
		var v PolicyValue
		if err := json.Unmarshal([]byte(wire), &v); err != nil || send(t, v) != wire {
			t.Errorf("%s became %v, %v", wire, v, err)
		}
	}
	var v PolicyValue
	for _, wire := range []string{``, ` `, `{`, `1 2`, `x`} {
		if err := v.UnmarshalJSON([]byte(wire)); err == nil {
			t.Errorf("%q is accepted", wire)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if data, err := json.Marshal(PolicyNumber(f)); err == nil {
			t.Errorf("%v is sent as %s", f, data)
		}
	}
	type holder struct {
		Value PolicyValue `json:"value,omitzero"`
	}
	if got := send(t, holder{}); got != `{}` {
		t.Errorf("nothing is sent as %s", got)
	}
	if got := send(t, holder{PolicyBool(false)}); got != `{"value":false}` {
		t.Errorf("false is sent as %s", got)
	}
}

func FuzzPolicyValue(f *testing.F) {
	for _, s := range []string{`true`, `0.5`, `"a"`, `["a",1]`, `{"a":null}`, ` null `, ``, `1 2`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[PolicyValue](t, data)
		var v PolicyValue
		if json.Unmarshal(data, &v) == nil {
			v.Bool()
			v.Number()
			v.Text()
			v.Texts()
		}
	})
}
