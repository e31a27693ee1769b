// Command tour shows the main things that a program does with Misskey: who am
// I, my timeline, post, reply, react, handle an error by its code.
//
//	go run ./examples/tour
//
// talks to an instance inside its own process. With an instance of yours,
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/tour
//
// it posts there: two notes that only you can see. It deletes them before it
// ends, also when something fails and after Ctrl-C. The token needs the permissions
// read:account, write:notes and write:reactions.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/misskey-go/misskey"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once

	if err := start(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", clean(err.Error()))
		os.Exit(1)
	}
}

// start runs the tour on the instance of the environment or, without one, on
// one of its own.
func start(ctx context.Context, out *os.File) error {
	instance, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
	switch {
	case instance == "" && token != "":
		return errors.New("MISSKEY_TOKEN is set, but not MISSKEY_URL: set both, or none of them")
	case instance != "" && token == "":
		return errors.New("MISSKEY_URL is set, but not MISSKEY_TOKEN: set both, or none of them")
	case instance == "":
		srv, err := startDemo(ctx)
		if err != nil {
			return err
		}
		defer srv.Close()
		instance, token = srv.URL, srv.Token("alice")
		p := newPrinter(out)
		p.heading("An instance of its own")
		p.line("It is inside this process, and gone when the tour ends. To visit an instance of yours, set MISSKEY_URL and MISSKEY_TOKEN.")
		fmt.Fprintln(out)
	}
	mk, err := misskey.New(instance, misskey.WithToken(token))
	if err != nil {
		return err
	}
	return run(ctx, out, mk)
}
