package api

// Nullable is a parameter with three states: absent, null, or a value. Its
// zero value is absent. [Null] and [Value] make the others.
//
// It is used where a server distinguishes null from absent: i/update clears a field
// that is null and keeps one that is absent.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState uint8

const (
	stateAbsent nullableState = iota
	stateNull
	stateValue
)

// Null returns a parameter that is sent as null.
func Null[T any]() Nullable[T] { return Nullable[T]{state: stateNull} }

// Value returns a parameter that is sent as v.
func Value[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: stateValue} }

// Get returns the value; ok is false where n is null or absent.
func (n Nullable[T]) Get() (v T, ok bool) { return n.value, n.state == stateValue }

// IsNull reports whether n is null.
func (n Nullable[T]) IsNull() bool { return n.state == stateNull }

// IsZero reports whether n is absent. It makes the option omitzero of
// encoding/json leave n out.
func (n Nullable[T]) IsZero() bool { return n.state == stateAbsent }

// MarshalJSON returns the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != stateValue {
		return []byte("null"), nil
	}
	return marshal(n.value)
}

// UnmarshalJSON sets n to null or to a value.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error { return unmarshal(n, data) }

// DecodeJSON is UnmarshalJSON for a decoder that reads the value itself; see
// [OneOrMany.DecodeJSON].
func (n *Nullable[T]) DecodeJSON(first byte, decode func(any) error) error {
	if first == 'n' {
		*n = Null[T]()
		return nil
	}
	var v T
	if err := decode(&v); err != nil {
		return err
	}
	*n = Value(v)
	return nil
}
