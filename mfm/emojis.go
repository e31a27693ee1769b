package mfm

import (
	"strings"
	"sync"
)

// An EmojiSet knows the pictures of custom emoji: those of one instance, and those of
// others that notes have brought along. The zero EmojiSet is empty and ready for use,
// by several goroutines at once.
type EmojiSet struct {
	mu     sync.RWMutex
	own    map[string]string
	remote map[string]string // the keys are name@host
	order  []string          // of the keys of remote
	oldest int               // in order
}

// mostRemote is how many emoji of other instances are remembered.
const mostRemote = 10_000

// Reset forgets all emoji of the instance, and learns these: the URLs by name, from
// the endpoint "emojis".
func (e *EmojiSet) Reset(urls map[string]string) {
	own := make(map[string]string, len(urls))
	for name, url := range urls {
		own[name] = url
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.own = own
}

// Add adds an emoji, or changes it. The name is that of an emoji of the instance, or
// name@host. Of other instances, an EmojiSet remembers the last 10,000.
func (e *EmojiSet) Add(name, url string) {
	name = emojiName(name)
	e.mu.Lock()
	defer e.mu.Unlock()
	if !strings.Contains(name, "@") {
		if e.own == nil {
			e.own = make(map[string]string)
		}
		e.own[name] = url
		return
	}
	if e.remote == nil {
		e.remote = make(map[string]string)
	}
	if _, known := e.remote[name]; !known {
		if len(e.order) < mostRemote {
			e.order = append(e.order, name)
		} else {
			delete(e.remote, e.order[e.oldest])
			e.order[e.oldest] = name
			e.oldest = (e.oldest + 1) % mostRemote
		}
	}
	e.remote[name] = url
}

// Update is [EmojiSet.Add], under the name of the event.
func (e *EmojiSet) Update(name, url string) { e.Add(name, url) }

// Delete forgets an emoji of the instance.
func (e *EmojiSet) Delete(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.own, emojiName(name))
}

// URL returns the picture of an emoji of the instance, or of one given as name@host;
// "" if it is not known.
func (e *EmojiSet) URL(name string) string {
	name = emojiName(name)
	e.mu.RLock()
	defer e.mu.RUnlock()
	if strings.Contains(name, "@") {
		return e.remote[name]
	}
	return e.own[name]
}

// In returns the function that finds the emoji in what a user has written, for
// [HTMLOptions]. The host is that of the user, "" on the instance itself. The URLs
// are the emojis of the note or of the user; they are remembered.
func (e *EmojiSet) In(host string, urls map[string]string) func(name string) string {
	if host == "" {
		return e.URL
	}
	for name, url := range urls {
		e.Add(name+"@"+host, url)
	}
	return func(name string) string { return e.URL(name + "@" + host) }
}

// Reaction returns the picture of a reaction such as ":name@host:"; "" if it is an
// emoji of Unicode, or not known. The URLs are the reactionEmojis of the note; they
// are remembered.
func (e *EmojiSet) Reaction(reaction string, urls map[string]string) string {
	for name, url := range urls {
		e.Add(name, url)
	}
	if !strings.HasPrefix(reaction, ":") {
		return ""
	}
	return e.URL(reaction)
}

// emojiName returns name or name@host for what Misskey writes :name:, :name@.: or
// :name@host:.
func emojiName(s string) string {
	return strings.TrimSuffix(strings.Trim(s, ":"), "@.")
}
