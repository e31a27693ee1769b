package spec

import "testing"

func TestNormalize(t *testing.T) {
	testSchemas(t, "normalize", `
  Thing: {type: object, properties: {id: {type: string}}}
  Holder: {type: object, properties: {part: {type: object, properties: {x: {type: string}}}}}
`, map[string]schemaTest{
		"plain":                  {in: `{type: string, minLength: 1}`, want: `{type: string, minLength: 1}`},
		"prose goes":             {in: `{type: string, title: a, description: b, example: c, $comment: d}`, want: `{type: string}`},
		"what only checks goes":  {in: `{type: object, properties: {a: {type: string}}, if: {required: [a]}, then: {required: [a]}, not: {required: [b]}, dependentRequired: {a: [b]}}`, want: `{type: object, properties: {a: {type: string}}}`},
		"object by properties":   {in: `{properties: {a: {type: string}}}`, want: `{properties: {a: {type: string}}, type: object}`},
		"object by extras":       {in: `{additionalProperties: {type: string}}`, want: `{additionalProperties: {type: string}, type: object}`},
		"array by items":         {in: `{items: {type: string}}`, want: `{items: {type: string}, type: array}`},
		"true and false":         {in: `{type: object, properties: {a: true, b: false}, additionalProperties: true}`, want: `{type: object, properties: {a: {}, b: {}}, additionalProperties: {}}`},
		"closed":                 {in: `{type: object, properties: {a: {type: string}}, additionalProperties: false}`, want: `{type: object, properties: {a: {type: string}}}`},
		"required is a set":      {in: `{type: object, properties: {a: {type: string}, b: {type: string}}, required: [b, a, b]}`, want: `{type: object, properties: {a: {type: string}, b: {type: string}}, required: [a, b]}`},
		"one pattern":            {in: `{type: object, patternProperties: {'^a': {type: string}}}`, want: `{type: object, additionalProperties: {type: string}}`},
		"format of strings":      {in: `{type: string, format: uuid}`, want: `{type: string}`},
		"format of times":        {in: `{type: string, format: date-time}`, want: `{type: string, format: date-time}`},
		"format of numbers":      {in: `{type: integer, format: int32}`, want: `{type: integer, format: int32}`},
		"const":                  {in: `{const: a}`, want: `{type: string, enum: [a]}`},
		"const number":           {in: `{const: 1}`, want: `{type: integer}`},
		"enum with null":         {in: `{type: [string, 'null'], enum: [a, null, b]}`, want: `{type: [string, 'null'], enum: [a, b]}`},
		"enum of null without":   {in: `{enum: [a, null]}`, want: `{type: [string, 'null'], enum: [a]}`},
		"enum twice":             {in: `{type: string, enum: [a, b, a]}`, want: `{type: string, enum: [a, b]}`},
		"enum of numbers":        {in: `{type: integer, enum: [1, 2]}`, want: `{type: integer}`},
		"enum unprintable":       {in: "{type: string, enum: ['`', a]}", want: `{type: string}`},
		"mixed enum":             {in: `{enum: [a, 1]}`, want: `{}`},
		"integer and number":     {in: `{type: [integer, number, 'null']}`, want: `{type: [number, 'null']}`},
		"other types":            {in: `{type: [number, boolean]}`, want: `{x-misskey-raw: true}`, note: "#/components/schemas/T: a value of one of the types boolean, number; left as raw JSON"},
		"pair":                   {in: `{type: array, prefixItems: [{type: string}, {type: string}]}`, want: `{type: array, items: {type: string}}`},
		"closed pair":            {in: `{prefixItems: [{type: string}, {type: string}], items: false}`, want: `{type: array, items: {type: string}}`},
		"tuple":                  {in: `{type: array, prefixItems: [{type: string}, {type: number}]}`, want: `{x-misskey-raw: true}`, note: "#/components/schemas/T: a tuple of different types"},
		"$ref":                   {in: `{$ref: '#/components/schemas/Thing', description: a}`, want: `{$ref: '#/components/schemas/Thing'}`},
		"$ref or null":           {in: `{$ref: '#/components/schemas/Thing', type: [object, 'null']}`, want: `{oneOf: [{$ref: '#/components/schemas/Thing'}, {type: 'null'}]}`},
		"$ref with more":         {in: `{$ref: '#/components/schemas/Thing', required: [id]}`, want: `{allOf: [{$ref: '#/components/schemas/Thing'}, {required: [id]}]}`},
		"$ref with more or null": {in: `{$ref: '#/components/schemas/Thing', type: [object, 'null'], required: [id]}`, want: `{allOf: [{$ref: '#/components/schemas/Thing'}, {required: [id]}], type: [object, 'null']}`},
		"$ref into a schema":     {in: `{$ref: '#/components/schemas/Holder/properties/part'}`, want: `{$ref: '#/components/schemas/HolderPart'}`},
		"$ref to nothing":        {in: `{type: array, items: {$ref: '#/components/schemas/Holder/properties/none'}}`, want: `{type: array, items: {x-misskey-raw: true}}`, note: "#/components/schemas/T/items: a $ref to #/components/schemas/Holder/properties/none"},
		"$ref to no component":   {in: `{type: array, items: {$ref: '#/components/schemas/None'}}`, want: `{type: array, items: {x-misskey-raw: true}}`, note: "#/components/schemas/T/items: a $ref to the component None, which there is not"},
		"a name Go cannot tag":   {in: `{type: object, properties: {a: {type: string}, 'b,c': {type: string}}}`, want: `{type: object, properties: {a: {type: string}}}`, note: `#/components/schemas/T/properties/b,c: encoding/json has no field for a property called "b,c"`},
		"a hand-written type":    {in: `{x-go-type: api.File, type: string, format: binary}`, want: `{x-go-type: api.File, type: string, format: binary}`},
	})
}

func TestTaggable(t *testing.T) {
	for _, name := range []string{"a", "foo-bar", "日本語", "a b", "$ref", "@type", "a.b/c", "-", "_", "1"} {
		if !taggable(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, name := range []string{"", "a,b", `a"b`, "a`b", `a\b`, "a\nb", "😀", "it's"} {
		if taggable(name) {
			t.Errorf("%q is accepted", name)
		}
	}
}
