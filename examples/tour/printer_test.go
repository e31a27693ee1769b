package main

import (
	"strings"
	"testing"
)

func TestPrinterLine(t *testing.T) {
	var out strings.Builder
	(&printer{out: &out, width: 30}).line("%s", "a\x1b[31m red \u202e note\nof two\tlines 👩\u200d🚀, and 日本語の長いテキストは折り返される "+strings.Repeat("x", 40))
	want := `  a[31m red note of two
    lines 👩` + "\u200d" + `🚀, and 日本語の長い
    テキストは折り返される
    xxxxxxxxxxxxxxxxxxxxxxxxxx
    xxxxxxxxxxxxxx
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
