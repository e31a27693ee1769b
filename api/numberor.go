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
	Number *int64
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
func (v *NumberOr[T]) UnmarshalJSON(data []byte) error {
	*v = NumberOr[T]{}
	data = trim(data)
	if string(data) == "null" {
		return nil
	}
	if len(data) > 0 && (data[0] == '-' || data[0] >= '0' && data[0] <= '9') {
		var n int64
		if err := json.Unmarshal(data, &n); err != nil {
			return err
		}
		v.Number = &n
		return nil
	}
	var other T
	if err := json.Unmarshal(data, &other); err != nil {
		return err
	}
	v.Other = &other
	return nil
}
