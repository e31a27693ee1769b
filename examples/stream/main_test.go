package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

func TestShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		ctx, cancel := context.WithCancel(t.Context())
		var out strings.Builder
		done := make(chan error)
		go func() { done <- show(ctx, &out, srv.Client("alice"), stream.LocalTimeline{}) }()
		post := func(text string) {
			time.Sleep(time.Second)
			if _, err := srv.Client("bob").NotesCreate(t.Context(), gen.NotesCreateRequest{Text: &text}); err != nil {
				t.Fatal(err)
			}
		}
		post("**one**\x1b[31m")
		time.Sleep(time.Second)
		srv.Restart(func() { time.Sleep(time.Minute) })
		post("two")
		time.Sleep(time.Minute)
		post("three")
		time.Sleep(time.Second)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%q", out.String())
		}
		rest := out.String()
		for _, want := range []string{"connected\n", "@bob: ", "one", "has ended", "@bob: two\n", "meanwhile: 1\n", "@bob: three\n"} {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Fatalf("no %q in its place in\n%s", want, out.String())
			}
			rest = after
		}
	})
}

// The demonstration works: it shows what was posted while the plug was out.
func TestDemo(t *testing.T) {
	t.Setenv("MISSKEY_URL", "")
	t.Setenv("MISSKEY_TOKEN", "")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		err := start(ctx, w, "home")
		w.Close()
		done <- err
	}()
	all := make([]byte, 0, 4096)
	buffer := make([]byte, 512)
	// Note 6 may come while the connection is there again, or before.
	for !strings.Contains(string(all), "note 6.") || !strings.Contains(string(all), "again; ") {
		n, err := r.Read(buffer)
		if err != nil {
			t.Fatalf("%v after\n%s", err, all)
		}
		all = append(all, buffer[:n]...)
	}
	cancel()
	r.Close()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, want := range []string{"note 1.", "has ended", "note 5.", "again; "} {
		if !strings.Contains(string(all), want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestNoSuchTimeline(t *testing.T) {
	if err := start(t.Context(), io.Discard, "social"); err == nil || !strings.Contains(err.Error(), "social") {
		t.Error(err)
	}
}
