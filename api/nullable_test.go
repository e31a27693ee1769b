package api

import (
	"bytes"
	"encoding/json"
	"testing"
)

// send encodes as a client does.
func send(t *testing.T, v any) string {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(buf.Bytes()))
}

type nullables struct {
	Name  Nullable[string]   `json:"name,omitzero"`
	Count Nullable[int64]    `json:"count,omitzero"`
	On    Nullable[bool]     `json:"on,omitzero"`
	List  Nullable[[]string] `json:"list,omitzero"`
	Poll  Nullable[struct {
		Choice Nullable[string] `json:"choice,omitzero"`
	}] `json:"poll,omitzero"`
}

func TestNullableOnTheWire(t *testing.T) {
	for _, tt := range []struct {
		v    nullables
		want string
	}{
		{nullables{}, `{}`},
		{nullables{Name: Null[string](), Count: Null[int64](), On: Null[bool](), List: Null[[]string]()}, `{"name":null,"count":null,"on":null,"list":null}`},
		{nullables{Name: Value(""), Count: Value(int64(0)), On: Value(false), List: Value([]string{})}, `{"name":"","count":0,"on":false,"list":[]}`},
		{nullables{Name: Value("<a> & \"b\"")}, `{"name":"<a> & \"b\""}`},
		{nullables{List: Value([]string{"<a>"})}, `{"list":["<a>"]}`},
	} {
		if got := send(t, tt.v); got != tt.want {
			t.Errorf("sent %s, want %s", got, tt.want)
		}
		var back nullables
		if err := json.Unmarshal([]byte(tt.want), &back); err != nil {
			t.Error(err)
		} else if got := send(t, back); got != tt.want {
			t.Errorf("%s became %s", tt.want, got)
		}
	}
	var nested nullables
	if err := json.Unmarshal([]byte(`{"poll":{"choice":null}}`), &nested); err != nil || send(t, nested) != `{"poll":{"choice":null}}` {
		t.Errorf("%v, %s", err, send(t, nested))
	}
}

func TestNullableStates(t *testing.T) {
	for name, tt := range map[string]struct {
		n                Nullable[string]
		value            string
		ok, null, absent bool
	}{
		"absent": {Nullable[string]{}, "", false, false, true},
		"null":   {Null[string](), "", false, true, false},
		"value":  {Value("x"), "x", true, false, false},
		"zero":   {Value(""), "", true, false, false},
	} {
		if v, ok := tt.n.Get(); v != tt.value || ok != tt.ok || tt.n.IsNull() != tt.null || tt.n.IsZero() != tt.absent {
			t.Errorf("%s: %q, %v, null %v, absent %v", name, v, ok, tt.n.IsNull(), tt.n.IsZero())
		}
	}
}

func TestNullableDecodes(t *testing.T) {
	n := Value("old")
	if err := n.UnmarshalJSON([]byte(" null\n")); err != nil || !n.IsNull() {
		t.Errorf("%v, %v", n, err)
	}
	n = Value("old")
	if err := n.UnmarshalJSON([]byte(`7`)); err == nil {
		t.Error("a number is accepted for a text")
	}
	if v, _ := n.Get(); v != "old" {
		t.Errorf("a failure has changed it to %q", v)
	}
}
