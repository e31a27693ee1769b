package mfm

import "sort"

// How deep nodes nest in Misskey, and how deep they can nest at all: the parser
// and everything that walks a tree use the stack.
const (
	defaultNestLimit = 20
	maxNestLimit     = 1000
)

// An Option changes how [Parse] works.
type Option func(*parser)

// NestLimit sets how deep nodes may nest; what is deeper is text. Misskey's
// limit, and the default, is 20. The greatest is 1000.
func NestLimit(limit int) Option {
	return func(p *parser) { p.limit = min(limit, maxNestLimit) }
}

// Parse returns the nodes of a text. There are no wrong texts: what has no
// meaning is [Text]. The nodes refer to the memory of text.
//
// The nodes are those of mfm.js 0.26. The time is proportional to the length of
// the text, whatever it contains.
func Parse(text string, options ...Option) []Node {
	p := &parser{text: text, limit: defaultNestLimit}
	for _, option := range options {
		option(p)
	}
	return p.blocks(0)
}

// ParseSimple returns the nodes of a text in which only emoji and <plain> have a
// meaning, such as the name of a user.
func ParseSimple(text string) []Node {
	p := &parser{text: text}
	b := &builder{p: p}
	for at := 0; at < len(text); {
		var end int
		switch text[at] {
		case ':':
			end = p.emojiCode(at, b)
		case '<':
			end = p.plain(at, b)
		default:
			end = p.unicodeEmoji(at, b)
		}
		if end == none {
			end = at + 1
		}
		at = end
	}
	return b.finish(len(text))
}

// none is the end of what does not match.
const none = -1

// A parser parses one text: that of a note, or that of a quote within it, which
// lacks the marks of the lines.
//
// The rules of mfm.js never look back further than one byte. Two of them look
// ahead without limit and then may find that they do not match, so that the same
// text is parsed again in another way: link and center. They first only recognize,
// without nodes, and remember what they found (see content). All other rules
// either look at a bounded part of the text, or ask next, which knows where
// something comes next, or consume as text what they have looked at.
type parser struct {
	text  string
	limit int
	lines []line // empty unless this is the text of a quote

	marks [marks][]int // where each mark is; nil before it is needed

	known   map[uint64]int // what content and linkTarget have found; the keys are of questions
	learned []uint64       // a bit for each place: whether anything is known about it
	work    int            // how many steps content has taken
}

// A line of a quote starts at one offset in the quote's own text and at another in
// the text that was given to Parse.
type line struct {
	start, outer int
}

// outer returns the offset in the text that was given to Parse.
func (p *parser) outer(at int) int {
	if len(p.lines) == 0 {
		return at
	}
	i := sort.Search(len(p.lines), func(i int) bool { return p.lines[i].start > at }) - 1
	return p.lines[i].outer + at - p.lines[i].start
}

func (p *parser) span(start, end int) Span {
	if len(p.lines) == 0 {
		return Span{start, end}
	}
	// The byte after the last one may be behind the mark of the next line.
	return Span{p.outer(start), p.outer(end-1) + 1}
}

// A builder gathers nodes. What lies between them is text.
type builder struct {
	p     *parser
	nodes []Node
	text  int // where the text begins that is not yet in a node
}

// add appends a node that stands at text[start:end].
func (b *builder) add(start, end int, n Node) {
	b.flush(start)
	b.nodes = append(b.nodes, n)
	b.text = end
}

func (b *builder) flush(end int) {
	if b.text < end {
		b.nodes = append(b.nodes, &Text{b.p.span(b.text, end), b.p.text[b.text:end]})
	}
}

// finish returns all nodes up to end.
func (b *builder) finish(end int) []Node {
	b.flush(end)
	return b.nodes
}
