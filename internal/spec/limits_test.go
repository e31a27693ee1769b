package spec

import "testing"

func TestLimits(t *testing.T) {
	for schema, want := range map[string]string{
		`{type: integer, minimum: 1, maximum: 100, default: 10}`:                "is 1 to 100, by default 10.",
		`{type: integer, minimum: 0}`:                                           "is at least 0.",
		`{type: number, maximum: 5}`:                                            "is at most 5.",
		`{type: string, minLength: 0, maxLength: 9}`:                            "has at most 9 characters.",
		`{type: string, minLength: 1}`:                                          "has at least 1 characters.",
		`{type: string, pattern: '^\w+$'}`:                                      `matches ^\w+$.`,
		"{type: string, pattern: '`'}":                                          "",
		`{type: string, default: ''}`:                                           `is "" by default.`,
		`{type: string, default: "a\nb"}`:                                       "",
		`{type: boolean, default: false}`:                                       "is false by default.",
		`{type: boolean, default: null}`:                                        "",
		`{type: array, items: {}, minItems: 1, maxItems: 4, uniqueItems: true}`: "has 1 to 4 items, no two alike.",
		`{type: array, items: {type: string, pattern: '^a$'}}`:                  "has items that match ^a$.",
		`{type: [integer, 'null'], maximum: 3}`:                                 "is at most 3.",
		`{type: object}`:                                                        "",
	} {
		if got := limits(get(parsed(t, "schema: "+schema), "schema")); got != want {
			t.Errorf("%s: %q, want %q", schema, got, want)
		}
	}
}
