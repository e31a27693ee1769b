package mfm_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/misskey-go/misskey/mfm"
)

var update = flag.Bool("update", false, "write testdata/*.golden")

// everything has each kind of node.
const everything = `<b>bold</b> **bold** *italic* ~~strike~~ <small>small</small> <plain>**plain**</plain> ` + "`code<`" + ` \(x^2\) @alice @bob@misskey.example #tag https://misskey.example/?a=1&b=2 <https://misskey.example/あ> [a **link**](https://misskey.example) ?[silent](https://misskey.example) :blobcat: :unknown: 😀
> a quote
> > in a quote
a query [Search]
` + "```go\nfmt.Println(\"<hi>\")\n```" + `
\[
\frac{1}{2}
\]
<center>in the **middle**</center>
***tada*** $[x2 two] $[spin.speed=2s,left spin] $[fg.color=0f0 green] $[bg.color=abcdef back] $[border.style=dashed,width=2 border] $[rotate.deg=45 turned] $[ruby 漢字 かんじ] $[unixtime 1700000000] $[unknown.a=b text] $[flip.h,v flip] $[font.serif serif] $[position.x=1,y=-1 moved] $[scale.x=9 scaled] $[blur hidden]`

func linked() mfm.Links {
	links := mfm.LinksTo("https://misskey.example/")
	links.Search = func(query string) string { return "https://search.example/?q=" + query }
	return links
}

func emoji(name string) string {
	if name == "blobcat" {
		return "https://misskey.example/emoji/blobcat.webp"
	}
	return ""
}

func TestRenderersGolden(t *testing.T) {
	nodes := mfm.Parse(everything)
	for name, got := range map[string]string{
		"html":           mfm.HTML(nodes, mfm.HTMLOptions{Links: linked(), Emoji: emoji}),
		"html-bare":      mfm.HTML(nodes, mfm.HTMLOptions{}),
		"html-inline":    mfm.HTML(nodes, mfm.HTMLOptions{Inline: true, Links: linked()}),
		"ansi":           mfm.ANSI(nodes, mfm.ANSIOptions{Links: linked(), Hyperlinks: true, Width: 60}),
		"ansi-plain":     mfm.ANSI(nodes, mfm.ANSIOptions{Plain: true, Width: 40}),
		"markdown":       mfm.Markdown(nodes, mfm.MarkdownOptions{Links: linked()}),
		"plain-text":     mfm.PlainText(nodes),
		"written":        mfm.String(nodes),
		"markdown-plain": mfm.Markdown(nodes, mfm.MarkdownOptions{}),
	} {
		file := "testdata/" + name + ".golden"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%s\nis not what %s has (go test -update writes it)", name, got, file)
		}
	}
}

// What a stranger might write to get out of the text.
var hostileHTML = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `[a](javascript:alert(1))`, `[a](https://a.example/"onmouseover="alert(1))`, `<https://a.example/"onmouseover="alert(1)>`, `<https://a.example/'><script>alert(1)</script>`,
	`$[fg.color=f00;position:fixed a]`, `$[border.style=solid;background:url(https://a.example) a]`, `$[rotate.deg=1e309 a]`, `$[scale.x=nan,y=inf a]`, `$[tada.speed=1s;x a]`, "$[\"onload=x a]", "```\"><script>\nalert(1)\n```", "```js\" onload=\"x\na\n```",
	`:"><script>:`, `#"><script>`, `#a"onload="x`, `@a"onload="x`, "\x00<b\x00>", `&lt;script&gt;`, `&#60;script&#62;`, `<b><script></b>`, `> <script>`, `[<plain><script></plain>](https://a.example)`, "<center><script></center>", `$[ruby <script> </rt><script>]`, `$[unixtime 99999999999999999999]`, `$[unixtime -99999999999]`, `$[unixtime <script>]`,
	`$[clickable.ev=alert a]`, `\(<script>\)`, "\\[<script>\\]", `<script> search`, `<plain></plain><script></plain>`, `$[x2 $[x4 $[x4 $[x4 a]]]]`, `[a](<https://a.example/"><script>)`, `[[a](https://b.example)](https://c.example)`,
}

var allowed = map[string][]string{
	"div": {"class", "dir"}, "span": {"class", "dir", "style"}, "b": {}, "i": {}, "del": {}, "small": {}, "br": {},
	"blockquote": {"class", "dir"}, "pre": {"class", "dir"}, "code": {"class", "dir"}, "a": {"class", "dir", "href", "rel"},
	"img":  {"class", "src", "alt", "title", "loading", "decoding", "referrerpolicy"},
	"ruby": {}, "rt": {}, "rp": {}, "time": {"class", "datetime"},
}

