package mfm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"github.com/misskey-go/misskey/mfm"
)

func typeName(n mfm.Node) string { return fmt.Sprintf("%T", n) }

func TestLengthIsInCodePoints(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "日本": 2, "😀": 1, "👨\u200d👩\u200d👧": 5, "e\u0301": 2, "\xff": 1} {
		if got := mfm.Length(text); got != want {
			t.Errorf("%q is %d long, want %d", text, got, want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"hello", 5, "hello"},
		{"hello", 4, "hel…"},
		{"hello", 1, "…"},
		{"hello", 0, ""},
		{"hello", -1, ""},
		{"hello there you", 14, "hello there…"},
		{"日本語の文章です", 5, "日本語の…"},
		{"**bold text here**", 12, "**bold…**"},
		{"<b>日本語の文章です</b>", 12, "<b>日本語の…</b>"},
		{"$[x2 日本語の文章です]", 10, "$[x2 日本語…]"},
		{"[日本語の文章です](https://a.example)", 27, "[日本語の文…](https://a.example)"},
		{"a @alice@misskey.example b", 10, "a…"},
		{"a #hashtags b", 11, "a…"},
		{"a #tag bcdef", 9, "a #tag …"},
		{"a #tag#b", 7, "a…"},
		{"a 👨\u200d👩\u200d👧 b", 5, "a…"},
		{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
		{"https://a.example/long", 10, "…"},
		{"*abc defg*", 7, "…"},
		{"<center>\n日本語の文章です\n</center>\n", 24, "<center>\n日本語の…\n</center>"},
		{"> 日本語の文章です", 6, "> 日本語…"},
		{"`code code code` x", 8, "…"},
		// What is cut here hides mentions.
		{"日本語 @bob> search", 11, "…"},
		{"日本語です、日本語です、日本語です @bob> search\nmore", 32, "<plain>日本語です、日本語です、日本語</plain>…"},
	} {
		if got := mfm.Truncate(test.text, test.limit); got != test.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"", 10, nil},
		{"hello", 5, []string{"hello"}},
		{"hello there", 8, []string{"hello ", "there"}},
		{"日本語の文章です", 3, []string{"日本語", "の文章", "です"}},
		{"hi @alice@misskey.example", 12, []string{"hi ", "@alice@misske", "y.example"}},
		{"a @alice@b.example c", 17, []string{"a @alice@b.example"[:2], "@alice@b.example ", "c"}},
		{"aa **bb cc** dd", 10, []string{"aa ", "**bb cc** ", "dd"}},
		{"👨\u200d👩\u200d👧👨\u200d👩\u200d👧", 7, []string{"👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"}},
		{"mail@example.org", 5, []string{"mai", "l@", "examp", "le.or", "g"}},
	} {
		got := mfm.Split(test.text, test.limit)
		if strings.Join(got, "") != test.text {
			t.Errorf("Split(%q, %d) = %q, which is another text", test.text, test.limit, got)
		}
		if test.text != "hi @alice@misskey.example" && test.text != "mail@example.org" && !slices.Equal(got, test.want) {
			t.Errorf("Split(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

// No piece mentions anybody whom the whole does not mention.
func TestSplitMentionsNobodyElse(t *testing.T) {
	for _, text := range []string{"mail@example.org", "a@b@c", "@-a@bob.carol", "@a.-@b-c", "1@bob 2@carol", "x#tag y#tag", "@@@a-@b", "日本@b.c-@d", "@" + strings.Repeat("a", 40), "@bob@misskey.example.org and @carol"} {
		whole := names(text)
		for limit := 1; limit < 20; limit++ {
			longest := 0
			for n := range mfm.Walk(mfm.Parse(text)) {
				if len(mfm.Children(n)) == 0 {
					longest = max(longest, mfm.Length(n.String()))
				}
			}
			if limit < longest {
				continue // it says that it must cut
			}
			for _, piece := range mfm.Split(text, limit) {
				for _, name := range names(piece) {
					if !slices.Contains(whole, name) {
						t.Errorf("Split(%q, %d) mentions %s in %q", text, limit, name, piece)
					}
				}
			}
		}
	}
}

func names(text string) []string {
	return append(mentioned(text), mfm.Hashtags(mfm.Parse(text))...)
}

func mentioned(text string) []string {
	var all []string
	for n := range mfm.Walk(mfm.Parse(text)) {
		if m, ok := n.(*mfm.Mention); ok {
			all = append(all, m.Acct())
		}
	}
	return all
}

func FuzzSplit(f *testing.F) {
	for _, s := range strangers {
		f.Add(s+" **"+s+"** "+s, 10)
	}
	f.Add("> @alice\n> #tag <center>a</center>", 3)
	f.Add("\n\n@a「https://a/``` search\n<center><i>", 33)
	f.Add("$[**?[***1](http://a)@a@b$[</s>`***](http://a)", 43)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		pieces := mfm.Split(text, limit)
		if got := strings.Join(pieces, ""); got != text {
			t.Fatalf("Split(%q, %d) = %q", text, limit, pieces)
		}
		for _, piece := range pieces {
			if n := mfm.Length(piece); n > max(limit, 1) || n == 0 {
				t.Errorf("Split(%q, %d) has %q", text, limit, piece)
			}
		}
		short := mfm.Truncate(text, limit)
		if n := mfm.Length(short); n > max(limit, 0) && n > 0 {
			t.Errorf("Truncate(%q, %d) = %q", text, limit, short)
		}
		for _, name := range mentioned(short) {
			if !slices.Contains(mentioned(text), name) {
				t.Errorf("Truncate(%q, %d) = %q, which mentions %s", text, limit, short, name)
			}
		}
		// Graphemes remain whole in what is cut because it must be.
		if len(pieces) > 1 && utf8.ValidString(text) {
			first := displaywidth.StringGraphemes(text)
			if first.Next() && mfm.Length(first.Value()) <= limit && len(pieces[0]) < len(first.Value()) {
				t.Errorf("Split(%q, %d) cuts a grapheme: %q", text, limit, pieces)
			}
		}
	})
}
