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

// PackageDrift lists the files of a generated package in a directory that are
// not what files are, with the place where they begin to differ.
func PackageDrift(dir string, files map[string][]byte) ([]string, error) {
	var drift []string
	for _, name := range sortedKeys(files) {
		d, err := FileDrift(filepath.Join(dir, name), files[name])
		if err != nil {
			return nil, err
		}
		drift = append(drift, d...)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		if files[entry.Name()] != nil || !strings.HasSuffix(name, ".go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if isGenerated(data) {
			drift = append(drift, name+" is no longer generated")
		}
	}
	return drift, nil
}

// FileDrift reports where a file differs from what it should hold, or nothing if it
// does not. What the file holds may be compressed with gzip.
func FileDrift(name string, want []byte) ([]string, error) {
	have, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{name + " is missing"}, nil
	}
	if err == nil {
		have, err = unpack(name, have)
	}
	if err != nil {
		return nil, err
	}
	if bytes.Equal(have, want) {
		return nil, nil
	}
	at := 1
	for i := range min(len(have), len(want)) {
		if have[i] != want[i] {
			break
		}
		if have[i] == '\n' {
			at++
		}
	}
	return []string{fmt.Sprintf("%s:%d: differs from here", name, at)}, nil
}
