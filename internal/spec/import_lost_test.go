package spec

import (
	"strings"
	"testing"
)

// A document that says less precisely what an operation takes or returns is noticed,
// whatever the corrections put back later.
func TestLostDetail(t *testing.T) {
	const before = `
openapi: 3.1.0
info: {title: Misskey API, version: 2026.3.2}
paths:
  /notes/create:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {visibility: {type: string, enum: [public, home]}, count: {type: integer}, old: {type: string}}}}}}
      responses:
        '200': {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /notes/list:
    post:
      responses:
        '200': {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}
components:
  schemas:
    Note:
      type: object
      properties:
        createdAt: {type: string, format: date-time}
        renote: {$ref: '#/components/schemas/Note'}
        user: {type: object, properties: {id: {type: string}}}
        tags: {type: array, items: {type: string}}
        reactions: {type: object, additionalProperties: {type: integer}}
        either: {oneOf: [{type: string}, {type: integer}]}
`
	const note = "components/schemas/Note"
	for name, test := range map[string]struct{ at, put, want string }{
		"nothing":                 {"info/version", "2026.7.0", ""},
		"properties gone":         {note + "/properties/user", "{type: object}", "#/components/schemas/Note/properties/user: its properties (1) are gone"},
		"component became bare":   {note, "{type: object}", "#/components/schemas/Note: its properties (6) are gone"},
		"reference became object": {"paths/~1notes~1list/post/responses/200/content/application~1json/schema/items", "{type: object}", "#/paths/~1notes~1list/post/responses/200/content/application~1json/schema/items: its properties (6) are gone"},
		"reference filled in":     {"paths/~1notes~1list/post/responses/200/content/application~1json/schema/items", "{type: object, properties: {user: {type: object, properties: {id: {type: string}}}}}", ""},
		"schema gone":             {"paths/~1notes~1create/post/responses/200/content/application~1json", "{}", "#/paths/~1notes~1create/post/responses/200/content/application~1json/schema: nothing is said of it"},
		"response gone":           {"paths/~1notes~1create/post/responses", "{'204': {description: ''}}", ""},
		"operation gone":          {"paths/~1notes~1create", "", ""},
		"values gone":             {"paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/visibility", "{type: string}", "#/paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/visibility: its values (public, home) are gone"},
		"parameter gone":          {"paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/old", "", ""},
		"type gone":               {"paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/count", "{}", "#/paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/count: its type, integer, is gone"},
		"format gone":             {note + "/properties/createdAt", "{type: string}", "#/components/schemas/Note/properties/createdAt: its format, date-time, is gone"},
		"elements gone":           {note + "/properties/tags", "{type: array}", "#/components/schemas/Note/properties/tags: what its elements are is gone"},
		"kind of elements gone":   {note + "/properties/tags/items", "{}", "#/components/schemas/Note/properties/tags/items: its type, string, is gone"},
		"values of a map gone":    {note + "/properties/reactions", "{type: object}", "#/components/schemas/Note/properties/reactions: what its values are is gone"},
		"alternatives gone":       {note + "/properties/either", "{}", "#/components/schemas/Note/properties/either: its alternatives are gone"},
	} {
		t.Run(name, func(t *testing.T) {
			notes, err := LostDetail([]byte(before), []byte(changed(t, before, test.at, test.put)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range notes {
				got = append(got, n.Place+": "+strings.TrimPrefix(n.Text, "less precise than before: "))
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
