package mfm

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

const ellipsis = "…"

// Length returns the length of a text as Misskey counts it, for the
// maxNoteTextLength of an instance: in code points. Not in characters as a reader
// counts them, for which one emoji may be many, and not in UTF-16 as JavaScript
// does.
func Length(text string) int { return utf8.RuneCountInString(text) }

// Truncate shortens a text to a [Length] of at most limit, and ends it in "…" if
// something is missing. It never cuts a grapheme, an emoji, a mention, a hashtag, a
// URL or code, and it closes what is open at the end: bold text remains bold. If
// there is a space not far before the limit, it cuts there.
func Truncate(text string, limit int) string {
	if Length(text) <= limit {
		return text
	}
	if limit <= 0 {
		return ""
	}
	best, word := cut{}, cut{}
	count, at := 0, 0
	for _, c := range cuts(text) {
		count += Length(text[at:c.at])
		at = c.at
		if count > limit {
			break
		}
		if count+c.endingLength() <= limit {
			best = c
			if (c.space || strings.ContainsRune(" \n", rune(text[c.at]))) && count >= limit/2 {
				word = c
			}
		}
	}
	if word.at > 0 {
		best = word
	}
	best.at = len(strings.TrimRightFunc(text[:best.at], unicode.IsSpace))
	short := text[:best.at] + best.ending()
	if mentionsOthers(short, text) {
		return truncatePlain(text, limit)
	}
	return short
}

// mentionsOthers reports whether a part of a text mentions somebody whom the whole
// does not mention: markup that is cut may have hidden it.
func mentionsOthers(part, whole string) bool {
	known := make(map[Mention]bool)
	for n := range Walk(Parse(whole)) {
		if m, ok := n.(*Mention); ok {
			known[Mention{Username: m.Username, Host: m.Host}] = true
		}
	}
	for n := range Walk(Parse(part)) {
		if m, ok := n.(*Mention); ok && !known[Mention{Username: m.Username, Host: m.Host}] {
			return true
		}
	}
	return false
}

// truncatePlain shortens a text and takes all meaning from it.
func truncatePlain(text string, limit int) string {
	for n := limit - 1; n > 0; n-- {
		// One less leaves out one code point at least; Escape adds a few.
		escaped := Escape(text[:forcedCut(text, n)])
		if tooLong := Length(escaped) + 1 - limit; tooLong > 0 {
			n -= tooLong - 1
			continue
		}
		return escaped + ellipsis
	}
	return ellipsis
}

// Split cuts a text into pieces with a [Length] of at most limit, at least 1. The
// pieces together are the text. Split cuts between words if it can, and outside of
// markup. It does not cut a grapheme, an emoji, a mention, a hashtag, a URL or code
// unless one of them is longer than limit.
//
// A piece may mention somebody whom the text does not mention: where a <plain> is
// longer than limit, say, or where "$[x2 @alice" had no end and so was text. For
// what a stranger wrote, split first, and [Escape] each piece.
func Split(text string, limit int) []string {
	limit = max(limit, 1)
	var pieces []string
	all, from := cuts(text), 0
	for left := Length(text); left > limit; {
		// The last cut of each kind, if it is not too early, and of any kind.
		var best [kinds]int
		last, count, at := 0, 0, from
		for len(all) > 0 && all[0].at <= from {
			all = all[1:]
		}
		for _, c := range all {
			count += Length(text[at:c.at])
			at = c.at
			if count > limit {
				break
			}
			last = c.at
			if count >= limit/2 || c.depth == 0 && count >= limit/4 {
				best[c.kind()] = c.at
			}
		}
		to := cmp.Or(append(best[:], last)...)
		if to == 0 {
			to = from + forcedCut(text[from:], limit)
		}
		pieces = append(pieces, text[from:to])
		left -= Length(text[from:to])
		from = to
	}
	if from < len(text) {
		pieces = append(pieces, text[from:])
	}
	return pieces
}

