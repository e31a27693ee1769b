package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// catDocument is that of a fork, with the paths given.
func catDocument(paths string) []byte {
	return fmt.Appendf(nil, `{"openapi":"3.1.0","info":{"title":"Cat API","version":"1.0.0"},"paths":{%s}}`, paths)
}

const (
	catsFeed   = `"/cats/feed":{"post":{"description":"**Credential required**: *No*","responses":{"204":{"description":""}}}}`
	notesGone  = `"/notes/delete":{"post":{"description":"**Credential required**: *Yes* / **Permission**: *write:notes*","requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["noteId"],"properties":{"noteId":{"type":"string"}}}}}},"responses":{"204":{"description":""}}}}`
	notesMaker = `"/notes/create":{"post":{"description":"**Credential required**: *Yes*","responses":{"204":{"description":""}}}}`
)

// Where a fork declares no response, nobody knows that there is none: the method
// returns what comes. Of Misskey's own endpoints it is known.
func TestUndeclaredResponses(t *testing.T) {
	doc := catDocument(catsFeed + "," + notesGone + "," + notesMaker)
	imported, notes, err := ImportLenient(doc)
	if err != nil {
		t.Fatal(err)
	}
	want := []Note{{"cats/feed", undeclaredText}}
	if !slices.Equal(notes, want) {
		t.Errorf("import notes %q, want %q", notes, want)
	}
	for name, doc := range map[string][]byte{"as served": doc, "as imported": imported} {
		g, err := Generate(GenerateOptions{Document: doc, Package: "cats"})
		if err != nil {
			t.Fatal(err)
		}
		compiled(t, g.Files)
		if !slices.Contains(g.Notes, want[0]) {
			t.Errorf("%s: generate does not list it: %q", name, g.Notes)
		}
		for _, method := range []string{
			"func (c *Client) CatsFeed(ctx context.Context, opts ...CallOption) (json.RawMessage, error)",
			"func (c *Client) NotesDelete(ctx context.Context, req NotesDeleteRequest, opts ...CallOption) error",
		} {
			if !strings.Contains(string(g.Files["client.go"]), method) {
				t.Errorf("%s: there is no %s", name, method)
			}
		}
	}
	ours := []byte(strings.Replace(string(doc), "Cat API", ownTitle, 1))
	if g, err := Generate(GenerateOptions{Document: ours, Package: "cats"}); err != nil || !strings.Contains(string(g.Files["client.go"]), "CatsFeed(ctx context.Context, opts ...CallOption) error") {
		t.Errorf("Misskey's own document: %v", err)
	}
}

// The document that a fake serves says in one way only that a value may be null.
func TestNullableIsAType(t *testing.T) {
	doc := parsed(t, `
a: {type: string, nullable: true}
b: {type: string, nullable: false}
c: {type: string, enum: [x], nullable: true}
d: {nullable: true, $ref: '#/a'}
e: {nullable: true, allOf: [{$ref: '#/a'}]}
f: {type: object, properties: {nullable: {type: boolean, nullable: true}}}
g: {type: [string, 'null'], nullable: true}
h: {type: object, default: {nullable: true}}
i: {nullable: true}
`)
	nullTypes(doc)
	want := parsed(t, `
a: {type: [string, 'null']}
b: {type: string}
c: {type: [string, 'null'], enum: [x, null]}
d: {anyOf: [{$ref: '#/a'}, {type: 'null'}]}
e: {anyOf: [{allOf: [{$ref: '#/a'}]}, {type: 'null'}]}
f: {type: object, properties: {nullable: {type: [boolean, 'null']}}}
g: {type: [string, 'null']}
h: {type: object, default: {nullable: true}}
i: {}
`)
	for key, w := range pairs(want) {
		if got := get(doc, key); canonical(got) != canonical(w) {
			t.Errorf("%s: %s, want %s", key, canonical(got), canonical(w))
		}
	}
}
