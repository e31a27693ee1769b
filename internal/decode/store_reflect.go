//go:build purego

package decode

import (
	"encoding/json"
	"reflect"
	"time"
)

// A place is where a value goes.
type place = reflect.Value

func placeOf(v reflect.Value) place { return v.Elem() }

// value returns the value at a place.
func (t *table) value(p place) reflect.Value { return p }

func (f *field) in(p place) place {
	if len(f.index) == 1 {
		return p.Field(f.index[0])
	}
	return p.FieldByIndex(f.index)
}

func setString(_ *table, p place, s string)    { p.SetString(s) }
func setBool(_ *table, p place, b bool)        { p.SetBool(b) }
func setInt64(_ *table, p place, n int64)      { p.SetInt(n) }
func setFloat(_ *table, p place, n float64)    { p.SetFloat(n) }
func setTime(p place, t time.Time)             { *p.Addr().Interface().(*time.Time) = t }
func setRaw(p place, data []byte)              { *p.Addr().Interface().(*json.RawMessage) = data }
func mapOf[V any](p place) (m *map[string]V)   { return p.Addr().Interface().(*map[string]V) }
func setZero(_ *table, p place)                { p.SetZero() }
func pointerTo(_ *table, p place) any          { return p.Addr().Interface() }
func newPlace(t *table) (reflect.Value, place) { v := reflect.New(t.typ).Elem(); return v, v }

func setAny(_ *table, p place, v any) {
	if v == nil {
		p.SetZero()
	} else {
		p.Set(reflect.ValueOf(v))
	}
}

// setNil sets a pointer, a slice or a map to nil.
func setNil(_ *table, p place) { p.SetZero() }

// target returns what a pointer points to, which is allocated where it is nil.
func (d *decoder) target(t *table, p place) place {
	if p.IsNil() {
		d.charge(t.elem.size)
		p.Set(reflect.New(t.elem.typ))
	}
	return p.Elem()
}

// A list is a slice that grows.
type list struct{ v reflect.Value }

func listAt(_ *table, p place) list { return list{p} }

func (l *list) cap() int { return l.v.Cap() }

// grow makes room for a number of elements more than the first used ones.
func (l *list) grow(_ *table, used, more int) {
	l.v.SetLen(used)
	l.v.Grow(more)
}

// at returns the place of element n, which is below the capacity.
func (l *list) at(n int) place {
	if n >= l.v.Len() {
		l.v.SetLen(n + 1)
	}
	return l.v.Index(n)
}

// finish sets the length.
func (l *list) finish(n int) { l.v.SetLen(n) }

// setEmpty sets a slice to one of no elements.
func setEmpty(t *table, p place) { p.Set(reflect.MakeSlice(t.typ, 0, 0)) }

func elementAt(_ *table, p place, n int) place { return p.Index(n) }

// isZero reports whether v points to a zero value.
func isZero(_ *table, v reflect.Value) bool { return v.Elem().IsZero() }