// forcedCut returns where to cut a text that has no good place for it.
func forcedCut(text string, limit int) int {
	// One more, to see whether a grapheme ends at the limit.
	text = text[:prefix(text, limit+1)]
	at, count := 0, 0
	for graphemes := displaywidth.StringGraphemes(text); graphemes.Next(); {
		if count += Length(graphemes.Value()); count > limit {
			break
		}
		at += len(graphemes.Value())
	}
	if at > 0 {
		return at
	}
	return prefix(text, limit)
}

// prefix returns where the first n code points end.
func prefix(text string, n int) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// A cut is a place where a text can be cut.
type cut struct {
	at      int
	space   bool   // there is a space right before
	hashtag int    // where the last hashtag before ends
	closing ending // of the nodes that are cut
	depth   int    // how many nodes are cut
}

// An ending is the end of nodes, and its Length, which is asked for often.
type ending struct {
	text   string
	length int
}

// The kinds of cuts, the best first.
const (
	betweenWords = iota
	outsideMarkup
	betweenWordsInMarkup
	inMarkup
	kinds
)

func (c cut) kind() int {
	switch {
	case c.depth == 0 && c.space:
		return betweenWords
	case c.depth == 0:
		return outsideMarkup
	case c.space:
		return betweenWordsInMarkup
	}
	return inMarkup
}

// behindHashtag reports whether a hashtag ends here, which "…" would make longer.
func (c cut) behindHashtag() bool { return c.at > 0 && c.at == c.hashtag }

// ending returns what makes a text complete that is cut here.
func (c cut) ending() string {
	if c.behindHashtag() {
		return " " + ellipsis + c.closing.text
	}
	return ellipsis + c.closing.text
}

func (c cut) endingLength() int {
	if c.behindHashtag() {
		return 2 + c.closing.length
	}
	return 1 + c.closing.length
}

// cuts returns all cuts of a text, from the first to the last.
func cuts(text string) []cut {
	c := &cutter{text: text}
	c.nodes(Parse(text), 0, ending{})
	return c.cuts
}

type cutter struct {
	text    string
	hashtag int // where the last one ends
	cuts    []cut
}

func (c *cutter) nodes(nodes []Node, depth int, closing ending) {
	for i, n := range nodes {
		span := n.Position()
		if i > 0 {
			c.add(cut{at: span.Start, depth: depth, closing: closing})
		}
		switch n.(type) {
		case *Text:
			c.words(span, depth, closing)
			continue
		case *Hashtag:
			c.hashtag = span.End
		}
		children := Children(n)
		if len(children) == 0 || !strings.ContainsRune("<>~[?$\n\r", rune(c.text[span.Start])) && !strings.HasPrefix(c.text[span.Start:], "**") {
			continue // with "_" or one "*" around it, it must not contain "…"
		}
		inner := closing
		if _, ok := n.(*Quote); !ok { // which ends with the line
			end := strings.TrimRight(c.text[children[len(children)-1].Position().End:span.End], "\r\n")
			inner = ending{end + closing.text, Length(end) + closing.length}
		}
		c.nodes(children, depth+1, inner)
	}
}

// words adds the cuts within text that has no meaning. What begins with "@" and is
// no mention might be one if it ended earlier, so it is not cut.
func (c *cutter) words(span Span, depth int, closing ending) {
	at, name := span.Start, false
	for graphemes := displaywidth.StringGraphemes(c.text[span.Start:span.End]); graphemes.Next(); {
		first := c.text[at]
		if !name || !isHost(first) && first != '@' {
			if at > span.Start {
				c.add(cut{at: at, depth: depth, closing: closing})
			}
			name = false
		}
		name = name || first == '@'
		at += len(graphemes.Value())
	}
}

// add adds a cut, unless it would make a mention or a hashtag of what is none
// because of the letter before.
func (c *cutter) add(cut cut) {
	if cut.at == 0 || len(c.cuts) > 0 && c.cuts[len(c.cuts)-1].at == cut.at {
		return
	}
	last, _ := utf8.DecodeLastRuneInString(c.text[:cut.at])
	if next := c.text[cut.at]; last < 0x80 && isAlphanumeric(byte(last)) && (next == '@' || next == '#') {
		return
	}
	cut.space, cut.hashtag = unicode.IsSpace(last), c.hashtag
	c.cuts = append(c.cuts, cut)
}
