package misskeytest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// An emoji is a custom one of the server.
type emoji struct {
	id, name, url string

	// facts are what the parameters of admin/emoji/add and update say.
	facts object
}

func (e *emoji) key() string { return e.id }

func newEmoji(name, url string) *emoji {
	return &emoji{name: name, url: url, facts: object{
		"aliases": []any{}, "category": nil, "license": nil, "isSensitive": false, "localOnly": false,
		"roleIdsThatCanBeUsedThisEmojiAsReaction": []any{},
	}}
}

// AddEmoji makes a custom emoji, which notes and reactions can name :name:, and
// returns its id.
func (s *Server) AddEmoji(name string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !validEmoji.MatchString(name) || s.emoji(name) != nil {
		s.fatal(fmt.Errorf("misskeytest: %q is not a name for an emoji: it has letters, digits and underscores, and no other emoji has it", name))
	}
	e := newEmoji(name, s.URL+"/identicon/"+name)
	s.addEmoji(e)
	return e.id
}

var validEmoji = regexp.MustCompile(`^\w+$`)

func (s *Server) addEmoji(e *emoji) {
	e.id = s.newID()
	s.emojis.add(e)
	s.broadcast("emojiAdded", object{"emoji": packEmoji(e)})
}

// emoji returns the custom emoji of a name, or nil.
func (s *state) emoji(name string) *emoji {
	return s.emojis.find(func(e *emoji) bool { return e.name == name })
}

func packEmoji(e *emoji) object {
	packed := object{"id": e.id, "name": e.name, "host": nil, "url": e.url}
	maps.Copy(packed, e.facts)
	return packed
}

// packEmojiSimple leaves out what is not needed to show it.
func packEmojiSimple(e *emoji) object {
	packed := object{"name": e.name, "url": e.url, "aliases": e.facts["aliases"], "category": e.facts["category"]}
	for _, name := range []string{"localOnly", "isSensitive"} {
		if e.facts[name] == true {
			packed[name] = true
		}
	}
	if roles, _ := e.facts["roleIdsThatCanBeUsedThisEmojiAsReaction"].([]any); len(roles) > 0 {
		packed["roleIdsThatCanBeUsedThisEmojiAsReaction"] = roles
	}
	return packed
}

// listEmojis is the endpoint emojis.
func listEmojis(c *call) (any, error) {
	all := slices.Clone(c.s.emojis.items)
	slices.SortStableFunc(all, func(a, b *emoji) int {
		return strings.Compare(text(a.facts["category"])+"\x00"+a.name, text(b.facts["category"])+"\x00"+b.name)
	})
	return object{"emojis": pack(all, func(e *emoji) any { return packEmojiSimple(e) })}, nil
}

// showEmoji is the endpoint emoji.
func showEmoji(c *call) (any, error) {
	e := c.s.emoji(c.text("name"))
	if e == nil {
		return nil, internalError("there is no such emoji")
	}
	return packEmoji(e), nil
}

// setEmojiFacts takes what the parameters say of an emoji.
func (c *call) setEmojiFacts(e *emoji) {
	for name := range e.facts {
		if v, ok := c.params[name]; ok {
			e.facts[name] = v
		}
	}
}

// emojiFile returns the URL of the picture that the parameters name.
func (c *call) emojiFile() (string, error) {
	f := c.s.files.get(c.text("fileId"))
	switch {
	case f == nil:
		return "", c.refuse(gen.ErrNoSuchFile)
	case !strings.HasPrefix(f.kind, "image/"):
		return "", c.refuse("UNSUPPORTED_FILE_TYPE")
	}
	return c.s.URL + "/files/" + f.name(), nil
}

// createEmoji is the endpoint admin/emoji/add.
func createEmoji(c *call) (any, error) {
	url, err := c.emojiFile()
	if err != nil {
		return nil, err
	}
	if c.s.emoji(c.text("name")) != nil {
		return nil, c.refuse(gen.ErrDuplicateName)
	}
	e := newEmoji(c.text("name"), url)
	c.setEmojiFacts(e)
	c.s.addEmoji(e)
	return packEmoji(e), nil
}

