package spec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteCompressed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "document.json.gz")
	for _, step := range []struct {
		data    string
		changed bool
	}{{`{"a":1}`, true}, {`{"a":1}`, false}, {`{"a":2}`, true}} {
		changed, err := WriteCompressed(name, []byte(step.data))
		if err != nil || changed != step.changed {
			t.Errorf("%s: changed %v, %v", step.data, changed, err)
		}
		if back, err := readCompressed(name); err != nil || string(back) != step.data {
			t.Errorf("%s became %s, %v", step.data, back, err)
		}
	}
	if err := os.WriteFile(name, []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := WriteCompressed(name, []byte("{}")); err != nil || !changed {
		t.Errorf("a broken file: changed %v, %v", changed, err)
	}
}

// The document that comes with the generated package is the one before shaping.
func TestGeneratedDocument(t *testing.T) {
	source, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepare(GenerateOptions{Document: source, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string                     `json:"openapi"`
		Paths   map[string]json.RawMessage `json:"paths"`
		Errors  []json.RawMessage          `json:"x-misskey-errors"` // from the overlay
	}
	if err := json.Unmarshal(p.document, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Paths["/notes/create"] == nil || len(doc.Errors) == 0 {
		t.Errorf("it holds OpenAPI %q, %d paths and %d errors", doc.OpenAPI, len(doc.Paths), len(doc.Errors))
	}
}
