package spec

import (
	"bytes"
	"compress/gzip"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// with returns an edit of the fixture that puts value at the place.
func with(t *testing.T, at pointer, key, value string) []byte {
	t.Helper()
	return edited(t, func(doc *yaml.Node) {
		n := at.resolve(doc)
		if n == nil {
			t.Fatalf("the fixture has nothing at %s", at)
		}
		set(n, key, get(parsed(t, `{"value":`+value+`}`), "value"))
	})
}

// A badImport is one that is refused, and what the message says.
type badImport struct {
	src  []byte
	want []string
}

// Every kind of bad input is refused with the place and with what to do. Where it
// is one place within the document, the lenient import leaves out what stands
// there, says so, and what is left becomes Go.
func TestImportRefuses(t *testing.T) {
	served := string(readFixture(t, "served.json"))
	const (
		schemas  = pointer("#/components/schemas")
		endpoint = pointer("#/paths/~1endpoint/post")
	)
	without := func(at pointer, key string) []byte {
		return edited(t, func(doc *yaml.Node) { remove(at.resolve(doc), key) })
	}
	unreadable := map[string]badImport{
		"empty":             {nil, []string{"empty"}},
		"HTML":              {[]byte("\n<!DOCTYPE html><title>x</title>"), []string{"HTML", "/api.json"}},
		"plain text":        {[]byte("Not found"), []string{"#: a string", "object"}},
		"an array":          {[]byte("[]"), []string{"#: an array", "object"}},
		"compressed":        {[]byte("\x1f\x8b\b"), []string{"compressed"}},
		"not UTF-8":         {[]byte("{\"a\":\"\xff\"}"), []string{"UTF-8"}},
		"truncated":         {[]byte(served[:len(served)/2]), []string{"#/paths/", "truncated", "get it again"}},
		"truncated in text": {[]byte(`{"openapi":"3.1.`), []string{"#/openapi", "truncated"}},
		"truncated at end":  {[]byte(strings.TrimRight(served, "} \n")), []string{"#/components", "truncated"}},
		"not JSON":          {[]byte(`{"openapi":3.1.0}`), []string{"#", "not JSON", "at byte"}},
		"more after JSON":   {[]byte(served + "{}"), []string{"at byte", "more follows"}},
		"not YAML":          {[]byte("a: [\nb"), []string{"not YAML", "line"}},
		"two documents":     {[]byte("a: 1\n---\nb: 2\n"), []string{"one document"}},
		"no operations":     {[]byte(`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{}}`), []string{"#/paths", "no operations", "/api.json"}},
		"key twice":         {[]byte(`{"openapi":"3.1.0","info":{"title":"a","title":"b"}}`), []string{"#/info/title", "twice"}},
		"YAML key twice":    {[]byte("a: {b: 1, b: 2}"), []string{"#/a/b", "twice"}},
		"YAML alias":        {[]byte("a: &x {b: 1}\nc: *x\n"), []string{"#/a", "line 1", "anchors and aliases"}},
		"YAML merge":        {[]byte("a: {<<: {b: 1}}"), []string{"#/a", "plain text"}},
		"YAML tag":          {[]byte("a: !!binary aGVsbG8=\n"), []string{"#/a", "tag"}},
		"YAML date":         {[]byte("a:\n  - 2024-01-01\n"), []string{"#/a/0", "line 2", "quotes"}},
		"YAML number":       {[]byte("a: 0x1F"), []string{"#/a", "0x1F", "decimal"}},
		"YAML infinity":     {[]byte("a: .inf"), []string{"#/a", "decimal"}},
		"huge number":       {[]byte(`{"a":1e999}`), []string{"#/a", "1e999", "double"}},
		"too deep":          {[]byte(strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)), []string{"#/a/a", "deeper than"}},
		"too deep in YAML":  {[]byte("a: " + strings.Repeat("[", 1000) + strings.Repeat("]", 1000)), []string{"#/a/0", "deeper than"}},

		"not OpenAPI":    {[]byte(`{"name":"misskey"}`), []string{"#:", "not an OpenAPI document", "/api.json"}},
		"Swagger":        {[]byte(`{"swagger":"2.0"}`), []string{"#/swagger", "3.1"}},
		"OpenAPI number": {with(t, root, "openapi", `3.1`), []string{"#/openapi", "3.1"}},
		"no paths":       {without(root, "paths"), []string{"#:", "no paths field"}},
		"no info":        {without(root, "info"), []string{"#:", "no info field"}},
		"no version":     {without("#/info", "version"), []string{"#/info:", "no version field"}},
		"version number": {with(t, "#/info", "version", "2026.3"), []string{"#/info/version", "a number", "a string"}},
		"not Misskey": {
			[]byte(`{"openapi":"3.1.0","info":{"title":"Pets","version":"1"},"paths":{"/pets":{"get":{"description":"Lists pets","responses":{"200":{"description":""}}}}}}`),
			[]string{"#/paths", "not Misskey's document"},
		},
	}
	within := map[string]badImport{
		"OpenAPI 3.0":           {with(t, root, "openapi", `"3.0.0"`), []string{"#/openapi", `"3.0.0"`, "3.1"}},
		"other document":        {with(t, schemas, "A", `{"$ref":"other.json#/A"}`), []string{"#/components/schemas/A/$ref", `"other.json#/A"`, "another document"}},
		"other server":          {with(t, schemas, "A", `{"items":{"$ref":"https://a.example/x.json"}}`), []string{"#/components/schemas/A/items/$ref", "another document"}},
		"reference to nothing":  {with(t, schemas, "A", `{"$ref":"#/components/schemas/Nothing"}`), []string{"#/components/schemas/A/$ref", `Nothing" leads to nothing`}},
		"reference to itself":   {with(t, schemas, "A", `{"$ref":"#/components/schemas/A"}`), []string{"#/components/schemas/A/$ref", "back to itself"}},
		"anchor":                {with(t, schemas, "A", `{"$ref":"#A"}`), []string{"#/components/schemas/A/$ref", "JSON pointer"}},
		"reference no text":     {with(t, schemas, "A", `{"$ref":1}`), []string{"#/components/schemas/A/$ref", "a number", "reference"}},
		"discriminator":         {with(t, schemas, "A", `{"oneOf":[{}],"discriminator":{"propertyName":"a","mapping":{"b":"#/components/schemas/B"}}}`), []string{"#/components/schemas/A/discriminator/mapping/b", "nothing"}},
		"response to a schema":  {with(t, endpoint.at("responses"), "400", `{"$ref":"#/components/schemas/Note"}`), []string{"#/paths/~1endpoint/post/responses/400/$ref", "not lead to a response"}},
		"example to nothing":    {with(t, endpoint.at("responses", "400", "content", "application/json", "examples"), "X", `{"$ref":"#/components/examples/X"}`), []string{"/examples/X/$ref", "nothing"}},
		"reference with others": {with(t, endpoint.at("responses"), "400", `{"$ref":"#/components/schemas/Note","content":{}}`), []string{"#/paths/~1endpoint/post/responses/400/content", "reference to a response"}},

		"extended reference": {with(t, endpoint.at("responses"), "400", `{"x-a":1,"$ref":"#/components/schemas/Note"}`), []string{"#/paths/~1endpoint/post/responses/400/x-a", "reference to a response"}},

		"unknown in the document":   {with(t, root, "webhooks", `{}`), []string{"#/webhooks", "does not know", "teach"}},
		"unknown in a path":         {with(t, "#/paths/~1endpoint", "query", `{}`), []string{"#/paths/~1endpoint/query", "path item"}},
		"unknown in an operation":   {with(t, endpoint, "callbacks", `{}`), []string{"#/paths/~1endpoint/post/callbacks", "operation"}},
		"unknown in a request":      {with(t, endpoint.at("requestBody"), "schema", `{}`), []string{"requestBody/schema", "request body"}},
		"unknown in a response":     {with(t, endpoint.at("responses", "200"), "links", `{}`), []string{"responses/200/links", "response"}},
		"unknown in a media type":   {with(t, endpoint.at("responses", "200", "content", "application/json"), "itemSchema", `{}`), []string{"application~1json/itemSchema", "media type"}},
		"unknown in a schema":       {with(t, schemas.at("Note"), "mandatory", `true`), []string{"#/components/schemas/Note/mandatory", "schema"}},
		"of OpenAPI 3.0":            {with(t, schemas.at("Note", "properties", "id"), "nullable", `true`), []string{"#/components/schemas/Note/properties/id/nullable", "schema"}},
		"unknown in a property":     {with(t, schemas.at("Note", "properties", "id"), "fromat", `"id"`), []string{"#/components/schemas/Note/properties/id/fromat", "schema"}},
		"unknown in the components": {with(t, "#/components", "links", `{}`), []string{"#/components/links", "components"}},

		"schema is a text":      {with(t, schemas, "A", `"string"`), []string{"#/components/schemas/A", "a string", "schema"}},
		"items is an array":     {with(t, schemas, "A", `{"items":[{}]}`), []string{"#/components/schemas/A/items", "an array", "schema"}},
		"oneOf is an object":    {with(t, schemas, "A", `{"oneOf":{}}`), []string{"#/components/schemas/A/oneOf", "an object", "array"}},
		"properties is null":    {with(t, schemas, "A", `{"properties":null}`), []string{"#/components/schemas/A/properties", "null", "object"}},
		"required is true":      {with(t, schemas, "A", `{"required":true}`), []string{"#/components/schemas/A/required", "a boolean", "array"}},
		"required of numbers":   {with(t, schemas, "A", `{"required":["a",1]}`), []string{"#/components/schemas/A/required/1", "a number", "string"}},
		"type that is none":     {with(t, schemas, "A", `{"type":"text"}`), []string{"not valid OpenAPI", "text"}},
		"operation is an array": {with(t, "#/paths/~1endpoint", "get", `[]`), []string{"#/paths/~1endpoint/get", "an array", "operation"}},
		"no description":        {with(t, endpoint.at("responses"), "200", `{}`), []string{"responses/200:", "description"}},

		"unreadable facts":        {with(t, endpoint, "description", `"**Credential required**: *Maybe*"`), []string{"#/paths/~1endpoint/post/description", "cannot read", "**Credential required**: *Yes*"}},
		"facts in another order":  {with(t, endpoint, "description", `"**Permission**: *a* / **Credential required**: *Yes* / **Colour**: *red*"`), []string{"#/paths/~1endpoint/post/description"}},
		"more after the facts":    {with(t, endpoint, "description", `"**Credential required**: *Yes*\n**Role**: *moderator*"`), []string{"#/paths/~1endpoint/post/description"}},
		"internal alone":          {with(t, endpoint, "description", `"a\n\n**Internal Endpoint**: b"`), []string{"#/paths/~1endpoint/post/description"}},
		"description no text":     {with(t, endpoint, "description", `1`), []string{"#/paths/~1endpoint/post/description", "a number"}},
		"credential no boolean":   {with(t, endpoint, "x-misskey-credential", `"yes"`), []string{"post/x-misskey-credential", "a string", "boolean"}},
		"permission no text":      {with(t, endpoint, "x-misskey-permission", `["a"]`), []string{"post/x-misskey-permission", "an array"}},
		"errors no array":         {with(t, endpoint, "x-misskey-errors", `{}`), []string{"post/x-misskey-errors", "an object", "array"}},
		"errors of texts":         {with(t, endpoint, "x-misskey-errors", `["A"]`), []string{"post/x-misskey-errors/0", "a string"}},
		"error code no text":      {with(t, endpoint.at("responses", "400", "content", "application/json", "examples"), "X", `{"value":{"error":{"code":1}}}`), []string{"/examples/X/value/error/code", "a number"}},
		"error status no integer": {with(t, endpoint.at("responses", "400", "content", "application/json"), "example", `{"error":{"code":"A","httpStatusCode":"404"}}`), []string{"/example/error/httpStatusCode", "a string"}},
	}
	// What is noted of some stands elsewhere.
	places := map[string]string{
		"response to a schema":  "#/paths/~1endpoint/post/responses/400",
		"reference with others": "#/paths/~1endpoint/post/responses/400",
		"extended reference":    "#/paths/~1endpoint/post/responses/400",
		"no description":        "", // a text for people is not missed
		"type that is none":     `"text"`,
		"of OpenAPI 3.0":        "", // and is understood
	}
	tests := maps.Clone(unreadable)
	maps.Copy(tests, within)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := Import(test.src)
			if err == nil {
				t.Fatalf("was imported:\n%s", out)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message does not say %q: %v", want, err)
				}
			}
			if len(err.Error()) > 1000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			doc, _, err := ImportLenient(test.src)
			if _, ok := unreadable[name]; ok {
				if err == nil {
					t.Errorf("is imported leniently:\n%s", doc)
				}
				return
			}
			if err != nil {
				t.Fatalf("is not imported leniently: %v", err)
			}
			g, err := Generate(lenient(test.src))
			if err != nil {
				t.Fatal(err)
			}
			compiled(t, g.Files)
			at, ok := places[name]
			if !ok {
				at = strings.TrimSuffix(test.want[0], ":")
			}
			if !slices.ContainsFunc(g.Notes, func(n Note) bool { return strings.Contains(n.Place+": "+n.Text, at) }) {
				t.Errorf("no note of %s: %v", at, g.Notes)
			}
			if again, _, err := ImportLenient(doc); err != nil || string(again) != string(doc) {
				t.Errorf("importing that again changes it (%v)", err)
			}
		})
	}
}

