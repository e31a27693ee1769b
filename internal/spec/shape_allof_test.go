package spec

import "testing"

func TestFlattenAllOf(t *testing.T) {
	testSchemas(t, "allOf", `
  Base: {type: object, required: [id], properties: {id: {type: string}, o: {type: object, properties: {a: {type: string}}}}}
  Later: {type: object, properties: {p: {allOf: [{type: object, properties: {q: {type: string}}}, {type: object, properties: {r: {type: string}}}]}}}
  Color: {type: string, enum: [red, blue]}
  Kinds: {oneOf: [{type: object, properties: {k: {type: string}}}]}
`, map[string]schemaTest{
		"one part":           {in: `{allOf: [{$ref: '#/components/schemas/Base'}]}`, want: `{$ref: '#/components/schemas/Base'}`},
		"one part or null":   {in: `{type: [object, 'null'], allOf: [{$ref: '#/components/schemas/Base'}]}`, want: `{oneOf: [{$ref: '#/components/schemas/Base'}, {type: 'null'}]}`},
		"extensions stay":    {in: `{allOf: [{type: string}], x-misskey-null: absent}`, want: `{type: string, x-misskey-null: absent}`},
		"two parts":          {in: `{allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [b], properties: {b: {type: string}}}]}`, want: `{type: object, properties: {id: {type: string}, o: {type: object, properties: {a: {type: string}}}, b: {type: string}}, required: [b, id], x-misskey-extends: [Base]}`},
		"all may be null":    {in: `{allOf: [{type: [object, 'null'], properties: {a: {type: string}}}, {type: [object, 'null'], properties: {b: {type: string}}}]}`, want: `{type: [object, 'null'], properties: {a: {type: string}, b: {type: string}}}`},
		"one may be null":    {in: `{allOf: [{type: [object, 'null'], properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}`, want: `{type: object, properties: {a: {type: string}, b: {type: string}}}`},
		"properties beside":  {in: `{type: object, properties: {b: {type: string}}, allOf: [{properties: {a: {type: string}}, type: object}]}`, want: `{type: object, properties: {a: {type: string}, b: {type: string}}}`},
		"objects are merged": {in: `{allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {o: {type: object, properties: {b: {type: string}}}}}]}`, want: `{type: object, required: [id], properties: {id: {type: string}, o: {type: object, properties: {a: {type: string}, b: {type: string}}}}, x-misskey-extends: [Base]}`},
		"an enum says more":  {in: `{allOf: [{type: object, properties: {c: {type: string, enum: [x]}}}, {type: object, properties: {c: {type: string}}}]}`, want: `{type: object, properties: {c: {type: string, enum: [x]}}}`},
		"a part's own allOf": {in: `{allOf: [{$ref: '#/components/schemas/Later'}, {type: object, properties: {z: {type: string}}}]}`, want: `{type: object, properties: {p: {type: object, properties: {q: {type: string}, r: {type: string}}}, z: {type: string}}, x-misskey-extends: [Later]}`},
		"nested":             {in: `{allOf: [{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}, {required: [a]}]}`, want: `{type: object, properties: {a: {type: string}, b: {type: string}}, required: [a]}`},
		"a union stays":      {in: `{allOf: [{$ref: '#/components/schemas/Kinds'}, {type: object, properties: {a: {type: string}}}]}`, want: `{type: object, properties: {a: {type: string}}, oneOf: [{type: object, properties: {k: {type: string}}}], x-misskey-extends: [Kinds]}`},
		"strings":            {in: `{allOf: [{type: string}, {minLength: 1}, {maxLength: 9}]}`, want: `{type: string, minLength: 1, maxLength: 9}`},
		"enum narrowed":      {in: `{allOf: [{$ref: '#/components/schemas/Color'}, {type: string, enum: [red]}]}`, want: `{type: string, enum: [red], x-misskey-extends: [Color]}`},
		"arrays":             {in: `{allOf: [{type: array, items: {type: string}}, {maxItems: 3}]}`, want: `{type: array, items: {type: string}, maxItems: 3}`},
		"maps":               {in: `{allOf: [{type: object, additionalProperties: {type: string}}, {minProperties: 1}]}`, want: `{type: object, additionalProperties: {type: string}}`},
		"anything":           {in: `{allOf: [{}, {}]}`, want: `{}`},
		"no value is both":   {in: `{allOf: [{type: string}, {type: array, items: {type: string}}]}`, want: `{x-misskey-raw: true}`, note: "#/components/schemas/T: an allOf of string and array"},
		"itself":             {in: `{allOf: [{$ref: '#/components/schemas/T'}, {type: object, properties: {a: {type: string}}}]}`, want: `{x-misskey-raw: true}`, note: "#/components/schemas/T: an allOf that contains itself"},
		"inside itself":      {in: `{type: object, properties: {a: {allOf: [{$ref: '#/components/schemas/T'}, {type: object, properties: {b: {type: string}}}]}}}`, want: `{type: object, properties: {a: {x-misskey-raw: true}}}`, note: "#/components/schemas/T/properties/a: an allOf that contains itself"},
	})
}
