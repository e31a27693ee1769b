/*
Package mfm reads and writes MFM, the markup in which the texts of Misskey are
written: those of notes, and the names and descriptions of users.

# Reading

[Parse] returns the nodes of a text, the same that mfm.js 0.26, the parser of
Misskey, returns. A type switch distinguishes them:

	for n := range mfm.Walk(mfm.Parse(text)) {
		switch n := n.(type) {
		case *mfm.Mention:
			fmt.Println("mentions", n.Acct())
		case *mfm.Link:
			fmt.Println("links to", n.URL)
		}
	}

[PlainText], [Mentions], [Hashtags], [URLs] and [Emojis] return what most programs
look for. [WithoutMentions] returns what was said to a bot. Names of users are
parsed by [ParseSimple]: only emoji have a meaning there.

# Writing

A program that posts what somebody else has written passes it through [Escape]: then
it mentions nobody and formats nothing. [Split] and [Truncate] keep a text within
the maxNoteTextLength of an instance without cutting an emoji or a mention in two.
[String] writes nodes, also such that a program has made by [NewBold] and its like.

# Rendering

[HTML] makes a page's part of a text, safe whoever wrote it; [Stylesheet] is the
CSS for it. [ANSI] writes for a terminal, [Markdown] for a bridge to Discord, say.
[Links] says where mentions and hashtags lead, an [EmojiSet] knows the
pictures of custom emoji.

# Differences from mfm.js

The trees are equal, up to the depth of 20 at which Misskey stops, for every text
that JavaScript can hold. What differs is this:

  - mfm.js needs time that grows with the square of the length of some texts. Parse
    does not: it finds the same nodes of a hostile megabyte in about a second.
  - NestLimit allows at most 1000.
  - Nodes know their positions, in bytes. In a text that is not valid UTF-8, each
    wrong byte is kept.

The package stands alone: it takes texts, and imports neither package gen nor
misskey. It links one library, for the widths and limits of graphemes.
*/
package mfm
