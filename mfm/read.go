package mfm

import (
	"iter"
	"strings"
)

// Walk returns every node, the parents before their children.
func Walk(nodes []Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { walk(nodes, yield) }
}

func walk(nodes []Node, yield func(Node) bool) bool {
	for _, n := range nodes {
		if !yield(n) || !walk(Children(n), yield) {
			return false
		}
	}
	return true
}

// Inspect calls f with every node, the parents before their children. If f returns
// false, Inspect leaves out the children.
func Inspect(nodes []Node, f func(Node) bool) {
	for _, n := range nodes {
		if f(n) {
			Inspect(Children(n), f)
		}
	}
}

// unique returns what f returns for the nodes, without "" and what came before.
func unique(nodes []Node, f func(Node) string) []string {
	var all []string
	seen := make(map[string]bool)
	for n := range Walk(nodes) {
		if s := f(n); s != "" && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	return all
}

// Mentions returns whom the nodes mention, each once. Upper and lower case are the
// same in names and hosts.
func Mentions(nodes []Node) []*Mention {
	var all []*Mention
	seen := make(map[string]bool)
	for n := range Walk(nodes) {
		if m, ok := n.(*Mention); ok {
			if key := strings.ToLower(m.Acct()); !seen[key] {
				seen[key] = true
				all = append(all, m)
			}
		}
	}
	return all
}

// Hashtags returns the hashtags, without marks, each once.
func Hashtags(nodes []Node) []string {
	return unique(nodes, func(n Node) string {
		if n, ok := n.(*Hashtag); ok {
			return n.Hashtag
		}
		return ""
	})
}

// URLs returns where URLs and links lead, each once.
func URLs(nodes []Node) []string {
	return unique(nodes, func(n Node) string {
		switch n := n.(type) {
		case *URL:
			return n.URL
		case *Link:
			return n.URL
		}
		return ""
	})
}

// Emojis returns the names of the custom emoji, each once.
func Emojis(nodes []Node) []string {
	return unique(nodes, func(n Node) string {
		if n, ok := n.(*EmojiCode); ok {
			return n.Name
		}
		return ""
	})
}

// PlainText returns what a reader sees, as in a notification: without markup,
// with the texts of links but not where they lead.
func PlainText(nodes []Node) string {
	var b strings.Builder
	writePlainText(&b, nodes)
	return b.String()
}

func writePlainText(b *strings.Builder, nodes []Node) {
	for i, n := range nodes {
		if i > 0 && (IsBlock(n) || IsBlock(nodes[i-1])) && !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte('\n')
		}
		switch n := n.(type) {
		case *InlineCode:
			b.WriteString(n.Code)
		case *BlockCode:
			b.WriteString(n.Code)
		case *MathInline:
			b.WriteString(n.Formula)
		case *MathBlock:
			b.WriteString(n.Formula)
		case *URL:
			b.WriteString(n.URL)
		case *Search:
			b.WriteString(n.Query)
		case *Quote:
			b.WriteString("> " + strings.ReplaceAll(PlainText(n.Children), "\n", "\n> "))
		case *Fn:
			if at, ok := n.time(); ok {
				b.WriteString(at.Format(timeFormat))
			} else if base, reading, ok := n.ruby(); ok {
				writePlainText(b, base)
				b.WriteString(" (" + reading + ")")
			} else {
				writePlainText(b, n.Children)
			}
		default:
			if children := Children(n); children != nil {
				writePlainText(b, children)
			} else {
				writeNode(b, n)
			}
		}
	}
}

// timeFormat is how $[unixtime 0] is written.
const timeFormat = "2006-01-02 15:04:05 MST"

// WithoutMentions returns a text without the mentions for which f returns true,
// such as that of a bot by which the text reaches it: what was said to the bot. A
// nil f stands for all mentions. All else remains as it is, but for spaces beside
// what is gone. A mention right before another "@" remains, too.
func WithoutMentions(text string, f func(*Mention) bool) string {
	var b strings.Builder
	at := 0
	for n := range Walk(Parse(text)) {
		m, ok := n.(*Mention)
		if !ok || f != nil && !f(m) {
			continue
		}
		if m.End < len(text) && text[m.End] == '@' {
			continue // what follows is not a mention because of this one
		}
		b.WriteString(text[at:m.Start])
		at = m.End
		begins := b.Len() == 0 || isSpace(b.String()[b.Len()-1])
		switch {
		case begins:
			for at < len(text) && text[at] == ' ' {
				at++
			}
		case at < len(text) && !isSpace(text[at]):
			b.WriteByte(' ') // or what is left on both sides might be another mention
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || isNewline(c) }
