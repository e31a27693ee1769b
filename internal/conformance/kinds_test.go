package conformance

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// What the content of a recorded union holds is what the union holds: its type has
// all fields that servers send with its kind.
func TestContentLosesNothing(t *testing.T) {
	kinds := map[reflect.Type]bool{}
	check := func(where string, union, content any) {
		t.Helper()
		kinds[reflect.TypeOf(content)] = true
		want, got := object(t, union), object(t, content)
		if got["type"] == nil {
			got["type"] = want["type"]
		}
		if lost, added := compareAnswers(want, got); len(lost)+len(added) > 0 {
			t.Errorf("%s: %T: lost %v, added %v", where, content, lost, added)
		}
	}
	var blocks func(where string, all []gen.PageBlock)
	blocks = func(where string, all []gen.PageBlock) {
		for _, b := range all {
			check(where, b, b.Content())
			blocks(where, b.Children)
		}
	}
	var condition func(where string, c gen.RoleCondition)
	condition = func(where string, c gen.RoleCondition) {
		if c.Type == nil { // {}, for a role that is given by hand
			return
		}
		check(where, c, c.Content())
		for _, part := range c.Values {
			condition(where, part)
		}
		if c.Value != nil && c.Value.Other != nil {
			condition(where, *c.Value.Other)
		}
	}
	for _, e := range slices.Concat(slices.Collect(maps.Values(committedByVersion(t)))...) {
		if !e.Succeeded() {
			continue
		}
		switch e.Endpoint {
		case "i/notifications", "i/notifications-grouped":
			var all []gen.Notification
			decoded(t, e, &all)
			for _, n := range all {
				check(e.Source, n, n.Content())
			}
		case "pages/show":
			var page gen.Page
			decoded(t, e, &page)
			blocks(e.Source, page.Content)
		case "admin/roles/create", "admin/roles/show":
			var role gen.Role
			decoded(t, e, &role)
			condition(e.Source, role.CondFormula)
		case "ap/show":
			var shown gen.APShowResponse
			decoded(t, e, &shown)
			check(e.Source, shown, shown.Content())
		}
	}
	for _, want := range []any{
		&gen.MentionNotification{}, &gen.ReactionNotification{}, &gen.ReactionGroupedNotification{}, &gen.TestNotification{},
		&gen.SectionPageBlock{}, &gen.NotePageBlock{}, &gen.LogicRoleCondition{}, &gen.NotRoleCondition{}, &gen.UserAPShow{}, &gen.NoteAPShow{},
	} {
		if !kinds[reflect.TypeOf(want)] {
			t.Errorf("the recordings give no %T", want)
		}
	}
	for _, not := range []any{&gen.UnknownNotification{}, &gen.UnknownPageBlock{}, &gen.UnknownRoleCondition{}, &gen.UnknownAPShow{}} {
		if kinds[reflect.TypeOf(not)] {
			t.Errorf("the recordings give a %T", not)
		}
	}
}

func decodeInto(t *testing.T, data string, v any) error {
	_, err := decode.Unmarshal(t.Context(), []byte(data), v, decode.Options{})
	return err
}

func decoded(t *testing.T, e *Exchange, v any) {
	t.Helper()
	if _, err := decode.Unmarshal(t.Context(), e.Body(), v, decode.Options{}); err != nil {
		t.Fatal(err)
	}
}

// object returns v as it is encoded.
func object(t *testing.T, v any) map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	o, err := parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return o.(map[string]any)
}

// A kind that is not known keeps its JSON, however it is decoded; one that is known
// keeps nothing twice.
func TestUnknownKindKeepsItsJSON(t *testing.T) {
	const waved, mention = `{"type": "waved", "hands": [2]}`, `{"type": "mention", "note": {"text": "hi"}}`
	check := func(how string, n gen.Notification) {
		t.Helper()
		c, ok := n.Content().(*gen.UnknownNotification)
		if !ok || c.Type != "waved" || string(c.JSON) != waved {
			t.Errorf("%s: %T %+v", how, n.Content(), n.Content())
		}
	}
	var n gen.Notification
	if err := json.Unmarshal([]byte(waved), &n); err != nil {
		t.Fatal(err)
	}
	check("encoding/json", n)
	n = gen.Notification{}
	if _, err := decode.Unmarshal(t.Context(), []byte(waved), &n, decode.Options{}); err != nil {
		t.Fatal(err)
	}
	check("the decoder", n)

	// The same variable, again.
	if err := json.Unmarshal([]byte(mention), &n); err != nil {
		t.Fatal(err)
	}
	if c, ok := n.Content().(*gen.MentionNotification); !ok || *c.Note.Text != "hi" {
		t.Errorf("%+v", n.Content())
	}
	for data, want := range map[string]string{"null": "", "{}": "", "[1]": "array", `"x"`: "string", "1": "number", "true": "bool"} {
		var n gen.Notification
		for how, err := range map[string]error{
			"encoding/json": json.Unmarshal([]byte(data), &n),
			"the decoder":   decodeInto(t, data, &n),
		} {
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "gen.Notification")) {
				t.Errorf("%s: %s: %v", how, data, err)
			}
		}
		if _, ok := n.Content().(*gen.UnknownNotification); !ok {
			t.Errorf("%s: %T", data, n.Content())
		}
	}
	if err := (&gen.Notification{}).UnmarshalJSON(nil); err == nil {
		t.Error("no JSON at all is decoded")
	}
	if c := (gen.Notification{Type: "made"}).Content().(*gen.UnknownNotification); c.JSON != nil {
		t.Errorf("made by the program: %s", c.JSON)
	}
}
