package mfm

import (
	_ "embed"
	"strings"
	"sync"
)

// emoji.txt has every sequence that mfm.js takes for one emoji, sorted by bytes.
// Those that end in U+FE0E, which asks for the form of text, are none: they stand
// for themselves. "go run ./internal/mfmdiff -emoji" writes the file.
//
//go:embed emoji.txt
var emojiText string

var emojiSequences = sync.OnceValue(func() []string { return strings.Fields(emojiText) })

// The characters that ask for one of the two forms of the one before.
const (
	textForm  = "\ufe0e"
	emojiForm = "\ufe0f"
)

// emojiAt returns the length of the emoji at the beginning of s, the longest of
// several; 0 if there is none.
func emojiAt(s string) int {
	if !mayBeEmoji(s) {
		return 0
	}
	// What is left of the list has the first i bytes of s in common.
	left, found := emojiSequences(), 0
	for i := 0; ; i++ {
		if len(left[0]) == i {
			found = i
			left = left[1:]
		}
		if i == len(s) {
			break
		}
		if left = withByte(left, i, s[i]); len(left) == 0 {
			break
		}
	}
	if strings.HasSuffix(s[:found], textForm) {
		return 0
	}
	return found
}

// withByte returns the part of a sorted list whose strings have c at i. All have
// the same bytes before.
func withByte(list []string, i int, c byte) []string {
	start := search(list, func(s string) bool { return s[i] >= c })
	end := start + search(list[start:], func(s string) bool { return s[i] > c })
	return list[start:end]
}

// search returns the index of the first string for which ok holds.
func search(list []string, ok func(string) bool) int {
	low, high := 0, len(list)
	for low < high {
		if mid := (low + high) / 2; ok(list[mid]) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// mayBeEmoji looks at two bytes to say no to almost everything that is none.
func mayBeEmoji(s string) bool {
	if len(s) < 2 {
		return false
	}
	switch c, next := s[0], s[1]; {
	case c == '#' || c == '*' || '0' <= c && c <= '9': // keys
		return next == 0xe2 || next == 0xef
	case c == 0xf0:
		return next == 0x9f
	case c == 0xe3: // most of Japanese
		return next == 0x80 || next == 0x8a
	case c == 0xc2:
		return next == 0xa9 || next == 0xae
	case c == 0xe2:
		return true
	case c == 0xee:
		return next == 0x94
	}
	return false
}
