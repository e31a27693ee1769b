package spec

import "testing"

func TestSizeNumbers(t *testing.T) {
	testSchemas(t, "numbers", "", map[string]schemaTest{
		"a count":             {in: `{type: object, properties: {notesCount: {type: number}, limit: {type: [integer, 'null'], maximum: 100}}}`, want: `{type: object, properties: {notesCount: {type: integer}, limit: {type: [integer, 'null'], maximum: 100}}}`},
		"ratios and the like": {in: `{type: object, properties: {fragmentationRatio: {type: integer}, rateLimitFactor: {type: [integer, 'null']}, weight: {type: number}, angle: {type: number}, offsetX: {type: number}, weights: {type: array, items: {type: number}}}}`, want: `{type: object, properties: {fragmentationRatio: {type: number, format: double}, rateLimitFactor: {type: [number, 'null'], format: double}, weight: {type: number, format: double}, angle: {type: number, format: double}, offsetX: {type: number, format: double}, weights: {type: array, items: {type: number, format: double}}}}`},
		"words, not letters":  {in: `{type: object, properties: {generation: {type: number}, rectangles: {type: number}, offset: {type: number}, memo: {type: number}, latitude: {type: number}}}`, want: `{type: object, properties: {generation: {type: integer}, rectangles: {type: integer}, offset: {type: integer}, memo: {type: integer}, latitude: {type: integer}}}`},
		"the format wins":     {in: `{type: object, properties: {ratio: {type: integer, format: int32}, count: {type: number, format: float}, size: {type: integer, format: int32}, score: {type: integer, format: int64}}}`, want: `{type: object, properties: {ratio: {type: integer}, count: {type: number, format: double}, size: {type: integer}, score: {type: integer, format: int64}}}`},
		"bytes":               {in: `{type: object, properties: {size: {type: number}, decSize: {type: array, items: {type: number}}, driveUsage: {type: integer}, mem: {type: object, properties: {total: {type: number}}}}}`, want: `{type: object, properties: {size: {type: integer, format: int64}, decSize: {type: array, items: {type: integer, format: int64}}, driveUsage: {type: integer, format: int64}, mem: {type: object, properties: {total: {type: integer, format: int64}}}}}`},
		"a large bound":       {in: `{type: integer, maximum: 2147483648}`, want: `{type: integer, format: int64, maximum: 2147483648}`},
		"the largest int":     {in: `{type: integer, maximum: 2147483647}`, want: `{type: integer, maximum: 2147483647}`},
		"a fraction as limit": {in: `{type: number, minimum: 0.5}`, want: `{type: number, format: double, minimum: 0.5}`},
		"a fraction, default": {in: `{type: number, default: 1.0}`, want: `{type: number, format: double, default: 1.0}`},
		"in maps":             {in: `{type: object, additionalProperties: {type: number}}`, want: `{type: object, additionalProperties: {type: integer}}`},
		"times":               {in: `{type: object, properties: {untilDate: {type: integer}, expiresAt: {type: [integer, 'null']}, format: {type: integer}}}`, want: `{type: object, properties: {untilDate: {type: integer, x-misskey-unit: unix-milliseconds}, expiresAt: {type: [integer, 'null'], x-misskey-unit: unix-milliseconds}, format: {type: integer}}}`},
		"units from elsewhere": {in: `{type: object, properties: {expiresAt: {type: number, x-misskey-unit: seconds}, createdAt: {type: number, x-misskey-unit: none}}}`,
			want: `{type: object, properties: {expiresAt: {type: integer, x-misskey-unit: seconds}, createdAt: {type: integer}}}`},
	})
}

// A number whose unit nobody knows is a mistake waiting to be made.
func TestNumbersOfTimeNeedAUnit(t *testing.T) {
	tests := map[string]schemaTest{
		"another unit": {in: `{type: object, properties: {n: {type: integer, x-misskey-unit: fortnights}}}`, want: `{type: object, properties: {n: {type: integer}}}`, note: `T/properties/n: "fortnights" is not a unit of time`},
	}
	for _, name := range []string{"expiredAfter", "timeout", "delayMs", "ttl", "cacheSeconds", "lastSeenTimestamp"} {
		tests[name] = schemaTest{in: `{type: object, properties: {` + name + `: {type: number}}}`, want: `{type: object, properties: {` + name + `: {type: integer}}}`, note: name + " may be a point in time or a duration"}
	}
	testSchemas(t, "numbers", "", tests)
}
