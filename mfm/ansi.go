package mfm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// ANSIOptions says how [ANSI] renders.
type ANSIOptions struct {
	Links

	// Width is the number of columns to wrap lines to; 0 wraps none.
	Width int

	// Plain leaves out all escape sequences, as for a file or NO_COLOR.
	Plain bool

	// Hyperlinks makes what leads somewhere a link of the terminal (OSC 8). Without
	// it, the URL of a link stands behind its text.
	Hyperlinks bool
}

// ANSI renders nodes for a terminal. There are no escape sequences but its own:
// control characters, and those that turn the direction of writing round, are left
// out. There is no line break at the end.
func ANSI(nodes []Node, options ANSIOptions) string {
	w := &ansiWriter{ANSIOptions: options}
	w.nodes(nodes, ansiStyle{})
	var b strings.Builder
	for i, line := range w.wrapped() {
		if i > 0 {
			b.WriteByte('\n')
		}
		w.writeLine(&b, line)
	}
	return b.String()
}

// An ansiStyle is how a part of a line looks.
type ansiStyle struct {
	bold, dim, italic, strike, underline, concealed bool
	color, background                               string // parameters of SGR
	link                                            string
}

// codes returns the parameters of SGR.
func (s ansiStyle) codes() string {
	var codes []string
	for _, c := range []struct {
		on   bool
		code string
	}{
		{s.bold, "1"}, {s.dim, "2"}, {s.italic, "3"}, {s.underline, "4"}, {s.concealed, "8"}, {s.strike, "9"},
		{s.color != "", s.color}, {s.background != "", s.background},
	} {
		if c.on {
			codes = append(codes, c.code)
		}
	}
	return strings.Join(codes, ";")
}

// A run is text of one style, without line breaks.
type run struct {
	text  string
	style ansiStyle
}

type ansiLine struct {
	runs []run
	done bool // has been wrapped
}

type ansiWriter struct {
	ANSIOptions
	lines []ansiLine
}

// add adds text of anybody.
func (w *ansiWriter) add(text string, style ansiStyle) {
	for i, line := range strings.Split(printable(text), "\n") {
		if i > 0 || len(w.lines) == 0 {
			w.lines = append(w.lines, ansiLine{})
		}
		if line != "" {
			last := &w.lines[len(w.lines)-1]
			last.runs = append(last.runs, run{line, style})
		}
	}
}

var simpleLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// printable leaves out what a terminal would obey.
func printable(s string) string {
	s = simpleLines.Replace(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.ReplaceAll(s, "\t", "    ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069', r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, s)
}

// block adds lines of their own.
func (w *ansiWriter) block(lines []ansiLine) {
	w.breakLine()
	w.lines = append(w.lines, lines...)
	w.lines = append(w.lines, ansiLine{})
}

// breakLine begins a new line if there is anything on this one.
func (w *ansiWriter) breakLine() {
	if n := len(w.lines); n > 0 && len(w.lines[n-1].runs) == 0 && !w.lines[n-1].done {
		w.lines = w.lines[:n-1]
	}
}

// wrapped returns all lines, within the width.
func (w *ansiWriter) wrapped() []ansiLine {
	w.breakLine()
	if w.Width <= 0 {
		return w.lines
	}
	var lines []ansiLine
	for _, line := range w.lines {
		if line.done {
			lines = append(lines, line)
		} else {
			lines = append(lines, wrapLine(line.runs, w.Width)...)
		}
	}
	return lines
}

// sub renders nodes for a narrower place.
func (w *ansiWriter) sub(nodes []Node, style ansiStyle, narrower int) []ansiLine {
	inner := &ansiWriter{ANSIOptions: w.ANSIOptions}
	if w.Width > 0 {
		inner.Width = max(w.Width-narrower, 1)
	}
	inner.nodes(nodes, style)
	return inner.wrapped()
}

func (w *ansiWriter) nodes(nodes []Node, style ansiStyle) {
	for _, n := range nodes {
		w.node(n, style)
	}
}

const (
	ansiCyan   = "36"
	ansiYellow = "33"
)

func (w *ansiWriter) node(n Node, style ansiStyle) {
	outer := style
	switch n := n.(type) {
	case *Text:
		w.add(n.Text, style)
	case *Bold:
		style.bold = true
		w.nodes(n.Children, style)
	case *Italic:
		style.italic = true
		w.nodes(n.Children, style)
	case *Strike:
		style.strike = true
		w.nodes(n.Children, style)
	case *Small:
		style.dim = true
		w.nodes(n.Children, style)
	case *Fn:
		w.fn(n, style)
	case *Plain:
		w.nodes(n.Children, style)
	case *InlineCode:
		style.color = ansiYellow
		w.add(n.Code, style)
	case *MathInline:
		style.color = ansiYellow
		w.add(n.Formula, style)
	case *Mention:
		style.color, style.link = ansiCyan, w.mention(n)
		w.add(n.Acct(), style)
	case *Hashtag:
		style.color, style.link = ansiCyan, w.hashtag(n.Hashtag)
		w.add("#"+n.Hashtag, style)
	case *URL:
		style.underline, style.link = true, safeURL(n.URL)
		w.add(n.URL, style)
	case *Link:
		style.underline, style.link = true, safeURL(n.URL)
		w.nodes(n.Children, style)
		if (!w.Hyperlinks || w.Plain) && style.link != "" {
			w.add(" <"+style.link+">", outer)
		}
	case *EmojiCode, *UnicodeEmoji:
		w.add(n.String(), style)
	case *Search:
		style.link = w.search(n.Query)
		w.blockText("🔍 "+n.Query, style)
	case *Quote:
		style.dim = true
		const narrowest = 12 // for quotes in quotes
		if 0 < w.Width && w.Width < narrowest {
			w.block(w.sub(n.Children, style, 0))
			return
		}
		lines := w.sub(n.Children, style, 2)
		for i := range lines {
			lines[i].runs = slices.Insert(lines[i].runs, 0, run{"│ ", ansiStyle{dim: true}})
			lines[i].done = true
		}
		w.block(lines)
	case *BlockCode:
		style.color = ansiYellow
		w.blockText(n.Code, style)
	case *MathBlock:
		style.color = ansiYellow
		w.blockText(n.Formula, style)
	case *Center:
		lines := w.sub(n.Children, style, 0)
		for i := range lines {
			if free := w.Width - lineWidth(lines[i].runs); free > 1 {
				lines[i].runs = slices.Insert(lines[i].runs, 0, run{strings.Repeat(" ", free/2), ansiStyle{}})
			}
			lines[i].done = true
		}
		w.block(lines)
	}
}

func (w *ansiWriter) blockText(text string, style ansiStyle) {
	w.block(w.sub([]Node{NewText(text)}, style, 0))
}

func (w *ansiWriter) fn(n *Fn, style ansiStyle) {
	if at, ok := n.time(); ok {
		w.add(at.Format(timeFormat), style)
		return
	}
	if base, reading, ok := n.ruby(); ok {
		w.nodes(base, style)
		w.add(" ("+reading+")", style)
		return
	}
	switch n.Name {
	case "tada", "x2", "x3", "x4":
		style.bold = true
	case "blur":
		style.concealed = true
	case "fg":
		style.color = "38;2;" + rgb(n.color("f00"))
	case "bg":
		style.background = "48;2;" + rgb(n.color("f00"))
	}
	w.nodes(n.Children, style)
}

// rgb returns the parameters of SGR for a color of three or six digits.
func rgb(color string) string {
	if len(color) == 3 {
		color = string([]byte{color[0], color[0], color[1], color[1], color[2], color[2]})
	}
	value, _ := strconv.ParseUint(color, 16, 32) // which Fn.color has checked
	return fmt.Sprintf("%d;%d;%d", value>>16, value>>8&0xff, value&0xff)
}

func lineWidth(runs []run) int {
	width := 0
	for _, r := range runs {
		width += displaywidth.String(r.text)
	}
	return width
}

// A cell is a grapheme of a line.
type cell struct {
	text  string
	width int
	style ansiStyle
}

// wrapLine breaks a line between words if it can, and between wide characters,
// such as those of Japanese.
func wrapLine(runs []run, width int) []ansiLine {
	var cells []cell
	for _, r := range runs {
		for graphemes := displaywidth.StringGraphemes(r.text); graphemes.Next(); {
			cells = append(cells, cell{graphemes.Value(), graphemes.Width(), r.style})
		}
	}
	var lines []ansiLine
	for {
		used, end := 0, 0
		for end < len(cells) && (used+cells[end].width <= width || end == 0) {
			used += cells[end].width
			end++
		}
		if end == len(cells) {
			return append(lines, ansiLine{joinCells(cells), true})
		}
		next := end
		if cells[end].text == " " {
			next++
		} else {
			for at := end; at > 0; at-- {
				if cells[at-1].text == " " {
					end, next = at-1, at
					break
				}
				if cells[at-1].width == 2 || at < len(cells) && cells[at].width == 2 {
					end, next = at, at
					break
				}
			}
		}
		lines = append(lines, ansiLine{joinCells(cells[:end]), true})
		cells = cells[next:]
	}
}

func joinCells(cells []cell) []run {
	var runs []run
	for len(cells) > 0 {
		style := cells[0].style
		var text strings.Builder
		for len(cells) > 0 && cells[0].style == style {
			text.WriteString(cells[0].text)
			cells = cells[1:]
		}
		runs = append(runs, run{text.String(), style})
	}
	return runs
}

func (w *ansiWriter) writeLine(b *strings.Builder, line ansiLine) {
	if w.Plain {
		for _, r := range line.runs {
			b.WriteString(r.text)
		}
		return
	}
	codes, link := "", ""
	set := func(style ansiStyle) {
		if next := style.link; w.Hyperlinks && next != link {
			b.WriteString("\x1b]8;;" + terminalURL(next) + "\x1b\\")
			link = next
		}
		if next := style.codes(); next != codes {
			if codes != "" {
				b.WriteString("\x1b[0m")
			}
			if next != "" {
				b.WriteString("\x1b[" + next + "m")
			}
			codes = next
		}
	}
	for _, r := range line.runs {
		set(r.style)
		b.WriteString(r.text)
	}
	set(ansiStyle{})
}

// terminalURL returns a URL in the characters that OSC 8 allows.
func terminalURL(url string) string {
	var b strings.Builder
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
