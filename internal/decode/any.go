package decode

import (
	"reflect"
	"strconv"
)

// any returns the value at i as encoding/json gives it to an interface, and the
// offset after it.
func (d *decoder) any(i int) (v any, end int) {
	switch c := d.at(i); c {
	case '"':
		return d.str(i)
	case '{':
		var object map[string]any
		return d.anyObject(object, i)
	case '[':
		return d.anyArray(i)
	case 't':
		return true, d.literal(i, "true")
	case 'f':
		return false, d.literal(i, "false")
	case 'n':
		return nil, d.literal(i, "null")
	default:
		if !isNumber(c) {
			d.fail(i, "not the beginning of a value")
		}
		end := d.skipNumber(i)
		n, err := strconv.ParseFloat(string(d.data[i:end]), 64)
		if err != nil {
			d.mismatch(i, float64Table, nil)
			return nil, end
		}
		return n, end
	}
}

var float64Table = tableOf(reflect.TypeFor[float64]())

func (d *decoder) anyObject(object map[string]any, i int) (any, int) {
	end := entries(d, i, &object, func(i int) (v any, end int, ok bool) {
		v, end = d.any(i)
		return v, end, true
	})
	return object, end
}

func (d *decoder) anyArray(i int) (any, int) {
	d.enter(i)
	array := []any{}
	c, i := d.next(i + 1)
	if c != ']' {
		for {
			if i >= d.check {
				d.pause(i)
			}
			if len(array) == cap(array) {
				grown := make([]any, len(array), 2*len(array)+1)
				d.charge(int64(cap(grown)) * 16)
				copy(grown, array)
				array = grown
			}
			var v any
			v, i = d.any(i)
			array = append(array, v)
			c, i = d.next(i)
			if c != ',' {
				break
			}
			_, i = d.next(i + 1)
		}
		if c != ']' {
			d.fail(i, "no comma or bracket after an element")
		}
	}
	d.depth--
	return array, i + 1
}