// updateEmoji is the endpoint admin/emoji/update, of an emoji by its id, which
// can have another name then, or by its name. To others a new name is a new
// emoji.
func updateEmoji(c *call) (any, error) {
	id, name := c.text("id"), c.text("name")
	e := c.s.emojis.get(id)
	if id == "" {
		e = c.s.emoji(name)
	}
	if e == nil {
		return nil, c.refuse(gen.ErrNoSuchEmoji)
	}
	url := e.url
	if c.params["fileId"] != nil {
		var err error
		if url, err = c.emojiFile(); err != nil {
			return nil, err
		}
	}
	renamed := id != "" && name != "" && name != e.name
	if renamed && c.s.emoji(name) != nil {
		return nil, c.refuse(gen.ErrSameNameEmojiExists)
	}
	before := packEmoji(e)
	e.url = url
	c.setEmojiFacts(e)
	if !renamed {
		c.s.broadcast("emojiUpdated", object{"emojis": []any{packEmoji(e)}})
		return nil, nil
	}
	e.name = name
	c.s.broadcast("emojiDeleted", object{"emojis": []any{before}})
	c.s.broadcast("emojiAdded", object{"emoji": packEmoji(e)})
	return nil, nil
}

// emojisOf returns those that the parameter ids names.
func (c *call) emojisOf() (all []*emoji) {
	ids, _ := c.params["ids"].([]any)
	for _, id := range ids {
		if e := c.s.emojis.get(text(id)); e != nil {
			all = append(all, e)
		}
	}
	return all
}

// changeEmojis is one of the endpoints admin/emoji/…-bulk.
func changeEmojis(change func(*call, *emoji)) handler {
	return func(c *call) (any, error) {
		changed := []any{}
		for _, e := range c.emojisOf() {
			change(c, e)
			changed = append(changed, packEmoji(e))
		}
		c.s.broadcast("emojiUpdated", object{"emojis": changed})
		return nil, nil
	}
}

// setEmoji sets one fact of emojis.
func setEmoji(name string) handler {
	return changeEmojis(func(c *call, e *emoji) { e.facts[name] = c.params[name] })
}

func addAliases(c *call, e *emoji) {
	old, _ := e.facts["aliases"].([]any)
	next := slices.Clone(old)
	more, _ := c.params["aliases"].([]any)
	for _, alias := range more {
		if !slices.Contains(next, alias) {
			next = append(next, alias)
		}
	}
	e.facts["aliases"] = next
}

func removeAliases(c *call, e *emoji) {
	old, _ := e.facts["aliases"].([]any)
	gone, _ := c.params["aliases"].([]any)
	e.facts["aliases"] = slices.DeleteFunc(slices.Clone(old), func(alias any) bool { return slices.Contains(gone, alias) })
}

// deleteEmoji is the endpoint admin/emoji/delete.
func deleteEmoji(c *call) (any, error) {
	e := c.s.emojis.get(c.text("id"))
	if e == nil {
		return nil, internalError("there is no such emoji")
	}
	c.s.emojis.remove(e.id)
	c.s.broadcast("emojiDeleted", object{"emojis": []any{packEmoji(e)}})
	return nil, nil
}

// deleteEmojis is the endpoint admin/emoji/delete-bulk.
func deleteEmojis(c *call) (any, error) {
	gone := []any{}
	for _, e := range c.emojisOf() {
		c.s.emojis.remove(e.id)
		gone = append(gone, packEmoji(e))
	}
	c.s.broadcast("emojiDeleted", object{"emojis": gone})
	return nil, nil
}

// manageEmojis is the endpoint admin/emoji/list.
func manageEmojis(c *call) (any, error) {
	query := strings.Trim(c.text("query"), ":")
	page := c.s.emojis.page(c.cursor(), func(e *emoji) bool {
		aliases, _ := e.facts["aliases"].([]any)
		return strings.Contains(e.name, query) || strings.Contains(text(e.facts["category"]), query) ||
			slices.ContainsFunc(aliases, func(alias any) bool { return strings.Contains(text(alias), query) })
	})
	return pack(page, func(e *emoji) any { return packEmoji(e) }), nil
}

// foreignEmojis is the endpoint admin/emoji/list-remote. There are none.
func foreignEmojis(*call) (any, error) { return []any{}, nil }
