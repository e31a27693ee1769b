package misskey

import (
	"strings"
	"testing"
)

func TestParseReaction(t *testing.T) {
	for _, tt := range []struct {
		in, want, name, host string
		custom               bool
	}{
		{":lantern:", ":lantern@.:", "lantern", "", true},
		{":lantern@.:", ":lantern@.:", "lantern", "", true},
		{":anchor@127.0.0.2:", ":anchor@127.0.0.2:", "anchor", "127.0.0.2", true},
		{":ai_wave@Misskey.EXAMPLE:", ":ai_wave@misskey.example:", "ai_wave", "misskey.example", true},
		{":+1:", ":+1@.:", "+1", "", true}, // a custom emoji of old servers
		{"👍", "👍", "👍", "", false},
		{"❤️", "❤", "❤", "", false}, // recorded: sent with U+FE0F, stored without
		{"❤", "❤", "❤", "", false},
		{"🏳️‍🌈", "🏳️‍🌈", "🏳️‍🌈", "", false}, // joined: stored as it is
		{"👩🏽‍💻", "👩🏽‍💻", "👩🏽‍💻", "", false},
		{"🇯🇵", "🇯🇵", "🇯🇵", "", false},
		{"1️⃣", "1⃣", "1⃣", "", false},
		{"©️", "©", "©", "", false},
		{"☕", "☕", "☕", "", false},
		{"like", "👍", "👍", "", false}, // recorded
		{"star", "⭐", "⭐", "", false},
	} {
		r, err := ParseReaction(tt.in)
		if err != nil {
			t.Errorf("ParseReaction(%q): %v", tt.in, err)
			continue
		}
		if r.String() != tt.want || r.Name() != tt.name || r.Host() != tt.host || r.IsCustom() != tt.custom {
			t.Errorf("ParseReaction(%q) = %q, name %q, host %q, custom %v", tt.in, r, r.Name(), r.Host(), r.IsCustom())
		}
		again, err := ParseReaction(r.String())
		if err != nil || again != r {
			t.Errorf("what %q prints, %q, is read as %q, %v", tt.in, r, again, err)
		}
	}
}

func TestWhatIsNotAReaction(t *testing.T) {
	for _, s := range []string{
		"", ":", "::", ":x", "x", ":x y:", ":x@:", ":x@host@host:", ":x@ho/st:", ":../x:", "hello", "好き", "1", "#",
		"👍 ", "👍\n", "👍a", "\x00", "\xff", "👍\xff", ":x:\n", strings.Repeat("👍", 1000), ":" + strings.Repeat("x", 300) + ":",
	} {
		if r, err := ParseReaction(s); err == nil || len(err.Error()) > 300 {
			t.Errorf("ParseReaction(%.20q) = %+v, %v", s, r, err)
		}
	}
}

func TestSameReaction(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{":x:", ":x@.:", true},
		{"❤️", "❤", true},
		{"🏳️‍🌈", "🏳‍🌈", true},
		{"like", "👍", true},
		{":x@a.example:", ":x@A.EXAMPLE:", true},
		{":x:", ":x@a.example:", false},
		{":x@a.example:", ":x@b.example:", false},
		{":x:", ":X:", false},
		{"👍", "👍🏽", false},
		{"👍", "👎", false},
	} {
		a, err := ParseReaction(tt.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseReaction(tt.b)
		if err != nil {
			t.Fatal(err)
		}
		if a.Same(b) != tt.want || b.Same(a) != tt.want {
			t.Errorf("%q and %q: %v, want %v", tt.a, tt.b, !tt.want, tt.want)
		}
	}
}

func TestReactionURL(t *testing.T) {
	emojis := map[string]string{"anchor@127.0.0.2": "https://127.0.0.2/emoji/anchor.png"} // recorded
	for in, want := range map[string]string{
		":anchor@127.0.0.2:": "https://127.0.0.2/emoji/anchor.png",
		":anchor@127.0.0.3:": "https://misskey.example/emoji/anchor@127.0.0.3.webp",
		":anchor@.:":         "https://misskey.example/emoji/anchor.webp",
		"👍":                  "",
	} {
		r, err := ParseReaction(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.URL(emojis, "https://misskey.example"); got != want {
			t.Errorf("%s has the URL %q, want %q", in, got, want)
		}
	}
}

func FuzzParseReaction(f *testing.F) {
	for _, s := range []string{"👍", "❤️", ":x:", ":x@.:", ":x@host.example:", "like", "1️⃣", "x", "\ufe0f", "\u200d", "\u20e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseReaction(s)
		if err != nil {
			return
		}
		again, err := ParseReaction(r.String())
		if err != nil || again != r || !r.Same(again) {
			t.Errorf("%q is %q, which is read as %q, %v", s, r, again, err)
		}
		if strings.ContainsAny(r.URL(nil, ""), " <>\"?#") {
			t.Errorf("%q has the URL %q", s, r.URL(nil, ""))
		}
	})
}
