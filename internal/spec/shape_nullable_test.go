package spec

import "testing"

func TestMoveNull(t *testing.T) {
	testSchemas(t, "null", `
  Enum: {type: [string, 'null'], enum: [a, null]}
  Either: {anyOf: [{type: string}, {type: 'null'}]}
  Null: {type: 'null'}
`, map[string]schemaTest{
		"reference":     {in: `{type: array, items: {$ref: '#/components/schemas/Enum'}}`, want: `{type: array, items: {oneOf: [{$ref: '#/components/schemas/Enum'}, {type: 'null'}]}}`},
		"union":         {in: `{type: array, items: {$ref: '#/components/schemas/Either'}}`, want: `{type: array, items: {oneOf: [{$ref: '#/components/schemas/Either'}, {type: 'null'}]}}`},
		"already":       {in: `{type: object, properties: {a: {oneOf: [{$ref: '#/components/schemas/Enum'}, {type: 'null'}]}}}`, want: `{type: object, properties: {a: {oneOf: [{oneOf: [{$ref: '#/components/schemas/Enum'}, {type: 'null'}]}, {type: 'null'}]}}}`},
		"the component": {in: `{type: [object, 'null'], properties: {a: {type: string}}}`, want: `{type: object, properties: {a: {type: string}}}`},
		"nothing but":   {in: `{type: array, items: {$ref: '#/components/schemas/Null'}}`, want: `{type: array, items: {$ref: '#/components/schemas/Null'}}`},
	})
}
