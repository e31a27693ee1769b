package mfm_test

import (
	"strings"
	"testing"

	"github.com/misskey-go/misskey/mfm"
)

var strangers = []string{
	"", "alice", "Alice B. Carol", "日本語の名前", "é", "a\nb", "\n", "\r", "\r\n", "\n\n", " ", "@bob", "@bob@evil.example", "#tag", ":blobcat:", "😀", "👨\u200d👩\u200d👧", "1\ufe0f\u20e3", "ℹ", "https://evil.example", "[a](https://evil.example)",
	"**a**", "**", "</b>", "]", "$[x4 a]", "$[", "<plain>", "</plain>", "</plain></plain>", "<plain></plain>", "</plain", "<</plain>", "\n</plain>\n", "</plain>\r\n", "a search", "search", "SEARCH", "検索", "> quote", "```\ncode\n```", "`", "`a", "\\(a\\)", "\\[", "<center>", "_a_", "*a*",
	"~~", "http", "\x00", "\xff", "\u202e", "ſearch", "\ufeff", strings.Repeat("</plain>", 50),
}

func TestEscapedTextHasNoMeaning(t *testing.T) {
	for _, s := range strangers {
		checkEscape(t, s)
	}
	if got := mfm.Escape("Alice B. Carol, 日本語"); got != "Alice B. Carol, 日本語" {
		t.Errorf("words became %q", got)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range strangers {
		f.Add(s)
	}
	f.Fuzz(checkEscape)
}

// checkEscape checks that an escaped text is text, alone and within what else may
// be in a text.
func checkEscape(t *testing.T, s string) {
	escaped := mfm.Escape(s)
	for _, around := range [][2]string{
		{"", ""}, {" ", " "}, {"**", "**"}, {"<b>", "</b>"}, {"$[x2 ", "]"}, {"~~", "~~"}, {"<center>", "</center>"}, {"[", "](https://a.example)"}, {"by ", "\n> x"}, {"<small>(", ")</small>"},
	} {
		if strings.TrimSpace(s) == "" && s != "" && around[0] != "" {
			continue // such as ** **
		}
		want := shape(mfm.Parse(around[0] + "x" + around[1]))
		if s == "" {
			want = shape(mfm.Parse(around[0] + around[1]))
		}
		nodes := mfm.Parse(around[0] + escaped + around[1])
		if got := shape(nodes); got != want {
			t.Errorf("%q within %q is %s, want %s", s, around, got, want)
		}
		if got := mfm.PlainText(nodes); !strings.Contains(got, s) {
			t.Errorf("%q within %q reads %q", s, around, got)
		}
	}
	if got := mfm.PlainText(mfm.Parse(escaped)); got != s {
		t.Errorf("%q reads %q", s, got)
	}
	if got := mfm.PlainText(mfm.ParseSimple(escaped)); got != s {
		t.Errorf("%q as a name reads %q", s, got)
	}
}

// shape returns the kinds of nodes; Text and Plain are the same, and next to one
// another they are one.
func shape(nodes []mfm.Node) string {
	var b strings.Builder
	text := false
	for _, n := range nodes {
		switch n.(type) {
		case *mfm.Text, *mfm.Plain:
			if !text {
				b.WriteString("text ")
			}
			text = true
			continue
		}
		text = false
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(typeName(n), "*mfm."), "mfm."), " ")
		b.WriteString(name + "(" + shape(mfm.Children(n)) + ") ")
	}
	return b.String()
}
