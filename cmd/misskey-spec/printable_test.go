package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A document cannot send commands to the terminal of whoever imports it.
func TestControlCharactersOfDocumentsAreNeutralised(t *testing.T) {
	evil := "\\u001b]0;owned\\u0007\\u009b31m\\u202e"
	dir := t.TempDir()
	file := filepath.Join(dir, "api.json")
	document := `{"openapi": "3.1.0", "info": {"title": "` + evil + `", "version": "1` + evil + `"},
		"paths": {"/ping": {"post": {"description": "x\n\n**Credential required**: *No*", "` + evil + `": 1,
			"responses": {"204": {"description": "ok"}}}}}}`
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"import", "-o", filepath.Join(dir, "strict.yaml"), file},
		{"import", "-lenient", "-o", filepath.Join(dir, "lenient.yaml"), file},
		{"diff", file, file},
	} {
		var out bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(""), &out, &out)
		if strings.ContainsAny(out.String(), "\x1b\x07\u009b\u202e") {
			t.Errorf("%q (status %d) prints control characters: %q", args, status, out.String())
		}
		if out.Len() == 0 {
			t.Errorf("%q prints nothing; does the test see it?", args)
		}
	}
}
