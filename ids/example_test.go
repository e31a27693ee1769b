package ids_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/ids"
	"github.com/misskey-go/misskey/misskeytest"
)

func ExampleTime() {
	made, err := ids.Time("atv14vznxu7g001m")
	fmt.Println(made, err)
	// Output: 2026-11-22 06:38:07.859 +0000 UTC <nil>
}

// An id made of a time lists the notes of the last day.
func ExampleFormat_At() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	mk := srv.Client("alice")
	for _, text := range []string{"long ago", "just now"} {
		if _, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: &text}); err != nil {
			log.Fatal(err)
		}
		if text == "long ago" {
			srv.Advance(48 * time.Hour)
		}
	}

	me, err := mk.I(ctx)
	if err != nil {
		log.Fatal(err)
	}
	format, err := ids.FormatOf(me.ID) // all ids of an instance have one format
	if err != nil {
		log.Fatal(err)
	}
	yesterday, err := format.At(srv.Now().Add(-24 * time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	notes, err := mk.UsersNotes(ctx, gen.UsersNotesRequest{UserID: me.ID, SinceID: &yesterday})
	if err != nil {
		log.Fatal(err)
	}
	for _, note := range notes {
		fmt.Println(*note.Text)
	}
	// Output: just now
}
