package misskeytest

import (
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A bar is what an account has put between itself and another: a block, a mute,
// or a mute of renotes.
type bar struct {
	id       string
	from, to *account
	expires  time.Time // zero for never
}

func (b *bar) key() string { return b.id }

// bars are all bars of one kind.
type bars struct{ list[*bar] }

// between returns the bar that one account has put up against another, or nil.
func (b *bars) between(from, to *account, now time.Time) *bar {
	return b.find(func(b *bar) bool {
		return b.from == from && b.to == to && (b.expires.IsZero() || now.Before(b.expires))
	})
}

// A barKind is how the endpoints of one kind of bar differ.
type barKind struct {
	of                   func(*state) *bars
	yourself, there, not gen.ErrorCode
	other                string // what the other account is called
	answers              bool   // with the other account, or not at all
}

var (
	blocks      = barKind{func(s *state) *bars { return &s.blocks }, gen.ErrBlockeeIsYourself, gen.ErrAlreadyBlocking, gen.ErrNotBlocking, "blockee", true}
	mutes       = barKind{func(s *state) *bars { return &s.mutes }, gen.ErrMuteeIsYourself, gen.ErrAlreadyMuting, gen.ErrNotMuting, "mutee", false}
	renoteMutes = barKind{func(s *state) *bars { return &s.renoteMutes }, gen.ErrMuteeIsYourself, gen.ErrAlreadyMuting, gen.ErrNotMuting, "mutee", false}
)

// target returns the other account and the bar against it, if there is one.
func (k barKind) target(c *call) (*account, *bar, error) {
	other := c.s.accounts.get(c.text("userId"))
	switch {
	case c.text("userId") == c.account.id:
		return nil, nil, c.refuse(k.yourself)
	case other == nil:
		return nil, nil, c.refuse(gen.ErrNoSuchUser)
	}
	return other, k.of(&c.s.state).between(c.account, other, c.s.now()), nil
}

func (k barKind) answer(c *call, other *account) any {
	if k.answers {
		return c.user(other)
	}
	return nil
}

// create is the endpoint blocking/create, mute/create or renote-mute/create.
func (k barKind) create(c *call) (any, error) {
	other, old, err := k.target(c)
	if err != nil {
		return nil, err
	}
	if old != nil {
		return nil, c.refuse(k.there)
	}
	b := &bar{id: c.s.newID(), from: c.account, to: other}
	if ms := integer(c.params["expiresAt"]); ms != 0 {
		b.expires = time.UnixMilli(ms)
		if !c.s.now().Before(b.expires) {
			return k.answer(c, other), nil // it has ended before it began
		}
	}
	all := k.of(&c.s.state)
	all.add(b)
	if all == &c.s.blocks {
		c.s.part(c.account, other)
	}
	return k.answer(c, other), nil
}

// part ends that two accounts follow each other.
func (s *Server) part(a, b *account) {
	for _, pair := range []followPair{{a, b}, {b, a}} {
		if f := s.followOf(pair.follower, pair.followee); f != nil {
			s.unfollow(f)
		}
		if f := s.requestOf(pair.follower, pair.followee); f != nil {
			s.removeRequest(f)
		}
	}
}

// remove is the endpoint blocking/delete, mute/delete or renote-mute/delete.
func (k barKind) remove(c *call) (any, error) {
	other, b, err := k.target(c)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, c.refuse(k.not)
	}
	k.of(&c.s.state).list.remove(b.id)
	return k.answer(c, other), nil
}

// show is the endpoint blocking/list, mute/list or renote-mute/list.
func (k barKind) show(c *call) (any, error) {
	now := c.s.now()
	page := k.of(&c.s.state).page(c.cursor(), func(b *bar) bool {
		return b.from == c.account && (b.expires.IsZero() || now.Before(b.expires))
	})
	return pack(page, func(b *bar) any {
		packed := object{"id": b.id, "createdAt": createdAt(b.id), k.other + "Id": b.to.id, k.other: c.user(b.to)}
		if k.of(&c.s.state) == &c.s.mutes {
			packed["expiresAt"] = nil
			if !b.expires.IsZero() {
				packed["expiresAt"] = stamp(b.expires)
			}
		}
		return packed
	}), nil
}

// blocked refuses to do something with what an account has written that blocks
// the caller.
func (c *call) blocked(by *account) error {
	if c.s.blocks.between(by, c.account, c.s.now()) != nil {
		return c.refuse(gen.ErrYouHaveBeenBlocked)
	}
	return nil
}

// unwanted returns what finds the notes that a viewer does not want to see or is
// not wanted to: those of accounts that are muted or that block the viewer, what
// answers or renotes them, renotes by accounts whose renotes are muted, and those
// of muted channels. The page of an account or of a channel shows it even so.
func (s *state) unwanted(viewer *account, where notePage) func(*note) bool {
	if viewer == nil {
		return func(*note) bool { return false }
	}
	hidden, noRenotes, now := map[*account]bool{}, map[*account]bool{}, s.now()
	for _, b := range s.mutes.items {
		if b.from == viewer && b.to != where.account && (b.expires.IsZero() || now.Before(b.expires)) {
			hidden[b.to] = true
		}
	}
	for _, b := range s.blocks.items {
		if b.to == viewer {
			hidden[b.from] = true
		}
	}
	for _, b := range s.renoteMutes.items {
		if b.from == viewer {
			noRenotes[b.to] = true
		}
	}
	channels := s.channelMutes.targets(viewer, now)
	muted := func(n *note) bool {
		return n != nil && n.channel != nil && n.channel != where.channel && slices.Contains(channels, n.channel)
	}
	return func(n *note) bool {
		return muted(n) || len(channels) > 0 && muted(s.notes.get(n.renoteID)) || hidden[n.author] || hidden[n.replyTo] || hidden[n.renoted] || noRenotes[n.author] && n.pureRenote()
	}
}
