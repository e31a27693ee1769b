package bot_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/misskey-go/misskey/bot"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A bot on an instance inside the process. A real one has a client of
// [misskey.New], and a cursor of [stream.NewFileCursor] in its options.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	b := bot.New(srv.Client("bot"), bot.Options{})
	said := make(chan string)
	b.OnFollow(func(ctx context.Context, follower *gen.UserLite) error {
		_, err := b.Post(ctx, gen.NotesCreateRequest{Text: new("@" + follower.Username + " welcome!")})
		said <- follower.Username
		return err
	})
	b.OnMessage(func(ctx context.Context, m *bot.Message) error {
		var n int // how many times the user has said something
		if _, err := m.User().Load(&n); err != nil {
			return err
		}
		n++
		if err := m.User().Save(n); err != nil {
			return err
		}
		_, err := m.Reply(ctx, fmt.Sprintf("%q, and that %d times.", m.Text, n))
		said <- m.Text
		return err
	})
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()

	time.Sleep(time.Second) // until it is connected
	alice := srv.Client("alice")
	if _, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@bot hello")}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-said)
	cancel()
	fmt.Println(<-ended)
	// Output:
	// hello
	// <nil>
}

func ExampleBot_At() {
	srv, err := misskeytest.Start(context.Background(), "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	tokyo := time.FixedZone("JST", 9*60*60) // or time.LoadLocation("Asia/Tokyo")
	b := bot.New(srv.Client("bot"), bot.Options{})
	b.At("07:00", tokyo, func(ctx context.Context) error {
		_, err := b.Post(ctx, gen.NotesCreateRequest{Text: new("Good morning!")})
		return err
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	fmt.Println(b.Run(ctx))
	// Output: <nil>
}
