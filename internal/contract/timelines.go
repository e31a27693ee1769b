package contract

import (
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

var timelineCases = []testCase{
	{"pages by id", func(t *T) {
		u := t.user()
		var notes []*gen.Note
		for _, words := range []string{"1", "2", "3", "4", "5"} {
			notes = append(notes, t.text(u, words))
		}
		page := func(req gen.UsersNotesRequest) string {
			t.Helper()
			req.UserID, req.Limit = u.id, new(2)
			found, err := u.UsersNotes(t.Context(), req)
			t.ok(err)
			return ids(found)
		}
		t.eventually("the newest first", func() bool { return page(gen.UsersNotesRequest{}) == joined(notes[4], notes[3]) })
		equal(t, "until", page(gen.UsersNotesRequest{UntilID: &notes[3].ID}), joined(notes[2], notes[1]))
		equal(t, "since", page(gen.UsersNotesRequest{SinceID: &notes[0].ID}), joined(notes[1], notes[2]))
		equal(t, "both", page(gen.UsersNotesRequest{SinceID: &notes[0].ID, UntilID: &notes[4].ID}), joined(notes[3], notes[2]))
		equal(t, "after the last", page(gen.UsersNotesRequest{UntilID: &notes[0].ID}), "")
	}},
	{"pages by date", func(t *T) {
		u := t.user()
		first := t.text(u, "1")
		time.Sleep(5 * time.Millisecond)
		second := t.text(u, "2")
		between := gen.At(second.CreatedAt.Add(-2 * time.Millisecond))
		page := func(req gen.UsersNotesRequest) string {
			t.Helper()
			req.UserID = u.id
			found, err := u.UsersNotes(t.Context(), req)
			t.ok(err)
			return ids(found)
		}
		t.eventually("until", func() bool { return page(gen.UsersNotesRequest{UntilDate: &between}) == first.ID })
		t.eventually("since", func() bool { return page(gen.UsersNotesRequest{SinceDate: &between}) == second.ID })
		equal(t, "a date stands in for an id", page(gen.UsersNotesRequest{SinceID: &first.ID, UntilDate: &between}), "")
		equal(t, "zero is not a date", page(gen.UsersNotesRequest{UntilDate: new(gen.At(time.Unix(0, 0)))}), joined(second, first))
	}},
	{"all pages", func(t *T) {
		u := t.user()
		for range 7 {
			t.text(u, "x")
		}
		t.eventually("seven notes", func() bool {
			n := 0
			for _, err := range u.UsersNotesAll(t.Context(), gen.UsersNotesRequest{UserID: u.id, Limit: new(3)}) {
				t.ok(err)
				n++
			}
			return n == 7
		})
	}},
	{"home has one's own notes and those of whom one follows", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		own, followed := t.text(u, "own"), t.note(v, gen.NotesCreateRequest{Text: new("followed"), Visibility: new(gen.NoteVisibilityFollowers)})
		t.text(w, "strange")
		t.eventually("home", func() bool {
			notes, err := u.NotesTimeline(t.Context(), gen.NotesTimelineRequest{})
			t.ok(err)
			return ids(notes) == joined(followed, own)
		})
	}},
	{"home has no replies to others, unless one follows with them", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		n := t.text(w, "question")
		t.note(v, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
		last := t.text(v, "last")
		t.eventually("home", func() bool {
			notes, err := u.NotesTimeline(t.Context(), gen.NotesTimelineRequest{})
			t.ok(err)
			return ids(notes) == last.ID
		})
		_, err = u.FollowingUpdate(t.Context(), gen.FollowingUpdateRequest{UserID: v.id, WithReplies: new(true)})
		t.ok(err)
		reply := t.note(v, gen.NotesCreateRequest{Text: new("another"), ReplyID: &n.ID})
		t.eventually("home with replies", func() bool {
			notes, err := u.NotesTimeline(t.Context(), gen.NotesTimelineRequest{})
			t.ok(err)
			return strings.Contains(ids(notes), reply.ID)
		})
	}},
	{"local has what is public", func(t *T) {
		u := t.user()
		public := t.text(u, "public")
		home := t.note(u, gen.NotesCreateRequest{Text: new("home"), Visibility: new(gen.NoteVisibilityHome)})
		t.eventually("local", func() bool {
			notes, err := u.NotesLocalTimeline(t.Context(), gen.NotesLocalTimelineRequest{Limit: new(100)})
			t.ok(err)
			return strings.Contains(ids(notes), public.ID) && !strings.Contains(ids(notes), home.ID)
		})
		t.eventually("global", func() bool {
			notes, err := u.NotesGlobalTimeline(t.Context(), gen.NotesGlobalTimelineRequest{Limit: new(100)})
			t.ok(err)
			return strings.Contains(ids(notes), public.ID) && !strings.Contains(ids(notes), home.ID)
		})
		t.eventually("hybrid", func() bool {
			notes, err := u.NotesHybridTimeline(t.Context(), gen.NotesHybridTimelineRequest{Limit: new(100)})
			t.ok(err)
			return strings.Contains(ids(notes), public.ID) && strings.Contains(ids(notes), home.ID)
		})
	}},
	{"timelines do not filter twice", func(t *T) {
		u := t.user()
		_, err := u.NotesLocalTimeline(t.Context(), gen.NotesLocalTimelineRequest{WithReplies: new(true), WithFiles: new(true)})
		t.refused(err, gen.ErrBothWithRepliesAndWithFiles, 400)
		_, err = u.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: u.id, WithReplies: new(true), WithFiles: new(true)})
		t.refused(err, gen.ErrIDUsersNotesBothWithRepliesAndWithFiles, 400)
	}},
	{"a user's notes, filtered", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(v, "question")
		plain := t.text(u, "plain")
		reply := t.note(u, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
		renote := t.note(u, gen.NotesCreateRequest{RenoteID: &n.ID})
		f := t.upload(u, "a.txt", "content")
		file := t.note(u, gen.NotesCreateRequest{FileIDs: []string{f.ID}})
		for _, tt := range []struct {
			what string
			req  gen.UsersNotesRequest
			want string
		}{
			{"as it is", gen.UsersNotesRequest{}, joined(file, renote, plain)},
			{"with replies", gen.UsersNotesRequest{WithReplies: new(true)}, joined(file, renote, reply, plain)},
			{"without renotes", gen.UsersNotesRequest{WithRenotes: new(false)}, joined(file, plain)},
			{"with files", gen.UsersNotesRequest{WithFiles: new(true)}, joined(file)},
		} {
			tt.req.UserID = u.id
			t.eventually(tt.what, func() bool {
				notes, err := v.UsersNotes(t.Context(), tt.req)
				t.ok(err)
				return ids(notes) == tt.want
			})
		}
	}},
	{"mentions", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(v, "hello @"+u.username+"!")
		equal(t, "mentions", strings.Join(n.Mentions, " "), u.id)
		notes, err := u.NotesMentions(t.Context(), gen.NotesMentionsRequest{})
		t.ok(err)
		equal(t, "notes", ids(notes), n.ID)
	}},
}
