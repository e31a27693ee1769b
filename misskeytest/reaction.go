package misskeytest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// fallbackReaction stands for one that the server does not know.
const fallbackReaction = "❤"

// customReaction is how a reaction names a custom emoji, of this server or of
// another.
var customReaction = regexp.MustCompile(`^:(\w+)(?:@([\w.-]+))?:$`)

// normalReaction is what becomes of what a caller sent.
func (s *Server) normalReaction(sent string, n *note) string {
	if custom := customReaction.FindStringSubmatch(sent); custom != nil && n.reactionAcceptance != "likeOnly" {
		e := s.emoji(custom[1])
		if e == nil || custom[2] != "" && custom[2] != "." ||
			e.facts["isSensitive"] == true && strings.HasPrefix(text(n.reactionAcceptance), "nonSensitiveOnly") {
			return fallbackReaction
		}
		return ":" + e.name + "@.:"
	}
	if n.reactionAcceptance == "likeOnly" || !strings.ContainsFunc(sent, func(r rune) bool { return r > 0x200d || r == 0xa9 || r == 0xae }) {
		return fallbackReaction
	}
	if strings.ContainsRune(sent, '\u200d') {
		return sent
	}
	return strings.ReplaceAll(sent, "\ufe0f", "")
}

// createReaction is the endpoint notes/reactions/create. A reaction takes the
// place of the one before.
func createReaction(c *call) (any, error) {
	n := c.s.notes.get(c.text("noteId"))
	switch {
	case n == nil:
		return nil, c.refuse(gen.ErrNoSuchNote)
	case n.pureRenote():
		return nil, c.refuse(gen.ErrCannotReactToRenote)
	}
	if err := c.blocked(n.author); err != nil {
		return nil, err
	}
	if !c.s.visible(n, c.account) {
		return nil, internalError("the note is not for this account")
	}
	r := &reaction{kind: c.s.normalReaction(c.text("reaction"), n), user: c.account}
	if old := n.reactionOf(c.account); old != nil {
		if old.kind == r.kind {
			return nil, c.refuse(gen.ErrAlreadyReacted)
		}
		c.s.removeReaction(n, old)
	}
	r.id = c.s.newID()
	n.reactions.add(r)
	c.s.noteUpdated(n, "reacted", object{"reaction": r.kind, "emoji": c.s.reactionEmoji(r.kind), "userId": r.user.id})
	if !c.s.mutesThread(n.author, n) {
		c.s.notifyOf(n.author, c.account, "reaction", n, object{"reaction": r.kind})
	}
	return nil, nil
}

// reactionEmoji is the custom emoji of a reaction, as in events; nil where
// it is none.
func (s *Server) reactionEmoji(kind string) any {
	custom := customReaction.FindStringSubmatch(kind)
	if custom == nil {
		return nil
	}
	if e := s.emoji(custom[1]); e != nil {
		return object{"name": e.name + "@.", "url": e.url}
	}
	return nil
}

func (s *Server) removeReaction(n *note, r *reaction) {
	n.reactions.remove(r.id)
	s.noteUpdated(n, "unreacted", object{"reaction": r.kind, "userId": r.user.id})
}

func (n *note) reactionOf(a *account) *reaction {
	return n.reactions.find(func(r *reaction) bool { return r.user == a })
}

// deleteReaction is the endpoint notes/reactions/delete.
func deleteReaction(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	r := n.reactionOf(c.account)
	if r == nil {
		return nil, c.refuse(gen.ErrNotReacted)
	}
	c.s.removeReaction(n, r)
	return nil, nil
}

// listReactions is the endpoint notes/reactions. A note that there is not has
// none.
func listReactions(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return []any{}, nil
	}
	kind := c.text("type")
	page := n.reactions.page(c.cursor(), func(r *reaction) bool { return kind == "" || r.kind == kind })
	return pack(page, func(r *reaction) any {
		return object{"id": r.id, "createdAt": createdAt(r.id), "type": r.kind, "user": c.s.userLite(r.user)}
	}), nil
}

// endPoll notifies the author of a poll and those who have voted.
func (s *Server) endPoll(n *note) {
	if s.notes.get(n.id) != n {
		return
	}
	readers := []*account{n.author}
	for _, voters := range n.poll.votes {
		for _, a := range voters {
			if !slices.Contains(readers, a) {
				readers = append(readers, a)
			}
		}
	}
	for _, a := range readers {
		s.notifyOf(a, nil, "pollEnded", n, nil)
	}
}

// vote is the endpoint notes/polls/vote.
func vote(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	choice := int(integer(c.params["choice"]))
	switch {
	case n.poll == nil:
		return nil, c.refuse(gen.ErrNoPoll)
	case !n.poll.expires.IsZero() && !c.s.now().Before(n.poll.expires):
		return nil, c.refuse(gen.ErrAlreadyExpired)
	case choice >= len(n.poll.choices):
		return nil, c.refuse(gen.ErrInvalidChoice)
	}
	if err := c.blocked(n.author); err != nil {
		return nil, err
	}
	for i, voters := range n.poll.votes {
		if (i == choice || !n.poll.multiple) && slices.Contains(voters, c.account) {
			return nil, c.refuse(gen.ErrAlreadyVoted)
		}
	}
	n.poll.votes[choice] = append(n.poll.votes[choice], c.account)
	c.s.noteUpdated(n, "pollVoted", object{"choice": choice, "userId": c.account.id})
	return nil, nil
}
