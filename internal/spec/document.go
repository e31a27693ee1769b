package spec

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v4"
)

// jsonBytes returns doc as compact JSON, the keys of each object sorted. It does
// not decode doc with the YAML package, which compares each key of a map with all
// others: Parse has seen to that already.
func jsonBytes(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(jsonValue(doc)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// jsonValue returns n as encoding/json writes it. Whole numbers keep their text.
func jsonValue(n *yaml.Node) any {
	switch {
	case isMap(n):
		m := make(map[string]any, len(n.Content)/2)
		for key, value := range pairs(n) {
			m[key] = jsonValue(value)
		}
		return m
	case isSeq(n):
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = jsonValue(item)
		}
		return list
	}
	switch n.Tag {
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	case "!!int":
		return json.Number(n.Value)
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// loadOpenAPI has kin-openapi load doc, and resolves the references in it. It does
// not use the loader's own reading of documents, which goes through YAML, see
// jsonBytes.
func loadOpenAPI(doc *yaml.Node) (*openapi3.T, error) {
	data, err := jsonBytes(doc)
	if err != nil {
		return nil, err
	}
	var t openapi3.T
	if err := t.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader() // does not follow references to other documents
	if err := loader.ResolveRefsIn(&t, nil); err != nil {
		return nil, err
	}
	return &t, nil
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
