// Command tour shows the main things that a program does with Misskey: who am
// I, my timeline, post, reply, react, handle an error by its code.
//
//	go run ./examples/tour
//
// talks to an instance inside its own process. With an instance of yours,
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/tour
//
// it posts two notes that only you can see, and deletes them before it ends. The
// token needs the permissions read:account, write:notes and write:reactions.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func main() {
	ctx := context.Background()
	mk, err := connect(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := tour(ctx, os.Stdout, mk); err != nil {
		log.Fatal(err)
	}
}

// connect returns a client of the instance of the environment or, without one, of
// one inside this process, where bob has posted.
func connect(ctx context.Context) (*misskey.Client, error) {
	if instance := os.Getenv("MISSKEY_URL"); instance != "" {
		return misskey.New(instance, misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	}
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return nil, err
	}
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if _, err := alice.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		return nil, err
	}
	for _, text := range []string{"The kettle is on.", "It **whistles**!"} {
		if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: &text}); err != nil {
			return nil, err
		}
	}
	return alice, nil
}

func tour(ctx context.Context, out io.Writer, mk *misskey.Client) (err error) {
	fmt.Fprintln(out, "Who am I")
	me, err := mk.I(ctx)
	if errors.Is(err, gen.ErrAuthenticationFailed) {
		return fmt.Errorf("the token is not valid: %w", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  %s (@%s), %d notes, %d followers\n", me.DisplayName(), me.Username, me.NotesCount, me.FollowersCount)

	fmt.Fprintln(out, "\nMy timeline")
	notes, err := mk.NotesTimeline(ctx, gen.NotesTimelineRequest{Limit: new(5)})
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(out, " ", note)
	}

	fmt.Fprintln(out, "\nPost, reply, react")
	first, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{
		Text:       new("Hello from the tour of misskey-go!"),
		Visibility: new(gen.NoteVisibilitySpecified), // for nobody else
	})
	if err != nil {
		return err
	}
	// What was posted is deleted whatever happens.
	defer func() { err = errors.Join(err, remove(context.WithoutCancel(ctx), mk, first.CreatedNote.ID)) }()
	fmt.Fprintln(out, "  posted", first.CreatedNote)

	answer := misskey.ReplyTo(&first.CreatedNote, me.ID) // as visible as that
	answer.Text = new("And a reply.")
	reply, err := mk.NotesCreate(ctx, answer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(context.WithoutCancel(ctx), mk, reply.CreatedNote.ID)) }()
	fmt.Fprintln(out, "  posted", reply.CreatedNote)
	if err := mk.NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{NoteID: reply.CreatedNote.ID, Reaction: "👍"}); err != nil {
		return err
	}
	fmt.Fprintln(out, "  reacted with 👍")

	fmt.Fprintln(out, "\nAn error, handled by its code")
	_, err = mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9zzzzzzzzz"})
	if !errors.Is(err, gen.ErrNoSuchNote) {
		return fmt.Errorf("there should be no note 9zzzzzzzzz: %w", err)
	}
	fmt.Fprintln(out, "  there is no note 9zzzzzzzzz, as expected:", gen.ErrNoSuchNote)
	return nil
}

// remove deletes a note. The client waits where the server asks for a pause.
func remove(ctx context.Context, mk *misskey.Client, id string) error {
	if err := mk.NotesDelete(ctx, gen.NotesDeleteRequest{NoteID: id}); err != nil {
		return fmt.Errorf("the note %s is still there, delete it by hand: %w", id, err)
	}
	return nil
}
