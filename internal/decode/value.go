package decode

import (
	"encoding/json"
	"errors"
	"reflect"
)

// value decodes the value at i into a place, and returns the offset after it. ok
// is false where the value is of another kind and the place has been left zero.
func (d *decoder) value(t *table, p place, i int) (end int, ok bool) {
	c := d.at(i)
	switch t.kind {
	case kindString:
		if c == '"' {
			var s string
			s, i = d.str(i)
			setString(t, p, s)
			return i, true
		}
	case kindPointer:
		if c == 'n' {
			break
		}
		if end, ok = d.value(t.elem, d.target(t, p), i); !ok {
			setZero(t, p)
		}
		return end, ok
	case kindStruct:
		if c == '{' {
			return d.object(t, p, i), true
		}
	case kindBool:
		if c == 't' {
			end = d.literal(i, "true")
			setBool(t, p, true)
			return end, true
		}
		if c == 'f' {
			end = d.literal(i, "false")
			setBool(t, p, false)
			return end, true
		}
	case kindInt64:
		if n, end := d.integer(i); end > 0 {
			setInt64(t, p, n)
			return end, true
		}
		if isNumber(c) {
			return d.number(t, p, i)
		}
	case kindInt, kindFloat:
		if isNumber(c) {
			return d.number(t, p, i)
		}
	case kindTime:
		if c == '"' {
			return d.time(t, p, i)
		}
	case kindSlice:
		if c == '[' {
			return d.slice(t, p, i), true
		}
	case kindArray:
		if c == '[' {
			return d.array(t, p, i), true
		}
	case kindMapString, kindMapInt64, kindMapInt, kindMapBool, kindMap:
		if c == '{' {
			return d.mapping(t, p, i), true
		}
	case kindAny:
		if v := t.value(p); !v.IsNil() && v.Elem().Kind() == reflect.Pointer {
			return d.other(t, p, i)
		}
		v, end := d.any(i)
		setAny(t, p, v)
		return end, true
	case kindRaw:
		end = d.skip(i)
		setRaw(p, append(json.RawMessage(nil), d.data[i:end]...))
		return end, true
	case kindParts:
		return d.parts(t, p, i)
	case kindMethod:
		end = d.skip(i)
		err := pointerTo(t, p).(json.Unmarshaler).UnmarshalJSON(d.data[i:end:end])
		return end, d.settle(t, p, i, err)
	case kindOther:
		return d.other(t, p, i)
	}
	if c == 'n' {
		end = d.literal(i, "null")
		switch t.kind {
		case kindPointer, kindSlice, kindMap, kindMapString, kindMapInt64, kindMapInt, kindMapBool:
			setNil(t, p)
		default:
			if d.strict {
				d.mismatch(i, t, nil)
			}
		}
		return end, true
	}
	end = d.skip(i)
	d.mismatch(i, t, nil)
	setZero(t, p)
	return end, false
}

// settle notes down that a method has failed, which may have left anything.
func (d *decoder) settle(t *table, p place, i int, err error) (ok bool) {
	if err == nil {
		return true
	}
	d.mismatch(i, t, err)
	setZero(t, p)
	return false
}

// object decodes an object into a struct.
func (d *decoder) object(t *table, p place, i int) (end int) {
	d.enter(i)
	c, i := d.next(i + 1)
	if c == '}' {
		d.depth--
		return i + 1
	}
	last := &t.first // where the next field is noted down
	for {
		if i >= d.check {
			d.pause(i)
		}
		f := last.Load()
		if f != nil && d.hasKey(i, f) {
			i += len(f.quoted)
		} else if f, i = d.key(t, i); f != nil {
			last.Store(f)
		}
		_, i = d.next(i)
		if f != nil {
			last = &f.next
			i, _ = d.value(f.table, f.in(p), i)
		} else {
			i = d.skip(i)
		}
		c, i = d.next(i)
		if c != ',' {
			break
		}
		_, i = d.next(i + 1)
	}
	if c != '}' {
		d.fail(i, "no comma or brace after a member")
	}
	d.depth--
	return i + 1
}

