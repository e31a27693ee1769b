package spec

import (
	"strings"
	"testing"
)

// What the documents of forks were seen to hold is read leniently: what is known
// of it is kept, and the rest listed.
func TestImportForks(t *testing.T) {
	const head = `"info":{"title":"Cat API","version":"2025.4.4"},"paths":{"/notes/create":{"post":{"description":`
	const tail = `,"responses":{"204":{"description":""}}}}}`
	operation := func(description, schemas string) []byte {
		return []byte(`{"openapi":"3.1",` + head + description + tail + `,"components":{"schemas":{"T":` + schemas + `}}}`)
	}
	for name, test := range map[string]struct {
		description, schema string
		want, wantSchema    string
		notes               []string
	}{
		"all facts": {
			description: `"Makes a note.\n\n**Internal endpoint**: not for apps.\n\n**Stability**: deprecated.\n\n**Credential required**: *Yes* / **Moderator**: *Yes* / **Permission**: *write:notes* / **Role policy**: *canCreateContent*\n\n**GET allowed**: yes (the query has the same fields).\n\n**Rate limit**: 300 calls / 3600000ms, min interval 1000ms."`,
			want:        `{x-misskey-credential: true, x-misskey-secure: true, x-misskey-role: moderator, x-misskey-permission: 'write:notes', x-misskey-policy: canCreateContent, x-misskey-limit: {max: 300, duration: 3600000, min-interval: 1000}}`,
			notes:       []string{`left out: what is said of "Stability"`},
		},
		"administrators":     {description: `"**Credential required**: *Yes* / **Moderator**: *Yes* / **Administrator**: *Yes*"`, want: `{x-misskey-credential: true, x-misskey-role: administrator}`},
		"nobody in charge":   {description: `"**Credential required**: *No* / **Moderator**: *No*"`, want: `{x-misskey-credential: false}`},
		"other limits":       {description: `"**Credential required**: *No*\n\n**Rate limit**: now and then"`, want: `{x-misskey-credential: false}`, notes: []string{`left out: what is said of "Rate limit"`}},
		"required twice":     {schema: `{"type":"object","required":["b","a","b"],"properties":{"a":{},"b":{}}}`, wantSchema: `{type: object, required: [a, b], properties: {a: {}, b: {}}}`},
		"optional":           {schema: `{"type":"object","optional":false,"required":["a","b"],"properties":{"a":{"type":"string","optional":true},"b":{"type":"string","optional":false,"nullable":true}}}`, wantSchema: `{type: object, required: [b], properties: {a: {type: string}, b: {type: string, nullable: true}}}`},
		"optional as a name": {schema: `{"type":"object","required":["optional"],"properties":{"optional":{"type":"boolean"}}}`, wantSchema: `{type: object, required: [optional], properties: {optional: {type: boolean}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			if test.description == "" {
				test.description, test.want = `"**Credential required**: *No*"`, `{x-misskey-credential: false}`
			}
			if test.schema == "" {
				test.schema, test.wantSchema = `{"type":"string"}`, `{type: string}`
			}
			src := operation(test.description, test.schema)
			out, notes, err := ImportLenient(src)
			if err != nil {
				t.Fatal(err)
			}
			doc := parsed(t, string(out))
			if got := text(get(doc, "openapi")); got != "3.1.0" {
				t.Errorf("OpenAPI %s", got)
			}
			got := get(doc, "paths", "/notes/create", "post")
			remove(got, "responses")
			if want := get(parsed(t, "want: "+test.want), "want"); canonical(got) != canonical(want) {
				t.Errorf("facts %s, want %s", canonical(got), canonical(want))
			}
			if got, want := get(doc, "components", "schemas", "T"), get(parsed(t, "want: "+test.wantSchema), "want"); canonical(got) != canonical(want) {
				t.Errorf("schema %s, want %s", canonical(got), canonical(want))
			}
			var texts []string
			for _, note := range notes {
				if !strings.HasPrefix(note.Text, "read as OpenAPI") {
					texts = append(texts, note.Text)
				}
			}
			if strings.Join(texts, "; ") != strings.Join(test.notes, "; ") {
				t.Errorf("notes %q, want %q", texts, test.notes)
			}
			if _, err := Import(src); err == nil {
				t.Error("a strict import takes it, too")
			}
		})
	}
}
