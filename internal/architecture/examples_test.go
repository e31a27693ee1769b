package architecture

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxExample is how many lines an example may have without its test: people read it
// from the beginning to the end.
const maxExample = 120

func TestExamplesAreShort(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(root, "examples"))
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		dir := filepath.Join(root, "examples", entry.Name())
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			continue // is not an example of one program
		}
		lines := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			data, err := os.ReadFile(path)
			for line := range bytes.Lines(data) {
				if lines++; len(line) > 180 {
					t.Errorf("%s: folded into one line: %.60s…", path, line)
				}
			}
			return err
		})
		if err != nil || lines > maxExample {
			t.Errorf("examples/%s has %d lines without its tests, more than %d (%v)", entry.Name(), lines, maxExample, err)
		}
	}
}
