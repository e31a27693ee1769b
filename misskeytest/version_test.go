package misskeytest_test

import (
	"errors"
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
