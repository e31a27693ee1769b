package mfm

import (
	"fmt"
	"strings"
	"unicode"
)

// MarkdownOptions says how [Markdown] renders.
type MarkdownOptions struct {
	Links

	// Emoji returns what to write for a custom emoji, in Markdown, such as
	// <:name:123> for Discord. Without it, or for "", it is the name between colons.
	Emoji func(name string) string
}

// Markdown renders nodes as Markdown that Discord, GitHub and others understand.
// What has a meaning there but had none in the text is escaped, @everyone and @here
// included: they notify nobody.
func Markdown(nodes []Node, options MarkdownOptions) string {
	w := &markdownWriter{options}
	return silence(w.nodes(nodes))
}

var (
	silencer   = strings.NewReplacer("@everyone", "@\u200beveryone", "@here", "@\u200bhere")
	urlSilence = strings.NewReplacer("@everyone", "%40everyone", "@here", "%40here")
	oneLine    = strings.NewReplacer("\r", " ", "\n", " ")
)

// silence takes the meaning from what notifies everybody on Discord. It looks at the
// whole, because "@ever" and "yone" may come from two nodes.
func silence(s string) string {
	return silencer.Replace(s)
}

type markdownWriter struct {
	MarkdownOptions
}

func (w *markdownWriter) nodes(nodes []Node) string {
	var b strings.Builder
	for i, n := range nodes {
		if i > 0 && (IsBlock(n) || IsBlock(nodes[i-1])) && !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte('\n')
		}
		if i > 0 {
			if _, ok := nodes[i-1].(*Quote); ok {
				b.WriteByte('\n') // or the next line would be a part of the quote
			}
		}
		lineBegins := b.Len() == 0 || strings.HasSuffix(b.String(), "\n")
		b.WriteString(w.node(n, lineBegins))
	}
	return b.String()
}

func (w *markdownWriter) node(n Node, lineBegins bool) string {
	switch n := n.(type) {
	case *Text:
		return markdownText(n.Text, lineBegins)
	case *Bold:
		return emphasis("**", w.nodes(n.Children))
	case *Italic:
		return emphasis("*", w.nodes(n.Children))
	case *Strike:
		return emphasis("~~", w.nodes(n.Children))
	case *Fn:
		if at, ok := n.time(); ok {
			return markdownText(at.Format(timeFormat), false)
		}
		if base, reading, ok := n.ruby(); ok {
			return w.nodes(base) + " (" + markdownText(reading, false) + ")"
		}
		if n.Name == "blur" {
			return emphasis("||", w.nodes(n.Children))
		}
		return w.nodes(n.Children)
	case *InlineCode:
		return markdownCode(n.Code)
	case *MathInline:
		return markdownCode(n.Formula)
	case *Mention:
		return markdownLink(markdownText(n.Acct(), false), w.mention(n), false)
	case *Hashtag:
		return markdownLink(markdownText("#"+n.Hashtag, true), w.hashtag(n.Hashtag), false)
	case *URL:
		if url := safeURL(n.URL); url != "" {
			return "<" + markdownURL(url) + ">"
		}
		return markdownText(n.URL, lineBegins)
	case *Link:
		return markdownLink(w.nodes(n.Children), safeURL(n.URL), n.Silent)
	case *EmojiCode:
		if w.Emoji != nil {
			if emoji := w.Emoji(n.Name); emoji != "" {
				return emoji
			}
		}
		return markdownText(":"+n.Name+":", false)
	case *UnicodeEmoji:
		return n.Emoji
	case *Search:
		return markdownLink(markdownText("🔍 "+n.Query, false), w.search(n.Query), false)
	case *Quote:
		return "> " + strings.ReplaceAll(w.nodes(n.Children), "\n", "\n> ")
	case *BlockCode:
		return markdownBlock(n.Code, n.Lang)
	case *MathBlock:
		return markdownBlock(n.Formula, "")
	default:
		return w.nodes(Children(n))
	}
}

// markdownText escapes text.
func markdownText(s string, lineBegins bool) string {
	s = simpleLines.Replace(s)
	var b strings.Builder
	digits := false // only digits since the line began
	for _, r := range s {
		switch {
		case r == '\n':
			lineBegins, digits = true, false
			b.WriteRune(r)
			continue
		case strings.ContainsRune("\\`*_~|[]<>", r),
			lineBegins && strings.ContainsRune("#-+=", r),
			digits && strings.ContainsRune(".)", r):
			b.WriteByte('\\')
		case strings.ContainsRune(" \t", r) && lineBegins:
			b.WriteRune(r)
			continue
		}
		b.WriteRune(r)
		digits = r < 0x80 && isDigit(byte(r)) && (lineBegins || digits)
		lineBegins = false
	}
	return b.String()
}

// emphasis puts each line between two marks. Spaces must be outside.
func emphasis(mark, s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		inner := strings.TrimSpace(line)
		if inner == "" {
			continue
		}
		start := strings.Index(line, inner)
		lines[i] = line[:start] + mark + inner + mark + line[start+len(inner):]
	}
	return strings.Join(lines, "\n")
}

// markdownCode puts code between more backquotes than it contains.
func markdownCode(code string) string {
	fence := strings.Repeat("`", longestRun(code, '`')+1)
	if strings.HasPrefix(code, "`") || strings.HasSuffix(code, "`") {
		code = " " + code + " "
	}
	return fence + oneLine.Replace(code) + fence
}

func markdownBlock(code, lang string) string {
	fence := strings.Repeat("`", max(3, longestRun(code, '`')+1))
	if languageClass(lang) == "" {
		lang = ""
	}
	return fence + lang + "\n" + code + "\n" + fence
}

func longestRun(s string, c byte) int {
	longest, length := 0, 0
	for i := range len(s) {
		if s[i] == c {
			length++
		} else {
			length = 0
		}
		longest = max(longest, length)
	}
	return longest
}

func markdownLink(text, url string, silent bool) string {
	switch {
	case url == "" || strings.TrimSpace(text) == "":
		return text
	case silent: // Discord shows no preview
		return "[" + text + "](<" + markdownURL(url) + ">)"
	}
	return "[" + text + "](" + markdownURL(url) + ")"
}

// markdownURL encodes what would end a URL.
func markdownURL(url string) string {
	var b strings.Builder
	for _, r := range url {
		if strings.ContainsRune("()<>[]\\`|", r) || unicode.IsSpace(r) || unicode.IsControl(r) {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteRune(r)
		}
	}
	return urlSilence.Replace(b.String())
}
