package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
)

// A server in front of the recorded one that watches what is posted and what is
// deleted, and that can be made to fail.
type watched struct {
	recorded
	before func(endpoint string, w http.ResponseWriter) (answered bool)

	mu           sync.Mutex
	posted       []string
	deleted      []string
	visibilities []string
}

func (s *watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint := strings.TrimPrefix(r.URL.Path, "/api/")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if s.before != nil && s.before(endpoint, w) {
		return
	}
	var params struct{ NoteID, Visibility string }
	_ = json.Unmarshal(body, &params)
	answer := httptest.NewRecorder()
	s.recorded.ServeHTTP(answer, r)

	s.mu.Lock()
	defer s.mu.Unlock()
	switch endpoint {
	case "notes/create":
		var created struct{ CreatedNote struct{ ID string } }
		_ = json.Unmarshal(answer.Body.Bytes(), &created)
		s.posted = append(s.posted, created.CreatedNote.ID)
		s.visibilities = append(s.visibilities, params.Visibility)
	case "notes/delete":
		s.deleted = append(s.deleted, params.NoteID)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = answer.Body.WriteTo(w)
}

func (s *watched) run(t *testing.T, ctx context.Context) (string, error) {
	t.Helper()
	var err error
	if s.recorded, err = newRecorded(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	mk, err := misskey.New(server.URL, misskey.WithToken("tokenOfTheTour00"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	// Without the second that a real server wants between two deletions.
	err = (&tour{mk: mk, out: newPrinter(&out), interval: time.Millisecond}).run(ctx)
	return out.String(), err
}

func (s *watched) checkDeleted(t *testing.T, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.posted) != want {
		t.Errorf("%d notes were posted, want %d", len(s.posted), want)
	}
	slices.Reverse(s.deleted)
	if !slices.Equal(s.posted, s.deleted) {
		t.Errorf("posted %v, deleted %v", s.posted, s.deleted)
	}
	for _, v := range s.visibilities {
		if v != "specified" {
			t.Errorf("a note was posted with visibility %q", v)
		}
	}
}

func TestTour(t *testing.T) {
	var s watched
	out, err := s.run(t, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rest := out
	for _, want := range []string{
		"Who am I\n", "(@alice), ",
		"My timeline\n", "@erin: sign in to read me\n",
		"Post, reply, react\n", "Posted ", "visibility specified: ", "Posted ", "Reacted with 👍 to ",
		"An error, handled by its code\n", "NO_SUCH_NOTE",
		"Clean up\n", "Deleted ", "Deleted ",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %q where it should be in\n%s", want, out)
		}
		rest = after
	}
	if strings.Contains(out, "\x1b") {
		t.Error("colors in what is no terminal")
	}
	for line := range strings.Lines(out) {
		if columns(strings.TrimRight(line, "\n")) > 80 {
			t.Errorf("line of more than 80 columns: %s", line)
		}
	}
	s.checkDeleted(t, 2)
}

// What was posted is deleted when a later step fails, too.
func TestTourDeletesAfterFailure(t *testing.T) {
	s := watched{before: func(endpoint string, w http.ResponseWriter) bool {
		if endpoint != "notes/reactions/create" {
			return false
		}
		http.Error(w, "out of order", http.StatusBadGateway)
		return true
	}}
	_, err := s.run(t, t.Context())
	if err == nil || !strings.Contains(err.Error(), "notes/reactions/create") {
		t.Errorf("error %v, want one of notes/reactions/create", err)
	}
	s.checkDeleted(t, 2)
}

// Ctrl-C while a note is being posted neither leaves that note nor those before.
func TestTourDeletesAfterInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	posts := 0
	s := watched{before: func(endpoint string, w http.ResponseWriter) bool {
		if endpoint == "notes/create" {
			if posts++; posts == 2 {
				interrupt()
			}
		}
		return false
	}}
	if _, err := s.run(t, ctx); err == nil {
		t.Error("no error after the interrupt")
	}
	s.checkDeleted(t, 2)
}

// A server that asks to wait before a deletion is asked again.
func TestTourWaitsBeforeDeletion(t *testing.T) {
	refusals := 0
	s := watched{before: func(endpoint string, w http.ResponseWriter) bool {
		if endpoint != "notes/delete" || refusals == 2 {
			return false
		}
		refusals++
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"error":{"code":"RATE_LIMIT_EXCEEDED","id":"d5826d14-3982-4d2e-8011-b9e9f02499ef"}}`)
		return true
	}}
	if _, err := s.run(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	if refusals != 2 {
		t.Errorf("%d refusals", refusals)
	}
	s.checkDeleted(t, 2)
}

// A note that cannot be deleted is named.
func TestTourTellsWhatIsLeft(t *testing.T) {
	s := watched{before: func(endpoint string, w http.ResponseWriter) bool {
		if endpoint != "notes/delete" {
			return false
		}
		http.Error(w, "out of order", http.StatusBadGateway)
		return true
	}}
	_, err := s.run(t, t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	for _, id := range s.posted {
		if !strings.Contains(err.Error(), id) {
			t.Errorf("the error does not name %s: %v", id, err)
		}
	}
}

func TestRecordedWantsToken(t *testing.T) {
	server, err := startRecorded()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for body, want := range map[string]int{`{"i":"x"}`: 200, `{}`: 401} {
		res, err := http.Post(server.URL+"/api/i", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("i with %s: status %d, want %d", body, res.StatusCode, want)
		}
	}
}
