package mfm

import (
	"slices"
	"strings"
)

const wideSpace = "\u3000"

func isNewline(c byte) bool { return c == '\n' || c == '\r' }
func isDigit(c byte) bool   { return '0' <= c && c <= '9' }
func isAlphanumeric(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}
func isWord(c byte) bool { return isAlphanumeric(c) || c == '_' }
func isHost(c byte) bool { return isWord(c) || c == '.' || c == '-' }

// at returns the byte at i, 0 behind the end.
func (p *parser) at(i int) byte {
	if i < len(p.text) {
		return p.text[i]
	}
	return 0
}

func (p *parser) has(at int, prefix string) bool {
	return strings.HasPrefix(p.text[at:], prefix)
}

// run returns where bytes of a kind end.
func (p *parser) run(at int, kind func(byte) bool) int {
	for at < len(p.text) && kind(p.text[at]) {
		at++
	}
	return at
}

// newline returns the length of the line break at at, 0 if there is none.
func (p *parser) newline(at int) int {
	switch {
	case at == len(p.text) || !isNewline(p.text[at]):
		return 0
	case p.has(at, "\r\n"):
		return 2
	}
	return 1
}

// space returns the length of the space at at, 0 if there is none.
func (p *parser) space(at int) int {
	switch p.at(at) {
	case ' ', '\t':
		return 1
	case wideSpace[0]:
		if p.has(at, wideSpace) {
			return len(wideSpace)
		}
	}
	return 0
}

func (p *parser) lineBegins(at int) bool { return at == 0 || isNewline(p.text[at-1]) }
func (p *parser) lineEnds(at int) bool   { return at == len(p.text) || isNewline(p.text[at]) }

// lineEnd returns where the line ends.
func (p *parser) lineEnd(at int) int {
	if n := strings.IndexAny(p.text[at:], "\r\n"); n >= 0 {
		return at + n
	}
	return len(p.text)
}

// beforeNewline returns end, or where the line break begins that is right before
// end and not before start.
func (p *parser) beforeNewline(start, end int) int {
	if end > start && isNewline(p.text[end-1]) {
		end--
		if end > start && p.text[end] == '\n' && p.text[end-1] == '\r' {
			end--
		}
	}
	return end
}

// behindWord reports whether a letter or digit of ASCII is right before at.
func (p *parser) behindWord(at int) bool {
	return at > 0 && isAlphanumeric(p.text[at-1])
}

// meaningless has the bytes with which neither a node nor the end of one begins.
// Those of emoji are not among them: see skip.
var meaningless = func() (table [256]bool) {
	for c := range table {
		table[c] = c < 0x80 && !isDigit(byte(c)) && !strings.ContainsRune("<*_`\\~$@#:[]?h\r\n", rune(c))
	}
	return table
}()

// skip returns the next place at or behind at where a node might begin or end.
func (p *parser) skip(at int) int {
	for at < len(p.text) {
		c := p.text[at]
		switch {
		case meaningless[c]:
		case c >= 0x80 || isDigit(c):
			if mayBeEmoji(p.text[at:]) {
				return at
			}
		case c == 'h' && !p.has(at, "http"):
		default:
			return at
		}
		at++
	}
	return at
}

// A mark is what next can look for.
type mark int

const (
	markPlainEnd mark = iota
	markCenterEnd
	markMathEnd
	markMathBlockEnd
	markLinkMiddle
	markFence   // a line of three backquotes and nothing else, and the line break before
	markNewline // \r or \n
	markURLEnd  // what ends a URL in brackets: > or a space
	marks
)

var markText = [...]string{"</plain>", "</center>", `\)`, `\]`, "]("}

// next returns the first place of a mark at or behind from. It looks at a few bytes;
// if the mark is not there, it makes a list of all such marks, once.
func (p *parser) next(m mark, from int) int {
	const near = 64
	limit := min(from+near, len(p.text))
	if found := p.find(m, from, limit); found != none || limit == len(p.text) {
		return found
	}
	if p.marks[m] == nil {
		p.marks[m] = []int{}
		for at := p.find(m, 0, len(p.text)); at != none; at = p.find(m, at+1, len(p.text)) {
			p.marks[m] = append(p.marks[m], at)
		}
	}
	if i, _ := slices.BinarySearch(p.marks[m], from); i < len(p.marks[m]) {
		return p.marks[m][i]
	}
	return none
}

// find returns the first mark that begins in text[from:limit].
func (p *parser) find(m mark, from, limit int) int {
	switch m {
	case markNewline:
		if n := strings.IndexAny(p.text[from:limit], "\r\n"); n >= 0 {
			return from + n
		}
	case markFence:
		for at := p.find(markNewline, from, limit); at != none; at = p.find(markNewline, at+1, limit) {
			if mark := at + p.newline(at); p.has(mark, "```") && p.lineEnds(mark+3) {
				return at
			}
		}
	case markURLEnd:
		for at := from; at < limit; at++ {
			if p.text[at] == '>' || p.space(at) > 0 {
				return at
			}
		}
	default:
		text := markText[m]
		if n := strings.Index(p.text[from:min(limit+len(text)-1, len(p.text))], text); n >= 0 {
			return from + n
		}
	}
	return none
}

