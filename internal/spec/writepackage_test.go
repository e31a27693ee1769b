package spec

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder returns the files of a directory with what they hold.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(data)
	}
	return files
}

func TestWritePackage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "gen")
	header := generatedHeader + "package gen\n"
	write := func(files map[string]string) (bool, error) {
		data := map[string][]byte{}
		for name, text := range files {
			data[name] = []byte(text)
		}
		return WritePackage(dir, data)
	}
	first := map[string]string{"a.go": header, "b.go": header, "INDEX.md": "index\n"}
	if changed, err := write(first); err != nil || !changed || !maps.Equal(folder(t, dir), first) {
		t.Errorf("a new package: %v, %v, %v", changed, err, folder(t, dir))
	}
	if changed, err := write(first); err != nil || changed {
		t.Errorf("the same again: %v, %v", changed, err)
	}

	// Files of others stay, generated ones that are no longer wanted go.
	for name, text := range map[string]string{"own.go": "package gen\n", "NOTES.md": "mine\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"a.go": header + "\n// new\n", "INDEX.md": "index\n", "own.go": "package gen\n", "NOTES.md": "mine\n"}
	if changed, err := write(map[string]string{"a.go": want["a.go"], "INDEX.md": "index\n"}); err != nil || !changed || !maps.Equal(folder(t, dir), want) {
		t.Errorf("fewer files: %v, %v, %v", changed, err, folder(t, dir))
	}

	// A file that was written by hand is not overwritten, and nothing else is touched.
	_, err := write(map[string]string{"a.go": header, "c.go": header, "own.go": header})
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "own.go")+" was not made by misskey-spec and would be overwritten; move it away") {
		t.Errorf("a file written by hand: %v", err)
	}
	if got := folder(t, dir); !maps.Equal(got, want) {
		t.Errorf("the refusal changed files: %v", got)
	}

	// Nor is anything touched where a name is that of a directory.
	if err := os.Mkdir(filepath.Join(dir, "z.go"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := write(map[string]string{"a.go": header, "z.go": header}); err == nil || !strings.Contains(err.Error(), "z.go") {
		t.Errorf("a directory: %v", err)
	}
	if got := folder(t, dir); !maps.Equal(got, want) {
		t.Errorf("the refusal changed files: %v", got)
	}
	if _, err := WritePackage(filepath.Join(dir, "own.go"), nil); err == nil {
		t.Error("a package was written to a file")
	}
}
