package mfm

// The functions here make nodes to be written by [String]. Their texts are written
// as they are: those of others go through [Escape].

// NewText returns text.
func NewText(text string) *Text { return &Text{Text: text} }

// NewBold returns bold nodes.
func NewBold(children ...Node) *Bold { return &Bold{Children: children} }

// NewItalic returns italic nodes.
func NewItalic(children ...Node) *Italic { return &Italic{Children: children} }

// NewStrike returns nodes that are struck through.
func NewStrike(children ...Node) *Strike { return &Strike{Children: children} }

// NewSmall returns small nodes.
func NewSmall(children ...Node) *Small { return &Small{Children: children} }

// NewFn returns a function such as $[x2 children].
func NewFn(name string, args []Arg, children ...Node) *Fn {
	return &Fn{Name: name, Args: args, Children: children}
}

// NewPlain returns text in which nothing has a meaning. It must not contain
// </plain>; [Escape] takes any text.
func NewPlain(text string) *Plain { return &Plain{Children: []Node{NewText(text)}} }

// NewInlineCode returns code within a line.
func NewInlineCode(code string) *InlineCode { return &InlineCode{Code: code} }

// NewMathInline returns a formula within a line.
func NewMathInline(formula string) *MathInline { return &MathInline{Formula: formula} }

// NewMention returns a mention. The host is empty for a user of the instance on
// which the text is posted.
func NewMention(username, host string) *Mention { return &Mention{Username: username, Host: host} }

// NewHashtag returns a hashtag; tag is without the mark.
func NewHashtag(tag string) *Hashtag { return &Hashtag{Hashtag: tag} }

// NewURL returns a URL in angle brackets, in which it may contain any character
// but spaces and ">".
func NewURL(url string) *URL { return &URL{URL: url, Brackets: true} }

// NewLink returns a link.
func NewLink(url string, children ...Node) *Link { return &Link{URL: url, Children: children} }

// NewEmojiCode returns a custom emoji.
func NewEmojiCode(name string) *EmojiCode { return &EmojiCode{Name: name} }

// NewUnicodeEmoji returns an emoji of Unicode.
func NewUnicodeEmoji(emoji string) *UnicodeEmoji { return &UnicodeEmoji{Emoji: emoji} }

// NewQuote returns a quote.
func NewQuote(children ...Node) *Quote { return &Quote{Children: children} }

// NewSearch returns a field for a web search.
func NewSearch(query string) *Search { return &Search{Query: query, Content: query + " [Search]"} }

// NewBlockCode returns lines of code in a language, which may be empty.
func NewBlockCode(code, lang string) *BlockCode { return &BlockCode{Code: code, Lang: lang} }

// NewMathBlock returns a formula on lines of its own.
func NewMathBlock(formula string) *MathBlock { return &MathBlock{Formula: formula} }

// NewCenter returns centered lines.
func NewCenter(children ...Node) *Center { return &Center{Children: children} }