// key reads the name at i and the colon after it, and returns the field, or nil.
func (d *decoder) key(t *table, i int) (f *field, end int) {
	if d.at(i) != '"' {
		d.fail(i, "no name of a member")
	}
	end, plain := d.quoted(i)
	name := d.data[i+1 : end-1]
	if !plain {
		d.text, _ = unquote(d.text[:0], name)
		name = d.text
	}
	return t.find(name), d.colon(end)
}

// colon returns the offset after the colon at i.
func (d *decoder) colon(i int) int {
	c, i := d.next(i)
	if c != ':' {
		d.fail(i, "no colon after the name of a member")
	}
	return i + 1
}

// slice decodes an array into a slice. What the slice has already is merged with
// it, as encoding/json does for a name that comes twice.
func (d *decoder) slice(t *table, p place, i int) (end int) {
	d.enter(i)
	c, i := d.next(i + 1)
	if c == ']' {
		d.depth--
		setEmpty(t, p)
		return i + 1
	}
	l := listAt(t, p)
	start, n := i, 0
	for {
		if i >= d.check {
			d.pause(i)
		}
		if n >= l.cap() {
			more := d.more(t, n, i-start, i)
			d.charge(int64(n+more) * t.elem.size)
			l.grow(t, n, more)
		}
		i, _ = d.value(t.elem, l.at(n), i)
		n++
		c, i = d.next(i)
		if c != ',' {
			break
		}
		_, i = d.next(i + 1)
	}
	if c != ']' {
		d.fail(i, "no comma or bracket after an element")
	}
	l.finish(n)
	d.depth--
	return i + 1
}

// What is guessed of the length of a slice may waste.
const (
	guessFrom  = 16 // elements; from the second where the array is the whole input
	guessCount = 1024
	guessBytes = 256 << 10
)

// more returns for how many elements a slice is to grow that has used ones, which
// took a number of bytes up to the offset i.
func (d *decoder) more(t *table, used, bytes, i int) int {
	if used == 0 {
		return 1
	}
	whole := d.depth == 1
	if !whole && used < guessFrom {
		return used
	}
	// As many as are as long as those before, and some.
	guess := 1 + (len(d.data)-i)/(bytes/used+1)*9/8
	guess = min(guess, max(used, guessCount), max(used, guessBytes/int(t.elem.size+1)))
	if whole {
		return max(guess, used/4)
	}
	return max(used, min(guess, 3*used))
}

