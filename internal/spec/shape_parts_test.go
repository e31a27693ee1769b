package spec

import (
	"bytes"
	"fmt"
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
			  B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {aB: {type: string}}}]}}`, "B A"},
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

// Where a struct cannot embed what it extends, a method gives that.
func TestPartMethods(t *testing.T) {
	const catkey = `{"openapi":"3.1.0","info":{"title":"Catkey API","version":"1.0.0"},"paths":{
		"/cats/show":{"post":{"operationId":"cats___show","summary":"cats/show","description":"No description provided.\n\n**Credential required**: *No*",
			"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/CatDetailed"}}}}}}},
		"/cats/list":{"post":{"operationId":"cats___list","summary":"cats/list","description":"No description provided.\n\n**Credential required**: *No*",
			"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"type":"object","required":["lite","fur"],"properties":{
				"lite":{"$ref":"#/components/schemas/CatLite"},"fur":{"$ref":"#/components/schemas/Fur"}}}}}}}}}},
		"components":{"schemas":{
			"CatLite":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"name":{"type":"string"}}},
			"Fur":{"type":"object","properties":{"id":{"type":"string"},"color":{"type":"string"}}},
			"CatDetailed":{"allOf":[{"$ref":"#/components/schemas/CatLite"},{"$ref":"#/components/schemas/Fur"},{"type":"object","required":["name"],"properties":{%s}}]}}}}`
	g, err := Generate(GenerateOptions{Document: fmt.Appendf(nil, catkey, `"age":{"type":"integer"}`), Package: "cat", NewNames: true, Strict: true, NoBuiltin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"func (v CatDetailed) Lite() *CatLite {\n\treturn &CatLite{ID: v.ID, Name: new(v.Name)}\n}",
		"func (v CatDetailed) Fur() *Fur {\n\treturn &Fur{Color: v.Color, ID: new(v.ID)}\n}",
	} {
		if !bytes.Contains(g.Files["parts.go"], []byte(want)) {
			t.Errorf("no %s in\n%s", want, g.Files["parts.go"])
		}
	}
	_, err = Generate(GenerateOptions{Document: fmt.Appendf(nil, catkey, `"fur":{"type":"string"},"furPart":{"type":"string"}`), Package: "cat", NewNames: true, Strict: true, NoBuiltin: true})
	if err == nil || !strings.Contains(err.Error(), "its part Fur has no name: Fur and FurPart are taken") {
		t.Errorf("a name that is taken: %v", err)
	}
}
