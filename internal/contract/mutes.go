package contract

import (
	"time"

	"github.com/misskey-go/misskey/gen"
)

var muteCases = []testCase{
	{"a block ends following, and keeps it ended", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		_, err = v.BlockingCreate(t.Context(), gen.BlockingCreateRequest{UserID: u.id})
		t.ok(err)
		t.eventually("parted", func() bool { return !t.relation(u, v).IsFollowing })
		equal(t, "blocked", t.relation(u, v).IsBlocked, true)
		equal(t, "blocking", t.relation(v, u).IsBlocking, true)
		follow := func(from, to user) func() error {
			return func() error {
				_, err := from.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: to.id})
				if err == nil { // it did not know of the block yet
					t.ok(failure(from.FollowingDelete(t.Context(), gen.FollowingDeleteRequest{UserID: to.id})))
				}
				return err
			}
		}
		t.becomesRefused("following", gen.ErrBlocked, 400, follow(u, v))
		t.becomesRefused("following from the other side", gen.ErrBlocking, 400, follow(v, u))
		_, err = v.BlockingCreate(t.Context(), gen.BlockingCreateRequest{UserID: u.id})
		t.refused(err, gen.ErrAlreadyBlocking, 400)
		list, err := v.BlockingList(t.Context(), gen.BlockingListRequest{})
		t.ok(err)
		equal(t, "blocks", len(list), 1)
		equal(t, "blockee", list[0].BlockeeID, u.id)
		_, err = v.BlockingDelete(t.Context(), gen.BlockingDeleteRequest{UserID: u.id})
		t.ok(err)
		_, err = v.BlockingDelete(t.Context(), gen.BlockingDeleteRequest{UserID: u.id})
		t.refused(err, gen.ErrNotBlocking, 400)
	}},
	{"who is blocked does nothing with notes", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
		_, err := u.BlockingCreate(t.Context(), gen.BlockingCreateRequest{UserID: v.id})
		t.ok(err)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x"), ReplyID: &n.ID})
		t.refused(err, gen.ErrYouHaveBeenBlocked, 400)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{RenoteID: &n.ID})
		t.refused(err, gen.ErrYouHaveBeenBlocked, 400)
		t.becomesRefused("reacting", gen.ErrYouHaveBeenBlocked, 400, func() error {
			return v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"})
		})
		err = v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID})
		t.refused(err, gen.ErrYouHaveBeenBlocked, 400)
	}},
	{"who is muted is not heard", func(t *T) {
		u, v := t.user(), t.user()
		t.ok(u.MuteCreate(t.Context(), gen.MuteCreateRequest{UserID: v.id}))
		t.refused(u.MuteCreate(t.Context(), gen.MuteCreateRequest{UserID: v.id}), gen.ErrAlreadyMuting, 400)
		equal(t, "muted", t.relation(u, v).IsMuted, true)
		t.settle()
		muted, heard := t.text(v, "hello @"+u.username), t.text(u, "last")
		t.eventually("local", func() bool {
			notes, err := u.NotesLocalTimeline(t.Context(), gen.NotesLocalTimelineRequest{SinceID: &muted.ID})
			t.ok(err)
			return ids(notes) == heard.ID
		})
		equal(t, "notifications", len(t.kinds(u)), 0)
		notes, err := u.NotesMentions(t.Context(), gen.NotesMentionsRequest{})
		t.ok(err)
		equal(t, "mentions", ids(notes), "")
		notes, err = u.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: v.id})
		t.ok(err)
		equal(t, "their page", ids(notes), muted.ID)
		list, err := u.MuteList(t.Context(), gen.MuteListRequest{})
		t.ok(err)
		equal(t, "mutes", len(list), 1)
		equal(t, "expires", list[0].ExpiresAt, nil)
		t.ok(u.MuteDelete(t.Context(), gen.MuteDeleteRequest{UserID: v.id}))
		t.refused(u.MuteDelete(t.Context(), gen.MuteDeleteRequest{UserID: v.id}), gen.ErrNotMuting, 400)
	}},
	{"nobody bars themselves, or nobody", func(t *T) {
		u := t.user()
		t.refused(u.MuteCreate(t.Context(), gen.MuteCreateRequest{UserID: u.id}), gen.ErrIDMuteCreateMuteeIsYourself, 400)
		t.refused(u.MuteCreate(t.Context(), gen.MuteCreateRequest{UserID: "0"}), gen.ErrIDMuteCreateNoSuchUser, 400)
		_, err := u.BlockingCreate(t.Context(), gen.BlockingCreateRequest{UserID: u.id})
		t.refused(err, gen.ErrBlockeeIsYourself, 400)
	}},
	{"renotes of somebody are not shown", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		t.ok(u.RenoteMuteCreate(t.Context(), gen.RenoteMuteCreateRequest{UserID: v.id}))
		t.settle()
		n := t.text(v, "note")
		t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID})
		q := t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID, Text: new("quote")})
		t.eventually("home", func() bool {
			notes, err := u.NotesTimeline(t.Context(), gen.NotesTimelineRequest{})
			t.ok(err)
			return ids(notes) == joined(q, n)
		})
		t.ok(u.RenoteMuteDelete(t.Context(), gen.RenoteMuteDeleteRequest{UserID: v.id}))
		t.refused(u.RenoteMuteDelete(t.Context(), gen.RenoteMuteDeleteRequest{UserID: v.id}), gen.ErrNotMuting, 400)
	}},
	{"a mute ends", func(t *T) {
		u, v := t.user(), t.user()
		end := time.Now().Add(time.Hour).Truncate(time.Millisecond)
		t.ok(u.MuteCreate(t.Context(), gen.MuteCreateRequest{UserID: v.id, ExpiresAt: new(gen.At(end))}))
		list, err := u.MuteList(t.Context(), gen.MuteListRequest{})
		t.ok(err)
		equal(t, "mutes", len(list), 1)
		equal(t, "end", list[0].ExpiresAt.UnixMilli(), end.UnixMilli())
	}},
}
