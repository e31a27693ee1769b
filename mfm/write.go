package mfm

import "strings"

// String returns nodes as they are written in a text, as mfm.js does. Parsed
// again, they are the same nodes if they came from [Parse] and contain no text
// that a program has put in between: see [Escape] for that.
func String(nodes []Node) string {
	var b strings.Builder
	writeNodes(&b, nodes)
	return b.String()
}

func writeNodes(b *strings.Builder, nodes []Node) {
	for i, n := range nodes {
		if i > 0 && (IsBlock(n) || IsBlock(nodes[i-1])) {
			b.WriteByte('\n')
		}
		writeNode(b, n)
	}
}

func writeNode(b *strings.Builder, n Node) {
	switch n := n.(type) {
	case *Text:
		b.WriteString(n.Text)
	case *Bold:
		writeBetween(b, "**", n.Children, "**")
	case *Italic:
		writeBetween(b, "<i>", n.Children, "</i>")
	case *Strike:
		writeBetween(b, "~~", n.Children, "~~")
	case *Small:
		writeBetween(b, "<small>", n.Children, "</small>")
	case *Fn:
		b.WriteString("$[" + n.Name)
		for i, arg := range n.Args {
			if i == 0 {
				b.WriteByte('.')
			} else {
				b.WriteByte(',')
			}
			b.WriteString(arg.Name)
			if arg.Value != "" {
				b.WriteString("=" + arg.Value)
			}
		}
		writeBetween(b, " ", n.Children, "]")
	case *Plain:
		writeBetween(b, "<plain>\n", n.Children, "\n</plain>")
	case *InlineCode:
		b.WriteString("`" + n.Code + "`")
	case *MathInline:
		b.WriteString(`\(` + n.Formula + `\)`)
	case *Mention:
		b.WriteString(n.Acct())
	case *Hashtag:
		b.WriteString("#" + n.Hashtag)
	case *URL:
		if n.Brackets {
			b.WriteString("<" + n.URL + ">")
		} else {
			b.WriteString(n.URL)
		}
	case *Link:
		if n.Silent {
			b.WriteByte('?')
		}
		writeBetween(b, "[", n.Children, "]("+n.URL+")")
	case *EmojiCode:
		b.WriteString(":" + n.Name + ":")
	case *UnicodeEmoji:
		b.WriteString(n.Emoji)
	case *Quote:
		for i, line := range strings.Split(String(n.Children), "\n") {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString("> " + line)
		}
	case *Search:
		b.WriteString(n.Content)
	case *BlockCode:
		b.WriteString("```" + n.Lang + "\n" + n.Code + "\n```")
	case *MathBlock:
		b.WriteString("\\[\n" + n.Formula + "\n\\]")
	case *Center:
		writeBetween(b, "<center>\n", n.Children, "\n</center>")
	}
}

func writeBetween(b *strings.Builder, open string, children []Node, closing string) {
	b.WriteString(open)
	writeNodes(b, children)
	b.WriteString(closing)
}

// String returns the node as it is written in a text.
func (n *Text) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Bold) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Italic) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Strike) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Small) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Fn) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Plain) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *InlineCode) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *MathInline) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Mention) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Hashtag) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *URL) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Link) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *EmojiCode) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *UnicodeEmoji) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Quote) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Search) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *BlockCode) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *MathBlock) String() string { return String([]Node{n}) }

// String returns the node as it is written in a text.
func (n *Center) String() string { return String([]Node{n}) }
