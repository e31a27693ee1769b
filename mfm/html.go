package mfm

import (
	_ "embed"
	"html"
	"strings"
	"time"
)

// Stylesheet is CSS for what [HTML] writes: light and dark, and still for readers
// who want no motion. Animations are those of Misskey in spirit.
//
//go:embed mfm.css
var Stylesheet string

// HTMLOptions says how [HTML] renders.
type HTMLOptions struct {
	Links

	// Emoji returns the URL of the picture of a custom emoji; see [EmojiSet].
	// Without it, or for "", the emoji is its name between colons.
	Emoji func(name string) string

	// Inline makes one line for a place among other text, such as the name of a
	// user.
	Inline bool
}

// HTML renders nodes as HTML that is safe to put into a page, whoever wrote the
// text. Every element and attribute comes from this package, and everything else
// is escaped: there are no scripts and no style but numbers and colors, links lead
// to http and https only, and are marked rel="nofollow noopener noreferrer ugc".
//
// The result is one element of the class "mfm". [Stylesheet] makes it look as on
// Misskey; it also keeps within the element whatever a text moves or enlarges.
// Without it the text can still be read.
func HTML(nodes []Node, options HTMLOptions) string {
	w := &htmlWriter{HTMLOptions: options}
	element := "div"
	if options.Inline {
		element = "span"
	}
	w.open(element, "class", "mfm", "dir", "auto")
	w.nodes(nodes)
	w.close(element)
	return w.b.String()
}

type htmlWriter struct {
	HTMLOptions
	b    strings.Builder
	link bool // within a link, in which there can be no other
}

// open writes the start of an element. Attributes whose value is "" are left out.
func (w *htmlWriter) open(name string, attributes ...string) {
	w.b.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		if value := attributes[i+1]; value != "" {
			w.b.WriteString(" " + attributes[i] + `="` + html.EscapeString(value) + `"`)
		}
	}
	w.b.WriteByte('>')
}

func (w *htmlWriter) close(name string) { w.b.WriteString("</" + name + ">") }

// text writes text and its line breaks.
func (w *htmlWriter) text(s string) {
	s = html.EscapeString(strings.ReplaceAll(s, "\x00", "\ufffd"))
	if strings.ContainsAny(s, "\r\n") {
		replacement := "<br>"
		if w.Inline {
			replacement = " "
		}
		s = strings.ReplaceAll(simpleLines.Replace(s), "\n", replacement)
	}
	w.b.WriteString(s)
}

// raw writes text in which line breaks remain.
func (w *htmlWriter) raw(s string) {
	w.b.WriteString(html.EscapeString(strings.ReplaceAll(s, "\x00", "\ufffd")))
}

func (w *htmlWriter) nodes(nodes []Node) {
	for _, n := range nodes {
		w.node(n)
	}
}

func (w *htmlWriter) element(name string, children []Node, attributes ...string) {
	w.open(name, attributes...)
	w.nodes(children)
	w.close(name)
}

func (w *htmlWriter) textElement(name, text string, attributes ...string) {
	w.open(name, attributes...)
	w.raw(text)
	w.close(name)
}

// anchor writes a link around what content writes, or a span if there is no URL. It
// has its own direction: "@alice" is not "alice@" within Arabic.
func (w *htmlWriter) anchor(class, url string, content func()) {
	if url == "" || w.link {
		w.open("span", "class", class, "dir", "auto")
		content()
		w.close("span")
		return
	}
	w.link = true
	w.open("a", "class", class, "dir", "auto", "href", url, "rel", "nofollow noopener noreferrer ugc")
	content()
	w.close("a")
	w.link = false
}

// block returns the name of an element for a block.
func (w *htmlWriter) block(name string) string {
	if w.Inline {
		return "span"
	}
	return name
}

