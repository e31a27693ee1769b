package misskeytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestServer(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	id := srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice", Bot: true})
	me, err := srv.Client("alice").I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if me.ID != id || me.Name == nil || *me.Name != "Alice" || !me.IsBot {
		t.Errorf("%+v", me)
	}
	if _, err := srv.Client("").Ping(t.Context()); err != nil {
		t.Error(err)
	}
	calls := srv.Requests("")
	if len(calls) != 2 || calls[0].Endpoint != "i" || calls[0].Username != "alice" || calls[0].Status != 200 || calls[1].Username != "" {
		t.Errorf("%+v", calls)
	}
	if len(srv.Requests("ping")) != 1 {
		t.Errorf("%+v", srv.Requests("ping"))
	}
}

func TestRequestsHaveNoToken(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	if _, err := srv.Client("alice").NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("hello")}); err != nil {
		t.Fatal(err)
	}
	for _, r := range srv.Requests("notes/create") {
		if s := string(r.Params); !strings.Contains(s, `"text":"hello"`) || strings.Contains(s, srv.Token("alice")) {
			t.Errorf("%s", s)
		}
	}
}

func TestStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mk := srv.Client("alice")
	if _, err := mk.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	cancel()
	srv.Close() // waits
	if _, err := mk.Ping(t.Context(), misskey.NoRetry()); err == nil {
		t.Error("it answers after it has ended")
	}
	if _, err := misskeytest.Start(t.Context(), "no address", misskeytest.Options{}); err == nil {
		t.Error("no address is accepted")
	}
	if _, err := misskeytest.Start(t.Context(), "", misskeytest.Options{Document: []byte("{}")}); err == nil {
		t.Error("no document is accepted")
	}
}

// In a bubble time stands still until all wait, so that hours pass at once.
func TestInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		mk := srv.Client("alice")
		before := time.Now()
		if _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("now")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		res, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("later")})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.CreatedNote.CreatedAt; !got.Equal(before.Add(time.Hour)) {
			t.Errorf("the note is of %v, not %v", got, before.Add(time.Hour))
		}
		srv.Close()
	})
}

func TestAdvance(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("alice")
	res, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{
		Text: new("tea?"),
		Poll: &gen.PollInput{Choices: []string{"yes", "no"}, ExpiredAfter: new(gen.InMilliseconds(time.Minute))},
	})
	if err != nil {
		t.Fatal(err)
	}
	vote := gen.NotesPollsVoteRequest{NoteID: res.CreatedNote.ID, Choice: 0}
	if err := mk.NotesPollsVote(t.Context(), vote); err != nil {
		t.Error(err)
	}
	srv.Advance(time.Minute)
	if err := srv.Client("bob").NotesPollsVote(t.Context(), vote); !errors.Is(err, gen.ErrAlreadyExpired) {
		t.Error(err)
	}
}

