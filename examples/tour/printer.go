package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/misskey-go/misskey/mfm"
)

// A printer writes for a terminal or a file.
type printer struct {
	out    io.Writer
	width  int
	colors bool
	parts  int
}

func newPrinter(out io.Writer) *printer {
	p := &printer{out: out, width: 80}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns >= 20 {
		p.width = min(columns, 120)
	}
	if file, ok := out.(*os.File); ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		info, err := file.Stat()
		p.colors = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// heading begins a part of the tour.
func (p *printer) heading(title string) {
	if p.parts++; p.parts > 1 {
		fmt.Fprintln(p.out)
	}
	if p.colors {
		title = "\x1b[1m" + title + "\x1b[0m"
	}
	fmt.Fprintf(p.out, "%s\n", title)
}

// line writes a paragraph, wrapped and indented. What it is given may come from
// anybody.
func (p *printer) line(format string, args ...any) {
	const indent = "  "
	text := []mfm.Node{mfm.NewText(clip(clean(fmt.Sprintf(format, args...)), 400))}
	wrapped := mfm.ANSI(text, mfm.ANSIOptions{Width: p.width - 2*len(indent), Plain: true})
	for i, line := range strings.Split(wrapped, "\n") {
		if i > 0 {
			line = indent + line
		}
		fmt.Fprintf(p.out, "%s%s\n", indent, line)
	}
}

// clean makes one line without anything that a terminal would obey or that
// turns the direction of writing round.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r) || r == '\u200d': // joins emoji
			return r
		}
		return -1
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// clip cuts s after limit characters.
func clip(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "…"
}
