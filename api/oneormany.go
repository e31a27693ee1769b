package api

// OneOrMany is a value that a server takes or sends either alone or as an
// array, and keeps the form that it was given.
type OneOrMany[T any] struct {
	items []T
	many  bool
}

// One returns v alone.
func One[T any](v T) OneOrMany[T] { return OneOrMany[T]{items: []T{v}} }

// Many returns an array of items, which may be empty.
func Many[T any](items ...T) OneOrMany[T] {
	return OneOrMany[T]{items: items, many: true}
}

// IsMany reports whether the value is an array.
func (o OneOrMany[T]) IsMany() bool { return o.many }

// Items returns what there is: one item, or those of the array.
func (o OneOrMany[T]) Items() []T { return o.items }

// First returns the only or first item; ok is false where there is none.
func (o OneOrMany[T]) First() (v T, ok bool) {
	if len(o.items) == 0 {
		return v, false
	}
	return o.items[0], true
}

// IsZero reports whether nothing was set. It makes the option omitzero of
// encoding/json leave o out.
func (o OneOrMany[T]) IsZero() bool { return !o.many && len(o.items) == 0 }

// MarshalJSON returns the form that was given; nothing set is null.
func (o OneOrMany[T]) MarshalJSON() ([]byte, error) {
	switch {
	case o.many && o.items == nil:
		return []byte("[]"), nil
	case o.many:
		return marshal(o.items)
	case len(o.items) == 0:
		return []byte("null"), nil
	}
	return marshal(o.items[0])
}

// UnmarshalJSON takes either form; null sets nothing.
func (o *OneOrMany[T]) UnmarshalJSON(data []byte) error { return unmarshal(o, data) }

// DecodeJSON is UnmarshalJSON for a decoder that reads the parts of the value
// itself. first is the byte that the value begins with. DecodeJSON calls decode
// with a pointer for the value, and returns its error; it does not call decode for
// null. With it, a part of another kind does not make the whole unreadable.
func (o *OneOrMany[T]) DecodeJSON(first byte, decode func(any) error) error {
	*o = OneOrMany[T]{}
	switch first {
	case 'n':
		return nil
	case '[':
		items := []T{}
		if err := decode(&items); err != nil {
			return err
		}
		*o = Many(items...)
		return nil
	}
	var v T
	if err := decode(&v); err != nil {
		return err
	}
	*o = One(v)
	return nil
}
