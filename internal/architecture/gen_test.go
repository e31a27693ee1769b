package architecture

import (
	"bytes"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is too long is not read, and takes long to compile.
func TestGenIsSmall(t *testing.T) {
	const most = 20_000
	files, err := filepath.Glob(filepath.Join(root, "gen", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found no files of gen: %v", err)
	}
	lines := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(data, []byte("\n"))
	}
	if lines > most {
		t.Errorf("gen has %d lines with comments, more than %d", lines, most)
	}
}

// An underscore is the mark of a name that nobody has chosen.
func TestGenNamesHaveNoUnderscore(t *testing.T) {
	names := 0
	for _, id := range identifiers(t, "gen") {
		names++
		if strings.Contains(id.name, "_") {
			t.Errorf("%s: %s", id.position, id)
		}
	}
	if names < 1000 {
		t.Errorf("gen has %d exported identifiers only; does the test see them?", names)
	}
}

// Parameters and results are in the documentation, too.
func TestGenArgumentsHaveNoUnderscore(t *testing.T) {
	for _, file := range parse(t, "gen") {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncType); ok {
				for _, field := range f.Params.List {
					for _, name := range field.Names {
						if strings.Contains(name.Name, "_") {
							t.Errorf("argument %s", name.Name)
						}
					}
				}
			}
			return true
		})
	}
}
