package mfm_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
	"github.com/misskey-go/misskey/stream"
)

func ExampleParse() {
	nodes := mfm.Parse("**Hello** @alice@misskey.example, see https://misskey.example.")
	for n := range mfm.Walk(nodes) {
		fmt.Printf("%T %q\n", n, n)
	}
	// Output:
	// *mfm.Bold "**Hello**"
	// *mfm.Text "Hello"
	// *mfm.Text " "
	// *mfm.Mention "@alice@misskey.example"
	// *mfm.Text ", see "
	// *mfm.URL "https://misskey.example"
	// *mfm.Text "."
}

func ExampleParse_json() {
	data, err := json.Marshal(mfm.Parse("$[spin.speed=2s :blobcat:]"))
	if err != nil {
		panic(err)
	}
	fmt.Println(string(data))
	// Output:
	// [{"type":"fn","props":{"name":"spin","args":{"speed":"2s"}},"children":[{"type":"emojiCode","props":{"name":"blobcat"}}]}]
}

func ExampleParseSimple() {
	name := mfm.ParseSimple("Alice :blobcat: **not bold**")
	fmt.Println(mfm.Emojis(name), len(name))
	// Output: [blobcat] 3
}

func ExampleEscape() {
	name := "@everybody **free stuff** https://spam.example"
	text := "Welcome, " + mfm.Escape(name) + "!"
	nodes := mfm.Parse(text)
	fmt.Println(text)
	fmt.Println(mfm.PlainText(nodes))
	fmt.Println(len(mfm.Mentions(nodes)), "mentions,", len(mfm.URLs(nodes)), "URLs")
	// Output:
	// Welcome, <plain>@everybody **free stuff** https://spam.example</plain>!
	// Welcome, @everybody **free stuff** https://spam.example!
	// 0 mentions, 0 URLs
}

func ExampleString() {
	fmt.Println(mfm.String([]mfm.Node{
		mfm.NewMention("alice", "misskey.example"),
		mfm.NewText(" wrote:"),
		mfm.NewQuote(mfm.NewText(mfm.Escape("I like\n#gophers"))),
	}))
	// Output:
	// @alice@misskey.example wrote:
	// > <plain>I like
	// > #gophers</plain>
}

func ExampleTruncate() {
	fmt.Println(mfm.Truncate("**The quick brown fox jumps over the lazy dog.**", 24))
	// Output: **The quick brown fox…**
}

func ExampleSplit() {
	// The limit is maxNoteTextLength of the endpoint "meta", less what is added.
	pieces := mfm.Split("The quick brown fox jumps over the lazy dog @alice@misskey.example.", 25)
	for i, piece := range pieces {
		fmt.Printf("%s (%d/%d)\n", strings.TrimSpace(piece), i+1, len(pieces))
	}
	// Output:
	// The quick brown fox (1/3)
	// jumps over the lazy dog (2/3)
	// @alice@misskey.example. (3/3)
}

func ExamplePlainText() {
	fmt.Println(mfm.PlainText(mfm.Parse("$[tada **Hi**] [the docs](https://misskey.example/docs) $[ruby 漢字 かんじ]")))
	// Output: Hi the docs 漢字 (かんじ)
}

func ExampleMentions() {
	for _, m := range mfm.Mentions(mfm.Parse("@alice @Alice @bob@misskey.example `@code` me@mail.example")) {
		fmt.Println(m.Acct())
	}
	// Output:
	// @alice
	// @bob@misskey.example
}

func ExampleHashtags() {
	fmt.Println(mfm.Hashtags(mfm.Parse("#golang #日本語 #1 [#label](https://misskey.example)")))
	// Output: [golang 日本語]
}

func ExampleURLs() {
	fmt.Println(mfm.URLs(mfm.Parse("https://a.example/x. [text](https://b.example) <plain>https://c.example</plain>")))
	// Output: [https://a.example/x https://b.example]
}

func ExampleWithoutMentions() {
	bot := func(m *mfm.Mention) bool { return m.Username == "reminder" }
	fmt.Println(mfm.WithoutMentions("@reminder@misskey.example tell @alice in 10 minutes", bot))
	// Output: tell @alice in 10 minutes
}

func ExampleInspect() {
	// Everything but what is quoted.
	mfm.Inspect(mfm.Parse("> @alice\n@bob"), func(n mfm.Node) bool {
		if m, ok := n.(*mfm.Mention); ok {
			fmt.Println(m.Acct())
		}
		_, quote := n.(*mfm.Quote)
		return !quote
	})
	// Output: @bob
}

func ExampleHTML() {
	fmt.Println(mfm.HTML(mfm.Parse("**Hi** @alice <script> $[fg.color=0a0 green]"), mfm.HTMLOptions{
		Links: mfm.LinksTo("https://misskey.example"),
	}))
	// Output:
	// <div class="mfm" dir="auto"><b>Hi</b> <a class="mfm-mention" dir="auto" href="https://misskey.example/@alice" rel="nofollow noopener noreferrer ugc">@alice</a> &lt;script&gt; <span class="mfm-fg" style="--mfm-color:#0a0">green</span></div>
}

func ExampleANSI() {
	text := mfm.ANSI(mfm.Parse("**Hello** [docs](https://misskey.example)\n> 日本語の長い引用です"), mfm.ANSIOptions{Width: 14})
	fmt.Printf("%q\n", text)
	fmt.Println(mfm.ANSI(mfm.Parse("<center>the middle</center>"), mfm.ANSIOptions{Width: 20, Plain: true}))
	// Output:
	// "\x1b[1mHello\x1b[0m \x1b[4mdocs\x1b[0m\n<https://missk\ney.example>\n\x1b[2m│ 日本語の長い\x1b[0m\n\x1b[2m│ 引用です\x1b[0m"
	//      the middle
}

func ExampleMarkdown() {
	fmt.Println(mfm.Markdown(mfm.Parse("<b>Hi</b> @everyone, 2*3*4 $[blur spoiler]"), mfm.MarkdownOptions{}))
	// Output: **Hi** @​everyone, 2\*3\*4 ||spoiler||
}

// An EmojiSet follows the emoji of an instance.
func ExampleEmojiSet() {
	var emojis mfm.EmojiSet
	emojis.Reset(map[string]string{"blobcat": "https://misskey.example/blobcat.webp"}) // of the endpoint "emojis"

	note := &gen.Note{Text: new("Hi :blobcat:")} // of this instance
	host := ""
	if note.User.Host != nil {
		host = *note.User.Host
	}
	fmt.Println(mfm.HTML(mfm.Parse(*note.Text), mfm.HTMLOptions{Emoji: emojis.In(host, note.Emojis)}))
	// Output:
	// <div class="mfm" dir="auto">Hi <img class="mfm-emoji" src="https://misskey.example/blobcat.webp" alt=":blobcat:" title=":blobcat:" loading="lazy" decoding="async" referrerpolicy="no-referrer"></div>
}

// The events of a stream keep an EmojiSet up to date.
func ExampleEmojiSet_stream() {
	var emojis mfm.EmojiSet
	follow := func(event stream.Event) {
		switch event := event.(type) {
		case *stream.EmojiAdded:
			emojis.Add(event.Emoji.Name, event.Emoji.URL)
		case *stream.EmojiUpdated:
			for _, emoji := range event.Emojis {
				emojis.Update(emoji.Name, emoji.URL)
			}
		case *stream.EmojiDeleted:
			for _, emoji := range event.Emojis {
				emojis.Delete(emoji.Name)
			}
		}
	}
	_ = follow // for each event of st.Events(ctx)
	fmt.Println(emojis.URL("blobcat") == "")
	// Output: true
}
