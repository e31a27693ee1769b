package api

import (
	"bytes"
	"encoding/json"
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

// trim takes off the white space around a JSON value. Values that come by way
// of encoding/json have none.
func trim(data []byte) []byte { return bytes.Trim(data, " \t\r\n") }

func isNull(data []byte) bool { return string(trim(data)) == "null" }
