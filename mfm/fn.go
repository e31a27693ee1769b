package mfm

import (
	"strconv"
	"strings"
	"time"
)

// The arguments of functions come from anybody. What is read here is what may be
// written to a page.

// time returns the time of $[unixtime seconds].
func (n *Fn) time() (time.Time, bool) {
	if n.Name != "unixtime" || len(n.Children) == 0 {
		return time.Time{}, false
	}
	text, ok := n.Children[0].(*Text)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(text.Text), 10, 64)
	at := time.Unix(seconds, 0).UTC()
	const latest = 253402300799 // in the year 9999
	return at, err == nil && -latest <= seconds && seconds <= latest && at.Year() >= 0
}

// ruby returns the parts of $[ruby base reading].
func (n *Fn) ruby() (base []Node, reading string, ok bool) {
	if n.Name != "ruby" || len(n.Children) == 0 {
		return nil, "", false
	}
	last, ok := n.Children[len(n.Children)-1].(*Text)
	if !ok {
		return nil, "", false
	}
	if len(n.Children) > 1 {
		base, reading = n.Children[:len(n.Children)-1], strings.TrimSpace(last.Text)
	} else {
		before, after, _ := strings.Cut(last.Text, " ")
		reading, _, _ = strings.Cut(after, " ")
		base = []Node{NewText(before)}
	}
	return base, reading, reading != ""
}

// has reports whether the function has an argument.
func (n *Fn) has(name string) bool {
	_, ok := n.Arg(name)
	return ok
}

// color returns the argument "color", six or three hexadecimal digits, or what is
// given instead.
func (n *Fn) color(instead string) string {
	value, _ := n.Arg("color")
	if len(value) != 3 && len(value) != 6 {
		return instead
	}
	for i := range len(value) {
		if c := value[i]; !isDigit(c) && (c|0x20 < 'a' || 'f' < c|0x20) {
			return instead
		}
	}
	return strings.ToLower(value)
}

// number returns an argument, between least and most, or what is given instead.
func (n *Fn) number(name string, instead, least, most float64) float64 {
	value, _ := n.Arg(name)
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || number != number {
		return instead
	}
	return min(max(number, least), most)
}

// seconds returns an argument such as 1.5s, or what is given instead.
func (n *Fn) seconds(name string, instead float64) (float64, bool) {
	value, _ := n.Arg(name)
	digits, ok := strings.CutSuffix(value, "s")
	number, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || number != number {
		return instead, false
	}
	const longest = 3600
	return min(max(number, -longest), longest), true
}

func format(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }
