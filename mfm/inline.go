package mfm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// inline parses what has a meaning within a line at at, and returns where it ends.
// label says that it stands in the text of a link. Without a builder, inline only
// recognizes. What is cut short, such as <b> without </b>, is text as far as it
// was read, as in mfm.js.
func (p *parser) inline(at, depth int, label bool, b *builder) int {
	switch p.text[at] {
	case '<':
		return p.tag(at, depth, label, b)
	case '*':
		return p.asterisk(at, depth, label, b)
	case '_':
		return p.underscore(at, b)
	case '`':
		return p.inlineCode(at, b)
	case '\\':
		return p.mathInline(at, b)
	case '~':
		return p.container(at, "~~", depth, label, stopWave, b)
	case '$':
		return p.fn(at, depth, label, b)
	case ':':
		return p.emojiCode(at, b)
	case '#':
		if end := p.unicodeEmoji(at, b); end != none || label {
			return end
		}
		return p.hashtag(at, depth, b)
	case '@':
		if !label {
			return p.mention(at, b)
		}
	case '[', '?':
		if !label {
			return p.link(at, depth, b)
		}
	case 'h':
		if !label {
			return p.rawURL(at, depth, b)
		}
	default:
		return p.unicodeEmoji(at, b)
	}
	return none
}

func (p *parser) tag(at, depth int, label bool, b *builder) int {
	switch {
	case p.has(at, "<small>"):
		return p.container(at, "<small>", depth, label, stopSmall, b)
	case p.has(at, "<plain>"):
		return p.plain(at, b)
	case p.has(at, "<b>"):
		return p.container(at, "<b>", depth, label, stopBoldTag, b)
	case p.has(at, "<i>"):
		return p.container(at, "<i>", depth, label, stopItalic, b)
	case p.has(at, "<s>"):
		return p.container(at, "<s>", depth, label, stopStrike, b)
	case !label && p.has(at, "<http"):
		return p.bracketURL(at, b)
	}
	return none
}

// container parses what stands between two marks.
func (p *parser) container(at int, open string, depth int, label bool, s stop, b *builder) int {
	if !p.has(at, open) {
		return none
	}
	return p.contained(at, at+len(open), depth, label, s, b, func(span Span, children []Node) Node {
		switch s {
		case stopSmall:
			return &Small{span, children}
		case stopItalic:
			return &Italic{span, children}
		case stopStrike, stopWave:
			return &Strike{span, children}
		case stopBig:
			return &Fn{span, "tada", nil, children}
		default:
			return &Bold{span, children}
		}
	})
}

// contained parses the content of a node, which begins at inner, and its end mark.
func (p *parser) contained(at, inner, depth int, label bool, s stop, b *builder, node func(Span, []Node) Node) int {
	var children *builder
	if b != nil {
		children = &builder{p: p, text: inner}
	}
	innerEnd := p.content(inner, depth+1, label, s, children)
	if innerEnd == inner || !p.has(innerEnd, s.mark()) {
		return innerEnd
	}
	end := innerEnd + len(s.mark())
	if b != nil {
		b.add(at, end, node(p.span(at, end), children.finish(innerEnd)))
	}
	return end
}

func (p *parser) asterisk(at, depth int, label bool, b *builder) int {
	if end := p.unicodeEmoji(at, b); end != none {
		return end
	}
	if p.has(at, "***") {
		return p.container(at, "***", depth, label, stopBig, b)
	}
	if p.has(at, "**") {
		return p.container(at, "**", depth, label, stopBold, b)
	}
	return p.italic(at, b)
}

func (p *parser) underscore(at int, b *builder) int {
	if !p.has(at, "__") {
		return p.italic(at, b)
	}
	inner := at + 2
	innerEnd := p.words(inner)
	if innerEnd > inner && p.has(innerEnd, "__") {
		end := innerEnd + 2
		if b != nil {
			b.add(at, end, &Bold{p.span(at, end), p.textNode(inner, innerEnd)})
		}
		return end
	}
	return none
}

// italic parses *italic* and _italic_.
func (p *parser) italic(at int, b *builder) int {
	if p.behindWord(at) {
		return none
	}
	inner := at + 1
	innerEnd := p.words(inner)
	if innerEnd == inner || innerEnd == len(p.text) || p.text[innerEnd] != p.text[at] {
		return none
	}
	end := innerEnd + 1
	if b != nil {
		b.add(at, end, &Italic{p.span(at, end), p.textNode(inner, innerEnd)})
	}
	return end
}

// words returns where letters, digits and spaces end.
func (p *parser) words(at int) int {
	for at < len(p.text) {
		if isAlphanumeric(p.text[at]) {
			at++
		} else if n := p.space(at); n > 0 {
			at += n
		} else {
			break
		}
	}
	return at
}

func (p *parser) textNode(start, end int) []Node {
	return []Node{&Text{p.span(start, end), p.text[start:end]}}
}

