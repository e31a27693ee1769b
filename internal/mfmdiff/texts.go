package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What people have written, on the instances whose recordings are in this
// repository.
const (
	recording = "internal/conformance/testdata/http.jsonl.gz"
	timeline  = "internal/conformance/testdata/timeline.json.gz"
)

// corpusTexts returns the texts of the recordings, and of the files that a pattern
// matches.
func corpusTexts(pattern string) ([]string, error) {
	files := []string{recording, timeline}
	if pattern != "" {
		more, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			return nil, fmt.Errorf("no file matches %q", pattern)
		}
		files = append(files, more...)
	}
	var texts []string
	for _, file := range files {
		more, err := fileTexts(file)
		if err != nil {
			return nil, err
		}
		texts = append(texts, more...)
	}
	slices.Sort(texts)
	return slices.Compact(texts), nil
}

// fileTexts returns the texts in a file of JSON values.
func fileTexts(name string) ([]string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var r io.Reader = bytes.NewReader(data)
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var texts []string
	for dec := json.NewDecoder(bufio.NewReader(r)); ; {
		var value any
		switch err := dec.Decode(&value); err {
		case nil:
			texts = gather(texts, value)
		case io.EOF:
			return texts, nil
		default:
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

// gather appends what is written by people: the properties of JSON in which
// Misskey has MFM.
func gather(texts []string, value any) []string {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if s, ok := v.(string); ok && slices.Contains([]string{"text", "cw", "name", "description", "title", "comment", "memo"}, key) {
				texts = append(texts, s)
			}
			texts = gather(texts, v)
		}
	case []any:
		for _, v := range value {
			texts = gather(texts, v)
		}
	}
	return texts
}

// fragments are what random texts consist of. What matters to the parser is there
// more often than not.
var fragments = strings.Split("**|***|*|_|__|~~|`|```|<b>|</b>|<i>|</i>|<s>|</s>|<small>|</small>|<plain>|</plain>|<center>|</center>|"+
	"$[|$[x2 |$[tada.speed=2s |$[spin.x,y=1,x=2 |$[ruby |$[a.|]|[|?[|](|)|(|](https://|<https://|http://|https://|https://a.example/|>|> |>> |"+
	"\n|\n\n|\r\n|\r|\n> |\n>|\n```\n|```js\n|\n<center>|</center>\n|\n\\[|\\]\n|\\[|\\]|\\(|\\)| |　|\t|a|b|z|A1|0|12|_a|-|.|..|,|!|?|@|@a|@alice|@a.b@c.example|@a@|#|#tag|#1|#(|:|:a|:blob_cat:|"+
	"search|[search]|検索|[検索]| Search\n| [Search]|「|」|（|）|【|】|あ|日本語|😀|👨\u200d👩\u200d👧|🏳\ufe0f\u200d🌈|☺|☺\ufe0f|☺\ufe0e|\ufe0f|#\ufe0f\u20e3|1\u20e3|*\ufe0f\u20e3|🇯🇵|🇯|👍🏽|👍|é|e\u0301|\u200b|\u2028|&|'|\"|{|}|´|~|$|\\|<|/|%|=|+|h|ht|http|://", "|")

// randomText makes a text of fragments. Some favour a few of them, so that they
// nest and close one another.
func randomText(r *rand.Rand) string {
	use := fragments
	if r.IntN(2) == 0 {
		use = make([]string, 2+r.IntN(6))
		for i := range use {
			use[i] = fragments[r.IntN(len(fragments))]
		}
	}
	n := 1 + r.IntN(24)
	if r.IntN(50) == 0 {
		n = 200
	}
	var b strings.Builder
	for range n {
		b.WriteString(use[r.IntN(len(use))])
	}
	return b.String()
}

// mutate changes one of the texts.
func mutate(r *rand.Rand, texts []string) string {
	text := []rune(texts[r.IntN(len(texts))])
	for range 1 + r.IntN(4) {
		at := r.IntN(len(text) + 1)
		end := min(at+1+r.IntN(8), len(text))
		switch r.IntN(5) {
		case 0: // leave out
			text = slices.Delete(slices.Clone(text), at, end)
		case 1: // repeat
			text = slices.Insert(slices.Clone(text), at, text[at:end]...)
		case 2: // insert
			text = slices.Insert(slices.Clone(text), at, []rune(fragments[r.IntN(len(fragments))])...)
		case 3: // move
			part := slices.Clone(text[at:end])
			text = slices.Delete(slices.Clone(text), at, end)
			text = slices.Insert(text, r.IntN(len(text)+1), part...)
		case 4: // cut and go on with another
			other := []rune(texts[r.IntN(len(texts))])
			text = slices.Concat(text[:at], other[r.IntN(len(other)+1):])
		}
	}
	return string(text)
}
