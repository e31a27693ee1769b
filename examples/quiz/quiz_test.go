package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// Games go on across restarts, each in its thread, and in private if they began so.
func TestQuiz(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		cursor := &stream.MemoryCursor{}
		stop := run(t, srv, cursor)
		me, err := srv.Client("quiz").I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		say := func(user, text string, to *gen.Note) *gen.Note {
			t.Helper()
			note := gen.NotesCreateRequest{Text: &text}
			if to != nil {
				note.ReplyID, note.Visibility = &to.ID, &to.Visibility
			}
			if user == "carol" {
				note.Visibility, note.VisibleUserIDs = new(gen.NoteVisibilitySpecified), []string{me.ID}
			}
			res, err := srv.Client(user).NotesCreate(t.Context(), note)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			replies, err := srv.Client(user).NotesReplies(t.Context(), gen.NotesRepliesRequest{NoteID: res.CreatedNote.ID})
			if err != nil {
				t.Fatal(err)
			}
			if len(replies) == 0 {
				return nil
			}
			return &replies[0]
		}
		alice, carol := say("alice", "@quiz hi", nil), say("carol", "@quiz hi", nil)
		alice = say("alice", "@quiz I think it is Tokyo", alice)
		if *alice.Text != "Right! "+questions[1].text {
			t.Errorf("%q", *alice.Text)
		}
		if other := say("bob", "@quiz eight!", alice); other != nil {
			t.Errorf("bob plays the game of alice: %q", *other.Text)
		}
		stop()
		stop = run(t, srv, cursor)
		alice, carol = say("alice", "@quiz seven", alice), say("carol", "@quiz Kyoto", carol)
		if *alice.Text != "No: 8. "+questions[2].text || *carol.Text != "No: Tokyo. "+questions[1].text {
			t.Errorf("%q, %q", *alice.Text, *carol.Text)
		}
		if carol.Visibility != gen.NoteVisibilitySpecified {
			t.Errorf("the game of carol is %v", carol.Visibility)
		}
		if end := say("alice", "@quiz jupiter", alice); *end.Text != "Right! 2 of 3. Your best: 2." {
			t.Errorf("%q", *end.Text)
		}
		stop()
	})
}

// run runs the bot until stop is called.
func run(t *testing.T, srv *misskeytest.Server, cursor stream.Cursor) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- newQuiz(srv.Client("quiz"), cursor).Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
