package api

import (
	"encoding/json"
	"errors"
)

// NumberOr is a value that is a whole number or else a T: in the condition of a
// role, the Number that a count is compared with, or as Other the condition that
// is turned around. At most one of the two is set; with neither it is null.
// Source: admin/roles/create, condFormula.
type NumberOr[T any] struct {
	Number *int
	Other  *T
}

// MarshalJSON returns what is set.
func (v NumberOr[T]) MarshalJSON() ([]byte, error) {
	switch {
	case v.Number != nil && v.Other != nil:
		return nil, errors.New("misskey: NumberOr has both Number and Other")
	case v.Number != nil:
		return json.Marshal(*v.Number)
	case v.Other != nil:
		return marshal(*v.Other)
	}
	return []byte("null"), nil
}

// UnmarshalJSON takes either form; null sets neither.
func (v *NumberOr[T]) UnmarshalJSON(data []byte) error { return unmarshal(v, data) }

// DecodeJSON is UnmarshalJSON for a decoder that reads the value itself; see
// [OneOrMany.DecodeJSON].
func (v *NumberOr[T]) DecodeJSON(first byte, decode func(any) error) error {
	*v = NumberOr[T]{}
	switch {
	case first == 'n':
		return nil
	case first == '-', first >= '0' && first <= '9':
		return decodeNew(&v.Number, decode)
	}
	return decodeNew(&v.Other, decode)
}

// decodeNew sets a pointer to what is decoded.
func decodeNew[T any](to **T, decode func(any) error) error {
	v := new(T)
	if err := decode(v); err != nil {
		return err
	}
	*to = v
	return nil
}
