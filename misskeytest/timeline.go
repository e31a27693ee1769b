package misskeytest

import (
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// A notePage is where notes are shown: on the page of an account or of a channel,
// or anywhere else. What is muted elsewhere is shown on its own page.
type notePage struct {
	account *account
	channel *channel
}

// notes responds with the page of the notes that the caller may see and that are
// wanted.
func (c *call) notes(want func(*note) bool) (any, error) { return c.notesOf(notePage{}, want) }

// notesOf is notes on the page of an account or a channel.
func (c *call) notesOf(where notePage, want func(*note) bool) (any, error) {
	unwanted := c.s.unwanted(c.account, where)
	page := c.s.notes.page(c.cursor(), func(n *note) bool {
		return c.s.visible(n, c.account) && !unwanted(n) && want(n)
	})
	return pack(page, func(n *note) any { return c.s.packNote(n, c.account) }), nil
}

// shown reports whether a note passes the filters that timelines have.
func (c *call) shown(n *note) bool {
	return (c.params["withRenotes"] != false || !n.pureRenote()) && (!c.flag("withFiles") || len(n.files) > 0)
}

// isReplyToOthers reports whether a note speaks to somebody else than its author
// and the viewer.
func isReplyToOthers(n *note, viewer *account) bool {
	return n.replyTo != nil && n.replyTo != n.author && n.replyTo != viewer
}

// homeTimeline is the endpoint notes/timeline.
func homeTimeline(c *call) (any, error) {
	home := c.home()
	return c.notes(func(n *note) bool { return home(n) && c.shown(n) })
}

// home returns what finds the notes of the caller and of those whom it follows.
func (c *call) home() func(*note) bool {
	return func(n *note) bool {
		if n.channel != nil {
			return c.s.channelFollows.of(c.account, n.channel, c.s.now()) != nil
		}
		f := c.s.followOf(c.account, n.author)
		return n.author == c.account || f != nil && (f.withReplies || !isReplyToOthers(n, c.account))
	}
}

// local returns what finds the public notes of this server.
func (c *call) local() func(*note) bool {
	return func(n *note) bool {
		return n.author.host == "" && n.visibility == "public" && n.channel == nil && (c.flag("withReplies") || !isReplyToOthers(n, c.account) || n.author == c.account)
	}
}

// localTimeline is the endpoint notes/local-timeline.
func localTimeline(c *call) (any, error) {
	if c.flag("withReplies") && c.flag("withFiles") {
		return nil, c.refuse(gen.ErrBothWithRepliesAndWithFiles)
	}
	local := c.local()
	return c.notes(func(n *note) bool { return local(n) && c.shown(n) })
}

// hybridTimeline is the endpoint notes/hybrid-timeline: home and local together.
func hybridTimeline(c *call) (any, error) {
	if c.flag("withReplies") && c.flag("withFiles") {
		return nil, c.refuse(gen.ErrBothWithRepliesAndWithFiles)
	}
	home, local := c.home(), c.local()
	return c.notes(func(n *note) bool { return (home(n) || local(n)) && c.shown(n) })
}

// globalTimeline is the endpoint notes/global-timeline.
func globalTimeline(c *call) (any, error) {
	return c.notes(func(n *note) bool { return n.visibility == "public" && n.channel == nil && c.shown(n) })
}

// userNotes is the endpoint users/notes.
func userNotes(c *call) (any, error) {
	if c.flag("withReplies") && c.flag("withFiles") {
		return nil, c.refuse(gen.ErrBothWithRepliesAndWithFiles)
	}
	a := c.s.accounts.get(c.text("userId"))
	return c.notesOf(notePage{account: a}, func(n *note) bool {
		return n.author == a && (n.channel == nil || c.flag("withChannelNotes")) && (c.flag("withReplies") || n.replyTo == nil || n.replyTo == a) && c.shown(n)
	})
}

// publicNotes is the endpoint notes.
func publicNotes(c *call) (any, error) {
	is := func(name string, has bool) bool {
		want, ok := c.params[name].(bool)
		return !ok || want == has
	}
	return c.notes(func(n *note) bool {
		return n.visibility == "public" && is("reply", n.replyID != "") && is("renote", n.renoteID != "") &&
			is("withFiles", len(n.files) > 0) && is("poll", n.poll != nil)
	})
}

// taggedNotes is the endpoint notes/search-by-tag: with one tag, or with all of
// the tags of one of several lists.
func taggedNotes(c *call) (any, error) {
	query := [][]string{{c.text("tag")}}
	if lists, ok := c.params["query"].([]any); ok {
		query = nil
		for _, list := range lists {
			var tags []string
			all, _ := list.([]any)
			for _, tag := range all {
				tags = append(tags, text(tag))
			}
			query = append(query, tags)
		}
	}
	is := func(name string, has bool) bool {
		want, ok := c.params[name].(bool)
		return !ok || want == has
	}
	return c.notes(func(n *note) bool {
		tagged := slices.ContainsFunc(query, func(tags []string) bool {
			return !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(n.tags, strings.ToLower(tag)) })
		})
		return tagged && (n.visibility == "public" || n.visibility == "home") && (!c.flag("withFiles") || len(n.files) > 0) &&
			is("reply", n.replyID != "") && is("renote", n.renoteID != "") && is("poll", n.poll != nil)
	})
}

// children is the endpoint notes/children: replies and quotes.
func children(c *call) (any, error) {
	id := c.text("noteId")
	return c.notes(func(n *note) bool { return n.replyID == id || n.renoteID == id && !n.pureRenote() })
}

// replies is the endpoint notes/replies.
func replies(c *call) (any, error) {
	id := c.text("noteId")
	return c.notes(func(n *note) bool { return n.replyID == id })
}

// renotes is the endpoint notes/renotes, with quotes.
func renotes(c *call) (any, error) {
	of, err := c.note()
	if err != nil {
		return nil, err
	}
	return c.notes(func(n *note) bool { return n.renoteID == of.id })
}

// mentions is the endpoint notes/mentions.
func mentions(c *call) (any, error) {
	kind := c.text("visibility")
	return c.notes(func(n *note) bool {
		if n.author == c.account || kind != "" && n.visibility != kind {
			return false
		}
		for _, id := range n.mentions {
			if id == c.account.id {
				return true
			}
		}
		return false
	})
}

// conversation is the endpoint notes/conversation: what a note replies to, and
// that in its turn.
func conversation(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	before, skip, limit := []any{}, integer(c.params["offset"]), int(integer(c.params["limit"]))
	for n = c.s.notes.get(n.replyID); n != nil && len(before) < limit; n = c.s.notes.get(n.replyID) {
		if skip--; skip < 0 {
			before = append(before, c.s.packNote(n, c.account))
		}
	}
	return before, nil
}
