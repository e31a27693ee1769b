package stream

import (
	"reflect"
	"sync"
	"time"
)

// measure makes the size of an event exact, if what others take makes that matter.
// It takes as long as a fifth of the decoding, and mostly nothing waits.
func measure(event Event, others int) {
	if others > maxWaiting/4 || kept(event).Size == 0 {
		kept(event).Size = sizeOf(event)
	}
}

// sizeOf is how many bytes of memory an event takes.
func sizeOf(event Event) int {
	v := reflect.ValueOf(event).Elem()
	n := int(v.Type().Size()) + cap(event.Raw()) + contents(v)
	return n
}

var (
	metaType     = reflect.TypeFor[Meta]()
	timeType     = reflect.TypeFor[time.Time]()
	pointerField sync.Map // of the type of a struct: the indices of fields that hold pointers, as []int
)

// contents is how many bytes of memory a value takes beside its own size.
func contents(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer:
		if !v.IsNil() {
			n = int(v.Type().Elem().Size()) + contents(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			n = int(v.Elem().Type().Size()) + contents(v.Elem())
		}
	case reflect.Slice:
		n = v.Cap() * int(v.Type().Elem().Size())
		if holdsPointers(v.Type().Elem()) {
			for i := range v.Len() {
				n += contents(v.Index(i))
			}
		}
	case reflect.Array:
		if holdsPointers(v.Type().Elem()) {
			for i := range v.Len() {
				n += contents(v.Index(i))
			}
		}
	case reflect.Map:
		const overhead = 16
		for entries := v.MapRange(); entries.Next(); {
			n += int(v.Type().Key().Size()+v.Type().Elem().Size()) + overhead + contents(entries.Key()) + contents(entries.Value())
		}
	case reflect.Struct:
		for _, i := range pointerFields(v.Type()) {
			n += contents(v.Field(i))
		}
	}
	return n
}

// pointerFields are the fields of a struct that hold pointers.
func pointerFields(t reflect.Type) []int {
	if known, ok := pointerField.Load(t); ok {
		return known.([]int)
	}
	var fields []int
	if t != metaType && t != timeType { // they hold pointers to what is not theirs
		for i := range t.NumField() {
			if holdsPointers(t.Field(i).Type) {
				fields = append(fields, i)
			}
		}
	}
	pointerField.Store(t, fields)
	return fields
}

func holdsPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return true
	case reflect.Array:
		return holdsPointers(t.Elem())
	case reflect.Struct:
		return len(pointerFields(t)) > 0
	}
	return false
}
