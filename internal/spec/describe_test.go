package spec

import (
	"bytes"
	"strings"
	"testing"
)

func TestDescribedAt(t *testing.T) {
	for at, want := range map[pointer]describedPlace{
		"#/components/schemas/Note/properties/poll/properties/choices/items/properties/text":                                  {component: "Note", path: "poll.choices[].text"},
		"#/components/schemas/UserDetailed/oneOf/1/allOf/0/properties/name":                                                   {component: "UserDetailed", path: "name"},
		"#/paths/~1notes~1create/post/requestBody/content/application~1json/schema/properties/poll/properties/multiple":       {operation: "notes/create", path: "poll.multiple"},
		"#/paths/~1notes~1create/post/responses/200/content/application~1json/schema/properties/createdNote":                  {operation: "notes/create", response: true, path: "createdNote"},
		"#/paths/~1charts~1notes/post/responses/200/content/application~1json/schema/additionalProperties/items/properties/x": {operation: "charts/notes", response: true, path: "{}[].x"},
	} {
		if got, ok := describedAt(at); !ok || got != want {
			t.Errorf("%s is %+v, want %+v", at, got, want)
		}
	}
	if _, ok := describedAt("#"); ok {
		t.Error("the document is a place")
	}
}

func TestFieldComment(t *testing.T) {
	for _, test := range []struct{ what, limits, want string }{
		{"", "has 1 to 5 items.", "has 1 to 5 items."},
		{"The files.", "", fieldMark + "The files."},
		{"The files.", "has 1 to 5 items.", fieldMark + "The files. It has 1 to 5 items."},
		{"The old name. Deprecated: use FileIDs.", "has 1 to 5 items.", fieldMark + "The old name. It has 1 to 5 items.\n\nDeprecated: use FileIDs."},
		{"Deprecated: nobody reads it.", "", fieldMark + "Deprecated: nobody reads it."},
	} {
		if got := fieldComment(test.what, test.limits); got != test.want {
			t.Errorf("%q with %q is %q, want %q", test.what, test.limits, got, test.want)
		}
	}
}

// What the document has is described in Go, and a fork describes its own.
func TestDescriptionsArePrinted(t *testing.T) {
	document := []byte(`{"openapi":"3.1.0","info":{"title":"Catkey API","version":"1.0.0"},"paths":{
		"/cats/show":{"post":{"operationId":"cats___show","summary":"cats/show","description":"No description provided.\n\n**Credential required**: *No*",
			"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"mood":{"type":"string","enum":["calm","wild"]},"limit":{"type":"integer","maximum":9}}}}}},
			"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Cat"}}}}}}}},
		"components":{"schemas":{"Cat":{"type":"object","required":["age"],"properties":{"age":{"type":"integer"}}}}}}`)
	g, err := Generate(GenerateOptions{Document: document, Package: "cat", NewNames: true, Docs: []byte(`
operations:
  cats/show:
    en: shows a cat.
    ja: 猫を返します。
    request:
      mood: {en: How the cat has to feel., ja: 猫の気分です。}
components:
  Cat:
    en: A cat of the instance.
    ja: インスタンスの猫です。
    properties:
      age: {en: "The age in years. Deprecated: cats are ageless.", ja: 年齢です。}
enums:
  cats/show.mood:
    wild: {en: The cat bites., ja: 噛みます。}
  unheard.of:
    x: {en: Nothing., ja: なし}
`)})
	if err != nil {
		t.Fatal(err)
	}
	all := string(bytes.Join([][]byte{g.Files["client.go"], g.Files["requests.go"], g.Files["responses.go"], g.Files["enums.go"], g.Files["models.go"]}, nil))
	for _, want := range []string{
		"// CatsShow shows a cat. It calls cats/show.\n",
		"\t// How the cat has to feel.\n\tMood ",
		"// Cat is a cat of the instance.\n",
		"\t// The age in years.\n\t//\n\t// Deprecated: cats are ageless.\n\tAge int",
		"\t// The cat bites.\n",
		"\t// How many entries", // of limit, which is the same everywhere
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q", want)
		}
	}
	if strings.Contains(all, fieldMark) {
		t.Error("a mark is left")
	}
	if t.Failed() {
		t.Logf("%s", all)
	}
}
