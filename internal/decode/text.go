package decode

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// maxInterned is how long a string may be that is kept for the next of its kind.
const maxInterned = 160

// interned are strings that were decoded lately. Much comes again and again: the
// author of several notes, the host of a picture, the name of a role.
type interned [256]string

// text returns a string of bytes.
func (in *interned) text(b []byte) string {
	n := len(b)
	if n > maxInterned {
		return string(b)
	}
	var h uint64
	switch {
	case n >= 8:
		h = load(b) ^ load(b[n-8:])*0x9e3779b97f4a7c15 ^ load(b[(n-8)/2:])<<9
	case n >= 4:
		h = uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
	case n > 0:
		h = uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	default:
		return ""
	}
	slot := &in[(h+uint64(n))*0xbf58476d1ce4e5b9>>56]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// hex4 returns the number that four hexadecimal digits at i stand for.
func hex4(data []byte, i int) (n rune, ok bool) {
	if i+4 > len(data) {
		return 0, false
	}
	for _, c := range data[i : i+4] {
		n <<= 4
		switch {
		case c-'0' <= 9:
			n |= rune(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n |= rune(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return n, true
}

// unquote appends what the text of a JSON string means. Half a surrogate pair and
// invalid UTF-8 mean U+FFFD. ok is false for an escape that is cut off.
func unquote(to, text []byte) (_ []byte, ok bool) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c < utf8.RuneSelf && c != '\\':
			to = append(to, c)
			i++
		case c != '\\':
			r, size := utf8.DecodeRune(text[i:])
			to = utf8.AppendRune(to, r)
			i += size
		case i+1 == len(text):
			return to, false
		case text[i+1] == 'u':
			r, ok := hex4(text, i+2)
			if !ok {
				return to, false
			}
			i += 6
			if utf16.IsSurrogate(r) {
				low, ok := rune(0), i+1 < len(text) && text[i] == '\\' && text[i+1] == 'u'
				if ok {
					low, ok = hex4(text, i+2)
				}
				if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
					i += 6
				}
			}
			to = utf8.AppendRune(to, r)
		default:
			to = append(to, escaped(text[i+1]))
			i += 2
		}
	}
	return to, true
}

func escaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
