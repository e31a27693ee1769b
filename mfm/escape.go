package mfm

import (
	"strings"
	"unicode"
)

// Escape returns text so that it has no meaning wherever it stands in a text: the
// name of a user, say, or what a user has written. It mentions nobody, formats
// nothing, and ends nothing that was begun before it.
//
// Words are returned as they are. Everything else is put in <plain>, which shows it
// as it is, emoji and line breaks included.
//
// Escape is for a place between spaces or markup. It cannot know that "@" stands
// before a word, and a line break in it ends a quote: give the text to [NewQuote]
// and that to [String], which marks each line.
func Escape(text string) string {
	if text == "" || isWords(text) {
		return text
	}
	// </plain> cannot stand in <plain>. Its parts can stand in two of them.
	const closing = "</plain>"
	var b strings.Builder
	for {
		cut := strings.Index(text, closing)
		if cut < 0 {
			break
		}
		writePlain(&b, text[:cut+1])
		text = text[cut+1:]
	}
	writePlain(&b, text)
	return b.String()
}

// writePlain writes text in <plain>, which takes away one line break at each end.
func writePlain(b *strings.Builder, text string) {
	b.WriteString("<plain>")
	if isNewline(text[0]) {
		b.WriteByte('\n')
	}
	b.WriteString(text)
	if last := text[len(text)-1]; isNewline(last) {
		b.WriteByte(last) // \r and \n would be one line break
	}
	b.WriteString("</plain>")
}

// isWords reports whether text consists of words that have no meaning at any place.
func isWords(text string) bool {
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ,.!-'\"", r):
		case unicode.IsMark(r) && !unicode.Is(unicode.Variation_Selector, r) && r != '\u20e3': // those of emoji
		default:
			return false
		}
	}
	lower := strings.ToLower(text)
	if strings.Contains(lower, "search") || strings.Contains(lower, "検索") {
		return false
	}
	nodes := ParseSimple(text)
	_, ok := nodes[0].(*Text)
	return ok && len(nodes) == 1
}
