package mfm

// A Node is a part of a text: a pointer to one of the types named here. No other
// package can add one.
//
// The blocks are [Quote], [Search], [BlockCode], [MathBlock] and [Center]. All
// others are inline: [Text], [Bold], [Italic], [Strike], [Small], [Fn], [Plain],
// [InlineCode], [MathInline], [Mention], [Hashtag], [URL], [Link], [EmojiCode]
// and [UnicodeEmoji].
type Node interface {
	// Position returns where the node stands in the text that was parsed.
	Position() Span
	// String returns the node as it is written in a text, as [String] does.
	String() string

	node() // seals the set
}

// A Span is a part of the text that was parsed: text[Start:End], in bytes. Nodes
// that a program has made by hand have an empty Span.
//
// The span of what stands in a quote includes the marks ">" between its lines.
type Span struct {
	Start, End int
}

// Position returns the span itself.
func (s Span) Position() Span { return s }

func (Span) node() {}

type (
	// Text is text without a meaning of its own. It may contain line breaks.
	Text struct {
		Span
		Text string
	}

	// Bold is **bold**, __bold__ or <b>bold</b>.
	Bold struct {
		Span
		Children []Node
	}

	// Italic is *italic*, _italic_ or <i>italic</i>.
	Italic struct {
		Span
		Children []Node
	}

	// Strike is ~~struck through~~ or <s>struck through</s>.
	Strike struct {
		Span
		Children []Node
	}

	// Small is <small>small</small>.
	Small struct {
		Span
		Children []Node
	}

	// Fn is a function such as $[x2 big] or $[spin.speed=2s,left round]. ***text***
	// is $[tada text].
	Fn struct {
		Span
		Name     string
		Args     []Arg // each name once
		Children []Node
	}

	// Plain is <plain>text in which nothing has a meaning</plain>.
	Plain struct {
		Span
		Children []Node // one Text
	}

	// InlineCode is `code` within a line.
	InlineCode struct {
		Span
		Code string
	}

	// MathInline is \(a formula\) within a line.
	MathInline struct {
		Span
		Formula string
	}

	// Mention is @username or @username@host.
	Mention struct {
		Span
		Username string
		Host     string // empty for a user of the instance on which the text was written
	}

	// Hashtag is #hashtag.
	Hashtag struct {
		Span
		Hashtag string // without the mark
	}

	// URL is https://misskey.example or <https://misskey.example>.
	URL struct {
		Span
		URL      string
		Brackets bool
	}

	// Link is [text](https://misskey.example), or with a question mark in front if
	// Silent: then Misskey shows no preview of the page.
	Link struct {
		Span
		URL      string
		Silent   bool
		Children []Node
	}

	// EmojiCode is a custom emoji, :name:.
	EmojiCode struct {
		Span
		Name string
	}

	// UnicodeEmoji is one emoji of Unicode.
	UnicodeEmoji struct {
		Span
		Emoji string
	}

	// Quote is a block of lines that start with ">".
	Quote struct {
		Span
		Children []Node
	}

	// Search is a line that ends in "Search" or "[Search]": Misskey shows a field
	// for a web search.
	Search struct {
		Span
		Query   string
		Content string // the whole line
	}

	// BlockCode is lines of code between two lines of three backquotes.
	BlockCode struct {
		Span
		Code string
		Lang string // empty if none is given
	}

	// MathBlock is a formula between \[ and \].
	MathBlock struct {
		Span
		Formula string
	}

	// Center is <center>centered lines</center>.
	Center struct {
		Span
		Children []Node
	}
)

// An Arg is an argument of an [Fn].
type Arg struct {
	Name  string
	Value string // empty if the argument is only a name, as in $[flip.h text]
}

// Arg returns the value of an argument, and whether the function has it.
func (n *Fn) Arg(name string) (value string, ok bool) {
	for _, arg := range n.Args {
		if arg.Name == name {
			return arg.Value, true
		}
	}
	return "", false
}

// Acct returns @username or @username@host.
func (n *Mention) Acct() string {
	if n.Host == "" {
		return "@" + n.Username
	}
	return "@" + n.Username + "@" + n.Host
}

// IsBlock reports whether n stands on lines of its own.
func IsBlock(n Node) bool {
	switch n.(type) {
	case *Quote, *Search, *BlockCode, *MathBlock, *Center:
		return true
	}
	return false
}

// Children returns the nodes within n, nil if its kind has none.
func Children(n Node) []Node {
	switch n := n.(type) {
	case *Bold:
		return n.Children
	case *Italic:
		return n.Children
	case *Strike:
		return n.Children
	case *Small:
		return n.Children
	case *Fn:
		return n.Children
	case *Plain:
		return n.Children
	case *Link:
		return n.Children
	case *Quote:
		return n.Children
	case *Center:
		return n.Children
	}
	return nil
}
