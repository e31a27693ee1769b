package decode

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// at returns the byte at i, or 0, which no token begins with, at the end.
func (d *decoder) at(i int) byte {
	if i < len(d.data) {
		return d.data[i]
	}
	return 0
}

// next returns the next byte at i or after it that is not white space.
func (d *decoder) next(i int) (byte, int) {
	if i < len(d.data) && d.data[i] > ' ' {
		return d.data[i], i
	}
	return d.nextSlow(i)
}

func (d *decoder) nextSlow(i int) (byte, int) {
	for i < len(d.data) {
		switch c := d.data[i]; c {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return c, i
		}
	}
	return 0, i
}

func load(data []byte) uint64 { return binary.LittleEndian.Uint64(data) }

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// ends marks, in the highest bit of each byte, the first byte of x that ends a
// run of plain characters: a quote, a backslash or a control character. Marks
// after the first may be wrong.
func ends(x uint64) uint64 {
	quote := x ^ ones*'"'
	back := x ^ ones*'\\'
	return ((quote-ones)&^quote | (back-ones)&^back | (x-ones*' ')&^x) & highs
}

// plain returns the offset of the first byte at i or after it that is a quote, a
// backslash or a control character, and whether all before are ASCII.
func plain(data []byte, i int) (end int, ascii bool) {
	var seen uint64
	for ; i+8 <= len(data); i += 8 {
		x := load(data[i : i+8])
		if m := ends(x); m != 0 {
			n := bits.TrailingZeros64(m) &^ 7
			seen |= x & (1<<n - 1)
			return i + n/8, seen&highs == 0
		}
		seen |= x
	}
	for ; i < len(data); i++ {
		c := data[i]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen&highs == 0
}

// str returns the string at i and the offset after it.
func (d *decoder) str(i int) (s string, end int) {
	end, ascii := plain(d.data, i+1)
	if d.at(end) == '"' {
		text := d.data[i+1 : end]
		if ascii || utf8.Valid(text) {
			return d.names.text(text), end + 1
		}
	}
	end, _ = d.quoted(i)
	d.text, _ = unquote(d.text[:0], d.data[i+1:end-1])
	return d.names.text(d.text), end
}

// quoted returns the offset after the string at i, and whether it means itself: it
// has no escapes and no invalid UTF-8.
func (d *decoder) quoted(i int) (end int, same bool) {
	start := i + 1
	i, ascii := plain(d.data, start)
	if d.at(i) == '"' {
		return i + 1, ascii || utf8.Valid(d.data[start:i])
	}
	for d.at(i) != '"' {
		if d.at(i) != '\\' {
			d.fail(i, "a control character in a string")
		}
		switch d.at(i + 1) {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i += 2
		case 'u':
			if _, ok := hex4(d.data, i+2); !ok {
				d.fail(i, "an invalid escape in a string")
			}
			i += 6
		default:
			d.fail(i+1, "an invalid escape in a string")
		}
		i, _ = plain(d.data, i)
	}
	return i + 1, false
}

func isNumber(c byte) bool { return c == '-' || c-'0' <= 9 }

// integer returns the whole number of at most 18 digits at i and the offset after
// it, which is 0 where there is another value.
func (d *decoder) integer(i int) (n int64, end int) {
	data := d.data
	negative := i < len(data) && data[i] == '-'
	if negative {
		i++
	}
	start := i
	for ; i < len(data) && data[i]-'0' <= 9; i++ {
		n = n*10 + int64(data[i]-'0')
	}
	switch digits := i - start; {
	case digits == 0, digits > 18, digits > 1 && data[start] == '0':
		return 0, 0
	case i < len(data) && (data[i] == '.' || data[i]|0x20 == 'e'):
		return 0, 0
	}
	if negative {
		n = -n
	}
	return n, i
}

// number decodes the number at i.
func (d *decoder) number(t *table, p place, i int) (end int, ok bool) {
	end = d.skipNumber(i)
	text := d.data[i:end]
	var err error
	switch v := t.value(p); {
	case t.kind == kindFloat:
		var n float64
		if n, err = strconv.ParseFloat(string(text), int(t.size)*8); err == nil {
			setFloat(t, p, n)
			return end, true
		}
	case v.CanInt():
		var n int64
		if n, err = strconv.ParseInt(string(text), 10, int(t.size)*8); err == nil {
			v.SetInt(n)
			return end, true
		}
	default:
		var n uint64
		if n, err = strconv.ParseUint(string(text), 10, int(t.size)*8); err == nil {
			v.SetUint(n)
			return end, true
		}
	}
	d.mismatch(i, t, nil)
	setZero(t, p)
	return end, false
}

func (d *decoder) digits(i int) int {
	start := i
	for i < len(d.data) && d.data[i]-'0' <= 9 {
		i++
	}
	if i == start {
		d.fail(i, "an invalid number")
	}
	return i
}

// skipNumber returns the offset after the number at i.
func (d *decoder) skipNumber(i int) int {
	if d.at(i) == '-' {
		i++
	}
	if d.at(i) == '0' {
		i++
	} else {
		i = d.digits(i)
	}
	if d.at(i) == '.' {
		i = d.digits(i + 1)
	}
	if d.at(i)|0x20 == 'e' {
		i++
		if c := d.at(i); c == '+' || c == '-' {
			i++
		}
		i = d.digits(i)
	}
	return i
}

// literal returns the offset after true, false or null at i.
func (d *decoder) literal(i int, want string) int {
	end := i + len(want)
	if end > len(d.data) || string(d.data[i:end]) != want {
		d.fail(i, "an invalid literal")
	}
	return end
}

// skip returns the offset after the value at i, which has to be valid.
func (d *decoder) skip(i int) int {
	var (
		objects [maxDepth/64 + 1]uint64 // a bit for each level: whether it is an object
		outer   = d.depth
	)
	c, i := d.next(i)
	for {
		if i >= d.check {
			d.pause(i)
		}
		switch c {
		case '"':
			i = d.skipString(i)
		case '{', '[':
			d.enter(i)
			bit := uint64(1) << (d.depth % 64)
			if objects[d.depth/64] &^= bit; c == '{' {
				objects[d.depth/64] |= bit
			}
			c, i = d.next(i + 1)
			if c != '}' && c != ']' {
				if objects[d.depth/64]&bit != 0 {
					c, i = d.skipKey(i)
				}
				continue
			}
		case 't':
			i = d.literal(i, "true")
		case 'f':
			i = d.literal(i, "false")
		case 'n':
			i = d.literal(i, "null")
		default:
			if !isNumber(c) {
				d.fail(i, "not the beginning of a value")
			}
			i = d.skipNumber(i)
		}
		// After a value, or at the end of an empty array or object.
		for {
			if d.depth == outer {
				return i
			}
			object := objects[d.depth/64]>>(d.depth%64)&1 != 0
			if c, i = d.next(i); c == ',' {
				if c, i = d.next(i + 1); object {
					c, i = d.skipKey(i)
				}
				break
			}
			if object && c != '}' || !object && c != ']' {
				d.fail(i, "no comma or end after a value")
			}
			d.depth--
			i++
		}
	}
}

// skipKey skips the name at i, and returns the beginning of the value.
func (d *decoder) skipKey(i int) (byte, int) {
	if d.at(i) != '"' {
		d.fail(i, "no name of a member")
	}
	return d.next(d.colon(d.skipString(i)))
}

func (d *decoder) skipString(i int) int {
	end, _ := plain(d.data, i+1)
	if d.at(end) == '"' {
		return end + 1
	}
	end, _ = d.quoted(i)
	return end
}

// hasKey reports whether the name of a field and a colon are at i.
func (d *decoder) hasKey(i int, f *field) bool {
	data := d.data
	if i+16 > len(data) {
		return len(data)-i >= len(f.quoted) && string(data[i:i+len(f.quoted)]) == f.quoted
	}
	if (load(data[i:i+8])^f.word0)&f.mask0 != 0 || (load(data[i+8:i+16])^f.word1)&f.mask1 != 0 {
		return false
	}
	return len(f.quoted) <= 16 || len(data)-i >= len(f.quoted) && string(data[i+16:i+len(f.quoted)]) == f.quoted[16:]
}
