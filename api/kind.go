package api

import (
	"encoding/json"
	"reflect"
)

// DecodeKind decodes a value of one of several kinds for its method DecodeJSON; see
// [OneOrMany.DecodeJSON]. fields is the value without its methods. Where known reports
// that its kind is not known, raw becomes the JSON of the whole.
func DecodeKind[T any](first byte, decode func(any) error, fields any, raw *json.RawMessage, known func() bool) error {
	*raw = nil
	switch first {
	case '{':
	case 'n':
		return nil // null changes nothing
	default:
		return &json.UnmarshalTypeError{Value: kindOfJSON(first), Type: reflect.TypeFor[T]()}
	}
	if err := decode(fields); err != nil || known() {
		return err
	}
	return decode(raw)
}

// UnmarshalParts is the method UnmarshalJSON of a type that has DecodeJSON.
func UnmarshalParts(v interface {
	DecodeJSON(first byte, decode func(any) error) error
}, data []byte) error {
	return unmarshal(v, data)
}

// kindOfJSON returns what a value is that begins with a byte.
func kindOfJSON(first byte) string {
	switch first {
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	}
	return "number"
}
