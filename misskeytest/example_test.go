package misskeytest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// greet is what is to be tested: it answers who mentions it.
func greet(ctx context.Context, mk *misskey.Client) error {
	notes, err := mk.NotesMentions(ctx, gen.NotesMentionsRequest{})
	if err != nil {
		return err
	}
	for _, n := range notes {
		_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("Hello, @" + n.User.Username), ReplyID: &n.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// Tests use NewServer(t) instead of Start.
func ExampleStart() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv, err := misskeytest.Start(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	bot, alice := srv.Client("bot"), srv.Client("alice")
	if _, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@bot, are you there?")}); err != nil {
		log.Fatal(err)
	}
	if err := greet(ctx, bot); err != nil {
		log.Fatal(err)
	}
	answers, err := alice.NotesMentions(ctx, gen.NotesMentionsRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range answers {
		fmt.Printf("%s: %s\n", n.User.Username, *n.Text)
	}
	// Output: bot: Hello, @alice
}

func ExampleServer_Fail() {
	srv, err := misskeytest.Start(context.Background(), "")
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Fail("notes/mentions", gen.ErrInternalError, 1)
	err = greet(context.Background(), srv.Client("bot"))
	fmt.Println(errors.Is(err, gen.ErrInternalError))
	// Output: true
}
