package spec

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v4"
)

// jsonBytes returns doc as compact JSON.
func jsonBytes(doc *yaml.Node) ([]byte, error) {
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// WriteCompressed is [WriteFile], but what it writes is compressed with gzip. A
// file that holds data is left alone however it was compressed: another release
// of Go may do that in other bytes.
func WriteCompressed(name string, data []byte) (changed bool, err error) {
	if old, err := readCompressed(name); err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return false, err
	}
	if _, err := z.Write(data); err != nil {
		return false, fmt.Errorf("compressing %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return false, fmt.Errorf("compressing %s: %w", name, err)
	}
	return WriteFile(name, b.Bytes())
}

func readCompressed(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
