package misskey

import (
	"strings"
	"unicode"
)

// clean makes text of a stranger fit for a terminal and a log: one line of at
// most limit characters, without the sequences that move the cursor, change
// colours or turn the direction of writing round.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return unicode.ReplacementChar
	}, clip(s, limit))
	return strings.TrimSpace(s)
}

// clip cuts s after limit characters.
func clip(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
