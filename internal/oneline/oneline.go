// Package oneline makes the text of strangers fit for one line of a terminal or a log.
package oneline

import (
	"strings"
	"unicode"
)

// Of returns s as one line of at most limit characters, without the sequences
// that move the cursor, change colours or turn the direction of writing round.
func Of(s string, limit int) string {
	var last rune
	s = strings.Map(func(r rune) rune {
		defer func() { last = r }()
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == zeroWidthJoiner && unicode.In(last, unicode.So, unicode.Sk, unicode.Mn):
			return r // between the parts of an emoji; elsewhere it hides differences
		}
		return unicode.ReplacementChar
	}, Clip(s, limit))
	return strings.TrimSpace(s)
}

const zeroWidthJoiner = '\u200d'

// Clip cuts s after limit characters.
func Clip(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