func (w *htmlWriter) node(n Node) {
	switch n := n.(type) {
	case *Text:
		w.text(n.Text)
	case *Bold:
		w.element("b", n.Children)
	case *Italic:
		w.element("i", n.Children)
	case *Strike:
		w.element("del", n.Children)
	case *Small:
		w.element("small", n.Children)
	case *Plain:
		w.element("span", n.Children)
	case *Fn:
		w.fn(n)
	case *InlineCode:
		w.textElement("code", n.Code, "class", "mfm-code", "dir", "ltr")
	case *MathInline:
		w.textElement("code", n.Formula, "class", "mfm-math", "dir", "ltr")
	case *Mention:
		w.anchor("mfm-mention", w.mention(n), func() { w.raw(n.Acct()) })
	case *Hashtag:
		w.anchor("mfm-hashtag", w.hashtag(n.Hashtag), func() { w.raw("#" + n.Hashtag) })
	case *URL:
		w.anchor("mfm-url", safeURL(n.URL), func() { w.raw(n.URL) })
	case *Link:
		w.anchor("mfm-link", safeURL(n.URL), func() { w.nodes(n.Children) })
	case *EmojiCode:
		code := ":" + n.Name + ":"
		if w.Emoji != nil {
			if url := safeURL(w.Emoji(n.Name)); url != "" {
				w.open("img", "class", "mfm-emoji", "src", url, "alt", code, "title", code, "loading", "lazy", "decoding", "async", "referrerpolicy", "no-referrer")
				return
			}
		}
		w.raw(code)
	case *UnicodeEmoji:
		w.raw(n.Emoji)
	case *Quote:
		w.element(w.block("blockquote"), n.Children, "class", "mfm-quote", "dir", "auto")
	case *Search:
		w.open(w.block("div"), "class", "mfm-search")
		w.anchor("mfm-search-query", w.search(n.Query), func() { w.raw(n.Query) })
		w.close(w.block("div"))
	case *BlockCode:
		pre := w.block("pre")
		w.open(pre, "class", "mfm-code-block", "dir", "ltr")
		w.open("code", "class", languageClass(n.Lang))
		w.raw(n.Code)
		w.close("code")
		w.close(pre)
	case *MathBlock:
		w.textElement(w.block("div"), n.Formula, "class", "mfm-math-block", "dir", "ltr")
	case *Center:
		w.element(w.block("div"), n.Children, "class", "mfm-center")
	}
}

// languageClass returns the class that highlighters of code look for.
func languageClass(lang string) string {
	const longest = 32
	if lang == "" || len(lang) > longest || strings.ContainsFunc(lang, func(r rune) bool {
		return r >= 0x80 || !isHost(byte(r)) && r != '+' && r != '#'
	}) {
		return ""
	}
	return "language-" + lang
}

// fn renders a function: a span with its class, and with its arguments as
// properties that the stylesheet uses. What Misskey does not know is text there,
// and here.
func (w *htmlWriter) fn(n *Fn) {
	if at, ok := n.time(); ok {
		w.textElement("time", at.Format(timeFormat), "class", "mfm-unixtime", "datetime", at.Format(time.RFC3339))
		return
	}
	if base, reading, ok := n.ruby(); ok {
		w.open("ruby")
		w.nodes(base)
		w.b.WriteString("<rp>(</rp><rt>")
		w.text(reading)
		w.b.WriteString("</rt><rp>)</rp></ruby>")
		return
	}
	classes, style, known := n.style()
	if !known {
		w.raw("$[" + n.Name + " ")
		w.nodes(n.Children)
		w.raw("]")
		return
	}
	w.open("span", "class", classes, "style", style)
	w.nodes(n.Children)
	w.close("span")
}

// style returns the classes and the style of a function.
func (n *Fn) style() (classes, style string, known bool) {
	classes = "mfm-" + n.Name
	var properties []string
	set := func(name, value string) { properties = append(properties, "--mfm-"+name+":"+value) }
	flag := func(names ...string) {
		for _, name := range names {
			if n.has(name) {
				classes += " mfm-" + n.Name + "-" + name
				return
			}
		}
	}
	switch n.Name {
	case "tada", "jelly", "twitch", "shake", "spin", "jump", "bounce", "rainbow":
		for _, name := range []string{"speed", "delay"} {
			if seconds, ok := n.seconds(name, 0); ok {
				set(name, format(seconds)+"s")
			}
		}
		if n.Name == "spin" {
			flag("x", "y")
			flag("left", "alternate")
		}
	case "x2", "x3", "x4", "blur", "sparkle", "clickable":
	case "flip":
		if n.has("h") && n.has("v") {
			classes += " mfm-flip-both"
		} else {
			flag("v")
		}
	case "font":
		flag("serif", "monospace", "cursive", "fantasy", "emoji", "math")
	case "rotate":
		set("deg", format(n.number("deg", 90, -36000, 36000))+"deg")
	case "position":
		set("x", format(n.number("x", 0, -100, 100))+"em")
		set("y", format(n.number("y", 0, -100, 100))+"em")
	case "scale":
		set("x", format(n.number("x", 1, -5, 5)))
		set("y", format(n.number("y", 1, -5, 5)))
	case "fg", "bg":
		set("color", "#"+n.color("f00"))
	case "border":
		if color := n.color(""); color != "" {
			set("color", "#"+color)
		}
		if style, _ := n.Arg("style"); borderStyles[style] {
			set("style", style)
		}
		set("width", format(n.number("width", 1, 0, 100))+"px")
		set("radius", format(n.number("radius", 0, 0, 1000))+"px")
		flag("noclip")
	default:
		return "", "", false
	}
	return classes, strings.Join(properties, ";"), true
}

var borderStyles = map[string]bool{
	"hidden": true, "dotted": true, "dashed": true, "solid": true, "double": true,
	"groove": true, "ridge": true, "inset": true, "outset": true,
}
