package spec

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update-import", false, "rewrite testdata/import/want.yaml")

func readFixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "import", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func importFixture(t testing.TB, name string) []byte {
	t.Helper()
	out, err := Import(readFixture(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// Both editions give the same file: served.json is in the form of an instance,
// trimmed.json in that of Misskey's build with all prose taken out.
func TestImportEditions(t *testing.T) {
	served, trimmed := importFixture(t, "served.json"), importFixture(t, "trimmed.json")
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", "import", "want.yaml"), served, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := readFixture(t, "want.yaml")
	if !bytes.Equal(served, want) {
		t.Errorf("served.json does not give want.yaml: %s", firstDifference(served, want))
	}
	if !bytes.Equal(trimmed, want) {
		t.Errorf("trimmed.json does not give want.yaml: %s", firstDifference(trimmed, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got " + strings.TrimSpace(g[i]) + ", want " + strings.TrimSpace(w[i])
		}
	}
	return "one is longer"
}

// What has been imported is the same when it is imported again.
func TestImportIdempotent(t *testing.T) {
	for name, doc := range map[string][]byte{
		"want.yaml":              readFixture(t, "want.yaml"),
		"api.yaml":               repositoryDocument(t),
		"misskey-2025.11.0.yaml": olderDocument(t, "2025.11.0"),
	} {
		t.Run(name, func(t *testing.T) {
			again, err := Import(doc)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again, doc) {
				t.Errorf("changed by another import: %s", firstDifference(again, doc))
			}
		})
	}
}

func repositoryDocument(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// olderVersions are the releases of Misskey before that of api.yaml whose documents
// are kept, the last one before it at the end.
var olderVersions = []string{"2025.11.0", "2026.3.2"}

func olderDocument(t testing.TB, version string) []byte {
	t.Helper()
	data, err := ReadFile("testdata/misskey-" + version + ".yaml.gz")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What the importer makes of prose and examples does not get lost: the committed
// document says no less than that of 2026.3.2 did.
func TestImportedDocument(t *testing.T) {
	doc, err := Parse(repositoryDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	codes, ids := map[string]bool{}, map[string]bool{}
	for _, item := range pairs(get(doc, "paths")) {
		counts["paths"]++
		for method, op := range pairs(item) {
			counts[method]++
			if get(op, "x-misskey-credential") != nil {
				counts["marked"]++
			}
			if isTrue(get(op, "x-misskey-credential")) {
				counts["credential"]++
			}
			if isTrue(get(op, "x-misskey-secure")) {
				counts["secure"]++
			}
			if get(op, "responses", "200") != nil && get(op, "responses", "204") != nil {
				counts["200 and 204"]++
			}
			if method != "post" {
				continue
			}
			if !isTrue(get(op, "x-misskey-credential")) && get(op, "x-misskey-permission") != nil {
				counts["permission without credential"]++
			}
			own := items(get(op, "x-misskey-errors"))
			counts["errors"] += len(own)
			if len(own) > 0 {
				counts["endpoints with errors"]++
			}
			for _, e := range own {
				codes[text(get(e, "code"))], ids[text(get(e, "id"))] = true, true
				if get(e, "status") != nil {
					counts["status"]++
				}
				if get(e, "kind") != nil {
					counts["kind"]++
				}
			}
		}
	}
	counts["codes"], counts["ids"] = len(codes), len(ids)
	counts["responses"] = len(get(doc, "components", "responses").Content) / 2
	counts["schemas"] = len(get(doc, "components", "schemas").Content) / 2
	for key, want := range map[string]int{
		"paths": 433, "post": 433, "get": 25, "schemas": 70, "responses": 6,
		"credential": 326, "secure": 52, "permission without credential": 6, "200 and 204": 5,
		"errors": 445, "endpoints with errors": 203, "codes": 174, "ids": 400, "status": 20, "kind": 7,
	} {
		if counts[key] < want {
			t.Errorf("%s: %d, want at least %d", key, counts[key], want)
		}
	}
	if counts["get"]+counts["post"] != counts["marked"] {
		t.Errorf("%d operations of %d say whether they need a credential", counts["marked"], counts["get"]+counts["post"])
	}
	if _, ok := calendarVersion(text(get(doc, "info", "version"))); !ok {
		t.Errorf("info.version is %s", text(get(doc, "info", "version")))
	}
}

// A change to the fixture, in the form of a function on its tree, for what is
// not worth a fixture of its own.
func edited(t testing.TB, edit func(doc *yaml.Node)) []byte {
	t.Helper()
	doc, err := Parse(readFixture(t, "served.json"))
	if err != nil {
		t.Fatal(err)
	}
	edit(doc)
	data, err := yaml.Marshal(plain(doc))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func importEdited(t *testing.T, edit func(doc *yaml.Node)) *yaml.Node {
	t.Helper()
	out, err := Import(edited(t, edit))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Import(out)
	if err != nil {
		t.Fatalf("importing the result: %v", err)
	}
	if !bytes.Equal(out, again) {
		t.Errorf("not idempotent: %s", firstDifference(again, out))
	}
	doc, err := Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func parsed(t testing.TB, doc string) *yaml.Node {
	t.Helper()
	n, err := Parse([]byte(doc))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return n
}

// schemaIn returns a document whose schema Probe is the given one.
func schemaIn(t *testing.T, schema string) *yaml.Node {
	t.Helper()
	n := get(parsed(t, `{"schema": `+schema+`}`), "schema")
	doc := importEdited(t, func(doc *yaml.Node) { set(get(doc, "components", "schemas"), "Probe", n) })
	return get(doc, "components", "schemas", "Probe")
}

func TestImportSchema(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"prose goes":                     {`{"title":"a","description":"b","example":1,"examples":[1],"$comment":"c","externalDocs":{"url":"https://a.example"},"type":"number"}`, `{"type":"number"}`},
		"properties of those names stay": {`{"type":"object","properties":{"title":{},"description":{"description":"x"},"example":{"type":"boolean","example":true},"summary":{"type":"string"}}}`, `{"type":"object","properties":{"title":{},"description":{},"example":{"type":"boolean"},"summary":{"type":"string"}}}`},
		"boolean schemas":                {`{"properties":{"a":true,"b":false},"items":true,"additionalProperties":true,"unevaluatedItems":false}`, `{"properties":{"a":{},"b":{"not":{}}},"items":{},"additionalProperties":true,"unevaluatedItems":false}`},
		"values of those names stay":     {`{"type":"object","default":{"description":"x","title":"y"},"enum":[{"example":1}]}`, `{"type":"object","default":{"description":"x","title":"y"},"enum":[{"example":1}]}`},
		"prose inside everything": {
			`{"$defs":{"a":{"title":"t"}},"not":{"title":"t"},"if":{"title":"t"},"then":{"title":"t"},"else":{"title":"t"},"items":{"title":"t"},"prefixItems":[{"title":"t"}],"contains":{"title":"t"},"oneOf":[{"title":"t"}],"anyOf":[{"title":"t"}],"allOf":[{"title":"t"}],"additionalProperties":{"title":"t"},"patternProperties":{"a":{"title":"t"}},"propertyNames":{"title":"t"},"dependentSchemas":{"a":{"title":"t"}},"unevaluatedProperties":false,"unevaluatedItems":false}`,
			`{"$defs":{"a":{}},"not":{},"if":{},"then":{},"else":{},"items":{},"prefixItems":[{}],"contains":{},"oneOf":[{}],"anyOf":[{}],"allOf":[{}],"additionalProperties":{},"patternProperties":{"a":{}},"propertyNames":{},"dependentSchemas":{"a":{}},"unevaluatedProperties":false,"unevaluatedItems":false}`,
		},
		"zero values stay":                  {`{"default":null,"minItems":0,"minLength":0,"minimum":0,"uniqueItems":false,"enum":[],"required":[],"properties":{}}`, `{"default":null,"minItems":0,"minLength":0,"minimum":0,"uniqueItems":false,"enum":[],"required":[],"properties":{}}`},
		"required is sorted, enums are not": {`{"required":["b","a"],"enum":["b","a",null],"type":["string","null"]}`, `{"required":["a","b"],"enum":["b","a",null],"type":["string","null"]}`},
		"numbers keep their text":           {`{"minimum":-0.50,"maximum":1E+3,"default":12345678901234567890123}`, `{"minimum":-0.50,"maximum":1E+3,"default":12345678901234567890123}`},
		"a default that does not fit":       {`{"type":"string","default":0,"pattern":"^(?!a)\\p{L}"}`, `{"type":"string","default":0,"pattern":"^(?!a)\\p{L}"}`},
		"extensions stay":                   {`{"x-nullable":true,"x-any":{"description":"x"}}`, `{"x-nullable":true,"x-any":{"description":"x"}}`},
		"a reference with siblings":         {`{"$ref":"#/components/schemas/Note","description":"x","deprecated":true}`, `{"$ref":"#/components/schemas/Note","deprecated":true}`},
		"an escaped reference":              {`{"$ref":"#/paths/~1i~1pages/post/responses/200/content/application~1json/schema"}`, `{"$ref":"#/paths/~1i~1pages/post/responses/200/content/application~1json/schema"}`},
		"a reference into an array":         {`{"$ref":"#/components/schemas/PageBlock/oneOf/0"}`, `{"$ref":"#/components/schemas/PageBlock/oneOf/0"}`},
		"awkward texts":                     {`{"enum":["no","Y","~","null","1","1e3","0x10","12:30","2024-01-01","<<","=","- a","a: b","# c"," d","e\n","\n\n f\n","\u0000","\u2028","\ufeff","\ud83d\ude00","!!str","&a","*a","|",">","%","@","` + "`" + `","",".inf","[","{","'","\""]}`, `{"enum":["no","Y","~","null","1","1e3","0x10","12:30","2024-01-01","<<","=","- a","a: b","# c"," d","e\n","\n\n f\n","\u0000","\u2028","\ufeff","😀","!!str","&a","*a","|",">","%","@","` + "`" + `","",".inf","[","{","'","\""]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, want := schemaIn(t, test.in), get(parsed(t, `{"schema": `+test.want+`}`), "schema")
			if canonical(got) != canonical(want) {
				t.Errorf("got  %s\nwant %s", canonical(got), canonical(want))
			}
		})
	}
}

func TestImportFacts(t *testing.T) {
	const yes, no, internal = "**Credential required**: *Yes*", "**Credential required**: *No*", "**Internal Endpoint**:"
	type facts struct{ credential, permission, secure string }
	for name, test := range map[string]struct {
		description string
		want        facts
	}{
		"credential":                {yes, facts{"true", "", ""}},
		"none":                      {no, facts{"false", "", ""}},
		"prose":                     {"Says something.\n\n" + yes, facts{"true", "", ""}},
		"two paragraphs":            {"Says.\n\nMore.\n\n" + yes, facts{"true", "", ""}},
		"prose about credentials":   {"With a **Credential required** it works.\n\n" + no, facts{"false", "", ""}},
		"permission":                {"Says.\n\n" + yes + " / **Permission**: *write:admin:a-b*", facts{"true", "write:admin:a-b", ""}},
		"permission, no credential": {"Says.\n\n" + no + " / **Permission**: *read:account*", facts{"false", "read:account", ""}},
		"internal":                  {"Says.\n\n" + internal + " Not for *you*.\n" + yes, facts{"true", "", "true"}},
		"internal without prose":    {internal + "\n" + yes + " / **Permission**: *read:a*", facts{"true", "read:a", "true"}},
		"only prose":                {"Says something.", facts{}},
		"nothing":                   {"", facts{}},
	} {
		t.Run(name, func(t *testing.T) {
			doc := importEdited(t, func(doc *yaml.Node) {
				set(get(doc, "paths", "/endpoint", "post"), "description", str(test.description))
			})
			op := get(doc, "paths", "/endpoint", "post")
			got := facts{text(get(op, "x-misskey-credential")), text(get(op, "x-misskey-permission")), text(get(op, "x-misskey-secure"))}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	const response = `{"description":"x","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"},"examples":{"A":{"value":{"error":{"code":"A","id":"1","message":"m"}}},"B":{"$ref":"#/components/examples/B"},"C":{"summary":"no error"}}}}}`
	doc := importEdited(t, func(doc *yaml.Node) {
		set(get(doc, "components"), "examples", parsed(t, `{"B":{"value":{"error":{"id":"2","httpStatusCode":410,"info":{"a":1}}}}}`))
		set(get(doc, "components"), "responses", mapping("Gone", parsed(t, response), "Alias", mapping("$ref", str("#/components/responses/Gone"))))
		// Two share the response, one by reference; the third has another schema,
		// and a status that HTTP does not know.
		set(get(doc, "paths", "/endpoint", "post", "responses"), "404", parsed(t, response))
		set(get(doc, "paths", "/i/pages", "post", "responses"), "404", mapping("$ref", str("#/components/responses/Alias")))
		odd := parsed(t, strings.Replace(response, "#/components/schemas/Error", "#/components/schemas/Note", 1))
		set(get(doc, "paths", "/clips/show", "get", "responses"), "404", odd)
		set(get(doc, "paths", "/clips/show", "get", "responses"), "499", parsed(t, response))
		set(get(doc, "paths", "/clips/show", "get", "responses"), "x-extension", parsed(t, `{"a":1}`))
		set(get(doc, "paths", "/clips/show", "get", "responses"), "default", parsed(t, response))
	})
	for _, test := range []struct {
		at   pointer
		want string
	}{
		{"#/components/responses/NotFound/x-misskey-errors", `[{"id":"2","status":410},{"code":"A","id":"1"}]`},
		{"#/components/responses/Status499/x-misskey-errors", `[{"id":"2","status":410},{"code":"A","id":"1"}]`},
		{"#/paths/~1endpoint/post/responses/404", `{"$ref":"#/components/responses/NotFound"}`},
		{"#/paths/~1i~1pages/post/responses/404", `{"$ref":"#/components/responses/NotFound"}`},
		{"#/paths/~1clips~1show/get/responses/404", `{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Note"}}}}`},
		{"#/paths/~1clips~1show/get/x-misskey-errors", `[{"id":"2","status":410},{"code":"A","id":"1","status":404},{"code":"NO_SUCH_CLIP","id":"00000000-0000-4000-8000-000000000002"}]`},
		{"#/paths/~1clips~1show/get/responses/x-extension", `{"a":1}`},
	} {
		got, want := test.at.resolve(doc), get(parsed(t, `{"want":`+test.want+`}`), "want")
		if canonical(got) != canonical(want) {
			t.Errorf("%s\ngot  %s\nwant %s", test.at, canonical(got), canonical(want))
		}
	}
	for _, gone := range []pointer{"#/components/responses/Gone", "#/components/responses/Alias", "#/components/examples"} {
		if gone.resolve(doc) != nil {
			t.Errorf("%s is still there", gone)
		}
	}
}

// Nothing of the fixture's prose survives, wherever it stands.
func TestImportDropsProse(t *testing.T) {
	out := string(importFixture(t, "served.json"))
	for _, prose := range []string{"Prose", "Says", "Boldly", "message about", "mistake", "It worked", "An example", "How to log in", "let in here", "code.example", "misskey.example"} {
		if !strings.Contains(string(readFixture(t, "served.json")), prose) {
			t.Errorf("the fixture does not hold %q", prose)
		}
		if strings.Contains(out, prose) {
			t.Errorf("%q survives", prose)
		}
	}
}

func FuzzImport(f *testing.F) {
	// Small documents: large ones are slow to mutate.
	f.Add([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"x-misskey-credential":true,"responses":{"400":{"description":"","content":{"application/json":{"examples":{"A":{"value":{"error":{"code":"A","id":"1"}}}}}}},"401":{"$ref":"#/components/responses/R"}}}}},"components":{"responses":{"R":{"description":"","x-misskey-errors":[{"code":"B"}]}},"schemas":{"S":{"type":"string","enum":["no","1e3"],"default":null}}}}`))
	f.Add([]byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      x-misskey-credential: false\n      description: '**Credential required**: *No*'\n      responses: {200: {description: ''}}\n"))
	f.Add([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"description":"b\n\n**Internal Endpoint**: c\n**Credential required**: *Yes* / **Permission**: *d*","requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}}},"components":{"schemas":{"PageBlock":{"oneOf":[{"properties":{"type":{"enum":["section"]},"children":{"items":{"type":"object"}}}}]},"S":{"properties":{"description":{"description":"x"}},"required":["b","a"],"anyOf":[true,{"$ref":"#/components/schemas/PageBlock"}],"default":{"<<":"\n x","y":1e3},"prefixItems":[{}],"unevaluatedItems":false}}}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := Import(src)
		if err != nil {
			return
		}
		again, err := Import(out)
		if err != nil {
			t.Fatalf("the result cannot be imported: %v\n%s", err, out)
		}
		if !bytes.Equal(out, again) {
			t.Fatalf("not idempotent: %s\n%s", firstDifference(again, out), out)
		}
	})
}
