package api

import (
	"bytes"
	"encoding/json"
	"io"
)

// marshal is json.Marshal without the escaping of <, > and &, which an encoder
// that does not want it could no longer take back.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// parts is a type that chooses what its JSON is decoded into; see
// [OneOrMany.DecodeJSON].
type parts interface {
	DecodeJSON(first byte, decode func(any) error) error
}

// unmarshal decodes data into v by encoding/json.
func unmarshal(v parts, data []byte) error {
	data = trim(data)
	if len(data) == 0 {
		return io.ErrUnexpectedEOF
	}
	read := false
	err := v.DecodeJSON(data[0], func(to any) error {
		read = true
		return json.Unmarshal(data, to)
	})
	if err == nil && !read && string(data) != "null" {
		return json.Unmarshal(data, new(json.RawMessage)) // what is not JSON
	}
	return err
}

// trim takes off the white space around a JSON value. Values that come by way
// of encoding/json have none.
func trim(data []byte) []byte { return bytes.Trim(data, " \t\r\n") }

func isNull(data []byte) bool { return string(trim(data)) == "null" }
