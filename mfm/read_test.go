package mfm_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/misskey-go/misskey/mfm"
)

func TestReading(t *testing.T) {
	nodes := mfm.Parse("> @alice #go\n**@Bob@misskey.example** @bob@MISSKEY.example :a: :b: :a: #go #Go https://a.example [x](https://b.example) <https://a.example>")
	var mentions []string
	for _, m := range mfm.Mentions(nodes) {
		mentions = append(mentions, m.Acct())
	}
	for _, test := range []struct {
		what      string
		got, want []string
	}{
		{"mentions", mentions, []string{"@alice", "@Bob@misskey.example"}},
		{"hashtags", mfm.Hashtags(nodes), []string{"go", "Go"}},
		{"URLs", mfm.URLs(nodes), []string{"https://a.example", "https://b.example"}},
		{"emojis", mfm.Emojis(nodes), []string{"a", "b"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %q, want %q", test.what, test.got, test.want)
		}
	}
	for n := range mfm.Walk(nodes) { // can be left
		if _, ok := n.(*mfm.Mention); ok {
			break
		}
	}
	count := 0
	mfm.Inspect(nodes, func(n mfm.Node) bool { count++; return false })
	if count != len(nodes) {
		t.Errorf("Inspect saw %d nodes, want %d", count, len(nodes))
	}
}

func TestWithoutMentions(t *testing.T) {
	bot := func(m *mfm.Mention) bool { return m.Username == "bot" }
	for _, test := range []struct{ text, want string }{
		{"@bot help", "help"},
		{"@bot  help", "help"},
		{"hey @bot help", "hey help"},
		{"hey @bot", "hey "},
		{"@bot\nhelp", "\nhelp"},
		{"@bot remind @alice", "remind @alice"},
		{"@bot@misskey.example **bold** :a:", "**bold** :a:"},
		{"@@bot alice", "@ alice"},
		{"**@bot**@alice", "** **@alice"},
		{"no mention", "no mention"},
		{"> @bot a\n> b", "> a\n> b"},
		{"`@bot`", "`@bot`"},
	} {
		if got := mfm.WithoutMentions(test.text, bot); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	if got := mfm.WithoutMentions("@a @b@c.example d @e", nil); got != "d " {
		t.Errorf("without all: %q", got)
	}
}

// What is left mentions nobody whom the text did not mention.
func FuzzWithoutMentions(f *testing.F) {
	for _, text := range []string{"@@bot alice @bot@b", "(@bot@a@b", "@bot@bot@bota[", "#tag-@bot@a@b<b>", "**@bot**@alice"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		left := mfm.WithoutMentions(text, func(m *mfm.Mention) bool { return m.Username == "bot" })
		for _, name := range mentioned(left) {
			if !slices.Contains(mentioned(text), name) {
				t.Errorf("%q without the bot is %q, which mentions %s", text, left, name)
			}
		}
	})
}

func TestJSON(t *testing.T) {
	got, err := json.Marshal(mfm.Parse("<b>a</b> $[x.a=1,b c] [d](https://e.example)"))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"type":"bold","children":[{"type":"text","props":{"text":"a"}}]},{"type":"text","props":{"text":" "}},{"type":"fn","props":{"name":"x","args":{"a":"1","b":true}},"children":[{"type":"text","props":{"text":"c"}}]},` +
		`{"type":"text","props":{"text":" "}},{"type":"link","props":{"silent":false,"url":"https://e.example"},"children":[{"type":"text","props":{"text":"d"}}]}]`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

// What String writes is parsed to the same nodes, and written the same again.
func TestWrittenNodesAreTheSame(t *testing.T) {
	nodes := []mfm.Node{
		mfm.NewBold(mfm.NewItalic(mfm.NewText("a"))), mfm.NewStrike(mfm.NewSmall(mfm.NewText("b"))), mfm.NewFn("spin", []mfm.Arg{{Name: "speed", Value: "2s"}, {Name: "left"}}, mfm.NewText("c")), mfm.NewPlain("d"), mfm.NewInlineCode("e"), mfm.NewMathInline("f"),
		mfm.NewText(" "), mfm.NewMention("g", "h.example"), mfm.NewText(" "), mfm.NewHashtag("i"), mfm.NewText(" "), mfm.NewURL("https://j.example"), mfm.NewLink("https://k.example", mfm.NewText("l")), mfm.NewEmojiCode("m"), mfm.NewUnicodeEmoji("😀"),
		mfm.NewQuote(mfm.NewText("n")), mfm.NewSearch("o"), mfm.NewBlockCode("p", "go"), mfm.NewMathBlock("q"), mfm.NewCenter(mfm.NewText("r")),
	}
	text := mfm.String(nodes)
	parsed := mfm.Parse(text)
	a, _ := json.Marshal(nodes)
	b, _ := json.Marshal(parsed)
	if string(a) != string(b) {
		t.Errorf("%s\nis parsed to %s\nnot to      %s", text, b, a)
	}
	for _, n := range nodes {
		if n.String() != mfm.String([]mfm.Node{n}) || n.Position() != (mfm.Span{}) {
			t.Errorf("%T is %q at %v", n, n, n.Position())
		}
	}
}

func TestEmojiSet(t *testing.T) {
	var set mfm.EmojiSet
	set.Reset(map[string]string{"a": "/a", "b": "/b"})
	set.Add("c", "/c")
	set.Update(":a:", "/a2")
	set.Delete("b")
	note := set.In("remote.example", map[string]string{"a": "/remote/a"})
	for _, test := range []struct{ what, got, want string }{
		{"own", set.URL("a"), "/a2"},
		{"added", set.URL("c"), "/c"},
		{"deleted", set.URL("b"), ""},
		{"own, in a note", set.In("", nil)("c"), "/c"},
		{"remote, in a note", note("a"), "/remote/a"},
		{"not in a note of another instance", note("c"), ""},
		{"remembered", set.In("remote.example", nil)("a"), "/remote/a"},
		{"own, as a reaction", set.Reaction(":a@.:", nil), "/a2"},
		{"own, of an old note", set.Reaction(":a:", nil), "/a2"},
		{"remote, as a reaction", set.Reaction(":x@y.example:", map[string]string{"x@y.example": "/x"}), "/x"},
		{"remembered reaction", set.Reaction(":x@y.example:", nil), "/x"},
		{"Unicode", set.Reaction("👍", nil), ""},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.what, test.got, test.want)
		}
	}
}

// What other instances bring along cannot fill the memory.
func TestEmojiSetIsBounded(t *testing.T) {
	var set mfm.EmojiSet
	set.Add("own", "/own")
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 5_000 {
				set.Add(fmt.Sprintf("e%d-%d@remote.example", g, i), "/e")
			}
		})
	}
	wg.Wait()
	known := 0
	for g := range 4 {
		for i := range 5_000 {
			if set.URL(fmt.Sprintf("e%d-%d@remote.example", g, i)) != "" {
				known++
			}
		}
	}
	if known != 10_000 || set.URL("own") == "" {
		t.Errorf("%d emoji of others are known, and the own is at %q", known, set.URL("own"))
	}
}
