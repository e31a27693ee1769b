package conformance

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// WriteFile writes a recording, compressed with gzip if path ends in .gz, or
// leaves path as it was.
func WriteFile(path string, exchanges []*Exchange) error {
	var lines bytes.Buffer
	for _, e := range exchanges {
		line, err := encode(e)
		if err != nil {
			return fmt.Errorf("conformance: writing %s: %s: %w", path, e.Source, err)
		}
		lines.Write(line)
		lines.WriteByte('\n')
	}
	if !strings.HasSuffix(path, ".gz") {
		return writeAtomically(path, lines.Bytes())
	}
	return WriteCompressed(path, lines.Bytes())
}

// WriteCompressed writes data, compressed with gzip, or leaves path as it was.
// The same data always gives the same file.
func WriteCompressed(path string, data []byte) error {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(data); err != nil {
		return fmt.Errorf("conformance: compressing %s: %w", path, err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("conformance: compressing %s: %w", path, err)
	}
	return writeAtomically(path, packed.Bytes())
}

func writeAtomically(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".*.tmp")
	if err != nil {
		return fmt.Errorf("conformance: writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // does nothing after the renaming
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("conformance: writing %s: %w", path, err)
	}
	return nil
}
