package main

import (
	"io"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// printable returns a writer to w for a terminal. Documents come from strangers,
// and their titles, versions and keys are printed: control characters, which a
// terminal would obey, and those that change the direction of text become U+FFFD.
func printable(w io.Writer) io.WriteCloser {
	return transform.NewWriter(w, runes.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}))
}