func (p *parser) unicodeEmoji(at int, b *builder) int {
	n := emojiAt(p.text[at:])
	if n == 0 {
		if p.has(at, emojiForm) {
			return at + len(emojiForm) // text
		}
		return none
	}
	if b != nil {
		b.add(at, at+n, &UnicodeEmoji{p.span(at, at+n), p.text[at : at+n]})
	}
	return at + n
}

func (p *parser) emojiCode(at int, b *builder) int {
	name := at + 1
	nameEnd := p.run(name, func(c byte) bool { return isWord(c) || c == '+' || c == '-' })
	end := nameEnd + 1
	if nameEnd == name || !p.has(nameEnd, ":") || end < len(p.text) && isAlphanumeric(p.text[end]) {
		return none
	}
	if b != nil {
		b.add(at, end, &EmojiCode{p.span(at, end), p.text[name:nameEnd]})
	}
	return end
}

func (p *parser) plain(at int, b *builder) int {
	const open, closing = "<plain>", "</plain>"
	if !p.has(at, open) {
		return none
	}
	inner := at + len(open)
	inner += p.newline(inner)
	closed := p.next(markPlainEnd, inner)
	if closed == none {
		return none
	}
	innerEnd := p.beforeNewline(inner, closed)
	if innerEnd == inner {
		return none
	}
	end := closed + len(closing)
	if b != nil {
		b.add(at, end, &Plain{p.span(at, end), p.textNode(inner, innerEnd)})
	}
	return end
}

func (p *parser) inlineCode(at int, b *builder) int {
	inner := at + 1
	innerEnd := inner
	for innerEnd < len(p.text) && p.text[innerEnd] != '`' && !isNewline(p.text[innerEnd]) && !p.has(innerEnd, "´") {
		innerEnd++
	}
	if innerEnd == inner || !p.has(innerEnd, "`") {
		return none
	}
	end := innerEnd + 1
	if b != nil {
		b.add(at, end, &InlineCode{p.span(at, end), p.text[inner:innerEnd]})
	}
	return end
}

func (p *parser) mathInline(at int, b *builder) int {
	if !p.has(at, `\(`) {
		return none
	}
	inner := at + 2
	innerEnd := p.next(markMathEnd, inner)
	if innerEnd == none || innerEnd == inner {
		return none
	}
	if newline := p.next(markNewline, inner); newline != none && newline < innerEnd {
		return none
	}
	end := innerEnd + 2
	if b != nil {
		b.add(at, end, &MathInline{p.span(at, end), p.text[inner:innerEnd]})
	}
	return end
}

func (p *parser) fn(at, depth int, label bool, b *builder) int {
	if !p.has(at, "$[") {
		return none
	}
	name := at + 2
	nameEnd := p.run(name, isWord)
	if nameEnd == name {
		return nameEnd
	}
	argsEnd := p.args(nameEnd, nil)
	if !p.has(argsEnd, " ") {
		return argsEnd
	}
	return p.contained(at, argsEnd+1, depth, label, stopFn, b, func(span Span, children []Node) Node {
		n := &Fn{Span: span, Name: p.text[name:nameEnd], Children: children}
		p.args(nameEnd, &n.Args)
		n.Args = likeObject(n.Args)
		return n
	})
}

// args parses the arguments of a function, if there are any.
func (p *parser) args(at int, args *[]Arg) int {
	end := at
	for separator := "."; p.has(end, separator); separator = "," {
		name := end + 1
		nameEnd := p.run(name, isWord)
		if nameEnd == name {
			break
		}
		arg := Arg{Name: p.text[name:nameEnd]}
		end = nameEnd
		if p.has(end, "=") {
			if valueEnd := p.run(end+1, isHost); valueEnd > end+1 {
				arg.Value = p.text[end+1 : valueEnd]
				end = valueEnd
			}
		}
		if args != nil {
			*args = append(*args, arg)
		}
	}
	return end
}

// likeObject returns arguments as an object of JavaScript keeps them: the last
// value of each name at the place of the first, numbers before all others, and
// without __proto__, which is not a name there.
func likeObject(args []Arg) []Arg {
	if len(args) == 0 || len(args) == 1 && args[0].Name != "__proto__" {
		return args
	}
	seen := make(map[string]int, len(args))
	kept := args[:0]
	for _, arg := range args {
		if i, ok := seen[arg.Name]; ok {
			kept[i].Value = arg.Value
		} else if arg.Name != "__proto__" {
			seen[arg.Name] = len(kept)
			kept = append(kept, arg)
		}
	}
	slices.SortStableFunc(kept, func(a, b Arg) int { return cmp.Compare(arrayIndex(a.Name), arrayIndex(b.Name)) })
	return kept
}

