//go:build !purego

package decode

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
	"unsafe"
)

// A place is where a value goes. Every place lies in memory that reflect has
// allocated for the type of the table which it is used with; the one kind of
// arithmetic is adding the offset of a field or of an element.
type place = unsafe.Pointer

func placeOf(v reflect.Value) place { return v.UnsafePointer() }

// value returns the value at a place.
func (t *table) value(p place) reflect.Value { return reflect.NewAt(t.typ, p).Elem() }

func (f *field) in(p place) place { return unsafe.Add(p, f.offset) }

func setString(_ *table, p place, s string)  { *(*string)(p) = s }
func setBool(_ *table, p place, b bool)      { *(*bool)(p) = b }
func setInt64(_ *table, p place, n int64)    { *(*int64)(p) = n }
func setTime(p place, t time.Time)           { *(*time.Time)(p) = t }
func setAny(_ *table, p place, v any)        { *(*any)(p) = v }
func setRaw(p place, data []byte)            { *(*json.RawMessage)(p) = data }
func mapOf[V any](p place) (m *map[string]V) { return (*map[string]V)(p) }
func setZero(t *table, p place)              { t.value(p).SetZero() }
func pointerTo(t *table, p place) any        { return reflect.NewAt(t.typ, p).Interface() }
func newPlace(t *table) (reflect.Value, place) {
	v := reflect.New(t.typ)
	return v.Elem(), v.UnsafePointer()
}

func setFloat(t *table, p place, n float64) {
	if t.size == 4 {
		*(*float32)(p) = float32(n)
	} else {
		*(*float64)(p) = n
	}
}

// setNil sets a pointer, a slice or a map to nil.
func setNil(t *table, p place) {
	switch t.kind {
	case kindPointer:
		*(*unsafe.Pointer)(p) = nil
	case kindSlice:
		*(*slice)(p) = slice{}
	default:
		setZero(t, p)
	}
}

// target returns what a pointer points to, which is allocated where it is nil.
func (d *decoder) target(t *table, p place) place {
	to := (*unsafe.Pointer)(p)
	if *to == nil {
		switch t.elem.kind {
		case kindString:
			*to = unsafe.Pointer(new(string))
		case kindBool:
			*to = unsafe.Pointer(new(bool))
		case kindInt64:
			*to = unsafe.Pointer(new(int64))
		default:
			d.charge(t.elem.size)
			*to = reflect.New(t.elem.typ).UnsafePointer()
		}
	}
	return *to
}

// A list is a slice that grows.
type list struct {
	header *slice
	size   uintptr
}

// slice is the layout of every slice.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

func listAt(t *table, p place) list { return list{(*slice)(p), uintptr(t.elem.size)} }

func (l *list) cap() int { return l.header.cap }

// grow makes room for a number of elements more than the first used ones.
func (l *list) grow(t *table, used, more int) {
	l.header.len = used
	if t.elem.kind == kindString {
		s := (*[]string)(unsafe.Pointer(l.header))
		*s = append(make([]string, 0, used+more), *s...)
		return
	}
	reflect.NewAt(t.typ, unsafe.Pointer(l.header)).Elem().Grow(more)
}

// at returns the place of element n, which is below the capacity.
func (l *list) at(n int) place { return unsafe.Add(l.header.data, uintptr(n)*l.size) }

// finish sets the length.
func (l *list) finish(n int) { l.header.len = n }

// setEmpty sets a slice to one of no elements.
func setEmpty(_ *table, p place) { *(*slice)(p) = slice{data: unsafe.Pointer(&zeros)} }

func elementAt(t *table, p place, n int) place { return unsafe.Add(p, uintptr(n)*uintptr(t.elem.size)) }

var zeros [1024]byte

// isZero reports whether v points to a zero value.
func isZero(t *table, v reflect.Value) bool {
	if t.size > int64(len(zeros)) {
		return v.Elem().IsZero()
	}
	return bytes.Equal(unsafe.Slice((*byte)(v.UnsafePointer()), t.size), zeros[:t.size])
}
