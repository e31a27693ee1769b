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
// The token needs the permission read:account; for the local timeline it may be
// left out.
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
	"strings"
	"syscall"

	"github.com/misskey-go/misskey"
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
	name := flag.String("timeline", "local", "what to show: "+strings.Join(slices.Sorted(maps.Keys(timelines)), ", "))
	flag.Parse()
	if err := start(ctx, os.Stdout, *name); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "stream:", clean(err.Error()))
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
	instance, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
	if instance == "" {
		if token != "" {
			return errors.New("MISSKEY_TOKEN is set, but not MISSKEY_URL: set both, or none of them")
		}
		return demo(ctx, out, timeline)
	}
	mk, err := misskey.New(instance, misskey.WithToken(token))
	if err != nil {
		return err
	}
	return show(ctx, out, mk, timeline)
}
