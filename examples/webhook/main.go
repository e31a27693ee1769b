// Command webhook prints who mentions and follows an account. Misskey posts the
// events to it:
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… \
//	HOOK_URL=https://hooks.example/misskey HOOK_SECRET=… go run ./examples/webhook
//
// It makes the webhook of the account, so that the token needs the permissions
// read:account and write:account. HOOK_SECRET is any text that is hard to guess. The
// program listens on localhost:8080, or on LISTEN; HOOK_URL is where the instance
// reaches it, mostly through a proxy that does TLS.
//
// Without HOOK_URL it takes the same events from a stream, with the same function.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
	"github.com/misskey-go/misskey/webhook"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err != nil {
		return err
	}
	bell := doorbell{os.Stdout}
	if os.Getenv("HOOK_URL") == "" {
		return watch(ctx, mk, bell)
	}
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("LISTEN"), "localhost:8080"))
	if err != nil {
		return err
	}
	return receive(ctx, listener, mk, bell, os.Getenv("HOOK_URL"), os.Getenv("HOOK_SECRET"))
}

// A doorbell prints who is there. It does not care how an event has come.
type doorbell struct{ out io.Writer }

func (b doorbell) ring(_ context.Context, ev event.Event) error {
	if d := webhook.From(ev); d != nil && d.Test {
		_, err := fmt.Fprintln(b.out, "somebody pressed the test button:", d.Type)
		return err
	}
	switch ev := ev.(type) {
	case *event.Mention:
		_, err := fmt.Fprintf(b.out, "@%s mentions you: %s\n", ev.User.Acct(), gen.Or(ev.Text, "(no text)"))
		return err
	case *event.Followed:
		_, err := fmt.Fprintf(b.out, "@%s follows you\n", ev.Acct())
		return err
	}
	return nil
}

// receive takes events by webhook until ctx ends, and finishes those that are there.
func receive(ctx context.Context, listener net.Listener, mk *misskey.Client, bell doorbell, url, secret string) error {
	h, err := webhook.New(bell.ring, webhook.Options{Secrets: []webhook.Secret{{Value: secret}}, Logger: slog.Default()})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /misskey", h)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()

	// The handler listens already: the instance may post at once.
	_, err = webhook.Setup(ctx, mk, webhook.Hook{
		Name: "doorbell", URL: url, Secret: secret,
		On: []gen.WebhookEvent{gen.WebhookEventMention, gen.WebhookEventFollowed},
	})
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-served:
		}
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, h.Close(end), srv.Shutdown(end))
}

// watch takes events from a stream until ctx ends.
func watch(ctx context.Context, mk *misskey.Client, bell doorbell) error {
	for ev, err := range stream.New(mk, stream.Options{}, stream.Main{}).Events(ctx) {
		if err != nil {
			return err
		}
		if err := bell.ring(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}
