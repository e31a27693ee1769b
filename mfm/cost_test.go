package mfm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/mfm"
)

// What is done with the nodes of a hostile text is linear, too.
func TestRenderingIsLinear(t *testing.T) {
	const most = 2 * time.Second
	size := 1 << 16
	if raceDetector || testing.Short() {
		size /= 8
	}
	for _, text := range []string{
		strings.Repeat("a", size), strings.Repeat("a ", size/2), strings.Repeat("**a**", size/5), strings.Repeat("> ", size/2) + "a", strings.Repeat("> a\n", size/4), strings.Repeat("> a\n\n", size/5), strings.Repeat("😀", size/4), strings.Repeat("e\u0301", size/3), "e" + strings.Repeat("\u0301", size/2),
		"[" + strings.Repeat("a ", size/4) + "](https://a.example/" + strings.Repeat("b", size/2) + ")", strings.Repeat("#a ", size/3), strings.Repeat("@bot", size/4), strings.Repeat("@bot ", size/5), strings.Repeat("$[x2 a]", size/7), "`" + strings.Repeat("`a", size/2), strings.Repeat("</plain>", size/8), strings.Repeat("\n", size), strings.Repeat("<center>a</center>\n", size/19), "**" + strings.Repeat("a\n", size/2) + "**",
		strings.Repeat("a@", size/2), strings.Repeat("<b>", 19) + strings.Repeat("a ", size/2) + strings.Repeat("</b>", 19),
	} {
		nodes := mfm.Parse(text)
		for name, f := range map[string]func(){
			"String":          func() { mfm.String(nodes) },
			"PlainText":       func() { mfm.PlainText(nodes) },
			"HTML":            func() { mfm.HTML(nodes, mfm.HTMLOptions{Links: linked()}) },
			"ANSI":            func() { mfm.ANSI(nodes, mfm.ANSIOptions{}) },
			"ANSI wrapped":    func() { mfm.ANSI(nodes, mfm.ANSIOptions{Width: 40}) },
			"ANSI wide":       func() { mfm.ANSI(nodes, mfm.ANSIOptions{Width: size / 2}) },
			"Markdown":        func() { mfm.Markdown(nodes, mfm.MarkdownOptions{}) },
			"Escape":          func() { mfm.Escape(text) },
			"Truncate":        func() { mfm.Truncate(text, size/2) },
			"Split":           func() { mfm.Split(text, 100) },
			"Split by one":    func() { mfm.Split(text, 1) },
			"WithoutMentions": func() { mfm.WithoutMentions(text, nil) },
			"Mentions":        func() { mfm.Mentions(nodes) },
			"ParseSimple":     func() { mfm.ParseSimple(text) },
		} {
			if took := cost(most, f); took > most {
				t.Errorf("%s of %d bytes, %.30q…, takes %v", name, len(text), text, took)
			}
		}
	}
}
