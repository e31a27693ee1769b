package main

import (
	"fmt"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// clean makes text of anyone fit for a terminal: without what the terminal obeys
// and without what turns the direction of writing round. Lines stay.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\t", "    ")
	return strings.Map(func(r rune) rune {
		if r != '\n' && obeyed(r) {
			return -1
		}
		return r
	}, s)
}

// oneLine is clean, for a name or a title.
func oneLine(s string) string {
	return strings.Join(strings.Fields(clean(s)), " ")
}

// obeyed reports whether a terminal does something other than to show r where r
// stands. Marks of a direction, which Arabic and Hebrew need, turn nothing round.
func obeyed(r rune) bool {
	switch {
	case unicode.IsControl(r), // C0, DEL and C1
		'\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069', // directions
		r == '\u2028', r == '\u2029', // line ends
		r == '\ufeff', '\U000e0000' <= r && r <= '\U000e001f':
		return true
	}
	return false
}

// escapeJSON writes the characters that a terminal obeys as JSON does.
func escapeJSON(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, func(r rune) bool { return r != '\n' && obeyed(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || !obeyed(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// widths counts columns; the escape sequences of this command have none.
var widths = displaywidth.Options{ControlSequences: true}

// columns is how wide text is on a terminal.
func columns(s string) int { return widths.String(s) }

// clip cuts text after so many columns.
func clip(s string, limit int) string {
	if limit < 1 || columns(s) <= limit {
		return s
	}
	return widths.TruncateString(s, limit, "…")
}

// pad fills text up to so many columns.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// wrap breaks text into lines of so many columns, at spaces where there are any.
func wrap(s string, limit int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		line, width := "", 0
		flush := func() { lines, line, width = append(lines, line), "", 0 }
		for i, word := range strings.Split(paragraph, " ") {
			w := columns(word)
			if i > 0 && width+1+w <= limit {
				line, width = line+" "+word, width+1+w
				continue
			}
			if i > 0 {
				flush()
			}
			for w > limit { // no spaces, as in Japanese
				head := widths.TruncateString(word, limit, "")
				if head == "" {
					break
				}
				line, word = head, word[len(head):]
				flush()
				w = columns(word)
			}
			line, width = word, w
		}
		flush()
	}
	return lines
}

// version is that of the module, or "devel".
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// counted is a number and its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
