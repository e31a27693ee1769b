package misskeytest

import (
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A channel is a place for notes about something.
type channel struct {
	id, name, color string
	description     any
	banner          string // id of a file, or empty
	owner           *account
	pinned          []string
	archived        bool
	sensitive       bool
	external        bool // its notes may be renoted outside

	notes  int
	users  map[*account]bool // who has posted
	posted time.Time         // the last note; zero without one
}

func (ch *channel) key() string { return ch.id }

// packChannel is what a viewer, who may be nil, sees of a channel.
func (s *Server) packChannel(ch *channel, viewer *account) object {
	packed := object{
		"id": ch.id, "createdAt": createdAt(ch.id), "lastNotedAt": nil, "name": ch.name, "description": ch.description,
		"userId": ch.owner.id, "bannerUrl": nil, "bannerId": nil, "pinnedNoteIds": append([]string{}, ch.pinned...),
		"color": ch.color, "isArchived": ch.archived, "usersCount": len(ch.users), "notesCount": ch.notes,
		"isSensitive": ch.sensitive, "allowRenoteToExternal": ch.external,
	}
	if !ch.posted.IsZero() {
		packed["lastNotedAt"] = stamp(ch.posted)
	}
	if f := s.files.get(ch.banner); f != nil {
		packed["bannerUrl"], packed["bannerId"] = s.URL+"/files/"+f.name(), f.id
	}
	if viewer != nil {
		now := s.now()
		packed["isFollowing"] = s.channelFollows.of(viewer, ch, now) != nil
		packed["isFavorited"] = s.channelFavorites.of(viewer, ch, now) != nil
		packed["isMuting"] = s.channelMutes.of(viewer, ch, now) != nil
		packed["hasUnreadNote"] = false
	}
	return packed
}

// packChannelLite is what a note shows of its channel.
func packChannelLite(ch *channel) object {
	return object{
		"id": ch.id, "name": ch.name, "color": ch.color, "isSensitive": ch.sensitive,
		"allowRenoteToExternal": ch.external, "userId": ch.owner.id,
	}
}

func (c *call) packChannels(all []*channel) []any {
	return pack(all, func(ch *channel) any { return c.s.packChannel(ch, c.account) })
}

// channel returns a channel, by the parameter channelId.
func (c *call) channel() (*channel, error) {
	if ch := c.s.channels.get(c.text("channelId")); ch != nil {
		return ch, nil
	}
	return nil, c.refuse(gen.ErrNoSuchChannel)
}

// onChannel is an endpoint that does something with a channel and does not
// answer.
func onChannel(do func(*call, *channel) error) handler {
	return func(c *call) (any, error) {
		ch, err := c.channel()
		if err != nil {
			return nil, err
		}
		return nil, do(c, ch)
	}
}

// createChannel is the endpoint channels/create.
func createChannel(c *call) (any, error) {
	ch := &channel{color: "#86b300", owner: c.account, external: true, users: map[*account]bool{}}
	if err := c.changeChannel(ch); err != nil {
		return nil, err
	}
	ch.id = c.s.newID()
	c.s.channels.add(ch)
	return c.s.packChannel(ch, c.account), nil
}

// updateChannel is the endpoint channels/update.
func updateChannel(c *call) (any, error) {
	ch, err := c.channel()
	if err != nil {
		return nil, err
	}
	if ch.owner != c.account && !c.account.moderator {
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	if !c.changesChannel() {
		return nil, internalError("there is nothing to update")
	}
	if err := c.changeChannel(ch); err != nil {
		return nil, err
	}
	return c.s.packChannel(ch, c.account), nil
}

// changesChannel reports whether the parameters say anything that a channel can
// be given. A banner cannot be taken away, and flags that are null say nothing.
func (c *call) changesChannel() bool {
	for _, name := range []string{"name", "description", "pinnedNoteIds", "color", "bannerId", "isArchived", "isSensitive", "allowRenoteToExternal"} {
		if v, ok := c.params[name]; ok && (v != nil || name == "description") {
			return true
		}
	}
	return false
}

// changeChannel gives a channel the properties that the parameters have. Those
// that are absent stay, and so do those that are null, but for the description.
func (c *call) changeChannel(ch *channel) error {
	banner := c.text("bannerId")
	if f := c.s.files.get(banner); banner != "" && (f == nil || f.owner != c.account) {
		return c.refuse(gen.ErrNoSuchFile)
	}
	if banner != "" {
		ch.banner = banner
	}
	if name := c.text("name"); name != "" {
		ch.name = name
	}
	if color := c.text("color"); color != "" {
		ch.color = color
	}
	if description, ok := c.params["description"]; ok {
		ch.description = description
	}
	for name, flag := range map[string]*bool{"isSensitive": &ch.sensitive, "allowRenoteToExternal": &ch.external, "isArchived": &ch.archived} {
		if v, ok := c.params[name].(bool); ok {
			*flag = v
		}
	}
	if ids, ok := c.params["pinnedNoteIds"].([]any); ok {
		ch.pinned = nil
		for _, id := range ids {
			ch.pinned = append(ch.pinned, text(id))
		}
	}
	return nil
}

// showChannel is the endpoint channels/show.
func showChannel(c *call) (any, error) {
	ch, err := c.channel()
	if err != nil {
		return nil, err
	}
	packed, pinned := c.s.packChannel(ch, c.account), []any{}
	for _, id := range ch.pinned {
		if n := c.s.notes.get(id); n != nil {
			pinned = append(pinned, c.s.packNote(n, c.account))
		}
	}
	packed["pinnedNotes"] = pinned
	return packed, nil
}

// followChannel is the endpoint channels/follow, where following twice was a
// mistake that had no name before 2026.7.0.
func followChannel(c *call, ch *channel) error {
	if c.s.channelFollows.of(c.account, ch, c.s.now()) != nil {
		return c.refuseSince("2026.7.0", gen.ErrAlreadyFollowing)
	}
	c.s.channelFollows.tie(c.s, c.account, ch)
	return nil
}

func unfollowChannel(c *call, ch *channel) error {
	c.s.channelFollows.untie(c.s, c.account, ch)
	return nil
}

func favoriteChannel(c *call, ch *channel) error {
	c.s.channelFavorites.tie(c.s, c.account, ch)
	return nil
}

func unfavoriteChannel(c *call, ch *channel) error {
	c.s.channelFavorites.untie(c.s, c.account, ch)
	return nil
}

// muteChannel is the endpoint channels/mute/create.
func muteChannel(c *call, ch *channel) error {
	now := c.s.now()
	if c.s.channelMutes.of(c.account, ch, now) != nil {
		return c.refuse("ALREADY_MUTING_CHANNEL")
	}
	mute := &tie[*channel]{user: c.account, to: ch}
	if ms := integer(c.params["expiresAt"]); ms != 0 {
		if mute.expires = time.UnixMilli(ms); !now.Before(mute.expires) {
			return c.refuse("EXPIRES_AT_IS_PAST")
		}
	}
	mute.id = c.s.newID()
	c.s.channelMutes.add(mute)
	return nil
}

// unmuteChannel is the endpoint channels/mute/delete.
func unmuteChannel(c *call, ch *channel) error {
	if !c.s.channelMutes.untie(c.s, c.account, ch) {
		return c.refuse("NOT_MUTING_CHANNEL")
	}
	return nil
}

// mutedChannels is the endpoint channels/mute/list.
func mutedChannels(c *call) (any, error) {
	return c.packChannels(c.s.channelMutes.targets(c.account, c.s.now())), nil
}

// favoriteChannels is the endpoint channels/my-favorites.
func favoriteChannels(c *call) (any, error) {
	return c.packChannels(c.s.channelFavorites.targets(c.account, c.s.now())), nil
}

// followedChannels is the endpoint channels/followed, whose pages go by the
// follow.
func followedChannels(c *call) (any, error) {
	page := c.s.channelFollows.page(c.cursor(), func(t *tie[*channel]) bool { return t.user == c.account })
	return pack(page, func(t *tie[*channel]) any { return c.s.packChannel(t.to, c.account) }), nil
}

// ownedChannels is the endpoint channels/owned.
func ownedChannels(c *call) (any, error) {
	return c.packChannels(c.s.channels.page(c.cursor(), func(ch *channel) bool {
		return ch.owner == c.account && !ch.archived
	})), nil
}

// featuredChannels is the endpoint channels/featured: where somebody has posted,
// the last one first.
func featuredChannels(c *call) (any, error) {
	all := c.s.channels.all(func(ch *channel) bool { return !ch.archived && !ch.posted.IsZero() })
	slices.SortStableFunc(all, func(a, b *channel) int { return b.posted.Compare(a.posted) })
	return c.packChannels(all[:min(len(all), 10)]), nil
}

// searchChannels is the endpoint channels/search.
func searchChannels(c *call) (any, error) {
	query, everywhere := strings.ToLower(c.text("query")), c.text("type") != "nameOnly"
	return c.packChannels(c.s.channels.page(c.cursor(), func(ch *channel) bool {
		return !ch.archived && (strings.Contains(strings.ToLower(ch.name), query) ||
			everywhere && strings.Contains(strings.ToLower(text(ch.description)), query))
	})), nil
}

// channelTimeline is the endpoint channels/timeline.
func channelTimeline(c *call) (any, error) {
	ch, err := c.channel()
	if err != nil {
		return nil, err
	}
	return c.notesOf(notePage{channel: ch}, func(n *note) bool { return n.channel == ch })
}

// enterChannel puts a note into the channel that it was meant for, or that of
// the note to which it replies.
func (c *call) enterChannel(n *note) error {
	if id := c.text("channelId"); id != "" {
		ch := c.s.channels.get(id)
		if ch == nil || ch.archived {
			return c.refuse(gen.ErrNoSuchChannel)
		}
		n.channel = ch
	}
	if of := c.s.notes.get(n.renoteID); of != nil && of.channel != nil && of.channel != n.channel && !of.channel.external {
		return c.refuse("CANNOT_RENOTE_OUTSIDE_OF_CHANNEL")
	}
	if to := c.s.notes.get(n.replyID); to != nil {
		n.channel = to.channel
	}
	if n.channel != nil {
		n.visibility, n.localOnly = "public", true
	}
	return nil
}
