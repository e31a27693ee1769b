package spec

import (
	"strings"
	"testing"
)

func TestEmbedParts(t *testing.T) {
	for name, test := range map[string]struct {
		schemas string
		embeds  string // what each component embeds
	}{
		"what extends one component embeds it": {
			`{Lite: {type: object, properties: {id: {type: string}}, required: [id]},
			  Full: {allOf: [{$ref: '#/components/schemas/Lite'}, {type: object, properties: {n: {type: string}}}]}}`, "Full Lite"},
		"what extends what extends": {
			`{A1: {type: object, properties: {id: {type: string}}},
			  B1: {allOf: [{$ref: '#/components/schemas/A1'}, {type: object, properties: {b: {type: string}}}]},
			  C1: {allOf: [{$ref: '#/components/schemas/B1'}, {type: object, properties: {c: {type: string}}}]}}`, "B1 A1, C1 B1"},
		"a union of what extends a component": {
			`{Lite: {type: object, properties: {id: {type: string}}},
			  B: {allOf: [{$ref: '#/components/schemas/Lite'}, {type: object, properties: {b: {type: string}}}]},
			  C: {allOf: [{$ref: '#/components/schemas/Lite'}, {type: object, required: [c], properties: {b: {type: string}, c: {type: string}}}]},
			  Any: {oneOf: [{$ref: '#/components/schemas/Lite'}, {$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}]}}`, "Any Lite, B Lite, C Lite"},
		"two components are not embedded": {
			`{A: {type: object, properties: {id: {type: string}, x: {type: string}}},
			  B: {type: object, properties: {id: {type: string}, y: {type: string}}},
			  C: {allOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}}`, ""},
		"a field of another type": {
			`{A: {type: object, properties: {id: {type: string}}},
			  B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, required: [id], properties: {b: {type: string}}}]}}`, ""},
		"a field called like the part": {
			`{A: {type: object, properties: {id: {type: string}}},
			  B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {a: {type: string}}}]}}`, ""},
		"a part that is decoded by a method": {
			`{A: {type: object, properties: {id: {type: string}}, additionalProperties: {type: string}},
			  B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {type: string}}}]}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			short := "schemas: " + strings.ReplaceAll(test.schemas, "type: object", "x-misskey-keep: true, type: object")
			short = strings.ReplaceAll(short, "allOf:", "x-misskey-keep: true, allOf:")
			short = strings.ReplaceAll(short, "oneOf:", "x-misskey-keep: true, oneOf:")
			s := after(t, "parts", short, true)
			if len(s.errs) > 0 {
				t.Fatal(s.errs)
			}
			var embeds []string
			for _, name := range componentNames(s.schemas()) {
				if part := text(get(s.schemas(), name, extEmbed)); part != "" {
					embeds = append(embeds, name+" "+part)
				}
			}
			if got := strings.Join(embeds, ", "); got != test.embeds {
				t.Errorf("embeds %q, want %q", got, test.embeds)
			}
		})
	}
}