// A stop says where the content of a node ends.
type stop int

const (
	stopSmall stop = iota
	stopBoldTag
	stopItalic
	stopStrike
	stopBig
	stopBold
	stopWave // or the end of the line
	stopFn
	stopLabel  // or the end of the line
	stopCenter // or the line break before it
	stopTarget // not a content: see linkTarget
)

var stopMarks = [...]string{"</small>", "</b>", "</i>", "</s>", "***", "**", "~~", "]", "]", "</center>"}

func (s stop) mark() string { return stopMarks[s] }

func (p *parser) stops(at int, s stop) bool {
	if p.text[at] == s.mark()[0] {
		return p.has(at, s.mark())
	}
	if !isNewline(p.text[at]) {
		return false
	}
	switch s {
	case stopWave, stopLabel:
		return true
	case stopCenter:
		return p.has(at+p.newline(at), s.mark())
	}
	return false
}

// content parses the content of a node, from at, and returns where it stops. There
// is the mark of s, or the end of the text, or, for some, the end of the line.
//
// With a builder, each part of the text is parsed once for each depth at most.
// Without one, content recognizes the text of a possible link or of <center>, and
// may be asked again about what it has already seen: from the same place, or from
// another from which it comes to the same place. So it writes down where the
// content ends that goes on at a place, each time that it has done some work.
// However often it is asked, that work is done once.
func (p *parser) content(at, depth int, label bool, s stop, b *builder) int {
	const worth = 8 // steps are worth writing down
	var places []int
	begin, work := at, p.work
	for at < len(p.text) && !p.stops(at, s) {
		if b == nil {
			if end, ok := p.answer(question{at, depth, label, s}); ok {
				at = end
				break
			}
		}
		p.work++
		end := none
		if depth < p.limit {
			end = p.inline(at, depth, label, b)
		}
		if end == none {
			end = p.skip(at + 1)
		}
		at = end
		if b == nil && p.work-work >= worth {
			if len(places) == 0 {
				places = append(places, begin)
			}
			places = append(places, at)
			work = p.work
		}
	}
	for _, place := range places {
		p.learn(question{place, depth, label, s}, at)
	}
	return at
}

// A question is where a content ends that goes on at a place.
type question struct {
	at, depth int
	label     bool
	stop      stop
}

func (q question) key() uint64 {
	key := uint64(q.at)<<16 | uint64(q.depth)<<5 | uint64(q.stop)<<1
	if q.label {
		key |= 1
	}
	return key
}

// answer returns what was learned. It looks into the map only if something is known
// about the place.
func (p *parser) answer(q question) (end int, ok bool) {
	if p.learned == nil || p.learned[q.at/64]&(1<<(q.at%64)) == 0 {
		return 0, false
	}
	end, ok = p.known[q.key()]
	return end, ok
}

func (p *parser) learn(q question, end int) {
	if p.known == nil {
		p.known = make(map[uint64]int)
		p.learned = make([]uint64, len(p.text)/64+1)
	}
	p.known[q.key()] = end
	p.learned[q.at/64] |= 1 << (q.at % 64)
}

// Brackets are allowed in hashtags and URLs if they come in pairs.
type brackets struct {
	open, close []string
	char        func(p *parser, at int) int // the length of what is allowed else
}

var (
	urlBrackets = &brackets{
		open:  []string{"(", "["},
		close: []string{")", "]"},
		char: func(p *parser, at int) int {
			if c := p.text[at]; isAlphanumeric(c) || strings.IndexByte(".,_/:%#@$&?!~=+-", c) >= 0 {
				return 1
			}
			return 0
		},
	}
	hashtagBrackets = &brackets{
		open:  []string{"(", "[", "「", "（"},
		close: []string{")", "]", "」", "）"},
		char: func(p *parser, at int) int {
			c := p.text[at]
			if c < 0x80 {
				if strings.IndexByte(" \t\r\n.,!?'\"#:/[]()<>", c) >= 0 {
					return 0
				}
				return 1
			}
			for _, s := range []string{wideSpace, "【", "】", "「", "」", "（", "）"} {
				if p.has(at, s) {
					return 0
				}
			}
			return 1
		},
	}
)

// brackets returns where text ends that has brackets in pairs only.
func (p *parser) brackets(at, depth int, kind *brackets) int {
	for at < len(p.text) {
		end := p.bracket(at, depth, kind)
		if end == none {
			break
		}
		at = end
	}
	return at
}

// bracket returns the end of a pair of brackets or of one byte.
func (p *parser) bracket(at, depth int, kind *brackets) int {
	if n := kind.char(p, at); n > 0 {
		return at + n
	}
	for i, open := range kind.open {
		if !p.has(at, open) {
			continue
		}
		end := at + len(open)
		if depth+1 < p.limit {
			end = p.brackets(end, depth+1, kind)
		} else {
			for end < len(p.text) && kind.char(p, end) > 0 {
				end++
			}
		}
		if p.has(end, kind.close[i]) {
			return end + len(kind.close[i])
		}
	}
	return none
}
