package mfm

import (
	"strings"
	"unicode"
)

// blocks parses the whole text.
func (p *parser) blocks(depth int) []Node {
	b := &builder{p: p}
	for at := 0; at < len(p.text); {
		newline := isNewline(p.text[at])
		if newline || p.lineBegins(at) {
			if end := p.block(at, depth, b); end != none {
				at = end
				continue
			}
		}
		if newline {
			at++ // and look at the beginning of the next line
			continue
		}
		if end := p.inline(at, depth, false, b); end != none {
			at = end
			continue
		}
		if p.lineBegins(at) {
			if end := p.search(at, b); end != none {
				at = end
				continue
			}
		}
		at = p.skip(at + 1)
	}
	return b.finish(len(p.text))
}

// block parses a block at the beginning of a line, or behind the line breaks at at.
func (p *parser) block(at, depth int, b *builder) int {
	start := at + p.newline(at)
	if start == len(p.text) {
		return none
	}
	end := none
	switch p.text[start] {
	case '<':
		end = p.center(at, start, depth, b)
	case '`':
		end = p.blockCode(at, start, b)
	case '\\':
		end = p.mathBlock(at, start, b)
	case '>':
		end = p.quote(at, start, depth, b)
	case '\r', '\n':
		if second := start + p.newline(start); start > at && p.has(second, ">") {
			end = p.quote(at, second, depth, b)
		}
	}
	if end == none && start > at {
		end = p.search(at, b)
	}
	return end
}

// center parses <center>, which stands at start. It recognizes before it builds.
func (p *parser) center(at, start, depth int, b *builder) int {
	const open, closing = "<center>", "</center>"
	if !p.has(start, open) || p.next(markCenterEnd, start) == none {
		return none
	}
	inner := start + len(open)
	inner += p.newline(inner)
	innerEnd := p.content(inner, depth+1, false, stopCenter, nil)
	end := innerEnd + p.newline(innerEnd)
	if innerEnd == inner || !p.has(end, closing) || !p.lineEnds(end+len(closing)) {
		return none
	}
	end += len(closing)
	end += p.newline(end)
	children := &builder{p: p, text: inner}
	p.content(inner, depth+1, false, stopCenter, children)
	b.add(at, end, &Center{p.span(at, end), children.finish(innerEnd)})
	return end
}

func (p *parser) blockCode(at, start int, b *builder) int {
	const fence = "```"
	if !p.has(start, fence) {
		return none
	}
	lang := p.text[start+len(fence) : p.lineEnd(start)]
	code := start + len(fence) + len(lang)
	if code == len(p.text) {
		return none
	}
	code += p.newline(code)
	codeEnd := p.next(markFence, code)
	if codeEnd == none || codeEnd == code {
		return none
	}
	end := codeEnd + p.newline(codeEnd) + len(fence)
	end += p.newline(end)
	b.add(at, end, &BlockCode{p.span(at, end), p.text[code:codeEnd], strings.TrimFunc(lang, isSpaceInJS)})
	return end
}

// isSpaceInJS reports what String.prototype.trim removes.
func isSpaceInJS(r rune) bool {
	return r == '\ufeff' || r != '\u0085' && unicode.IsSpace(r)
}

func (p *parser) mathBlock(at, start int, b *builder) int {
	if !p.has(start, `\[`) {
		return none
	}
	formula := start + 2
	formula += p.newline(formula)
	closing := p.next(markMathBlockEnd, formula)
	if closing == none || !p.lineEnds(closing+2) {
		return none
	}
	formulaEnd := p.beforeNewline(formula, closing)
	if formulaEnd == formula {
		return none
	}
	end := closing + 2
	end += p.newline(end)
	b.add(at, end, &MathBlock{p.span(at, end), p.text[formula:formulaEnd]})
	return end
}

// quote parses the lines of a quote, the first of which stands at start.
func (p *parser) quote(at, start, depth int, b *builder) int {
	var text strings.Builder
	var lines []line
	end := start
	for {
		end++ // the mark
		end += p.space(end)
		lineEnd := p.lineEnd(end)
		lines = append(lines, line{text.Len(), p.outer(end)})
		text.WriteString(p.text[end:lineEnd])
		end = lineEnd
		next := end + p.newline(end)
		if next == end || !p.has(next, ">") {
			break
		}
		text.WriteByte('\n')
		end = next
	}
	if text.Len() == 0 {
		return none
	}
	end += p.newline(end)
	end += p.newline(end)

	inner := &parser{text: text.String(), limit: p.limit, lines: lines}
	var children []Node
	if depth+1 < p.limit {
		children = inner.blocks(depth + 1)
	} else {
		children = (&builder{p: inner}).finish(len(inner.text))
	}
	b.add(at, end, &Quote{p.span(at, end), children})
	return end
}

// search parses a line that asks for a search.
func (p *parser) search(at int, b *builder) int {
	start := at + p.newline(at)
	end := p.lineEnd(start)
	content := p.text[start:end]
	query, found := "", false
	for _, button := range []string{"[search]", "[検索]", "search", "検索"} {
		if cut := len(content) - len(button); cut > 0 && strings.EqualFold(content[cut:], button) {
			query, found = content[:cut], true
			break
		}
	}
	if !found {
		return none
	}
	query, found = cutLastSpace(query)
	if !found || query == "" {
		return none
	}
	end += p.newline(end)
	b.add(at, end, &Search{p.span(at, end), query, content})
	return end
}

func cutLastSpace(s string) (before string, found bool) {
	for _, space := range []string{" ", "\t", wideSpace} {
		if before, found = strings.CutSuffix(s, space); found {
			return before, true
		}
	}
	return s, false
}
