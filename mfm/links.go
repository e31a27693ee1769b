package mfm

import (
	"net/url"
	"strings"
)

// Links says where parts of a text lead. A nil function, or one that returns "",
// makes no link. What is not http, https or a path is not linked either.
type Links struct {
	Mention func(*Mention) string
	Hashtag func(tag string) string
	Search  func(query string) string // makes a link of a Search
}

// LinksTo returns the links into the pages of an instance, such as
// "https://misskey.example". Mentions without a host are of that instance.
func LinksTo(origin string) Links {
	origin = strings.TrimSuffix(origin, "/")
	return Links{
		Mention: func(m *Mention) string { return origin + "/" + m.Acct() },
		Hashtag: func(tag string) string { return origin + "/tags/" + url.PathEscape(tag) },
	}
}

func (l Links) mention(m *Mention) string {
	if l.Mention == nil {
		return ""
	}
	return safeURL(l.Mention(m))
}

func (l Links) hashtag(tag string) string {
	if l.Hashtag == nil {
		return ""
	}
	return safeURL(l.Hashtag(tag))
}

func (l Links) search(query string) string {
	if l.Search == nil {
		return ""
	}
	return safeURL(l.Search(query))
}

// safeURL returns a URL of http or https, or a path, as it is, and "" for all
// else: javascript:, data: and whatever a browser might take for them.
func safeURL(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return ""
	}
	lower := strings.ToLower(s[:min(len(s), len("https://"))])
	if strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return s
	}
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`) {
		return s
	}
	return ""
}
