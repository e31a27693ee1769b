package misskeytest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestSettingsHaveEffect(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	root, alice := srv.Client("root"), srv.Client("alice")
	ctx := t.Context()
	err := root.AdminUpdateMeta(ctx, gen.AdminUpdateMetaRequest{
		PreservedUsernames: []string{"harbor"}, ProhibitedWords: []string{"fog horn", "/ra+in/i", ""}, EnableHcaptcha: new(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	meta, err := alice.Meta(ctx, gen.MetaRequest{})
	if err != nil || !meta.EnableHcaptcha {
		t.Errorf("hcaptcha is not on: %v", err)
	}
	for text, refused := range map[string]bool{"fog": false, "the horn in the fog": true, "RAAIN": true, "rin": false} {
		_, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: &text})
		if errors.Is(err, gen.ErrContainsProhibitedWords) != refused || !refused && err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for name, free := range map[string]bool{"harbor": false, "admin": true} {
		if res, err := alice.UsernameAvailable(ctx, gen.UsernameAvailableRequest{Username: name}); err != nil || res.Available != free {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
}

// A new instance is as Misskey's is, and not made up.
func TestMetaOfNewInstance(t *testing.T) {
	meta, err := misskeytest.NewServer(t, misskeytest.Options{}).Client("").Meta(t.Context(), gen.MetaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if meta.EnableHcaptcha || meta.EnableRecaptcha || meta.EnableTurnstile || meta.EnableMcaptcha || meta.HcaptchaSiteKey != nil || meta.BannerURL != nil ||
		!strings.HasPrefix(*meta.RepositoryURL, "https://") || len(meta.Ads) > 0 || meta.Federation != "none" {
		t.Errorf("%+v", meta)
	}
}

func TestMadeUpTextsAreOfTheirKind(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	type instance struct{ Host, IconURL, InfoUpdatedAt string }
	all, err := misskey.Call[[]instance](t.Context(), srv.Client(""), "federation/instances", map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Host != "remote.example" || i.IconURL != "" && !strings.HasPrefix(i.IconURL, "https://") {
			t.Errorf("%+v", i)
		}
	}
	if len(all) == 0 {
		t.Error("there are no instances")
	}
}

func TestScheduledNotes(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	ctx := t.Context()
	schedule := map[string]any{"text": "later", "isActuallyScheduled": true, "scheduledAt": srv.Now().Add(time.Hour).UnixMilli()}
	made, err := misskey.Call[gen.NotesDraftsCreateResponse](ctx, alice, "notes/drafts/create", schedule)
	if err != nil {
		t.Fatal(err)
	}
	// It is moved, and moved again into nothing.
	_, err = misskey.Call[struct{}](ctx, alice, "notes/drafts/update", map[string]any{"draftId": made.CreatedDraft.ID, "scheduledAt": srv.Now().Add(3 * time.Hour).UnixMilli()})
	if err != nil {
		t.Fatal(err)
	}
	posted := func() int {
		t.Helper()
		notes, err := alice.UsersNotes(ctx, gen.UsersNotesRequest{UserID: srv.UserID("alice")})
		if err != nil {
			t.Fatal(err)
		}
		return len(notes)
	}
	srv.Advance(2 * time.Hour)
	if n := posted(); n != 0 {
		t.Errorf("%d notes before the time", n)
	}
	srv.Advance(2 * time.Hour)
	if n := posted(); n != 1 {
		t.Errorf("%d notes after the time", n)
	}
	// What cannot be posted any more stays a draft.
	n := write(t, alice, "question")
	schedule["replyId"], schedule["scheduledAt"] = n.ID, srv.Now().Add(time.Hour).UnixMilli()
	if _, err := misskey.Call[struct{}](ctx, alice, "notes/drafts/create", schedule); err != nil {
		t.Fatal(err)
	}
	if err := alice.NotesDelete(ctx, gen.NotesDeleteRequest{NoteID: n.ID}); err != nil {
		t.Fatal(err)
	}
	srv.Advance(2 * time.Hour)
	drafts, err := alice.NotesDraftsList(ctx, gen.NotesDraftsListRequest{})
	if err != nil || len(drafts) != 1 || drafts[0].IsActuallyScheduled {
		t.Errorf("%+v, %v", drafts, err)
	}
	all, err := alice.INotifications(ctx, gen.INotificationsRequest{IncludeTypes: []gen.NotificationType{"scheduledNotePostFailed"}})
	if err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
