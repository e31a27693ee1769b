package contract

import "github.com/misskey-go/misskey/gen"

// clip makes a clip.
func (t *T) clip(u user, public bool) *gen.Clip {
	t.Helper()
	c, err := u.ClipsCreate(t.Context(), gen.ClipsCreateRequest{Name: "clip", IsPublic: &public})
	t.ok(err)
	return c
}

var clipCases = []testCase{
	{"a clip keeps notes", func(t *T) {
		u, v := t.user(), t.user()
		c, n, m := t.clip(u, true), t.text(v, "worth it"), t.text(v, "also")
		for _, note := range []*gen.Note{n, m} {
			t.ok(u.ClipsAddNote(t.Context(), gen.ClipsAddNoteRequest{ClipID: c.ID, NoteID: note.ID}))
		}
		t.refused(u.ClipsAddNote(t.Context(), gen.ClipsAddNoteRequest{ClipID: c.ID, NoteID: n.ID}), gen.ErrAlreadyClipped, 400)
		t.shows("the clip", func() ([]gen.Note, error) {
			return t.guest().ClipsNotes(t.Context(), gen.ClipsNotesRequest{ClipID: c.ID})
		}, m, n)
		shown, err := u.ClipsShow(t.Context(), gen.ClipsShowRequest{ClipID: c.ID})
		t.ok(err)
		if shown.LastClippedAt == nil || *shown.NotesCount != 2 {
			t.Errorf("%+v", shown)
		}
		t.eventually("the count", func() bool {
			n, err := u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			return err == nil && n.ClippedCount != nil && *n.ClippedCount == 1
		})
		in, err := u.NotesClips(t.Context(), gen.NotesClipsRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "clips of the note", len(in), 1)
		t.ok(u.ClipsRemoveNote(t.Context(), gen.ClipsRemoveNoteRequest{ClipID: c.ID, NoteID: n.ID}))
		t.shows("the clip", func() ([]gen.Note, error) { return u.ClipsNotes(t.Context(), gen.ClipsNotesRequest{ClipID: c.ID}) }, m)
	}},
	{"a clip is for its owner unless it is public", func(t *T) {
		u, v := t.user(), t.user()
		private, public := t.clip(u, false), t.clip(u, true)
		_, err := v.ClipsShow(t.Context(), gen.ClipsShowRequest{ClipID: private.ID})
		t.refused(err, gen.ErrIDClipsShowNoSuchClip, 400)
		_, err = v.ClipsNotes(t.Context(), gen.ClipsNotesRequest{ClipID: private.ID})
		t.refused(err, gen.ErrIDClipsNotesNoSuchClip, 400)
		shown, err := v.UsersClips(t.Context(), gen.UsersClipsRequest{UserID: u.id})
		t.ok(err)
		if len(shown) != 1 || shown[0].ID != public.ID {
			t.Errorf("%d clips", len(shown))
		}
		own, err := u.ClipsList(t.Context(), gen.ClipsListRequest{})
		t.ok(err)
		equal(t, "own", len(own), 2)
		_, err = v.ClipsUpdate(t.Context(), gen.ClipsUpdateRequest{ClipID: public.ID, Name: new("x")})
		t.refused(err, gen.ErrIDClipsUpdateNoSuchClip, 400)
	}},
	{"a clip is changed and deleted", func(t *T) {
		u := t.user()
		c := t.clip(u, false)
		c, err := u.ClipsUpdate(t.Context(), gen.ClipsUpdateRequest{ClipID: c.ID, Name: new("other"), IsPublic: new(true)})
		t.ok(err)
		equal(t, "name", c.Name, "other")
		equal(t, "public", c.IsPublic, true)
		t.ok(u.ClipsDelete(t.Context(), gen.ClipsDeleteRequest{ClipID: c.ID}))
		t.refused(u.ClipsDelete(t.Context(), gen.ClipsDeleteRequest{ClipID: c.ID}), gen.ErrIDClipsDeleteNoSuchClip, 400)
	}},
	{"clips are kept as favorites", func(t *T) {
		u, v := t.user(), t.user()
		c := t.clip(u, true)
		req := gen.ClipsFavoriteRequest{ClipID: c.ID}
		t.ok(v.ClipsFavorite(t.Context(), req))
		t.refused(v.ClipsFavorite(t.Context(), req), gen.ErrIDClipsFavoriteAlreadyFavorited, 400)
		kept, err := v.ClipsMyFavorites(t.Context())
		t.ok(err)
		if len(kept) != 1 || !*kept[0].IsFavorited || kept[0].FavoritedCount != 1 {
			t.Errorf("%+v", kept)
		}
		t.ok(v.ClipsUnfavorite(t.Context(), gen.ClipsUnfavoriteRequest{ClipID: c.ID}))
		t.refused(v.ClipsUnfavorite(t.Context(), gen.ClipsUnfavoriteRequest{ClipID: c.ID}), gen.ErrIDClipsUnfavoriteNotFavorited, 400)
	}},
}
