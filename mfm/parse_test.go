package mfm_test

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/mfm"
)

// hostile are texts of which a parser that looks ahead again and again takes
// longer the square of their length. Each is repeated.
var hostile = []string{
	"[", "?[", "[[a](", "](", "$[x2 ", "$[", "**", "***", "*", "_", "__", "~~", "<b>", "<i>", "<s>", "<small>", "<plain>", "<center>", "<center>\n", "\n<center>", "(", "@", "@a", "@a@", "#", "#(", "#「", ":", ":a", "`", "``", "```\n", "```a\n", "\n```\n",
	"\\(", "\\[", "\\[\n", ">", "> ", "\n>", "\n\n>", "http://", "http://(", "http://[(", "<http://", "<https://a", " search", "search\n", "a search", "\n", "\r", "\r\n", "😀", "👨\u200d", "#\ufe0f", "1", "☺\ufe0e", "\x80", "\xf0\x9f",
	"[<b>", "[**", "[**[", "[~~", "[$[x2 ", "[<b><http://<plain></b>", "[<small>[<b>", "[<b>]", "[`", "[\\(", "<center>\n[", "<center>\n<b>", "<center>\n~~", "<center>\n[<b>~~", "**[<b>", "$[x2 [<b>", "[a](http://", "[a](<http://", "[](", "[*a*", "[*a*~~[*b*\n", "\n[<i>**$[a ", "<b>[<i>[<s>[",
	"(@#:[", "[($@<b>**`#", "@a-@", "@.-", "#1", "$[a.b,", "$[a.b=c,d ", "> [", "> <center>\n", "\n> > **", "[~~\n", "~~[~~\n", "<center>`</center>`", "<plain>\n", "</plain>", "http://a(b[c", "_a_b", "*a *b", "a*", "<http://a ", "\\(a\n", "`´",
}

// What follows the repeated part: nothing, or what lets it nearly match.
var hostileEnds = []string{"](http://a.example", "", "](http://a.example)", "</b></center>", "</b></center>\n", "</plain>", "\n```", "\\)\n\\]", "]", ">", "</b>", "**", strings.Repeat("a", 50_000)}

// Each hostile text of a megabyte takes less than two seconds, and less memory than
// the nodes of such a text may need.
func TestTimeIsLinear(t *testing.T) {
	const most, mostMemory = 2 * time.Second, 512 << 20
	var slowest time.Duration
	var which string
	for _, part := range hostile {
		for i, end := range hostileEnds {
			size := 1 << 20
			if i > 0 || raceDetector || testing.Short() {
				size /= 16 // which is enough to see what is worse than linear
			}
			text := strings.Repeat(part, size/len(part)) + end
			before := allocated()
			took := cost(most, func() { mfm.Parse(text) })
			if used := allocated() - before; took <= most && used > mostMemory {
				t.Errorf("%q repeated, then %.20q: %d bytes take %d MB", part, end, len(text), used>>20)
			}
			if took > most {
				t.Errorf("%q repeated, then %.20q: %d bytes take %v", part, end, len(text), took)
			}
			if took > slowest {
				slowest, which = took, fmt.Sprintf("%q, then %.20q", part, end)
			}
		}
	}
	t.Logf("the slowest: %v, %s", slowest, which)
}

// cost returns how much time of the processor f takes. What takes longer than most
// is tried again: other tests may run meanwhile.
func cost(most time.Duration, f func()) time.Duration {
	took := time.Duration(1<<63 - 1)
	for range 5 {
		start := processorTime()
		f()
		if took = min(took, processorTime()-start); took <= most {
			break
		}
	}
	return took
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// A position is that of the text from which the node came.
func TestPositions(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a **b** c", `Text"a " Bold"**b**" Text"b" Text" c"`},
		{"😀 @a@b.example.", `UnicodeEmoji"😀" Text" " Mention"@a@b.example" Text"."`},
		{"x\n> a\n> **b**\ny", `Text"x" Quote"\n> a\n> **b**\n" Text"a\n" Bold"**b**" Text"b" Text"y"`},
		{"> a\r\n> > `b\r\n> > c` #d", `Quote"> a\r\n> > ` + "`" + `b\r\n> > c` + "`" + ` #d" Text"a" Quote"\r\n> > ` + "`" + `b\r\n> > c` + "`" + ` #d" Text"` + "`" + `b\r\n> > c` + "`" + ` " Hashtag"#d"`},
		{"> <b>a\n> b</b>c", `Quote"> <b>a\n> b</b>c" Bold"<b>a\n> b</b>" Text"a\n> b" Text"c"`},
		{"[a](https://b.example)", `Link"[a](https://b.example)" Text"a"`},
	} {
		var got []string
		mfm.Inspect(mfm.Parse(test.text), func(n mfm.Node) bool {
			at := n.Position()
			got = append(got, fmt.Sprintf("%s%q", strings.TrimPrefix(fmt.Sprintf("%T", n), "*mfm."), test.text[at.Start:at.End]))
			return true
		})
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestNestLimit(t *testing.T) {
	text := strings.Repeat("<b>", 30) + "a" + strings.Repeat("</b>", 30)
	for _, test := range []struct{ limit, want int }{{-1, 1}, {0, 1}, {1, 1}, {2, 2}, {20, 20}, {math.MaxInt, 30}} {
		depth := 0
		for nodes := mfm.Parse(text, mfm.NestLimit(test.limit)); len(nodes) > 0; nodes = mfm.Children(nodes[0]) {
			if _, ok := nodes[0].(*mfm.Bold); ok {
				depth++
			}
		}
		if depth != test.want {
			t.Errorf("limit %d: %d deep, want %d", test.limit, depth, test.want)
		}
	}
	mfm.Parse(strings.Repeat("<b>", 1<<20), mfm.NestLimit(math.MaxInt)) // needs a bounded stack
}

func TestInvalidUTF8IsKept(t *testing.T) {
	for _, text := range []string{"\xff", "a\x80b", "**\xf0\x9f**", "#\xe3\x81", "\xe3\x80"} {
		if got := mfm.String(mfm.Parse(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, part := range hostile {
		f.Add(part+"a"+part, 20)
	}
	f.Add("> a\r\n> > **b**\n\n<center>[c](https://d.example)</center>", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		nodes := mfm.Parse(text, mfm.NestLimit(limit))
		checkSpans(t, text, nodes, mfm.Span{End: len(text)}, true)
		if _, err := json.Marshal(nodes); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		simple := mfm.ParseSimple(text)
		checkSpans(t, text, simple, mfm.Span{End: len(text)}, true)
	})
}

// checkSpans checks that nodes follow one another within their parent, and that
// together the top ones are the text.
func checkSpans(t *testing.T, text string, nodes []mfm.Node, outer mfm.Span, top bool) {
	t.Helper()
	at := outer.Start
	for _, n := range nodes {
		span := n.Position()
		if span.Start < at || span.End <= span.Start || span.End > outer.End || top && span.Start != at {
			t.Fatalf("%q: %T at %v is not behind %d within %v", text, n, span, at, outer)
		}
		at = span.End
		checkSpans(t, text, mfm.Children(n), span, false)
	}
	if top && at != len(text) {
		t.Fatalf("%q: the nodes end at %d", text, at)
	}
}
