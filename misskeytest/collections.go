package misskeytest

import (
	"cmp"
	"slices"

	"github.com/misskey-go/misskey/gen"
)

// partialNotes is the endpoint notes/show-partial-bulk: what changes of notes.
func partialNotes(c *call) (any, error) {
	ids, _ := c.params["noteIds"].([]any)
	all := c.s.notes.all(func(n *note) bool { return slices.Contains(ids, any(n.id)) })
	slices.Reverse(all)
	return pack(all, func(n *note) any {
		packed := c.s.packNote(n, c.account)
		return object{"id": n.id, "reactions": packed["reactions"], "reactionEmojis": packed["reactionEmojis"]}
	}), nil
}

// recommendedPolls is the endpoint notes/polls/recommendation: open polls of
// others in which the caller has not voted.
func recommendedPolls(c *call) (any, error) {
	now := c.s.now()
	all := c.s.notes.all(func(n *note) bool {
		return n.poll != nil && n.author != c.account && n.visibility == "public" && (n.poll.expires.IsZero() || now.Before(n.poll.expires)) &&
			!(c.flag("excludeChannels") && n.channel != nil) &&
			!slices.ContainsFunc(n.poll.votes, func(voters []*account) bool { return slices.Contains(voters, c.account) })
	})
	slices.Reverse(all)
	return pack(span(c, all), func(n *note) any { return c.s.packNote(n, c.account) }), nil
}

// featuredNotes is the endpoint notes/featured: public notes that have been
// reacted to, the most first.
func featuredNotes(c *call) (any, error) {
	until, in := c.text("untilId"), c.text("channelId")
	all := c.s.notes.all(func(n *note) bool {
		return n.visibility == "public" && len(n.reactions.items) > 0 && (until == "" || n.id < until) &&
			(in == "" || n.channel != nil && n.channel.id == in) && c.s.visible(n, c.account)
	})
	slices.SortStableFunc(all, func(a, b *note) int { return cmp.Compare(len(b.reactions.items), len(a.reactions.items)) })
	return pack(all[:min(len(all), int(integer(c.params["limit"])))], func(n *note) any { return c.s.packNote(n, c.account) }), nil
}

// userReactions is the endpoint users/reactions, whose pages go by the reaction.
func userReactions(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	switch {
	case a == nil:
		return nil, internalError("there is no such account")
	case a.profile["publicReactions"] != true && a != c.account && (c.account == nil || !c.account.moderator):
		return nil, c.refuse(gen.ErrReactionsNotPublic)
	}
	type reacted struct {
		*reaction
		note *note
	}
	var all list[reacted]
	for _, n := range c.s.notes.items {
		if r := n.reactionOf(a); r != nil && c.s.visible(n, c.account) {
			all.add(reacted{r, n})
		}
	}
	slices.SortFunc(all.items, func(a, b reacted) int { return cmp.Compare(a.id, b.id) })
	page := all.page(c.cursor(), func(reacted) bool { return true })
	return pack(page, func(r reacted) any {
		return object{"id": r.id, "createdAt": createdAt(r.id), "user": c.s.userLite(a), "type": r.kind, "note": c.s.packNote(r.note, c.account)}
	}), nil
}

// updateMemo is the endpoint users/update-memo. Without words there is none.
func updateMemo(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	about := followPair{c.account, a}
	if memo := c.text("memo"); memo != "" {
		c.s.memos[about] = memo
	} else {
		delete(c.s.memos, about)
	}
	return nil, nil
}

// pinnedUsers is the endpoint pinned-users. There are none.
func pinnedUsers(*call) (any, error) { return []any{}, nil }
