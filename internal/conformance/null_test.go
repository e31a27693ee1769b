package conformance

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/misskey-go/misskey/internal/spec"
)

// nullMeansAbsent reports whether the overlay says that the null of a
// parameter is the same to the endpoint as no parameter.
func nullMeansAbsent(endpoint, place string) bool {
	document, err := readDocument()
	if err != nil {
		panic(err) // a test made sure that it can be read
	}
	return document[endpoint][place]
}

// readDocument returns, by endpoint, the places of parameters with
// x-misskey-null: absent.
var readDocument = sync.OnceValues(func() (map[string]set, error) {
	data, err := os.ReadFile("../../api.yaml")
	if err != nil {
		return nil, err
	}
	overlaid, err := spec.Overlaid(data)
	if err != nil {
		return nil, err
	}
	var document map[string]any
	if err := overlaid.Decode(&document); err != nil {
		return nil, err
	}
	return nullPlaces(document), nil
})

func nullPlaces(document map[string]any) map[string]set {
	all := map[string]set{}
	paths, _ := document["paths"].(map[string]any)
	for path, item := range paths {
		places := set{}
		for _, method := range []string{"post", "get"} {
			content, _ := at(item, method, "requestBody", "content").(map[string]any)
			for _, body := range content {
				collectNulls(document, at(body, "schema"), "$", nil, places)
			}
		}
		all[strings.TrimPrefix(path, "/")] = places
	}
	return all
}

// collectNulls walks a schema; seen are the references on the way to it.
func collectNulls(document map[string]any, schema any, place string, seen []string, places set) {
	object, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if object["x-misskey-null"] == "absent" {
		places[place] = true
	}
	if ref, ok := object["$ref"].(string); ok && !slices.Contains(seen, ref) {
		target := at(document, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		collectNulls(document, target, place, append(seen[:len(seen):len(seen)], ref), places)
	}
	for _, combined := range []string{"allOf", "anyOf", "oneOf"} {
		arms, _ := object[combined].([]any)
		for _, arm := range arms {
			collectNulls(document, arm, place, seen, places)
		}
	}
	properties, _ := object["properties"].(map[string]any)
	for name, property := range properties {
		collectNulls(document, property, join(place, name), seen, places)
	}
	collectNulls(document, object["items"], place+"[]", seen, places)
}

// at goes down a tree.
func at(v any, path ...string) any {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

func TestNullPlaces(t *testing.T) {
	absent := map[string]any{"x-misskey-null": "absent"}
	document := map[string]any{
		"components": map[string]any{"schemas": map[string]any{"Poll": map[string]any{
			"properties": map[string]any{"end": absent, "next": map[string]any{"$ref": "#/components/schemas/Poll"}},
		}}},
		"paths": map[string]any{"/notes/create": map[string]any{"post": map[string]any{"requestBody": map[string]any{
			"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
				"properties": map[string]any{
					"text":  absent,
					"cw":    map[string]any{},
					"polls": map[string]any{"items": map[string]any{"anyOf": []any{map[string]any{"$ref": "#/components/schemas/Poll"}}}},
				},
			}}},
		}}}},
	}
	got := keys(nullPlaces(document)["notes/create"])
	if want := []string{"$.polls[].end", "$.text"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The overlaid document can be read, and knows the endpoints.
func TestReadDocument(t *testing.T) {
	document, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := document["notes/create"]; !ok {
		t.Error("no notes/create")
	}
}
