package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The committed document, put back into the form in which an instance serves
// it, is imported as it is: nothing depends on how the copy was made that it
// was imported from.
func TestImportLiveForm(t *testing.T) {
	api := repositoryDocument(t)
	live := liveForm(t, api)
	if !bytes.Contains(live, []byte(`**Internal Endpoint**: Not for`)) || bytes.Contains(live, []byte("x-misskey")) {
		t.Fatal("the document is not in live form")
	}
	got, err := Import(live)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, api) {
		t.Errorf("the live form does not give api.yaml: %s", firstDifference(got, api))
	}
}

// liveForm undoes what Import does, with prose of its own, and returns JSON.
func liveForm(t *testing.T, imported []byte) []byte {
	t.Helper()
	doc := parsed(t, string(imported))
	set(doc, "servers", sequence(mapping("url", str("https://misskey.example/api"))))
	shared := get(doc, "components", "responses")
	for path, item := range pairs(get(doc, "paths")) {
		for _, op := range pairs(item) {
			set(op, "summary", str(strings.TrimPrefix(path, "/")))
			set(op, "description", str(liveDescription(op)))
			set(op, "externalDocs", mapping("url", str("https://code.example"+path)))
			for status, response := range pairs(get(op, "responses")) {
				if ref := get(response, "$ref"); ref != nil {
					response = clone(resolveRef(doc, ref.Value))
					set(get(op, "responses"), status, response)
					errs := items(get(response, "x-misskey-errors"))
					if status == "400" { // where Misskey puts all of them
						errs = append(errs, items(get(op, "x-misskey-errors"))...)
					}
					set(get(response, "content", "application/json"), "examples", liveExamples(errs))
					remove(response, "x-misskey-errors")
				}
				set(response, "description", str("What came of it"))
			}
			remove(op, "x-misskey-credential", "x-misskey-permission", "x-misskey-secure", "x-misskey-errors")
		}
	}
	if shared == nil {
		t.Fatal("no responses are factored out")
	}
	remove(get(doc, "components"), "responses")
	for _, schema := range pairs(get(doc, "components", "schemas")) {
		set(schema, "description", str("What it is"))
	}
	for _, arm := range items(get(doc, "components", "schemas", "PageBlock", "oneOf")) {
		if children := get(arm, "properties", "children"); children != nil {
			set(children, "items", mapping("type", str("object")))
		}
	}
	var v any
	if err := doc.Decode(&v); err != nil {
		t.Fatal(err)
	}
	live, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func liveDescription(op *yaml.Node) string {
	d := "Does what it does.\n\n"
	if isTrue(get(op, "x-misskey-secure")) {
		d += "**Internal Endpoint**: Not for the programs of others.\n"
	}
	if isTrue(get(op, "x-misskey-credential")) {
		d += "**Credential required**: *Yes*"
	} else {
		d += "**Credential required**: *No*"
	}
	if p := get(op, "x-misskey-permission"); p != nil {
		d += fmt.Sprintf(" / **Permission**: *%s*", p.Value)
	}
	return d
}

func liveExamples(errs []*yaml.Node) *yaml.Node {
	examples := mapping()
	for i, e := range errs {
		e = clone(e)
		if status := get(e, "status"); status != nil {
			remove(e, "status")
			set(e, "httpStatusCode", status)
		}
		set(e, "message", str("Something is wrong."))
		set(examples, fmt.Sprintf("%d", i), mapping("value", mapping("error", e)))
	}
	return examples
}
