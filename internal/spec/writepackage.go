package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// WritePackage writes the files of a generated package into a directory, and
// removes generated files that are none of them. It refuses to overwrite Go
// files that were not generated.
func WritePackage(dir string, files map[string][]byte) (changed bool, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	var stale []string
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return false, err
		}
		generated := isGenerated(data)
		switch _, wanted := files[name]; {
		case wanted && !generated:
			return false, fmt.Errorf("%s was not made by misskey-spec and would be overwritten; move it away", filepath.Join(dir, name))
		case !wanted && generated:
			stale = append(stale, filepath.Join(dir, name))
		}
	}
	for _, name := range sortedKeys(files) {
		did, err := WriteFile(filepath.Join(dir, name), files[name])
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	for _, name := range stale {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// isGenerated reports whether misskey-spec made a file.
func isGenerated(data []byte) bool {
	return bytes.HasPrefix(data, []byte(strings.TrimSpace(generatedHeader)))
}
