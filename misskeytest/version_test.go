package misskeytest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestVersion(t *testing.T) {
	for version, want := range map[string]struct {
		reply  gen.NoteVisibility
		follow error
	}{
		"2026.3.2":    {gen.NoteVisibilityHome, gen.ErrInternalError},
		"2026.6.1":    {gen.NoteVisibilityHome, gen.ErrInternalError},
		"2026.7.0":    {gen.NoteVisibilityFollowers, gen.ErrAlreadyFollowing},
		"2027.1-fork": {gen.NoteVisibilityFollowers, gen.ErrAlreadyFollowing},
	} {
		srv := misskeytest.NewServer(t, misskeytest.Options{Version: version})
		mk := srv.Client("alice")
		meta, err := mk.Meta(t.Context(), gen.MetaRequest{})
		if err != nil || meta.Version != version {
			t.Errorf("%s: it says %v, %v", version, meta.Version, err)
		}
		n, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("question"), Visibility: new(gen.NoteVisibilityFollowers)})
		if err != nil {
			t.Fatal(err)
		}
		reply, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.CreatedNote.ID})
		if err != nil || reply.CreatedNote.Visibility != want.reply {
			t.Errorf("%s: the reply is for %v, %v", version, reply.CreatedNote.Visibility, err)
		}
		ch, err := mk.ChannelsCreate(t.Context(), gen.ChannelsCreateRequest{Name: "tides"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			err = mk.ChannelsFollow(t.Context(), gen.ChannelsFollowRequest{ChannelID: ch.ID})
			if i == 0 && err != nil {
				t.Fatal(err)
			}
		}
		if !errors.Is(err, want.follow) && !errors.Is(err, gen.ErrInternalError) { // the document may be older
			t.Errorf("%s: following twice: %v", version, err)
		}
	}
	if _, err := misskeytest.Start(t.Context(), "", misskeytest.Options{Version: "latest"}); err == nil {
		t.Error("a version that is none")
	}
}

// What is announced for 2026.9: apps revoke their own token, and captures have a limit.
func TestVersion2026_9(t *testing.T) {
	for version, may := range map[string]bool{"2026.7.0": false, "2026.9.1": true} {
		srv := misskeytest.NewServer(t, misskeytest.Options{Version: version})
		token, other := srv.AppToken("alice", gen.PermissionReadAccount), srv.AppToken("alice", gen.PermissionReadAccount)
		app := srv.ClientWithToken(token)
		if err := app.IRevokeToken(t.Context(), gen.IRevokeTokenRequest{Token: &other}); !errors.Is(err, gen.ErrAccessDenied) {
			t.Errorf("%s: revoking another token: %v", version, err)
		}
		err := app.IRevokeToken(t.Context(), gen.IRevokeTokenRequest{Token: &token})
		if may != (err == nil) || !may && !errors.Is(err, gen.ErrAccessDenied) {
			t.Errorf("%s: revoking its own token: %v", version, err)
		}
		if !may {
			continue
		}
		srv.Expect("i", gen.ErrAuthenticationFailed)
		if _, err := app.I(t.Context()); !errors.Is(err, gen.ErrAuthenticationFailed) {
			t.Errorf("%s: the token is still good: %v", version, err)
		}
	}
}

func TestCapturesHaveALimitSince2026_9_1(t *testing.T) {
	for version, want := range map[string]string{"2026.7.0": "first", "2026.9.1": "second"} {
		srv := misskeytest.NewServer(t, misskeytest.Options{Version: version})
		alice := srv.Client("alice")
		first, second := write(t, alice, "first"), write(t, alice, "second")
		w := dial(t, srv, srv.Token("alice"))
		w.send(`{"type":"s","body":{"id":"` + first.ID + `"}}`)
		w.send(`{"type":"s","body":{"id":"` + second.ID + `"}}`)
		for i := range 1535 {
			w.send(fmt.Sprintf(`{"type":"s","body":{"id":"other%d"}}`, i))
		}
		w.connect("main", "m", "{}")
		for _, n := range []*gen.Note{first, second} {
			if err := alice.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}); err != nil {
				t.Fatal(err)
			}
		}
		_, f := w.next()
		names := map[string]string{first.ID: "first", second.ID: "second"}
		if got := names[f.Body.ID]; got != want {
			t.Errorf("%s: the %s note is heard of first, want the %s", version, got, want)
		}
	}
}
