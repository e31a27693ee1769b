package oneline

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestOf(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		" two\r\nlines\t":            "two  lines",
		"\x1b[31mred\x07\u0085":      "�[31mred�",
		"\u202eevil\u2066":           "�evil�",
		"zero\u200bwidth\ufeff":      "zero�width�",
		"a\u200db":                   "a�b",
		"👨\u200d👩\u200d👧 ❤\ufe0f":    "👨\u200d👩\u200d👧 ❤\ufe0f",
		"\xff\xfe":                   "��",
		"line\u2028paragraph\u2029.": "line paragraph .",
		"例え.テスト":                     "例え.テスト",
	} {
		if got := Of(in, 100); got != want {
			t.Errorf("Of(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Of(strings.Repeat("あ", 1_000_000), 3); got != "あああ…" {
		t.Errorf("%q", got)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("\x1b]0;title\x07 👨\u200d👩\n", 8)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(limit%1000, 0)
		got := Of(s, limit)
		if n := utf8.RuneCountInString(got); n > limit+1 {
			t.Errorf("%d characters", n)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) && r != zeroWidthJoiner {
				t.Errorf("%q has %U", got, r)
			}
		}
		if again := Of(got, limit+1); again != got {
			t.Errorf("%q became %q", got, again)
		}
	})
}