// arrayIndex returns the number that a name is, or the greatest if it is none.
func arrayIndex(name string) uint32 {
	const not = 1<<32 - 1 // which is not an index
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil || len(name) > 1 && name[0] == '0' {
		return not
	}
	return uint32(n)
}

func (p *parser) mention(at int, b *builder) int {
	name := at + 1
	nameEnd := p.run(name, isHost)
	if nameEnd == name || p.behindWord(at) {
		return none
	}
	end := nameEnd
	host := ""
	hasHost := false
	if p.has(end, "@") {
		if hostEnd := p.run(end+1, isHost); hostEnd > end+1 {
			host, hasHost = p.text[end+1:hostEnd], true
			end = hostEnd
		}
	}
	const edge = ".-" // allowed within names, not at their ends
	username := p.text[name:nameEnd]
	host = strings.TrimRight(host, edge)
	if host == "" {
		username = strings.TrimRight(username, edge)
	}
	if username == "" || strings.Trim(username, edge) != username || strings.TrimLeft(host, edge) != host || hasHost && host == "" {
		return end // text
	}
	if b == nil && host == "" {
		return name + len(username)
	}
	n := &Mention{Username: username, Host: host}
	end = name + len(username)
	if host != "" {
		end += 1 + len(host)
	}
	if b != nil {
		n.Span = p.span(at, end)
		b.add(at, end, n)
	}
	return end
}

func (p *parser) hashtag(at, depth int, b *builder) int {
	if p.behindWord(at) {
		return none
	}
	tag := at + 1
	end := p.brackets(tag, depth, hashtagBrackets)
	if end == tag || p.run(tag, isDigit) == end {
		return none
	}
	if b != nil {
		b.add(at, end, &Hashtag{p.span(at, end), p.text[tag:end]})
	}
	return end
}

// rawURL parses a URL without brackets.
func (p *parser) rawURL(at, depth int, b *builder) int {
	end, ok := p.url(at, depth)
	if ok && b != nil {
		b.add(at, end, &URL{p.span(at, end), p.text[at:end], false})
	}
	return end
}

// url returns where a URL without brackets ends. It is not ok if it is text only.
func (p *parser) url(at, depth int) (end int, ok bool) {
	content := at + p.scheme(at)
	if content == at {
		return none, false
	}
	end = p.brackets(content, depth, urlBrackets)
	if end == content {
		return none, false
	}
	trimmed := strings.TrimRight(p.text[content:end], ".,")
	if trimmed == "" {
		return end, false
	}
	return content + len(trimmed), true
}

// scheme returns the length of https:// or http://.
func (p *parser) scheme(at int) int {
	for _, s := range []string{"https://", "http://"} {
		if p.has(at, s) {
			return len(s)
		}
	}
	return 0
}

// bracketURL parses a URL in angle brackets.
func (p *parser) bracketURL(at int, b *builder) int {
	inner := at + 1
	content := inner + p.scheme(inner)
	if content == inner {
		return none
	}
	innerEnd := p.next(markURLEnd, content)
	if innerEnd == none || innerEnd == content || p.text[innerEnd] != '>' {
		return none
	}
	if b != nil {
		b.add(at, innerEnd+1, &URL{p.span(at, innerEnd+1), p.text[inner:innerEnd], true})
	}
	return innerEnd + 1
}

// link parses a link. It recognizes its text before it builds: whatever is in
// there has another meaning if this is not a link.
func (p *parser) link(at, depth int, b *builder) int {
	inner := at + 1
	if p.text[at] == '?' {
		inner++
	}
	if p.text[inner-1:min(inner, len(p.text))] != "[" || p.next(markLinkMiddle, inner) == none {
		return none
	}
	innerEnd := p.content(inner, depth+1, true, stopLabel, nil)
	if innerEnd == inner || !p.has(innerEnd, "](") {
		return none
	}
	end := p.linkTarget(innerEnd+2, depth)
	if end == none {
		return none
	}
	if b != nil {
		children := &builder{p: p, text: inner}
		p.content(inner, depth+1, true, stopLabel, children)
		url := p.text[innerEnd+2 : end-1]
		if url[0] == '<' {
			url = url[1 : len(url)-1]
		}
		b.add(at, end, &Link{p.span(at, end), url, p.text[at] == '?', children.finish(innerEnd)})
	}
	return end
}

// linkTarget parses the URL of a link and the bracket behind it. Many beginnings
// may share one target.
func (p *parser) linkTarget(at, depth int) int {
	q := question{at, depth, false, stopTarget}
	if end, ok := p.answer(q); ok {
		return end
	}
	var end int
	var ok bool
	if p.at(at) == '<' {
		end = p.bracketURL(at, nil)
		ok = end != none
	} else {
		end, ok = p.url(at, depth)
	}
	if ok && p.has(end, ")") {
		end++
	} else {
		end = none
	}
	p.learn(q, end)
	return end
}
