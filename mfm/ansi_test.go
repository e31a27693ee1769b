package mfm_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/clipperhouse/displaywidth"

	"github.com/misskey-go/misskey/mfm"
)

// sequences are all that ANSI may write.
var sequences = regexp.MustCompile("\x1b\\[[0-9;]+m|\x1b\\]8;;[!-~]*\x1b\\\\")

func checkANSI(t *testing.T, text string, width int) {
	t.Helper()
	rendered := mfm.ANSI(mfm.Parse(text), mfm.ANSIOptions{Links: linked(), Width: width, Hyperlinks: true})
	for line := range strings.SplitSeq(rendered, "\n") {
		visible := sequences.ReplaceAllString(line, "")
		for _, r := range visible {
			if unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' {
				t.Errorf("%q: %U in %q", text, r, line)
			}
		}
		if strings.Contains(line, "\x1b") && !strings.HasSuffix(line, "\x1b[0m") && !strings.HasSuffix(line, "\x1b]8;;\x1b\\") {
			if i := strings.LastIndex(line, "\x1b["); i > strings.LastIndex(line, "\x1b[0m") {
				t.Errorf("%q: what was begun does not end in the line %q", text, line)
			}
		}
		if width >= 10 && displaywidth.String(visible) > width {
			t.Errorf("%q: %q is wider than %d", text, visible, width)
		}
	}
	plain := mfm.ANSI(mfm.Parse(text), mfm.ANSIOptions{Links: linked(), Width: width, Hyperlinks: true, Plain: true})
	if strings.Contains(plain, "\x1b") {
		t.Errorf("%q: an escape sequence in plain %q", text, plain)
	}
}

func TestANSIIsSafe(t *testing.T) {
	more := []string{"\x1b[31mred", "\x1b]0;title\x07", "\u009b31m", "\x9b31m", "a\rb", "\u202eabc", "\u2066a", "<https://a.example/\x1b]8;;>", "[a\x1b](https://a.example)", "`\x1b[2J`", ":a:\b\b", "日本語の長い文章です。", "long words supercalifragilisticexpialidocious"}
	for _, text := range slices.Concat(more, hostileHTML, strangers, []string{everything}) {
		for _, width := range []int{0, 1, 4, 10, 80} {
			checkANSI(t, text, width)
		}
	}
}

func FuzzANSI(f *testing.F) {
	f.Add(everything, 20)
	f.Add("\x1b[31m> \u009b[a](https://a.example/\x07)", 10)
	f.Fuzz(func(t *testing.T, text string, width int) { checkANSI(t, text, width) })
}

func TestANSIWraps(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 8, "one two\nthree"},
		{"onetwothree", 4, "onet\nwoth\nree"},
		{"日本語の文", 5, "日本\n語の\n文"},
		{"> one two three four five", 12, "│ one two\n│ three four\n│ five"},
		{"> one two", 6, "one\ntwo"},
		{"<center>ab</center>", 6, "  ab"},
		{"a\n\nb", 6, "a\n\nb"},
		{"a [b](https://c.example)", 0, "a b <https://c.example>"},
	} {
		if got := mfm.ANSI(mfm.Parse(test.text), mfm.ANSIOptions{Width: test.width, Plain: true}); got != test.want {
			t.Errorf("%q in %d columns is %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
