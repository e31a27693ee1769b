package spec

import "testing"

func TestJoinUnions(t *testing.T) {
	const components = `
  X: {type: object, required: [x], properties: {x: {type: string}}}
  Y: {type: object, required: [y], properties: {y: {type: string}}}
  XY: {type: object, required: [x, y], properties: {x: {type: string}, y: {type: string}}}
`
	testSchemas(t, "unions", components, map[string]schemaTest{
		"or null":              {in: `{oneOf: [{$ref: '#/components/schemas/X'}, {type: 'null'}]}`, want: `{$ref: '#/components/schemas/X'}`}, // see moveNull
		"a property or null":   {in: `{type: object, properties: {a: {oneOf: [{type: 'null'}, {$ref: '#/components/schemas/X'}]}}}`, want: `{type: object, properties: {a: {oneOf: [{$ref: '#/components/schemas/X'}, {type: 'null'}]}}}`},
		"a string or null":     {in: `{type: array, items: {anyOf: [{type: string}, {type: 'null'}]}}`, want: `{type: array, items: {type: [string, 'null']}}`},
		"an arm with null":     {in: `{type: array, items: {oneOf: [{type: [string, 'null']}, {type: integer}]}}`, want: `{type: array, items: {oneOf: [{type: string}, {type: integer}, {type: 'null'}]}}`},
		"one arm":              {in: `{anyOf: [{type: string}]}`, want: `{type: string}`},
		"the same arm twice":   {in: `{anyOf: [{type: string}, {type: string}]}`, want: `{type: string}`},
		"one extends another":  {in: `{oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/XY'}]}`, want: `{type: object, properties: {x: {type: string}, y: {type: string}}, required: [x]}`},
		"distinguished":        {in: `{oneOf: [{type: object, required: [k, a], properties: {k: {type: string, enum: [a]}, a: {type: string}}}, {type: object, required: [k], properties: {k: {type: string, enum: [b]}, b: {type: integer}}}]}`, want: `{type: object, properties: {k: {type: string, enum: [a, b]}, a: {type: string}, b: {type: integer}}, required: [k], x-misskey-kinds: {property: k, arms: [{name: "", values: [a], fields: {k: {required: true}, a: {required: true}}}, {name: "", values: [b], fields: {k: {required: true}, b: {required: false}}}]}}`},
		"a property differs":   {in: `{oneOf: [{type: object, properties: {k: {type: string, enum: [a]}, v: {type: [string, 'null']}}}, {type: object, properties: {k: {type: string, enum: [b]}, v: {type: integer}}}]}`, want: `{type: object, properties: {k: {type: string, enum: [a, b]}, v: {oneOf: [{type: string}, {type: integer}, {type: 'null'}]}}, x-misskey-kinds: {property: k, arms: [{name: "", values: [a], fields: {k: {required: false}, v: {required: false}}}, {name: "", values: [b], fields: {k: {required: false}, v: {required: false}}}]}}`},
		"nothing in common":    {in: `{oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}`, want: `{oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}`},
		"alternatives":         {in: `{type: object, properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}`, want: `{type: object, properties: {a: {type: string}, b: {type: string}}}`},
		"required in all":      {in: `{type: object, required: [c], properties: {a: {type: string}, c: {type: string}}, anyOf: [{required: [a]}, {required: [a, c]}]}`, want: `{type: object, properties: {a: {type: string}, c: {type: string}}, required: [a, c]}`},
		"enums":                {in: `{oneOf: [{type: string, enum: [a, b]}, {type: string, enum: [b, c]}]}`, want: `{type: string, enum: [a, b, c]}`},
		"an enum or any text":  {in: `{oneOf: [{type: string, enum: [a]}, {type: string}]}`, want: `{type: string}`},
		"numbers":              {in: `{oneOf: [{type: integer}, {type: number}]}`, want: `{type: number}`},
		"texts and numbers":    {in: `{oneOf: [{type: string}, {type: integer}]}`, want: `{oneOf: [{type: string}, {type: integer}]}`},
		"one or many":          {in: `{oneOf: [{type: string, format: id}, {type: array, items: {type: string}}]}`, want: `{x-misskey-one-or-many: {type: string}}`},
		"many or one":          {in: `{oneOf: [{type: array, items: {$ref: '#/components/schemas/X'}}, {$ref: '#/components/schemas/X'}]}`, want: `{x-misskey-one-or-many: {$ref: '#/components/schemas/X'}}`},
		"lists":                {in: `{oneOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}`, want: `{type: array, items: {oneOf: [{type: string}, {type: integer}]}}`},
		"anything or a string": {in: `{oneOf: [{}, {type: string}]}`, want: `{}`},
		"unions in unions":     {in: `{oneOf: [{oneOf: [{type: string, enum: [a]}, {type: string, enum: [b]}]}, {type: string, enum: [c]}]}`, want: `{type: string, enum: [a, b, c]}`},
		"without an arm":       {in: `{type: array, items: {oneOf: [{type: 'null'}]}}`, want: `{type: array, items: {x-misskey-raw: true}}`, note: "#/components/schemas/T/items: oneOf without an arm"},
		"itself":               {in: `{oneOf: [{type: string}, {$ref: '#/components/schemas/T'}]}`, want: `{type: string}`},
	})
}

func TestJoinUnionsInCircles(t *testing.T) {
	testSchemas(t, "unions", `
  Loop: {oneOf: [{type: string}, {$ref: '#/components/schemas/Pool'}]}
  Pool: {oneOf: [{type: integer}, {$ref: '#/components/schemas/Loop'}]}
`, map[string]schemaTest{
		"by another": {in: `{type: array, items: {oneOf: [{type: string}, {$ref: '#/components/schemas/Loop'}]}}`, want: `{type: array, items: {}}`, note: "#/components/schemas/Pool: a union that contains itself; left as raw JSON"},
	})
}

// The arms of a request are always alternatives: a call sets what it needs.
func TestJoinUnionsOfRequests(t *testing.T) {
	s := after(t, "unions", `
operations:
  a:
    request: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
`, true)
	got := pointer("#/paths/~1a/post/requestBody/content/application~1json/schema").resolve(s.doc)
	if want := get(parsed(t, `want: {type: object, properties: {a: {type: string}, b: {type: string}}}`), "want"); canonical(got) != canonical(want) {
		t.Errorf("got %s", oneLine(t, got))
	}
}
