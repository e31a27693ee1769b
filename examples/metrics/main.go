// Command metrics streams the events of an account, and publishes how that goes by
// package expvar, at http://localhost:8080/debug/vars:
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/metrics
//
// The token needs the permission read:account. examples/otel does the same by
// OpenTelemetry.
package main

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "metrics:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		return err
	}
	return run(ctx, listener, mk, slog.Default())
}

// run streams until ctx ends.
func run(ctx context.Context, listener net.Listener, mk *misskey.Client, logger *slog.Logger) error {
	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
	mux := http.NewServeMux()
	mux.Handle("GET /debug/vars", variables(mk, st))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	defer func() {
		_ = srv.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	for ev, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
		if note, ok := ev.(*stream.Note); ok {
			logger.Info("note", "by", note.User.Username)
		}
	}
	return errors.New("the stream has ended")
}

// variables shows the counters of a client and a stream. A program that has one of
// each would call expvar.Publish, and serve expvar.Handler.
func variables(mk *misskey.Client, st *stream.Stream) http.Handler {
	vars := new(expvar.Map).Init()
	vars.Set("misskey_calls", expvar.Func(func() any { return mk.CallStats() }))
	vars.Set("misskey_stream", expvar.Func(func() any { return st.Stats() }))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprintln(w, vars)
	})
}
