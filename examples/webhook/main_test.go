package main

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A buffer can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) has(line string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(b.b.String(), line+"\n")
}

// waitFor waits for a line.
func (b *buffer) waitFor(t *testing.T, line string) {
	t.Helper()
	for range 300 {
		if b.has(line) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%q is never printed", line)
}

// The same things happen, and the same is printed, by webhook and by stream.
func TestDoorbell(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, t *testing.T, mk *misskey.Client, bell doorbell) error{
		"webhook": func(ctx context.Context, t *testing.T, mk *misskey.Client, bell doorbell) error {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Error(err)
				return err
			}
			return receive(ctx, listener, mk, bell, "http://"+listener.Addr().String()+"/misskey", "sesame")
		},
		"stream": func(ctx context.Context, _ *testing.T, mk *misskey.Client, bell doorbell) error {
			return watch(ctx, mk, bell)
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := misskeytest.NewServer(t, misskeytest.Options{})
			alice, bob := srv.Client("alice"), srv.Client("bob")
			out := &buffer{}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- run(ctx, t, alice, doorbell{out}) }()
			if name == "webhook" {
				waitForHook(t, alice)
			} else {
				for !out.has("@bob mentions you: @alice, are you there?") { // until it is subscribed
					if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@alice, are you there?")}); err != nil {
						t.Fatal(err)
					}
					time.Sleep(100 * time.Millisecond)
				}
			}
			if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello @alice")}); err != nil {
				t.Fatal(err)
			}
			if _, err := bob.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("alice")}); err != nil {
				t.Fatal(err)
			}
			out.waitFor(t, "@bob mentions you: hello @alice")
			out.waitFor(t, "@bob follows you")
			if name == "webhook" {
				hooks, err := alice.IWebhooksList(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if err := alice.IWebhooksTest(ctx, gen.IWebhooksTestRequest{WebhookID: hooks[0].ID, Type: "followed"}); err != nil {
					t.Fatal(err)
				}
				out.waitFor(t, "somebody pressed the test button: followed")
			}
			cancel()
			select {
			case err := <-ended:
				if name == "webhook" && err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Error("it does not end")
			}
		})
	}
}

// waitForHook waits until the program has made its webhook.
func waitForHook(t *testing.T, mk *misskey.Client) {
	t.Helper()
	for range 300 {
		hooks, err := mk.IWebhooksList(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(hooks) == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the program makes no webhook")
}
