package misskey

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Reaction is what stands under a note: a Unicode emoji, a custom emoji of the
// instance, or a custom emoji of another server. [ParseReaction] reads one from any
// of the forms that Misskey has for it. Reactions with == are the same to a server,
// so a Reaction can be the key of a map; see also [Reaction.Same].
type Reaction struct {
	unicode    string // the emoji; empty for a custom one
	name, host string
}

// customReaction is the form of custom emojis in reactions. The host is left out
// or "." for those of the instance itself.
var customReaction = regexp.MustCompile(`^:([\w+-]+)(?:@([\w.-]+))?:$`)

// oldReactions are the words that stood for reactions before Misskey had Unicode
// emojis for them. Servers still replace them.
var oldReactions = map[string]string{
	"like": "👍", "love": "❤", "laugh": "😆", "hmm": "🤔", "surprise": "😮", "congrats": "🎉",
	"angry": "💢", "confused": "😥", "rip": "😇", "pudding": "🍮", "star": "⭐",
}

// maxReaction is more than any reaction is long. The database of Misskey has 260
// characters for it.
const maxReaction = 260

// ParseReaction reads a reaction, as it is in [gen.Note].Reactions, in events and
// notifications, in what a user types, or in the parameters of
// [gen.Client.NotesReactionsCreate]: 👍, :x:, :x@.: or :x@host:, or one of the
// words of old servers such as like.
func ParseReaction(s string) (Reaction, error) {
	if emoji, ok := oldReactions[s]; ok {
		return Reaction{unicode: emoji}, nil
	}
	if m := customReaction.FindStringSubmatch(s); m != nil && len(s) <= maxReaction {
		r := Reaction{name: m[1], host: strings.ToLower(m[2])}
		if r.host == "." {
			r.host = ""
		}
		return r, nil
	}
	if !isEmoji(s) {
		return Reaction{}, fmt.Errorf("misskey: %q is not a reaction; give a Unicode emoji, or a custom one such as :name: or :name@host:, with the host of its server", clip(s, 40))
	}
	return Reaction{unicode: stored(s)}, nil
}

// isEmoji reports whether s may be a Unicode emoji. It has no table of all emojis,
// which would be older than the server's. It refuses text.
func isEmoji(s string) bool {
	if s == "" || len(s) > maxReaction || !utf8.ValidString(s) {
		return false
	}
	keycap := strings.HasSuffix(s, "\u20e3")
	visible := false // joiners and selectors show nothing on their own
	for _, r := range s {
		switch {
		case r == '\u200d', r == '\ufe0f', r == '\u20e3':
			continue
		case r == '©', r == '®':
		case keycap && (r == '#' || r == '*' || '0' <= r && r <= '9'):
		case r < 0x2000, unicode.IsLetter(r), unicode.IsSpace(r), unicode.IsControl(r):
			return false
		}
		visible = true
	}
	return visible
}

// stored is the form in which a server keeps a Unicode emoji: without variation
// selectors, except for one that is joined from several.
func stored(emoji string) string {
	if strings.ContainsRune(emoji, '\u200d') {
		return emoji
	}
	return strings.ReplaceAll(emoji, "\ufe0f", "")
}

// IsCustom reports whether the reaction is a custom emoji.
func (r Reaction) IsCustom() bool { return r.name != "" }

// Name returns the name of a custom emoji, without colons, or a Unicode emoji.
func (r Reaction) Name() string {
	if r.IsCustom() {
		return r.name
	}
	return r.unicode
}

// Host returns the server that a custom emoji belongs to, or "" for one of the
// instance itself and for a Unicode emoji.
func (r Reaction) Host() string { return r.host }

// String returns the reaction in the form that servers store, which is a key of
// [gen.Note].Reactions and a parameter of [gen.Client.NotesReactionsCreate]: 👍,
// :x@.: or :x@host:. A server takes no emoji of another server: it stores ❤ in
// its place.
func (r Reaction) String() string {
	switch {
	case !r.IsCustom():
		return r.unicode
	case r.host == "":
		return ":" + r.name + "@.:"
	}
	return ":" + r.name + "@" + r.host + ":"
}

// Same reports whether both are the same to a person: equal, or the same Unicode
// emoji written with and without variation selectors. Custom emojis are the same
// only if they belong to one server; another may have another picture of that name.
func (r Reaction) Same(other Reaction) bool {
	return r == other ||
		!r.IsCustom() && !other.IsCustom() &&
			strings.ReplaceAll(r.unicode, "\ufe0f", "") == strings.ReplaceAll(other.unicode, "\ufe0f", "")
}

// URL returns the address of the picture of a custom emoji, or "" for a Unicode
// emoji. emojis are the [gen.Note].ReactionEmojis of the note, which has those of
// other servers. Where the picture is not among them, the address is one of the
// instance, given by [Client.BaseURL], that redirects to it.
func (r Reaction) URL(emojis map[string]string, baseURL string) string {
	if !r.IsCustom() {
		return ""
	}
	name := r.name
	if r.host != "" {
		name += "@" + r.host
	}
	for _, key := range []string{name, strings.Trim(r.String(), ":")} {
		if address := emojis[key]; address != "" {
			return address
		}
	}
	return baseURL + "/emoji/" + name + ".webp"
}
