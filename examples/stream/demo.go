package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// demo shows a timeline of an instance inside the process, where bob posts, and
// where the plug is pulled now and then.
func demo(ctx context.Context, out io.Writer, timeline stream.Channel) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return err
	}
	defer srv.Close()
	id := srv.AddUser(misskeytest.User{Username: "bob"})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if _, err := alice.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: id}); err != nil {
		return err
	}

	var posting sync.WaitGroup
	defer posting.Wait()
	defer cancel()
	posting.Go(func() {
		for n := 1; sleep(ctx, time.Second); n++ {
			if n%5 == 0 {
				srv.CutStreams()
			}
			if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new(fmt.Sprintf("This is note %d.", n))}); err != nil {
				return // the end
			}
		}
	})
	return show(ctx, out, alice, timeline)
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
