package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"
)

// Package mfm makes of every text what mfm.js makes of it. What that is has been
// written down by "go run ./internal/mfmdiff -write".
func TestSameTreesAsMFMJS(t *testing.T) {
	file, err := os.Open("testdata/expected.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for dec := json.NewDecoder(zip); ; {
		var e expectation
		if err := dec.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen[e.Text] = true
		if got, err := ours(e.Text); err != nil || !same(got, e.Want) {
			t.Errorf("%q:\n got %s %v\nwant %s", e.Text, got, err, e.Want)
		}
	}
	if len(seen) < 3000 {
		t.Errorf("only %d texts are compared", len(seen))
	}
	for _, text := range edges {
		if !seen[text] {
			t.Errorf(`%q is not among the expectations; run "go run ./internal/mfmdiff -write"`, text)
		}
	}
}

// The comparison sees a difference.
func TestSame(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`[{"a":"\u2028","b":1}]`, "[{\"a\":\"\u2028\",\"b\":1}]", true},
		{`[{"a":1,"b":1}]`, `[{"b":1,"a":1}]`, false},
		{`[{"a":1}]`, `[{"a":1},{}]`, false},
		{`[{"a":1}]`, `[{"a":1}`, false},
		{`[[],[]]`, `[[[]]]`, false},
	} {
		if same([]byte(test.a), []byte(test.b)) != test.want {
			t.Errorf("same(%s, %s) is not %v", test.a, test.b, test.want)
		}
	}
}
