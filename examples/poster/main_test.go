package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// posted are the notes of alice, the newest first.
func posted(t *testing.T, srv *misskeytest.Server) []gen.Note {
	t.Helper()
	mk := srv.Client("alice")
	me, err := mk.I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	notes, err := mk.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: me.ID})
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func TestImageWithPoll(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	image := filepath.Join(t.TempDir(), "tea.txt")
	if err := os.WriteFile(image, []byte("a cup"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := post{text: "Which one?", cw: "drinks", image: image, alt: "A cup", poll: "tea,coffee", lasts: 24 * time.Hour}
	if err := send(t.Context(), srv.Client("alice"), p); err != nil {
		t.Fatal(err)
	}
	notes := posted(t, srv)
	if len(notes) != 1 {
		t.Fatalf("%d notes", len(notes))
	}
	n := notes[0]
	if *n.Text != "Which one?" || *n.CW != "drinks" || len(n.Files) != 1 || *n.Files[0].Comment != "A cup" {
		t.Errorf("%+v", n)
	}
	if left := n.Poll.ExpiresAt.Sub(n.CreatedAt); len(n.Poll.Choices) != 2 || left < 23*time.Hour || left > 24*time.Hour {
		t.Errorf("%+v lasts %v", n.Poll, left)
	}
}

func TestSchedule(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	if err := send(t.Context(), srv.Client("alice"), post{text: "later", at: srv.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n := len(posted(t, srv)); n != 0 {
		t.Errorf("%d notes before the time", n)
	}
	srv.Advance(2 * time.Hour)
	if notes := posted(t, srv); len(notes) != 1 || *notes[0].Text != "later" {
		t.Errorf("after the time: %+v", notes)
	}
}

func TestMistakes(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	for _, p := range []post{{text: "x", image: "cat.png"}, {text: "x", image: "/nowhere.png", alt: "nothing"}} {
		if err := send(t.Context(), srv.Client("alice"), p); err == nil {
			t.Errorf("%+v is posted", p)
		}
	}
	if n := len(posted(t, srv)); n != 0 {
		t.Errorf("%d notes", n)
	}
}
