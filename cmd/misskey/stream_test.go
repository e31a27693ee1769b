package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// keepPosting lets bob post until the test says stop.
func keepPosting(t *testing.T, srv *misskeytest.Server, text string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	bob := srv.Client("bob")
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: &text}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() { cancel(); <-done }
}

func TestWatchPrintsFieldsAndEnds(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	stop := keepPosting(t, srv, "@alice deploy\tthis\nnow")
	defer stop()
	out, stderr, status := command(t, srv, "watch", "main", "local", "--type", "mention", "--match", "deploy", "--count", "2")
	if status != 0 {
		t.Fatal(stderr)
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("it printed %q", out)
	}
	for _, line := range lines {
		fields := strings.Split(line, "\t")
		if len(fields) != 5 || fields[0] != "mention" || fields[2] != "@bob" || fields[4] != "@alice deploy this now" {
			t.Errorf("the fields are %q", fields)
		}
	}
	out, _, _ = command(t, srv, "watch", "local", "--count", "1", "--json")
	var event struct {
		Channel, Type string
		Body          gen.Note
	}
	if err := json.Unmarshal([]byte(out), &event); err != nil || event.Channel != "localTimeline" || event.Type != "note" || event.Body.User.Username != "bob" {
		t.Errorf("the event is %s", out)
	}
}

func TestWatchEndsInTime(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	if out, stderr, status := command(t, srv, "watch", "local", "--timeout", "300ms"); status != 1 || out != "" || !strings.Contains(stderr, "the time is up") {
		t.Errorf("status %d, %s %s", status, out, stderr)
	}
}

// A cursor brings what has come between two runs, once.
func TestCursor(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	file := filepath.Join(t.TempDir(), "cursor")
	watch := func(n string) string {
		out, stderr, status := command(t, srv, "watch", "local", "--cursor", file, "--count", n, "--timeout", "60s")
		if status != 0 {
			t.Fatal(stderr)
		}
		return out
	}
	stop := keepPosting(t, srv, "before")
	watch("1")
	stop()
	if _, err := srv.Client("bob").NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("while away")}); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if out := watch("1"); strings.Contains(out, "while away") {
			return
		}
	}
	t.Error("what came meanwhile did not come")
}

func TestChannels(t *testing.T) {
	for name, want := range map[string]stream.Channel{
		"home": stream.HomeTimeline{}, "main": stream.Main{}, "list:9a": stream.UserList{ListID: "9a"},
		"reversi": stream.Custom{Name: "reversi"},
	} {
		if got, err := channelOf(name); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if custom, ok := want.(stream.Custom); ok && got.(stream.Custom).Name != custom.Name || !ok && got != want {
			t.Errorf("%s is %#v", name, got)
		}
	}
	if c, err := channelOf(`reversiGame:{"gameId":"9a"}`); err != nil || c.(stream.Custom).Params["gameId"] != "9a" {
		t.Errorf("%v, %v", c, err)
	}
	for _, name := range []string{"", "list:", "a b", "x:y", "x:{", "#", "../x"} {
		if c, err := channelOf(name); err == nil {
			t.Errorf("%q is the channel %v", name, c)
		}
	}
	for event, want := range map[stream.Event]string{
		&stream.Note{}: "note", &stream.URLUploadFinished{}: "urlUploadFinished", &stream.MyTokenRegenerated{}: "myTokenRegenerated",
		&stream.Unknown{Type: "channel", Event: "new"}: "new",
	} {
		if got := eventType(event); got != want {
			t.Errorf("%T is %q, want %q", event, got, want)
		}
	}
}
