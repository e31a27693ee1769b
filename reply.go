package misskey

import (
	"slices"

	"github.com/misskey-go/misskey/gen"
)

// maxCW is how many characters a content warning may have.
// (notes/create, cw, Misskey 2026.7.0.)
const maxCW = 100

// ReplyTo returns the parameters of a reply to a note, for [gen.Client.NotesCreate]
// when a text, files or a poll have been added. The account that replies has the id
// me.
//
// A reply is not by itself as private as the note: without a Visibility, servers
// before 2026.7.0 let everyone read the reply to a note for followers, and a
// specified reply is only for those whom it names. ReplyTo chooses what Misskey's
// own client would:
//
//   - Visibility is that of the note. If the note has none, the reply is for its
//     author alone.
//   - VisibleUserIDs of a reply to a specified note are the author of the note and
//     everyone else whom it was for, without me: Misskey would mention the account
//     to itself, and a bot would reply to its own reply. With an empty me the
//     account may be among them.
//   - CW is that of the note, cut to the 100 characters that notes/create takes.
//   - LocalOnly is set if the note does not leave its server.
//   - ChannelID is that of the note. Misskey makes every note in a channel public.
//
// A server refuses a reply to a renote that has nothing of its own
// ([gen.Note.IsRenote]). The reply is to the renoted note then, as with Misskey's
// client.
func ReplyTo(note *gen.Note, me string) gen.NotesCreateRequest {
	id := note.ID
	if note.IsRenote() {
		// A renote is never more visible than what it renotes.
		if id = *note.RenoteID; note.Renote != nil {
			note = note.Renote
		}
	}
	req := gen.NotesCreateRequest{ReplyID: &id, Visibility: new(note.Visibility)}
	if note.Visibility == "" {
		req.Visibility = new(gen.NoteVisibilitySpecified)
	}
	if *req.Visibility == gen.NoteVisibilitySpecified {
		for _, user := range append([]string{note.UserID}, note.VisibleUserIDs...) {
			if user != "" && user != me && !slices.Contains(req.VisibleUserIDs, user) {
				req.VisibleUserIDs = append(req.VisibleUserIDs, user)
			}
		}
	}
	if cw := gen.Or(note.CW, ""); cw != "" {
		req.CW = new(fit(cw, maxCW))
	}
	if note.LocalOnly {
		req.LocalOnly = new(true)
	}
	if note.ChannelID != nil && !note.IsRenote() {
		req.ChannelID = new(*note.ChannelID)
		req.LocalOnly = new(true)
	}
	return req
}

// fit cuts s to limit characters, of which the last is … then.
func fit(s string, limit int) string {
	if clipped := clip(s, limit); clipped == s {
		return s
	}
	return clip(s, limit-1)
}
