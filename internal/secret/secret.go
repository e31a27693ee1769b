// Package secret keeps secrets out of what is printed.
package secret

import (
	"slices"
	"strings"
)

// A Text is a text that printing a value that holds it does not show, in
// whatever way that is done, not even from a field that is not exported. Its zero
// value is empty.
type Text func() string

// New returns a Text.
func New(s string) Text { return func() string { return s } }

// Reveal returns the text.
func (t Text) Reveal() string {
	if t == nil {
		return ""
	}
	return t()
}

// Hidden is what stands for a secret.
const Hidden = "[secret]"

// A secret that is shorter than tooShort is not looked for: no server gives out
// such a token, and it would be found in every other word. One that is shorter
// than sure is looked for as a word of its own.
const (
	tooShort = 4
	sure     = 8
)

// maxQuotes is how many backslashes may be before an escape that was quoted again
// and again.
const maxQuotes = 16

// Hide replaces secrets in a text, in whatever way their characters are written:
// as they are, in other cases, or escaped as in JSON (\u0054), HTML (&#84; and
// &#x54;) or a URL (%54).
func Hide(text string, secrets ...string) string {
	// The longest first, because one may be a part of another.
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, s := range slices.Compact(secrets) {
		if len(s) >= tooShort {
			text = hide(text, s)
		}
	}
	return text
}

func hide(text, secret string) string {
	var b strings.Builder
	copied := 0
	for i := 0; i < len(text); {
		n := match(text[i:], secret)
		if n == 0 || len(secret) < sure && !isWord(text, i, i+n) {
			i++
			continue
		}
		b.WriteString(text[copied:i])
		b.WriteString(Hidden)
		i += n
		copied = i
	}
	if copied == 0 {
		return text
	}
	b.WriteString(text[copied:])
	return b.String()
}

// match returns how many bytes of the beginning of text spell the secret, or 0.
func match(text, secret string) int {
	n := 0
	for i := range len(secret) {
		c, size := char(text[n:])
		if size == 0 || lower(c) != lower(secret[i]) {
			// The secret may have an escape in it itself.
			if n == len(text) || text[n] != secret[i] {
				return 0
			}
			size = 1
		}
		n += size
	}
	return n
}

// char returns the character at the beginning of text and how many bytes it takes
// there.
func char(text string) (c byte, size int) {
	if text == "" {
		return 0, 0
	}
	switch text[0] {
	case '\\': // as often as it was quoted
		i := 1
		for i < min(len(text), maxQuotes) && text[i] == '\\' {
			i++
		}
		if i == len(text) {
			break
		}
		digits := 0
		switch text[i] {
		case 'u', 'U':
			digits = 4
		case 'x':
			digits = 2
		case '/', '"':
			return text[i], i + 1
		}
		if digits > 0 && len(text) > i+digits {
			if c, ok := parse(text[i+1:i+1+digits], 16); ok {
				return c, i + 1 + digits
			}
		}
	case '%':
		if len(text) > 2 {
			if c, ok := parse(text[1:3], 16); ok {
				return c, 3
			}
		}
	case '&':
		rest, ok := strings.CutPrefix(text, "&#")
		if !ok {
			break
		}
		base, start := 10, 2
		if rest != "" && (rest[0] == 'x' || rest[0] == 'X') {
			base, start = 16, 3
		}
		end := start
		for end < len(text) && end < start+8 && digit(text[end]) < base {
			end++
		}
		if c, ok := parse(text[start:end], base); ok {
			if end < len(text) && text[end] == ';' {
				end++
			}
			return c, end
		}
	}
	return text[0], 1
}

// parse reads a number that is an ASCII character.
func parse(s string, base int) (byte, bool) {
	n := 0
	for i := range len(s) {
		d := digit(s[i])
		if d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return byte(n), s != "" && n > 0 && n < 0x80
}

// digit returns the value of a hexadecimal digit, or 16.
func digit(c byte) int {
	switch c = lower(c); {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return 16
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// isWord reports whether text[from:to] is not a part of a longer word.
func isWord(text string, from, to int) bool {
	inWord := func(c byte) bool {
		return lower(c) >= 'a' && lower(c) <= 'z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
	}
	return (from == 0 || !inWord(text[from-1])) && (to == len(text) || !inWord(text[to]))
}
