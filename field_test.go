package misskey

import (
	"reflect"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/gen"
)

// Whatever place a server names, it is a field of the parameters or nothing.
func TestFieldOfAnyPlace(t *testing.T) {
	for place, want := range map[string]string{
		"#/properties/text/maxLength":                   "Text",
		"#/properties/poll/properties/choices/minItems": "Poll.Choices",
		"#/properties/fileIds/items/format":             "FileIDs",
		"#/then/properties/text/pattern":                "Text",
		"#/allOf/0/anyOf/0/properties/replyId/type":     "ReplyID",
		"localOnly":                           "LocalOnly",
		"#/properties/nonsense/type":          "",
		"#/properties":                        "",
		"#/required":                          "",
		"":                                    "",
		"/":                                   "",
		"#/properties/text/properties/x/type": "",
		strings.Repeat("#/properties/poll", 1000) + "/type": "",
	} {
		if got := fieldOf(reflect.TypeFor[gen.NotesCreateRequest](), place, ""); got != want {
			t.Errorf("%.60s is the field %q, want %q", place, got, want)
		}
	}
	if got := fieldOf(reflect.TypeFor[*gen.NotesShowRequest](), "#/required", "must have required property 'noteId'"); got != "NoteID" {
		t.Errorf("a missing parameter is the field %q", got)
	}
	for _, in := range []any{nil, map[string]any{}, 7} {
		if got := fieldOf(reflect.TypeOf(in), "#/properties/text/type", ""); got != "" {
			t.Errorf("%T has the field %q", in, got)
		}
	}
}
