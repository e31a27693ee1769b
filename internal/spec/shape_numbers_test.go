package spec

import "testing"

func TestSizeNumbers(t *testing.T) {
	testSchemas(t, "numbers", "", map[string]schemaTest{
		"a count":              {in: `{type: object, properties: {notesCount: {type: number}, limit: {type: [integer, 'null']}}}`, want: `{type: object, properties: {notesCount: {type: integer, format: int64}, limit: {type: [integer, 'null'], format: int64}}}`},
		"ratios and the like":  {in: `{type: object, properties: {fragmentationRatio: {type: integer}, rateLimitFactor: {type: [integer, 'null']}, weight: {type: number}, angle: {type: number}, offsetX: {type: number}, weights: {type: array, items: {type: number}}}}`, want: `{type: object, properties: {fragmentationRatio: {type: number, format: double}, rateLimitFactor: {type: [number, 'null'], format: double}, weight: {type: number, format: double}, angle: {type: number, format: double}, offsetX: {type: number, format: double}, weights: {type: array, items: {type: number, format: double}}}}`},
		"words, not letters":   {in: `{type: object, properties: {generation: {type: number}, rectangles: {type: number}, offset: {type: number}}}`, want: `{type: object, properties: {generation: {type: integer, format: int64}, rectangles: {type: integer, format: int64}, offset: {type: integer, format: int64}}}`},
		"the format wins":      {in: `{type: object, properties: {ratio: {type: integer, format: int32}, count: {type: number, format: float}}}`, want: `{type: object, properties: {ratio: {type: integer, format: int64}, count: {type: number, format: double}}}`},
		"a fraction as limit":  {in: `{type: number, minimum: 0.5}`, want: `{type: number, format: double, minimum: 0.5}`},
		"a fraction as answer": {in: `{type: number, default: 1.0}`, want: `{type: number, format: double, default: 1.0}`},
		"in maps":              {in: `{type: object, additionalProperties: {type: number}}`, want: `{type: object, additionalProperties: {type: integer, format: int64}}`},
	})
}
