package misskeytest

import (
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A clip is a collection of notes that somebody keeps.
type clip struct {
	id, name    string
	description any
	owner       *account
	public      bool
	notes       []*note
	clipped     time.Time // the last note; zero without one
}

func (p *clip) key() string { return p.id }

func (s *Server) packClip(p *clip, viewer *account) object {
	packed := object{
		"id": p.id, "createdAt": createdAt(p.id), "lastClippedAt": nil, "userId": p.owner.id, "user": s.userLite(p.owner),
		"name": p.name, "description": p.description, "isPublic": p.public,
		"favoritedCount": s.clipFavorites.count(func(t *tie[*clip]) bool { return t.to == p }),
	}
	if !p.clipped.IsZero() {
		packed["lastClippedAt"] = stamp(p.clipped)
	}
	if viewer != nil {
		packed["isFavorited"] = s.clipFavorites.of(viewer, p, s.now()) != nil
	}
	if viewer == p.owner {
		packed["notesCount"] = len(p.notes)
	}
	return packed
}

func (c *call) packClips(all []*clip) []any {
	return pack(all, func(p *clip) any { return c.s.packClip(p, c.account) })
}

// ownClip returns a clip of the caller, by the parameter clipId.
func (c *call) ownClip() (*clip, error) {
	if p := c.s.clips.get(c.text("clipId")); p != nil && p.owner == c.account {
		return p, nil
	}
	return nil, c.refuse(gen.ErrNoSuchClip)
}

// visibleClip returns a clip that the caller may see.
func (c *call) visibleClip() (*clip, error) {
	if p := c.s.clips.get(c.text("clipId")); p != nil && (p.public || p.owner == c.account) {
		return p, nil
	}
	return nil, c.refuse(gen.ErrNoSuchClip)
}

// createClip is the endpoint clips/create.
func createClip(c *call) (any, error) {
	if c.s.clips.count(func(p *clip) bool { return p.owner == c.account }) >= c.policy("clipLimit") {
		return nil, c.refuse(gen.ErrTooManyClips)
	}
	p := &clip{id: c.s.newID(), name: c.text("name"), description: c.params["description"], owner: c.account, public: c.flag("isPublic")}
	c.s.clips.add(p)
	return c.s.packClip(p, c.account), nil
}

// updateClip is the endpoint clips/update.
func updateClip(c *call) (any, error) {
	p, err := c.ownClip()
	if err != nil {
		return nil, err
	}
	if name := c.text("name"); name != "" {
		p.name = name
	}
	if description, ok := c.params["description"]; ok {
		p.description = description
	}
	if public, ok := c.params["isPublic"].(bool); ok {
		p.public = public
	}
	return c.s.packClip(p, c.account), nil
}

// deleteClip is the endpoint clips/delete.
func deleteClip(c *call) (any, error) {
	p, err := c.ownClip()
	if err != nil {
		return nil, err
	}
	c.s.removeClip(p)
	return nil, nil
}

func (s *Server) removeClip(p *clip) {
	for _, n := range p.notes {
		n.clipped--
	}
	s.clips.remove(p.id)
	s.clipFavorites.removeAll(func(t *tie[*clip]) bool { return t.to == p })
}

// showClip is the endpoint clips/show.
func showClip(c *call) (any, error) {
	p, err := c.visibleClip()
	if err != nil {
		return nil, err
	}
	return c.s.packClip(p, c.account), nil
}

// listClips is the endpoint clips/list, of the caller's own.
func listClips(c *call) (any, error) {
	return c.packClips(c.s.clips.page(c.cursor(), func(p *clip) bool { return p.owner == c.account })), nil
}

// userClips is the endpoint users/clips, of those that an account shows.
func userClips(c *call) (any, error) {
	return c.packClips(c.s.clips.page(c.cursor(), func(p *clip) bool { return p.owner.id == c.text("userId") && p.public })), nil
}

// noteClips is the endpoint notes/clips, of the public ones that a note is in.
func noteClips(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	return c.packClips(c.s.clips.all(func(p *clip) bool { return p.public && slices.Contains(p.notes, n) })), nil
}

// clipNotes is the endpoint clips/notes.
func clipNotes(c *call) (any, error) {
	p, err := c.visibleClip()
	if err != nil {
		return nil, err
	}
	search := strings.ToLower(c.text("search"))
	return c.notes(func(n *note) bool {
		return slices.Contains(p.notes, n) && strings.Contains(strings.ToLower(text(n.text)+"\n"+text(n.cw)), search)
	})
}

// clipNote is the endpoint clips/add-note.
func clipNote(c *call) (any, error) {
	p, err := c.ownClip()
	if err != nil {
		return nil, err
	}
	n, err := c.note()
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(p.notes, n):
		return nil, c.refuse(gen.ErrAlreadyClipped)
	case len(p.notes) >= c.policy("noteEachClipsLimit"):
		return nil, c.refuse(gen.ErrTooManyClipNotes)
	}
	p.notes, p.clipped = append(p.notes, n), c.s.now()
	n.clipped++
	return nil, nil
}

// unclipNote is the endpoint clips/remove-note, which does not mind where the
// note is not in the clip.
func unclipNote(c *call) (any, error) {
	p, err := c.ownClip()
	if err != nil {
		return nil, err
	}
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	if i := slices.Index(p.notes, n); i >= 0 {
		p.notes = slices.Delete(p.notes, i, i+1)
		n.clipped--
	}
	return nil, nil
}

// favoriteClip is the endpoint clips/favorite.
func favoriteClip(c *call) (any, error) {
	p, err := c.visibleClip()
	if err != nil {
		return nil, err
	}
	if c.s.clipFavorites.of(c.account, p, c.s.now()) != nil {
		return nil, c.refuse(gen.ErrAlreadyFavorited)
	}
	c.s.clipFavorites.tie(c.s, c.account, p)
	return nil, nil
}

// unfavoriteClip is the endpoint clips/unfavorite.
func unfavoriteClip(c *call) (any, error) {
	p := c.s.clips.get(c.text("clipId"))
	switch {
	case p == nil:
		return nil, c.refuse(gen.ErrNoSuchClip)
	case !c.s.clipFavorites.untie(c.s, c.account, p):
		return nil, c.refuse(gen.ErrNotFavorited)
	}
	return nil, nil
}

// favoriteClips is the endpoint clips/my-favorites.
func favoriteClips(c *call) (any, error) {
	return c.packClips(c.s.clipFavorites.targets(c.account, c.s.now())), nil
}
