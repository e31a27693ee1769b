package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// startInstance returns an instance inside the process, and a client of alice, who follows
// bob. Where this program says that bob posts, somebody does so on a real instance.
func startInstance(ctx context.Context) (srv *misskeytest.Server, mk *misskey.Client) {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mk = srv.Client("alice")
	bob := srv.AddUser(misskeytest.User{Username: "bob"})
	if _, err := mk.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: bob}); err != nil {
		log.Fatal(err)
	}
	return srv, mk
}

// publish posts a note, and returns its id.
func publish(ctx context.Context, mk *misskey.Client, text string) string {
	res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: &text})
	if err != nil {
		log.Fatal(err)
	}
	return res.CreatedNote.ID
}

// A program that shows the notes and mentions of an account until the context ends.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv, mk := startInstance(ctx)
	defer srv.Close()

	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
	for event, err := range st.Events(ctx) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				fmt.Println("the stream has ended:", err)
			}
			break
		}
		switch event := event.(type) {
		case *stream.Connected:
			fmt.Println("connected")
			publish(ctx, srv.Client("bob"), "Good morning")
		case *stream.Note:
			if event.Text != nil {
				fmt.Printf("@%s: %s\n", event.User.Username, *event.Text)
			}
			cancel() // as an interrupt would
		case *stream.Mention:
			fmt.Printf("@%s mentions you\n", event.User.Username)
		case *stream.Disconnected: // the stream connects again
			fmt.Println("the connection has ended:", event.Err)
		case *stream.Reconnected: // after what was refetched
			for _, missed := range event.Missed {
				fmt.Println("some may be missing:", missed.Why)
			}
		case *stream.Refused: // the other subscriptions go on
			fmt.Println(event.Err)
		}
	}
	// Output:
	// connected
	// @bob: Good morning
}

// A subscription can begin and end while the loop runs. An error says why the
// instance has not confirmed it.
func ExampleStream_Subscribe() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv, mk := startInstance(ctx)
	defer srv.Close()

	st := stream.New(mk, stream.Options{}, stream.Main{})
	defer st.Close()
	sub, err := st.Subscribe(ctx, stream.Hashtag{Query: [][]string{{"gopher"}}})
	if refused, ok := errors.AsType[*stream.RefusedError](err); ok {
		log.Fatalf("%T was refused", refused.Channel)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Unsubscribe()

	publish(ctx, srv.Client("bob"), "I saw a #gopher")
	for event, err := range st.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if note, ok := event.(*stream.Note); ok && stream.From(note) == sub && note.Text != nil {
			fmt.Println(*note.Text)
			break
		}
	}
	// Output: I saw a #gopher
}

// Capture reports what happens to a note.
func ExampleStream_Capture() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv, mk := startInstance(ctx)
	defer srv.Close()
	id := publish(ctx, mk, "Do you like Go?")

	st := stream.New(mk, stream.Options{}, stream.Main{})
	st.Capture(id) // is in effect when the channels are confirmed
	for event, err := range st.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		switch event := event.(type) {
		case *stream.Connected:
			if err := srv.Client("bob").NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{NoteID: id, Reaction: "👍"}); err != nil {
				log.Fatal(err)
			}
		case *stream.NoteReacted:
			fmt.Println(event.Reaction, "for note", event.NoteID == id)
			return
		}
	}
	// Output: 👍 for note true
}

// What was posted while there was no connection is fetched, and comes first.
func ExampleReconnected() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv, mk := startInstance(ctx)
	defer srv.Close()

	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{})
	for event, err := range st.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		switch event := event.(type) {
		case *stream.Connected:
			srv.CutStreams()
		case *stream.Disconnected:
			publish(ctx, srv.Client("bob"), "Nobody listens")
		case *stream.Note:
			fmt.Println(*event.Text, event.Filled)
		case *stream.Reconnected:
			fmt.Println("fetched:", event.Filled, "subscriptions with gaps:", len(event.Missed))
			return
		}
	}
	// Output:
	// Nobody listens true
	// fetched: 1 subscriptions with gaps: 0
}

// A login asks for what the program needs, and for nothing else.
func ExamplePermissions() {
	permissions, err := misskey.PermissionsFor(gen.OpNotesCreate, stream.Permissions(stream.HomeTimeline{}, stream.Main{}))
	fmt.Println(permissions, err)
	// Output: [read:account read:notifications write:notes] <nil>
}
