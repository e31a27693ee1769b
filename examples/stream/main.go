// Command stream shows a timeline in the terminal as it grows, also when the
// network goes and comes back: what was missed is shown then.
//
//	go run ./examples/stream
//
// shows one of an instance inside its own process, whose connections are cut now
// and then. With an instance of yours,
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/stream -timeline home
//
// The token needs the permission read:account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

var timelines = map[string]stream.Channel{
	"home":   stream.HomeTimeline{},
	"local":  stream.LocalTimeline{},
	"hybrid": stream.HybridTimeline{},
	"global": stream.GlobalTimeline{},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	name := flag.String("timeline", "local", "what to show: home, local, hybrid or global")
	flag.Parse()
	if err := start(ctx, os.Stdout, *name); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "stream:", err)
		os.Exit(1)
	}
}

// start shows a timeline of the instance of the environment or, without one, of
// one of its own.
func start(ctx context.Context, out io.Writer, name string) error {
	timeline, ok := timelines[name]
	if !ok {
		return fmt.Errorf("there is no timeline %q; there are %q", name, slices.Sorted(maps.Keys(timelines)))
	}
	if os.Getenv("MISSKEY_URL") == "" {
		return demo(ctx, out, timeline)
	}
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err != nil {
		return err
	}
	return show(ctx, out, mk, timeline)
}

// show writes the notes of a timeline, until the context ends or no connection
// will help.
func show(ctx context.Context, out io.Writer, mk *misskey.Client, timeline stream.Channel) error {
	st := stream.New(mk, stream.Options{}, timeline)
	for event, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
		switch event := event.(type) {
		case *stream.Connected:
			fmt.Fprintln(out, "— connected")
		case *stream.Disconnected: // the stream connects again
			fmt.Fprintln(out, "— the connection has ended:", event.Err)
		case *stream.Reconnected:
			fmt.Fprintf(out, "— connected again; notes that came meanwhile: %d\n", event.Filled)
			for _, missed := range event.Missed {
				fmt.Fprintln(out, "— some may be missing:", missed.Why)
			}
		case *stream.Refused:
			return event.Err
		case *stream.Note:
			fmt.Fprintln(out, event.CreatedAt.Local().Format("15:04:05"), event.Note)
		}
	}
	return ctx.Err()
}

// demo shows a timeline of an instance inside the process, where bob posts every
// second, and whose connections are cut now and then.
func demo(ctx context.Context, out io.Writer, timeline stream.Channel) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return err
	}
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if _, err := alice.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		return err
	}
	go func() {
		for n := 1; ctx.Err() == nil; n++ {
			time.Sleep(time.Second)
			if n%5 == 0 {
				srv.CutStreams()
			}
			_, _ = bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new(fmt.Sprintf("This is note %d.", n))})
		}
	}()
	return show(ctx, out, alice, timeline)
}