var (
	allowedStyle = regexp.MustCompile(`^(--mfm-(speed|delay):-?[0-9.]+s|--mfm-deg:-?[0-9.]+deg|--mfm-[xy]:-?[0-9.]+(em)?|--mfm-color:#([0-9a-f]{3}|[0-9a-f]{6})|--mfm-style:[a-z]+|--mfm-(width|radius):[0-9.]+px|;)*$`)
	allowedClass = regexp.MustCompile(`^(mfm[a-z0-9-]*|language-[A-Za-z0-9_.+#-]+)( mfm-[a-z0-9-]+)*$`)
	allowedURL   = regexp.MustCompile(`^(?i:https?)://|^/[^/\\]`)
)

// checkHTML reads HTML as a browser does. It knows nothing of how it was made.
func checkHTML(t *testing.T, text, rendered string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader("<body>" + rendered + "<hr id=end></body>"))
	if err != nil {
		t.Fatal(err)
	}
	var check func(n *html.Node, inLink bool)
	tops := 0
	check = func(n *html.Node, inLink bool) {
		if n.Type == html.CommentNode {
			t.Errorf("%q: a comment in %s", text, rendered)
		}
		if n.Type == html.ElementNode && !slices.Contains([]string{"html", "head", "body", "hr"}, n.Data) {
			if n.Parent.Data == "body" {
				tops++
			}
			attributes, ok := allowed[n.Data]
			if !ok {
				t.Errorf("%q: <%s> in %s", text, n.Data, rendered)
			}
			for _, a := range n.Attr {
				bad := !slices.Contains(attributes, a.Key)
				switch a.Key {
				case "style":
					bad = bad || !allowedStyle.MatchString(a.Val)
				case "class":
					bad = bad || !allowedClass.MatchString(a.Val)
				case "href", "src":
					bad = bad || !allowedURL.MatchString(a.Val)
				}
				if bad {
					t.Errorf("%q: %s=%q of <%s> in %s", text, a.Key, a.Val, n.Data, rendered)
				}
			}
			if n.Data == "a" {
				if inLink {
					t.Errorf("%q: a link in a link: %s", text, rendered)
				}
				inLink = true
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			check(child, inLink)
		}
	}
	check(root, false)
	if tops != 1 {
		t.Errorf("%q: %d elements, not one: %s", text, tops, rendered)
	}
}

func TestHTMLIsSafe(t *testing.T) {
	for _, text := range append(slices.Concat(hostileHTML, strangers), everything) {
		for _, options := range []mfm.HTMLOptions{{}, {Links: linked(), Emoji: func(name string) string { return "https://a.example/" + name }}, {Inline: true}} {
			checkHTML(t, text, mfm.HTML(mfm.Parse(text), options))
			checkHTML(t, text, mfm.HTML(mfm.ParseSimple(text), options))
		}
	}
}

// Trees made by hand, and functions of the caller, are not trusted either.
func TestHTMLOfTreesMadeByHandIsSafe(t *testing.T) {
	for _, url := range []string{
		"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,<script>", "vbscript:x", "//evil.example", `/\evil.example`, "/\t/evil.example", "blob:x", "file:///etc", "about:blank", "",
		`https://a.example/"><script>`, "http:evil", "https:/a",
	} {
		evil := func(string) string { return url }
		options := mfm.HTMLOptions{Links: mfm.Links{Mention: func(*mfm.Mention) string { return url }, Hashtag: evil, Search: evil}, Emoji: evil}
		x := `"><script>`
		nodes := []mfm.Node{
			mfm.NewURL(url), mfm.NewLink(url, mfm.NewLink("https://a.example", mfm.NewText(x)), mfm.NewURL("https://a.example")), mfm.NewMention(x, x), mfm.NewHashtag(x), mfm.NewEmojiCode(x), mfm.NewUnicodeEmoji(x),
			mfm.NewSearch(x), mfm.NewBlockCode(x, x), mfm.NewFn(x, []mfm.Arg{{Name: x, Value: x}}, mfm.NewText(x)), mfm.NewFn("border", []mfm.Arg{{Name: "style", Value: x}, {Name: "color", Value: x}, {Name: "width", Value: "-1"}}), mfm.NewFn("ruby", nil), mfm.NewFn("unixtime", nil), mfm.NewInlineCode(x), mfm.NewMathBlock(x),
		}
		checkHTML(t, url, mfm.HTML(nodes, options))
	}
}

func FuzzHTML(f *testing.F) {
	for _, text := range append(slices.Clone(hostileHTML), everything) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkHTML(t, text, mfm.HTML(mfm.Parse(text), mfm.HTMLOptions{Links: linked(), Emoji: func(name string) string { return "/emoji/" + name }}))
		checkHTML(t, text, mfm.HTML(mfm.Parse(text), mfm.HTMLOptions{Inline: true}))
	})
}