// A fork that says in another form who may call an operation can be imported
// leniently.
func TestImportLenientFacts(t *testing.T) {
	src := []byte(`{"openapi":"3.1.0","info":{"title":"Fork","version":"1"},"paths":{
		"/notes/create":{"post":{"description":"**Credential required**: yes, write:notes","security":[{"bearerAuth":[]}],"responses":{"204":{"description":""}}}},
		"/meta":{"post":{"responses":{"204":{"description":""}}}}}}`)
	if _, err := Import(src); err == nil {
		t.Error("is imported strictly")
	}
	g, err := Generate(lenient(src))
	if err != nil {
		t.Fatal(err)
	}
	compiled(t, g.Files)
	operations := squeeze(string(g.Files["operations.go"]))
	for _, want := range []string{`OpNotesCreate = &Operation{Endpoint: "notes/create", Credential: true}`, `OpMeta = &Operation{Endpoint: "meta"}`} {
		if !strings.Contains(operations, want) {
			t.Errorf("no %s in %s", want, operations)
		}
	}
	if len(g.Notes) != 1 || g.Notes[0].Place != "#/paths/~1notes~1create/post/description" {
		t.Errorf("notes %v", g.Notes)
	}
}

// What OpenAPI knows and Misskey does not use can be imported, too.
func TestImportAcceptsOpenAPI(t *testing.T) {
	doc := importEdited(t, func(doc *yaml.Node) {
		components := get(doc, "components")
		set(components, "parameters", parsed(t, `{"session":{"name":"session","in":"path","required":true,"description":"x","schema":{"type":"string","title":"x"},"example":"x"}}`))
		set(components, "headers", parsed(t, `{"limit":{"description":"x","schema":{"type":"integer"}}}`))
		set(components, "requestBodies", parsed(t, `{"empty":{"description":"x","content":{"application/json":{"schema":{}}}}}`))
		set(get(doc, "paths"), "/a/{session}", parsed(t, `{
			"summary":"x","description":"x","servers":[{"url":"/other","description":"x"}],
			"parameters":[{"$ref":"#/components/parameters/session","description":"x"}],
			"get":{"operationId":"a","deprecated":true,"parameters":[{"name":"q","in":"query","schema":{"type":"string"},"description":"x"}],
				"responses":{"200":{"description":"x","headers":{"X-Limit":{"$ref":"#/components/headers/limit"}}}}},
			"put":{"requestBody":{"$ref":"#/components/requestBodies/empty"},"responses":{"default":{"description":"x"}}}}`))
		set(get(doc, "paths"), "x-paths", parsed(t, `{"get":1}`))
		set(doc, "tags", get(parsed(t, `{"tags":[{"name":"b","description":"x"},{"name":"a"}]}`), "tags"))
		set(doc, "x-fork", str("x"))
	})
	want := parsed(t, `{
		"servers":[{"url":"/other"}],
		"parameters":[{"$ref":"#/components/parameters/session"}],
		"get":{"operationId":"a","deprecated":true,"parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],
			"responses":{"200":{"description":"","headers":{"X-Limit":{"$ref":"#/components/headers/limit"}}}}},
		"put":{"requestBody":{"$ref":"#/components/requestBodies/empty"},"responses":{"default":{"description":""}}}}`)
	if got := get(doc, "paths", "/a/{session}"); canonical(got) != canonical(want) {
		t.Errorf("got  %s\nwant %s", canonical(got), canonical(want))
	}
	if got := canonical(get(doc, "tags")); got != canonical(get(parsed(t, `{"tags":[{"name":"b"},{"name":"a"}]}`), "tags")) {
		t.Errorf("tags: %s", got)
	}
	if text(get(doc, "x-fork")) != "x" || get(doc, "paths", "x-paths") == nil {
		t.Error("an extension is gone")
	}
}

func TestParse(t *testing.T) {
	const asJSON = `{"a":[1,-0.5,1e3,true,false,null,"x","2024-01-01","~","\ud83d\ude00\/"],"b":{},"200":{"c":[]}}`
	const asYAML = "# comment\n\"a\": [1, -0.5, 1e3, True, FALSE, ~, x, '2024-01-01', \"~\", \"\\U0001F600/\"]\nb: {}\n200:\n  c: []\n"
	fromJSON := parsed(t, asJSON)
	for _, doc := range []string{asYAML, "\ufeff" + asJSON, " \n" + asJSON + "\n"} {
		if got := canonical(parsed(t, doc)); got != canonical(fromJSON) {
			t.Errorf("%s\ngot  %s\nwant %s", doc, got, canonical(fromJSON))
		}
	}
	if get(fromJSON, "a").Content[9].Value != "\U0001F600/" {
		t.Errorf("surrogates are read as %q", get(fromJSON, "a").Content[9].Value)
	}
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