// A recorder is a test that fails without failing.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestStrict(t *testing.T) {
	wrong := func(srv *misskeytest.Server, mk *misskey.Client) {
		ctx := t.Context()
		_, _ = misskey.Call[struct{}](ctx, mk, "nope", nil)
		_, _ = mk.Notes(ctx, gen.NotesRequest{Limit: new(0)})
		_, _ = mk.As("0123456789abcdef").I(ctx)
		resp, err := srv.HTTPClient().Post(srv.URL+"/api/ping", "application/json", strings.NewReader("{"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		// Programs have to cope with these.
		_, _ = mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9abc"})
		_, _ = srv.Client("").I(ctx)
		srv.Fail("ping", gen.ErrInvalidParam, 1)
		_, _ = mk.Ping(ctx)
	}

	tb := &recorder{TB: t}
	srv := misskeytest.NewServer(tb, misskeytest.Options{})
	wrong(srv, srv.Client("alice"))
	want := []string{"no such endpoint", `"limit":0`, "no such token", "the body is not JSON"}
	if len(tb.errors) != len(want) {
		t.Errorf("%q", tb.errors)
	}
	for i := range min(len(want), len(tb.errors)) {
		if !strings.Contains(tb.errors[i], want[i]) || !strings.Contains(tb.errors[i], "srv.Expect(") {
			t.Errorf("%q says nothing of %q", tb.errors[i], want[i])
		}
	}

	tb = &recorder{TB: t}
	srv = misskeytest.NewServer(tb, misskeytest.Options{})
	srv.Expect("nope", gen.ErrUnknownAPIEndpoint)
	srv.Expect("notes", gen.ErrInvalidParam)
	srv.Expect("", gen.ErrAuthenticationFailed)
	srv.Expect("ping", "FST_ERR_CTP_INVALID_JSON_BODY")
	wrong(srv, srv.Client("alice"))
	if len(tb.errors) > 0 {
		t.Errorf("announced: %q", tb.errors)
	}

	tb = &recorder{TB: t}
	srv = misskeytest.NewServer(tb, misskeytest.Options{Lenient: true})
	wrong(srv, srv.Client("alice"))
	if len(tb.errors) > 0 {
		t.Errorf("lenient: %q", tb.errors)
	}
}

func TestFail(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("alice")
	create := func() error {
		_, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}, misskey.NoRetry())
		return err
	}
	srv.Fail("notes/create", gen.ErrRateLimitExceeded, 2)
	for range 2 {
		err := create()
		e, ok := errors.AsType[*misskey.Error](err)
		if !ok || e.Code != gen.ErrRateLimitExceeded || e.Status != 429 || e.RetryAfter <= 0 {
			t.Errorf("%v", err)
		}
	}
	if err := create(); err != nil {
		t.Error(err)
	}

	srv.Fail("notes/create", gen.ErrIDNotesCreateNoSuchFile, 1)
	if err := create(); !errors.Is(err, gen.ErrIDNotesCreateNoSuchFile) || !errors.Is(err, gen.ErrNoSuchFile) {
		t.Error(err)
	}
	srv.Fail("", &misskey.Error{Status: 502, RetryAfter: time.Second}, 1)
	if e, ok := errors.AsType[*misskey.Error](create()); !ok || e.Status != 502 || e.Code != "" || e.RetryAfter != time.Second {
		t.Errorf("%v", e)
	}
	srv.Fail("", &misskey.Error{Status: 418, Code: "I_AM_AI", ID: "x", Kind: "server", Message: "no", Info: []byte(`{"a":1}`)}, 1)
	e, ok := errors.AsType[*misskey.Error](create())
	if !ok || e.Status != 418 || e.Code != "I_AM_AI" || e.ID != "x" || e.Kind != "server" || e.Message != "no" || string(e.Info) != `{"a":1}` {
		t.Errorf("%+v", e)
	}
	if notes, err := mk.NotesTimeline(t.Context(), gen.NotesTimelineRequest{}); err != nil || len(notes) != 1 {
		t.Errorf("what failed has had effects: %d notes, %v", len(notes), err)
	}
}

// A token that is not a string is never answered, and does not keep the server from
// ending.
func TestTokenThatIsNoText(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/api/ping", strings.NewReader(`{"i":1}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if resp, err := srv.HTTPClient().Do(r); err == nil {
		resp.Body.Close()
		t.Errorf("it answers %d", resp.StatusCode)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, inMemory := range []bool{false, true} {
		srv, err := misskeytest.Start(t.Context(), "", misskeytest.Options{InMemory: inMemory})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := srv.Client("alice").I(t.Context()); err != nil {
			t.Error(err)
		}
		conn, _, err := handshake(t.Context(), srv, srv.Token("alice"))
		if err != nil {
			t.Fatal(err)
		}
		srv.Restart(nil)
		srv.Close()
		srv.Close()
		conn.CloseNow()
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines more\n%s", runtime.NumGoroutine()-before, stacks[:runtime.Stack(stacks, true)])
}

// A fork has endpoints of its own, and they are checked and answered like others.
func TestForksDocument(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Document: []byte(`{"openapi":"3.1.0","paths":{"/fork/cats":{"post":{
		"x-misskey-credential":true,
		"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}}},
		"responses":{"200":{"content":{"application/json":{"schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}},"418":{}}}}}}`)})
	if resp, err := srv.HTTPClient().Get(srv.URL + "/api.json"); err != nil || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v, %v", resp, err)
	} else if data, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(data), "fork/cats") {
		t.Errorf("%s, %v", data, err)
	}
	mk := srv.Client("alice")
	cat, err := misskey.Call[struct{ Name string }](t.Context(), mk, "fork/cats", map[string]int{"n": 1})
	if err != nil || cat.Name == "" {
		t.Errorf("%+v, %v", cat, err)
	}
	srv.Expect("fork/cats", gen.ErrInvalidParam)
	if _, err := misskey.Call[struct{}](t.Context(), mk, "fork/cats", nil); !errors.Is(err, gen.ErrInvalidParam) {
		t.Error(err)
	}
}
