package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// visit runs the tour on srv as alice. It is to be called in a bubble of
// testing/synctest, so that the waits that servers want take no time.
func visit(t *testing.T, srv *misskeytest.Server, opts ...misskey.Option) (string, error) {
	t.Helper()
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if _, err := alice.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		t.Fatal(err)
	}
	if _, err := bob.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("The kettle\x1b is on.")}); err != nil {
		t.Fatal(err)
	}
	opts = append(opts, misskey.WithToken(srv.Token("alice")), misskey.WithHTTPClient(srv.HTTPClient()))
	mk, err := misskey.New(srv.URL, opts...)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = tour(t.Context(), &out, mk)
	return out.String(), err
}

// bubble runs a test with a server in a bubble.
func bubble(t *testing.T, test func(t *testing.T, srv *misskeytest.Server)) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		test(t, srv)
		srv.Close()
	})
}

// checkDeleted checks that two notes were posted, for their author only, and that
// both are deleted, the last one first.
func checkDeleted(t *testing.T, srv *misskeytest.Server) {
	t.Helper()
	posts := 0
	for _, r := range srv.Requests("notes/create") {
		if r.Username != "alice" {
			continue
		}
		posts++
		var params struct{ Visibility string }
		if err := json.Unmarshal(r.Params, &params); err != nil || params.Visibility != "specified" {
			t.Errorf("a note was posted with %s", r.Params)
		}
	}
	var deleted []string
	for _, r := range srv.Requests("notes/delete") {
		var params struct{ NoteID string }
		if err := json.Unmarshal(r.Params, &params); err == nil && r.Status == http.StatusNoContent {
			deleted = append(deleted, params.NoteID)
		}
	}
	if posts != 2 || len(deleted) != 2 || slices.IsSorted(deleted) {
		t.Errorf("%d notes were posted, deleted %q", posts, deleted)
	}
	if left := ownNotes(t, srv); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// ownNotes are the ids of the notes that alice has.
func ownNotes(t *testing.T, srv *misskeytest.Server) (ids []string) {
	t.Helper()
	notes, err := srv.Client("alice").NotesTimeline(t.Context(), gen.NotesTimelineRequest{Limit: new(100)})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		if n.User.Username == "alice" {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

func TestTour(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		out, err := visit(t, srv)
		if err != nil {
			t.Fatal(err)
		}
		rest := out
		for _, want := range []string{
			"Who am I\n", "(@alice), ", "My timeline\n", "@bob: The kettle", "Post, reply, react\n", "posted ", "(specified)", "posted ",
			"(specified, reply to ", "reacted with 👍\n", "An error, handled by its code\n", "NO_SUCH_NOTE",
		} {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Fatalf("no %q where it should be in\n%s", want, out)
			}
			rest = after
		}
		if strings.Contains(out, "\x1b") {
			t.Errorf("%q", out)
		}
		checkDeleted(t, srv)
	})
}

// What was posted is deleted when a later step fails, too.
func TestTourDeletesAfterFailure(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.Fail("notes/reactions/create", &misskey.Error{Status: http.StatusBadGateway}, -1)
		_, err := visit(t, srv)
		if err == nil || !strings.Contains(err.Error(), "notes/reactions/create") {
			t.Errorf("error %v, want one of notes/reactions/create", err)
		}
		checkDeleted(t, srv)
	})
}

// A server that asks to wait before a deletion is asked again.
func TestTourWaitsBeforeDeletion(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.Fail("notes/delete", gen.ErrRateLimitExceeded, 2)
		if _, err := visit(t, srv); err != nil {
			t.Fatal(err)
		}
		if n := len(srv.Requests("notes/delete")); n != 4 {
			t.Errorf("%d calls of notes/delete", n)
		}
		checkDeleted(t, srv)
	})
}

// A note that cannot be deleted is named.
func TestTourTellsWhatIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.Fail("notes/delete", &misskey.Error{Status: http.StatusBadGateway}, -1)
		_, err := visit(t, srv)
		if err == nil {
			t.Fatal("no error")
		}
		left := ownNotes(t, srv)
		if len(left) != 2 {
			t.Errorf("%d notes are left", len(left))
		}
		for _, id := range left {
			if !strings.Contains(err.Error(), id) {
				t.Errorf("the error does not name %s: %v", id, err)
			}
		}
	})
}

// Without a setting the tour has an instance of its own.
func TestConnect(t *testing.T) {
	t.Setenv("MISSKEY_URL", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mk, err := connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := mk.NotesTimeline(ctx, gen.NotesTimelineRequest{})
	if err != nil || len(notes) != 2 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
}
