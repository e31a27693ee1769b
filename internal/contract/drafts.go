package contract

import (
	"time"

	"github.com/misskey-go/misskey/gen"
)

var draftCases = []testCase{
	{"a draft is kept, changed and deleted", func(t *T) {
		u, v := t.user(), t.user()
		count := func() int64 {
			t.Helper()
			n, err := u.NotesDraftsCount(t.Context())
			t.ok(err)
			return int64(n)
		}
		made, err := u.NotesDraftsCreate(t.Context(), gen.NotesDraftsCreateRequest{Text: new("unfinished"), Hashtag: new("tides")})
		t.ok(err)
		d := made.CreatedDraft
		equal(t, "text", *d.Text, "unfinished")
		equal(t, "hashtag", *d.Hashtag, "tides")
		equal(t, "scheduled", d.IsActuallyScheduled, false)
		equal(t, "drafts", count(), 1)
		updated, err := u.NotesDraftsUpdate(t.Context(), gen.NotesDraftsUpdateRequest{DraftID: d.ID, CW: gen.Value("careful")})
		t.ok(err)
		equal(t, "text", *updated.UpdatedDraft.Text, "unfinished")
		equal(t, "cw", *updated.UpdatedDraft.CW, "careful")
		all, err := u.NotesDraftsList(t.Context(), gen.NotesDraftsListRequest{})
		t.ok(err)
		if len(all) != 1 || all[0].ID != d.ID {
			t.Errorf("%d drafts", len(all))
		}
		t.refused(v.NotesDraftsDelete(t.Context(), gen.NotesDraftsDeleteRequest{DraftID: d.ID}), gen.ErrNoSuchNoteDraft, 400)
		t.ok(u.NotesDraftsDelete(t.Context(), gen.NotesDraftsDeleteRequest{DraftID: d.ID}))
		equal(t, "drafts", count(), 0)
		t.refused(u.NotesDraftsDelete(t.Context(), gen.NotesDraftsDeleteRequest{DraftID: d.ID}), gen.ErrNoSuchNoteDraft, 400)
		_, err = u.NotesDraftsCreate(t.Context(), gen.NotesDraftsCreateRequest{Text: new("x"), ReplyID: new("0")})
		t.refused(err, gen.ErrNoSuchReplyTarget, 400)
	}},
	{"a note is scheduled and posted in time", func(t *T) {
		t.need("2025.10.0")
		u := t.user()
		in := func(d time.Duration) *time.Time { return new(time.Now().Add(d)) }
		schedule := func(at *time.Time) (*gen.NotesDraftsCreateResponse, error) {
			req := map[string]any{"text": "in time", "isActuallyScheduled": true}
			if at != nil {
				req["scheduledAt"] = at.UnixMilli()
			}
			return call[gen.NotesDraftsCreateResponse](t, u, "notes/drafts/create", req)
		}
		_, err := schedule(nil)
		t.refused(err, gen.ErrScheduledAtRequired, 400)
		_, err = schedule(in(-time.Hour))
		t.refused(err, gen.ErrScheduledAtMustBeInFuture, 400)
		_, err = schedule(in(2 * time.Second))
		t.ok(err)
		_, err = schedule(in(time.Hour))
		t.refused(err, gen.ErrTooManyScheduledNotes, 400)
		t.eventually("the note", func() bool {
			notes, err := u.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: u.id})
			t.ok(err)
			return len(notes) == 1 && *notes[0].Text == "in time"
		})
		t.eventually("a notification", func() bool {
			all := t.notifications(u, gen.INotificationsRequest{IncludeTypes: []gen.NotificationType{"scheduledNotePosted"}})
			return len(all) == 1 && all[0].Note != nil
		})
		becomes(t, "drafts", 0, func() int {
			all, err := u.NotesDraftsList(t.Context(), gen.NotesDraftsListRequest{})
			t.ok(err)
			return len(all)
		})
	}},
}
