package spec

import (
	"errors"
	"strings"
	"testing"
)

func TestFindRaw(t *testing.T) {
	const raw = `{x-misskey-raw: true}`
	testSchemas(t, "raw", "", map[string]schemaTest{
		"anything":      {in: `{}`, want: raw},
		"any object":    {in: `{type: object}`, want: raw},
		"empty object":  {in: `{type: array, items: {type: object, properties: {}}}`, want: `{type: array, items: ` + raw + `}`},
		"nothing":       {in: `{type: object, properties: {a: {type: 'null'}}}`, want: `{type: object, properties: {a: ` + raw + `}}`},
		"any array":     {in: `{type: array}`, want: `{type: array, items: ` + raw + `}`},
		"any map":       {in: `{type: object, additionalProperties: true}`, want: `{type: object, additionalProperties: ` + raw + `}`},
		"or null stays": {in: `{type: object, properties: {a: {oneOf: [{$ref: '#/components/schemas/T'}, {type: 'null'}]}}}`, want: `{type: object, properties: {a: {oneOf: [{$ref: '#/components/schemas/T'}, {type: 'null'}]}}}`},
		"a string":      {in: `{type: string}`, want: `{type: string}`},
		"lists of self": {in: `{type: array, items: {$ref: '#/components/schemas/T'}}`, want: raw, note: "#/components/schemas/T: a type that is made of itself"},
	})
}

// Objects without anything in them are neither requests nor responses.
func TestDropEmpty(t *testing.T) {
	s := after(t, "raw", `
operations:
  a:
    request: {type: object, properties: {}}
    response: {$ref: '#/components/schemas/Nothing'}
schemas: {Nothing: {type: object, properties: {}}}
`, true)
	op := get(s.doc, "paths", "/a", "post")
	if get(op, "requestBody") != nil || get(op, "responses", "200") != nil || get(op, "responses", "204") == nil {
		t.Errorf("got %s", oneLine(t, op))
	}
}

func TestCheckRaw(t *testing.T) {
	const short = `
operations:
  a/b:
    request: {type: array, items: {}}
    response: {type: object, properties: {free: {}, list: {type: array, items: {type: object}}, map: {type: object, additionalProperties: {}}, known: {type: string}}}
`
	want := []string{"ABResponse.free", "ABResponse.list[]", "ABResponse.map{}", "a/b[]"}
	var places []string
	for _, n := range after(t, "free JSON", short, false).notes {
		places = append(places, n.Place)
	}
	if got := strings.Join(places, " "); got != strings.Join(want, " ") {
		t.Errorf("notes on %s, want %s", got, want)
	}

	strict := func(listed ...string) error {
		names, _ := readNames(nil)
		list := rawPlaces{}
		for _, place := range listed {
			list[place] = "because"
		}
		_, err := shape(parsed(t, string(document(t, short))), shapeOptions{strict: true, names: names, raw: list})
		return err
	}
	if err := strict(want...); err != nil {
		t.Errorf("all places are listed: %v", err)
	}
	if err := strict(want[1:]...); err == nil || !strings.Contains(err.Error(), "ABResponse.free holds free JSON; describe it in the overlay") {
		t.Errorf("one is not listed: %v", err)
	}
	if err := strict(append(want, "Gone.x")...); err == nil || !strings.Contains(err.Error(), "raw.yaml: Gone.x holds no free JSON any more; remove it") {
		t.Errorf("one too many is listed: %v", err)
	}
}

func TestReadRaw(t *testing.T) {
	if places, err := readRaw([]byte("A.b: a reason\n")); err != nil || places["A.b"] != "a reason" {
		t.Errorf("%v, %v", places, err)
	}
	if _, err := readRaw([]byte("- a\n")); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("a list was read as a map: %v", err)
	}
}
