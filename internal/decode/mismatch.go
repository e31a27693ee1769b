package decode

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxPointer is how long a JSON pointer may become. What is longer ends in "/…".
const maxPointer = 1024

// A Mismatch is a value whose kind does not fit the place that it is for.
type Mismatch struct {
	// Pointer is the place in the input as a JSON pointer (RFC 6901), such as
	// /0/createdAt; empty for the whole of it.
	Pointer string

	// Want is the Go type of the place.
	Want string

	// Found is the kind of the value: "null", "bool", "number", "string",
	// "array" or "object".
	Found string

	// Err is what a method of the type returned; nil where the kind is another.
	Err error
}

// A found is a mismatch as it is noted down.
type found struct {
	offset int
	want   reflect.Type
	err    error
}

// mismatch notes one down.
func (d *decoder) mismatch(i int, t *table, err error) {
	d.found = append(d.found, found{i, t.typ, err})
	if len(d.found) > maxMismatches {
		panic(&abort{d.mismatchError()})
	}
}

func (d *decoder) mismatchError() error {
	count := len(d.found)
	d.sortFound()
	d.found = d.found[:1]
	return &MismatchError{d.mismatches()[0], count}
}

// mismatches returns what was found, in the order of the input.
func (d *decoder) mismatches() []Mismatch {
	if len(d.found) == 0 {
		return nil
	}
	d.sortFound()
	all := make([]Mismatch, len(d.found))
	w := walker{data: d.data}
	for n, f := range d.found {
		all[n] = Mismatch{w.pointer(f.offset), f.want.String(), kindOf(d.data[f.offset]), f.err}
	}
	return all
}

func (d *decoder) sortFound() {
	slices.SortStableFunc(d.found, func(a, b found) int { return a.offset - b.offset })
}

// kindOf returns the kind of a value by its first byte.
func kindOf(c byte) string {
	switch c {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 'n':
		return "null"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

// A walker goes over JSON once, and knows where it is. What it goes over is known
// to be valid as far as it goes.
type walker struct {
	data []byte
	i    int
	path []step
}

// A step is a member of an object, whose name is quoted at an offset, or an
// element of an array.
type step struct {
	name  int // -1 in an array
	index int
}

// pointer goes on to the value at an offset and returns its pointer. Offsets must
// not go back.
func (w *walker) pointer(offset int) string {
	for w.i < offset {
		switch c := w.data[w.i]; c {
		case '{':
			w.path = append(w.path, step{name: w.i + 1})
		case '[':
			w.path = append(w.path, step{name: -1})
		case '}', ']':
			w.path = w.path[:len(w.path)-1]
		case ',':
			if top := &w.path[len(w.path)-1]; top.name >= 0 {
				top.name = w.i + 1
			} else {
				top.index++
			}
		case '"':
			w.i = endOfString(w.data, w.i)
			continue
		}
		w.i++
	}
	var b strings.Builder
	for _, s := range w.path {
		if b.Len() > maxPointer {
			break
		}
		b.WriteByte('/')
		if s.name < 0 {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		start := s.name
		for w.data[start] != '"' { // white space
			start++
		}
		name := w.data[start+1 : endOfString(w.data, start)-1]
		// An escape has at most 12 bytes for at least 2 of the text.
		text, _ := unquote(nil, name[:min(len(name), 6*maxPointer)])
		for _, c := range text {
			switch c {
			case '~':
				b.WriteString("~0")
			case '/':
				b.WriteString("~1")
			default:
				b.WriteByte(c)
			}
		}
	}
	if b.Len() > maxPointer {
		return strings.ToValidUTF8(b.String()[:maxPointer], "") + "/…"
	}
	return b.String()
}

// endOfString returns the offset after the string that begins at i.
func endOfString(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}
