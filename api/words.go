package api

import "fmt"

// A MutedWord mutes the notes that contain all of its Words, or those that
// match its Pattern, a regular expression between slashes such as "/spoil.*er/i".
// Exactly one of the two is set. Source: i/update, mutedWords.
type MutedWord struct {
	Words   []string
	Pattern string
}

// MarshalJSON returns an array of words, or the pattern as a string.
func (w MutedWord) MarshalJSON() ([]byte, error) {
	switch {
	case w.Words != nil && w.Pattern != "":
		return nil, fmt.Errorf("misskey: MutedWord has both Words and Pattern %q", w.Pattern)
	case w.Pattern != "":
		return marshal(w.Pattern)
	case w.Words == nil:
		return []byte("[]"), nil
	}
	return marshal(w.Words)
}

// UnmarshalJSON takes either form.
func (w *MutedWord) UnmarshalJSON(data []byte) error { return unmarshal(w, data) }

// DecodeJSON is UnmarshalJSON for a decoder that reads the value itself; see
// [OneOrMany.DecodeJSON].
func (w *MutedWord) DecodeJSON(first byte, decode func(any) error) error {
	*w = MutedWord{}
	switch first {
	case 'n':
		return nil
	case '"':
		return decode(&w.Pattern)
	}
	return decode(&w.Words)
}
