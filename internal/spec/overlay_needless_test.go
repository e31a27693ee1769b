package spec

import (
	"strings"
	"testing"
)

// An action is listed when the document says already what it says, and only then.
func TestOverlayNeedless(t *testing.T) {
	const doc = `
info: {title: Note, version: '1'}
paths:
  /a: {post: {x-misskey-role: moderator}}
  /b: {post: {x-misskey-role: moderator}}
components: {schemas: {Note: {required: [id, text], properties: {text: {type: string, maxLength: 10}}}}}
`
	for name, test := range map[string]struct {
		actions string
		want    []string
	}{
		"says so already":        {"- {target: \"$.paths['/a'].post\", update: {x-misskey-role: moderator}}", []string{"overlay action 1 changes nothing: the document says so already"}},
		"says something else":    {"- {target: \"$.paths['/a'].post\", update: {x-misskey-role: administrator}}", nil},
		"says more":              {"- {target: \"$.paths['/a'].post\", update: {x-misskey-role: moderator, x-misskey-policy: a}}", nil},
		"one of two targets":     {"- {target: '$.paths.*.post', update: {x-misskey-role: moderator}}\n- {target: \"$.paths['/b'].post\", update: {x-misskey-role: a}}", []string{"overlay action 1"}},
		"in an array":            {"- {target: '$.components.schemas.Note', update: {required: [text]}}", []string{"overlay action 1"}},
		"not in an array":        {"- {target: '$.components.schemas.Note', update: {required: [cw]}}", nil},
		"nested":                 {"- {target: '$.components.schemas', update: {Note: {properties: {text: {type: string}}}}}", []string{"overlay action 1"}},
		"another type":           {"- {target: '$.components.schemas.Note.properties.text', update: {maxLength: '10'}}", nil},
		"in part":                {"- {target: '$.components.schemas.Note', update: {required: [text, cw], properties: {cw: {type: string}}}}", []string{"overlay action 1 is needless in part: the document lists text already"}},
		"nothing to remove":      {"- {target: \"$.components.schemas.Note.required[?@ == 'cw']\", remove: true}", []string{"overlay action 1 changes nothing: there is nothing to remove"}},
		"no list to remove from": {"- {target: \"$.components.schemas['Note'].properties['a.b', 'c'].required[?@ == 'cw']\", remove: true}", []string{"overlay action 1 changes nothing: there is nothing to remove"}},
		"nothing found anywhere": {"- {target: \"$.paths..[?@['x-a'] == 'b']\", remove: true}", []string{"overlay action 1 changes nothing: there is nothing to remove"}},
		"removed":                {"- {target: '$.components.schemas.Note.properties.text', remove: true}", nil},
		"removed and put back":   {"- {target: '$.components.schemas.Note.properties.text', remove: true}\n- {target: '$.components.schemas.Note.properties', update: {text: {type: string, maxLength: 10}}}", []string{"overlay action 1 changes nothing: later ones put back"}},
		"removed and exchanged":  {"- {target: '$.components.schemas.Note.properties.text', remove: true}\n- {target: '$.components.schemas.Note.properties', update: {text: {type: number}}}", nil},
		"removed from an array":  {"- {target: \"$.components.schemas.Note.required[?@ == 'id']\", remove: true}", nil},
		"and put back there":     {"- {target: \"$.components.schemas.Note.required[?@ == 'id']\", remove: true}\n- {target: '$.components.schemas.Note', update: {required: [id]}}", []string{"overlay action 1"}},
		"removed with its place": {"- {target: '$.components.schemas.Note.properties.text', remove: true}\n- {target: '$.components.schemas.Note.properties', remove: true}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			overlay := "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n" + test.actions
			_, notes, err := applyOverlay(parsed(t, doc), []byte(overlay), true)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, n := range notes {
				texts = append(texts, n.Text)
			}
			if len(texts) != len(test.want) {
				t.Fatalf("notes: %q, want %q", texts, test.want)
			}
			for i := range texts {
				if !strings.HasPrefix(texts[i], test.want[i]) {
					t.Errorf("note %q, want %q", texts[i], test.want[i])
				}
			}
			// A fork does not read that it needs no correction of ours.
			notes, _, err = applyOverlay(parsed(t, doc), []byte(overlay), false)
			for _, n := range notes {
				if !strings.HasSuffix(n.Text, "does not apply") {
					t.Errorf("not strict: %v", n)
				}
			}
			if err != nil {
				t.Errorf("not strict: %v", err)
			}
		})
	}
}

// What an array has already is not added to it again: two of the same in
// required is not OpenAPI.
func TestOverlayAddsOnce(t *testing.T) {
	doc := parsed(t, `
info: {title: Note, version: '1'}
components: {schemas: {Note: {required: [id, text], oneOf: [{type: string}], properties: {a: {enum: [x]}}}, User: {required: [name]}}}
`)
	overlay := `
overlay: 1.0.0
info: {title: t, version: '1'}
actions:
  - {target: $.components.schemas.*, update: {required: [text, name, name]}}
  - {target: $.components.schemas.Note.required, update: [id]}
  - {target: $.components.schemas.Note, update: {oneOf: [{type: string}, {type: integer}], properties: {a: {enum: [x, y]}}}}
`
	if _, _, err := applyOverlay(doc, []byte(overlay), true); err != nil {
		t.Fatal(err)
	}
	want := parsed(t, `
Note: {required: [id, text, name], oneOf: [{type: string}, {type: integer}], properties: {a: {enum: [x, y]}}}
User: {required: [name, text]}
`)
	if got := get(doc, "components", "schemas"); canonical(got) != canonical(want) {
		t.Errorf("schemas are %s, want %s", canonical(got), canonical(want))
	}
}

// A correction of a schema or an operation that is not there is lost, whatever
// it does.
func TestOverlayRemovalMisses(t *testing.T) {
	for _, target := range []string{"$.components.schemas.Gone.required[?@ == 'a']", "$.paths['/gone'].post.responses['204']"} {
		overlay := "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- {target: \"" + target + "\", remove: true}"
		doc := parsed(t, "info: {title: Note, version: '1'}\npaths: {/a: {post: {}}}\ncomponents: {schemas: {Note: {type: object}}}")
		if _, _, err := applyOverlay(doc, []byte(overlay), true); err == nil || !strings.Contains(err.Error(), "matches nothing") {
			t.Errorf("%s: error %v, want one that says that it matched nothing", target, err)
		}
	}
}
