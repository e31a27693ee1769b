package mfm_test

import (
	"strings"
	"testing"

	"github.com/misskey-go/misskey/mfm"
)

func TestMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"a*b_c":                          `a\*b\_c`,
		"# no heading":                   `\# no heading`,
		"- no list\n1. no list\n  + no":  "\\- no list\n1\\. no list\n  \\+ no",
		"<@123> <!channel>":              `\<@123\> \<!channel\>`,
		"@everyone and @here":            "@\u200beveryone and @\u200bhere",
		"@ever<plain>yone</plain>":       "@\u200beveryone",
		"https://a.example/@everyone":    "<https://a.example/%40everyone>",
		"** a **":                        " **a** ",
		"**a\nb**":                       "**a**\n**b**",
		"`a` `b`":                        "`a` `b`",
		"> a\n> b\nc":                    "> a\n> b\n\nc",
		"$[blur a]":                      "||a||",
		"[a](https://b.example/(c))":     "[a](https://b.example/%28c%29)",
		"?[a](https://b.example)":        "[a](<https://b.example>)",
		"[a]b](javascript:alert(1))":     `\[a\]b\](javascript:alert(1))`,
		"$[ruby 漢字 かんじ] $[unixtime 0]":   "漢字 (かんじ) 1970-01-01 00:00:00 UTC",
		"```\n````\n```":                 "`````\n````\n`````",
		"```js\"x\na\n```":               "```\na\n```",
		"\\(a\\)":                        "`a`",
		"<small>a</small> <b>b</b>~~c~~": "a **b**~~c~~",
		"<center>a</center>\nb":          "a\nb",
		"a query [search]":               "🔍 a query",
		"https://":                       "https://",
		":blobcat: :other:":              `<:blobcat:1> :other:`,
	} {
		got := mfm.Markdown(mfm.Parse(text), mfm.MarkdownOptions{Emoji: func(name string) string {
			if name == "blobcat" {
				return "<:blobcat:1>"
			}
			return ""
		}})
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add(everything)
	f.Add("@ever**y**one @here")
	f.Fuzz(func(t *testing.T, text string) {
		got := mfm.Markdown(mfm.Parse(text), mfm.MarkdownOptions{Links: linked()})
		if strings.Contains(got, "@everyone") || strings.Contains(got, "@here") {
			t.Errorf("%q notifies everybody: %q", text, got)
		}
	})
}