// array decodes an array into one of a fixed length. What has no room is skipped,
// what is missing is zero.
func (d *decoder) array(t *table, p place, i int) (end int) {
	d.enter(i)
	n, length := 0, t.typ.Len()
	c, i := d.next(i + 1)
	if c != ']' {
		for {
			if i >= d.check {
				d.pause(i)
			}
			if n < length {
				i, _ = d.value(t.elem, elementAt(t, p, n), i)
			} else {
				i = d.skip(i)
			}
			n++
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
	for ; n < length; n++ {
		setZero(t.elem, elementAt(t, p, n))
	}
	d.depth--
	return i + 1
}

// entryCost is about what a map takes, and what an entry takes besides its key and
// its value, with what is free and what is left behind when the map grows.
const entryCost = 48

// mapping decodes an object into a map.
func (d *decoder) mapping(t *table, p place, i int) (end int) {
	switch t.kind {
	case kindMapString:
		return entries(d, i, mapOf[string](p), func(i int) (s string, end int, ok bool) {
			end, ok = d.scalar(stringTable, &s, i)
			return s, end, ok
		})
	case kindMapInt64:
		return entries(d, i, mapOf[int64](p), func(i int) (n int64, end int, ok bool) {
			if n, end = d.integer(i); end > 0 {
				return n, end, true
			}
			end, ok = d.scalar(int64Table, &n, i)
			return n, end, ok
		})
	case kindMapInt:
		return entries(d, i, mapOf[int](p), func(i int) (n int, end int, ok bool) {
			end, ok = d.scalar(intTable, &n, i)
			return n, end, ok
		})
	case kindMapBool:
		return entries(d, i, mapOf[bool](p), func(i int) (b bool, end int, ok bool) {
			end, ok = d.scalar(boolTable, &b, i)
			return b, end, ok
		})
	}
	m := t.value(p)
	if m.IsNil() {
		d.charge(entryCost)
		m.Set(reflect.MakeMap(t.typ))
	}
	key := reflect.New(t.typ.Key()).Elem()
	elem, to := newPlace(t.elem)
	cost := entryCost + 2*(t.elem.size+int64(key.Type().Size()))
	return d.members(i, func(name string, i int) (end int) {
		d.charge(cost)
		key.SetString(name)
		elem.SetZero()
		end, ok := d.value(t.elem, to, i)
		if ok {
			m.SetMapIndex(key, elem)
		} else {
			m.SetMapIndex(key, reflect.Value{}) // a name that comes twice
		}
		return end
	})
}

var (
	stringTable = tableOf(reflect.TypeFor[string]())
	int64Table  = tableOf(reflect.TypeFor[int64]())
	intTable    = tableOf(reflect.TypeFor[int]())
	boolTable   = tableOf(reflect.TypeFor[bool]())
)

// scalar decodes the value at i into what a pointer points to.
func (d *decoder) scalar(t *table, to any, i int) (end int, ok bool) {
	return d.value(t, placeOf(reflect.ValueOf(to)), i)
}

func entries[V any](d *decoder, i int, m *map[string]V, value func(i int) (v V, end int, ok bool)) (end int) {
	if *m == nil {
		d.charge(entryCost)
		*m = map[string]V{}
	}
	return d.members(i, func(name string, i int) (end int) {
		d.charge(entryCost + 64)
		v, end, ok := value(i)
		if ok {
			(*m)[name] = v
		} else {
			delete(*m, name) // a name that comes twice
		}
		return end
	})
}

// members calls a function for each member of an object, with the offset of its
// value; it returns that of the end.
func (d *decoder) members(i int, each func(name string, i int) (end int)) (end int) {
	d.enter(i)
	c, i := d.next(i + 1)
	if c == '}' {
		d.depth--
		return i + 1
	}
	for {
		if i >= d.check {
			d.pause(i)
		}
		if c != '"' {
			d.fail(i, "no name of a member")
		}
		var name string
		name, i = d.str(i)
		_, i = d.next(d.colon(i))
		i = each(name, i)
		c, i = d.next(i)
		if c != ',' {
			break
		}
		c, i = d.next(i + 1)
	}
	if c != '}' {
		d.fail(i, "no comma or brace after a member")
	}
	d.depth--
	return i + 1
}

// errMismatch is returned to a method whose part has a mismatch that has been
// noted down.
var errMismatch = errors.New("a value of another kind")

// parts lets a type choose what is decoded.
func (d *decoder) parts(t *table, p place, i int) (end int, ok bool) {
	err := pointerTo(t, p).(Parts).DecodeJSON(d.at(i), func(to any) error {
		v := reflect.ValueOf(to)
		if v.Kind() != reflect.Pointer || v.IsNil() {
			return errors.New("decoding into what is not a pointer")
		}
		if end, ok = d.value(tableOf(v.Type().Elem()), placeOf(v), i); !ok {
			return errMismatch
		}
		return nil
	})
	if end == 0 {
		end = d.skip(i)
	}
	if errors.Is(err, errMismatch) {
		setZero(t, p)
		return end, false
	}
	return end, d.settle(t, p, i, err)
}

// other leaves a value to encoding/json.
func (d *decoder) other(t *table, p place, i int) (end int, ok bool) {
	end = d.skip(i)
	if t.elem == nil {
		return end, d.settle(t, p, i, json.Unmarshal(d.data[i:end], pointerTo(t, p)))
	}
	wrapped := reflect.New(t.elem.typ)
	wrapped.Elem().Field(0).Set(t.value(p))
	document := append(append([]byte(`{"v":`), d.data[i:end]...), '}')
	err := json.Unmarshal(document, wrapped.Interface())
	t.value(p).Set(wrapped.Elem().Field(0))
	return end, d.settle(t, p, i, err)
}
