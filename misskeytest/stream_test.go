package misskeytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A wire is a connection to the stream, without any help.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, srv *misskeytest.Server, token string) *wire {
	t.Helper()
	conn, resp, err := handshake(t.Context(), srv, token)
	if err != nil {
		t.Fatalf("%v: %+v", err, resp)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return &wire{t, conn}
}

func handshake(ctx context.Context, srv *misskeytest.Server, token string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return websocket.Dial(ctx, srv.URL+"/streaming", &websocket.DialOptions{HTTPClient: srv.HTTPClient(), HTTPHeader: header})
}

func (w *wire) send(message string) {
	w.t.Helper()
	if err := w.conn.Write(w.t.Context(), websocket.MessageText, []byte(message)); err != nil {
		w.t.Fatal(err)
	}
}

// connect subscribes to a channel and waits until that is confirmed.
func (w *wire) connect(channel, id, params string) {
	w.t.Helper()
	w.send(fmt.Sprintf(`{"type":"connect","body":{"channel":%q,"id":%q,"params":%s,"pong":true}}`, channel, id, params))
	w.expect("connected " + id)
}

// A frame is what the server sends.
type frame struct {
	Type string
	Body struct {
		ID, Type string
		Body     any
	}
}

// next returns the next frame: its type, its id and, in a channel, its event.
func (w *wire) next() (string, frame) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	_, data, err := w.conn.Read(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		w.t.Fatalf("%v in %s", err, data)
	}
	return strings.TrimSpace(f.Type + " " + f.Body.ID + " " + f.Body.Type), f
}

func (w *wire) expect(want string) frame {
	w.t.Helper()
	got, f := w.next()
	if got != want {
		w.t.Fatalf("%s, want %s: %v", got, want, f.Body.Body)
	}
	return f
}

func post(t *testing.T, mk *misskey.Client, req gen.NotesCreateRequest) *gen.Note {
	t.Helper()
	res, err := mk.NotesCreate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return &res.CreatedNote
}

func TestStreamTimelines(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	w := dial(t, srv, srv.Token("alice"))
	w.connect("homeTimeline", "home", "{}")
	w.connect("localTimeline", "local", `{"withRenotes":false}`)
	w.connect("hybridTimeline", "hybrid", `{"withFiles":true}`)
	w.connect("globalTimeline", "global", "{}")
	w.connect("hashtag", "tag", `{"q":[["a","b"],["c"]]}`)

	n := post(t, bob, gen.NotesCreateRequest{Text: new("hello #C")})
	for _, id := range []string{"local", "global", "tag"} {
		f := w.expect("channel " + id + " note")
		if got := f.Body.Body.(map[string]any); got["id"] != n.ID || got["reactionAndUserPairCache"] == nil {
			t.Errorf("%v", got)
		}
	}
	post(t, bob, gen.NotesCreateRequest{RenoteID: &n.ID})
	w.expect("channel global note")
	post(t, bob, gen.NotesCreateRequest{Text: new("quiet"), Visibility: new(gen.NoteVisibilityHome)}) // shown nowhere
	mine := post(t, alice, gen.NotesCreateRequest{Text: new("mine"), Visibility: new(gen.NoteVisibilitySpecified)})
	if f := w.expect("channel home note"); f.Body.Body.(map[string]any)["id"] != mine.ID {
		t.Errorf("%v", f.Body.Body)
	}
	w.send(`{"type":"disconnect","body":{"id":"home"}}`)
	w.send(`{"type":"disconnect","body":{"id":"local"}}`)
	w.connect("globalTimeline", "global", `{"withRenotes":false}`) // takes the place of the one before
	post(t, alice, gen.NotesCreateRequest{RenoteID: &n.ID})
	post(t, alice, gen.NotesCreateRequest{Text: new("last")})
	w.expect("channel global note")
}

func TestStreamMain(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	w := dial(t, srv, srv.Token("alice"))
	w.connect("main", "m", "{}")
	n := post(t, alice, gen.NotesCreateRequest{Text: new("question")})
	post(t, bob, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
	w.expect("channel m mention")
	w.expect("channel m reply")
	w.expect("channel m notification")
	srv.Advance(time.Second)
	srv.Advance(time.Second)
	w.expect("channel m unreadNotification")
	if err := alice.NotificationsMarkAllAsRead(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.expect("channel m readAllNotifications")
	if _, err := alice.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("Alice")}); err != nil {
		t.Fatal(err)
	}
	if me := w.expect("channel m meUpdated").Body.Body.(map[string]any); me["name"] != "Alice" || me["emailVerified"] == nil {
		t.Errorf("%v", me)
	}
	srv.Publish("alice", "main", "novelty", map[string]int{"n": 1})
	w.expect("channel m novelty")
	srv.Publish("", "", "novelty", nil)
	w.expect("novelty")

	// It goes on after it was left, and a second time beside that it comes twice.
	w.send(`{"type":"disconnect","body":{"id":"m"}}`)
	w.connect("main", "m", "{}")
	srv.Publish("alice", "main", "novelty", nil)
	w.expect("channel m novelty")
	w.expect("channel m novelty")
	w.send(`{"type":"connect","body":{"channel":"main","id":"other","pong":true}}`) // one is enough
	w.connect("localTimeline", "l", "{}")
}

func TestStreamCapture(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	w := dial(t, srv, srv.Token("alice"))
	n := post(t, alice, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
	w.send(`{"type":"subNote","body":{"id":"` + n.ID + `"}}`)
	w.send(`{"type":"s","body":{"id":"` + n.ID + `"}}`)
	w.send(`{"type":"un","body":{"id":"` + n.ID + `"}}`)
	w.connect("localTimeline", "l", "{}") // so that the messages before have been received
	react := func(reaction string) {
		t.Helper()
		if err := bob.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: reaction}); err != nil {
			t.Fatal(err)
		}
	}
	react("👍")
	w.expect("noteUpdated " + n.ID + " reacted")
	react("🎉")
	w.expect("noteUpdated " + n.ID + " unreacted")
	w.expect("noteUpdated " + n.ID + " reacted")
	if err := bob.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}); err != nil {
		t.Fatal(err)
	}
	w.expect("noteUpdated " + n.ID + " pollVoted")
	if err := alice.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}); err != nil {
		t.Fatal(err)
	}
	w.expect("noteUpdated " + n.ID + " deleted")
}

func TestStreamHandshake(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "sue", Suspended: true})
	srv.Expect("streaming", gen.ErrAuthenticationFailed)
	for _, tt := range []struct {
		what, token string
		status      int
	}{
		{"nobody", "", 101},
		{"an account", srv.Token("alice"), 101},
		{"an app", srv.AppToken("alice", gen.PermissionReadAccount), 101},
		{"an app that may not", srv.AppToken("alice", gen.PermissionReadDrive), 401},
		{"a wrong token", "0123456789abcdef", 401},
		{"a suspended account", srv.Token("sue"), 403},
	} {
		conn, resp, err := handshake(t.Context(), srv, tt.token)
		if resp == nil || resp.StatusCode != tt.status {
			t.Errorf("%s: %v %v, want %d", tt.what, resp, err, tt.status)
		}
		if conn != nil {
			conn.CloseNow()
		}
	}
	resp, err := srv.HTTPClient().Get(srv.URL + "/streaming")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 {
		t.Errorf("without an upgrade: %d", resp.StatusCode)
	}
	if n := len(srv.Requests("streaming")); n != 6 {
		t.Errorf("%d connections remembered", n)
	}
}

func TestStreamRefusals(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	alice := dial(t, srv, srv.Token("alice"))
	nobody := dial(t, srv, "")
	for _, message := range []string{
		`{`, `null`, `[]`, `{"type":"nope","body":{}}`, `{"type":"connect"}`,
		`{"type":"connect","body":{"channel":"nope","id":"x","pong":true}}`,
		`{"type":"connect","body":{"channel":"globalTimeline","id":1,"pong":true}}`,
		`{"type":"connect","body":{"channel":"globalTimeline","id":"x","params":null,"pong":true}}`,
		`{"type":"connect","body":{"channel":"globalTimeline","id":"x","pong":"yes"}}`,
		`{"type":"connect","body":{"channel":"userList","id":"x","params":{"listId":"nope"},"pong":true}}`,
		`{"type":"connect","body":{"channel":"hashtag","id":"x","params":{"q":[[]]},"pong":true}}`,
		`{"type":"channel","body":{"id":"nope","type":"x","body":null}}`,
	} {
		alice.send(message)
	}
	nobody.send(`{"type":"connect","body":{"channel":"main","id":"x","pong":true}}`)
	for i, w := range []*wire{alice, nobody} {
		for n := range 32 {
			w.connect("globalTimeline", fmt.Sprint(i, "-", n), "{}")
		}
		w.send(`{"type":"connect","body":{"channel":"globalTimeline","id":"one too many","pong":true}}`)
		w.connect("globalTimeline", fmt.Sprint(i, "-0"), "{}") // takes the place of the one before
	}
	srv.Publish("", "", "end", nil)
	alice.expect("end")
	nobody.expect("end")
}

func TestStreamStrict(t *testing.T) {
	tb := &recorder{TB: t}
	srv := misskeytest.NewServer(tb, misskeytest.Options{})
	w := dial(t, srv, srv.Token("alice"))
	w.send(`{"type":"connect","body":{"channel":"homeTimline","id":"x"}}`)
	w.connect("homeTimeline", "y", "{}")
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "no such channel") || !strings.Contains(tb.errors[0], "homeTimline") {
		t.Errorf("%q", tb.errors)
	}
}

func TestStreamStats(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	w := dial(t, srv, "")
	w.connect("queueStats", "q", "{}")
	srv.Advance(10 * time.Second)
	w.expect("channel q stats")
	w.send(`{"type":"ch","body":{"id":"q","type":"requestLog","body":{"id":1,"length":1}}}`) // the id has to be text
	w.send(`{"type":"ch","body":{"id":"q","type":"requestLog","body":{"id":"1","length":1}}}`)
	if log := w.expect("channel q statsLog").Body.Body.([]any); len(log) != 1 {
		t.Errorf("%v", log)
	}
}

// Connections that answer pings live on, others are cut after two minutes.
func TestStreamPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		lively, pings := dial(t, srv, ""), 0
		start := time.Now()
		conn, _, err := websocket.Dial(t.Context(), srv.URL, &websocket.DialOptions{
			HTTPClient:     srv.HTTPClient(),
			OnPingReceived: func(context.Context, []byte) bool { pings++; return false },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		go lively.conn.Read(t.Context())
		_, _, err = conn.Read(t.Context())
		if websocket.CloseStatus(err) != -1 {
			t.Errorf("it was closed in form: %v", err)
		}
		if took := time.Since(start); took <= 2*time.Minute || took > 4*time.Minute || pings < 2 {
			t.Errorf("cut after %v and %d pings", took, pings)
		}
		time.Sleep(time.Hour)
		if err := lively.conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"readNotification"}`)); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
}

func TestStreamFaults(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	w := dial(t, srv, "")
	srv.LoseFrames(1)
	srv.Publish("", "", "lost", nil)
	srv.Publish("", "", "found", nil)
	w.expect("found")
	srv.CutStreams()
	if _, _, err := w.conn.Read(t.Context()); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("%v", err)
	}
	srv.Fail("streaming", &misskey.Error{Status: 502}, 1)
	if _, resp, _ := handshake(t.Context(), srv, ""); resp == nil || resp.StatusCode != 502 {
		t.Errorf("%v", resp)
	}
	srv.Fail("streaming", misskeytest.ErrDropped, 1)
	if _, resp, err := handshake(t.Context(), srv, ""); resp != nil || err == nil {
		t.Errorf("%v", resp)
	}
	dial(t, srv, "")
}

func TestFaults(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("alice")
	count := func() int {
		t.Helper()
		notes, err := mk.NotesLocalTimeline(t.Context(), gen.NotesLocalTimelineRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return len(notes)
	}
	for i, tt := range []struct {
		fault error
		notes int
	}{{misskeytest.ErrDropped, 0}, {misskeytest.ErrUnanswered, 1}, {misskeytest.ErrCutOff, 2}} {
		srv.Fail("notes/create", tt.fault, 1)
		if _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err == nil {
			t.Errorf("%d: no error", i)
		}
		if n := count(); n != tt.notes {
			t.Errorf("%v: %d notes", tt.fault, n)
		}
	}
	srv.Fail("meta", &misskey.Error{Status: 200}, 1)
	if _, err := mk.Meta(t.Context(), gen.MetaRequest{}); err == nil {
		t.Error("a page of HTML is a response")
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		start := time.Now()
		srv.Fail("ping", misskeytest.Slow(3*time.Second), 1)
		if _, err := srv.Client("").Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		srv.Close()
	})
}

func TestRestart(t *testing.T) {
	for _, inMemory := range []bool{false, true} {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: inMemory})
		mk := srv.Client("alice")
		n := post(t, mk, gen.NotesCreateRequest{Text: new("before")})
		w := dial(t, srv, srv.Token("alice"))
		srv.Restart(func() {
			if _, err := mk.Ping(t.Context(), misskey.NoRetry()); err == nil {
				t.Error("it answers while it is down")
			}
		})
		if _, _, err := w.conn.Read(t.Context()); err == nil {
			t.Error("the connection to the stream is still there")
		}
		again, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		if err != nil || *again.Text != "before" {
			t.Errorf("%v %v", again, err)
		}
		dial(t, srv, srv.Token("alice"))
		srv.Restart(nil)
		srv.Restart(srv.Close)
	}
}

func TestRateLimits(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{RateLimits: true})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	n, m := post(t, alice, gen.NotesCreateRequest{Text: new("x")}), post(t, alice, gen.NotesCreateRequest{Text: new("y")})
	remove := func(id string) error {
		return alice.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: id}, misskey.NoRetry())
	}
	if err := remove(n.ID); err != nil {
		t.Fatal(err)
	}
	err := remove(m.ID) // at once
	e, ok := errors.AsType[*misskey.Error](err)
	if !ok || !errors.Is(err, gen.ErrRateLimitExceeded) || e.RetryAfter <= 0 || e.RetryAfter > time.Second {
		t.Fatalf("%v", err)
	}
	srv.Advance(time.Second)
	if err := remove(m.ID); err != nil {
		t.Error(err)
	}
	update := func(mk *misskey.Client) error {
		_, err := mk.IUpdate(t.Context(), gen.IUpdateRequest{IsCat: new(true)}, misskey.NoRetry())
		return err
	}
	for range 20 {
		if err := update(alice); err != nil {
			t.Fatal(err)
		}
	}
	if err := update(alice); !errors.Is(err, gen.ErrRateLimitExceeded) {
		t.Errorf("the 21st: %v", err)
	}
	if err := update(bob); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	srv.Advance(time.Hour)
	if err := update(alice); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// An address tries to sign in once a second and ten times an hour, whoever it is.
func TestRateLimitOfSigningIn(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{RateLimits: true})
	guest := srv.Client("")
	signIn := func(username string) error {
		_, err := guest.SigninFlow(t.Context(), gen.SigninFlowRequest{Username: username, Password: new("wrong")}, misskey.NoRetry())
		return err
	}
	tooMany := gen.ErrorID("22d05606-fbcf-421a-a2db-b32610dcfd1b")
	srv.AddUser(misskeytest.User{Username: "alice"})
	if err := signIn("alice"); err == nil || errors.Is(err, tooMany) {
		t.Fatal(err)
	}
	err := signIn("nobody")
	if e, ok := errors.AsType[*misskey.Error](err); !ok || !errors.Is(err, tooMany) || e.Status != 429 || e.RetryAfter != 0 || e.Kind != "" {
		t.Errorf("at once: %v", err)
	}
	for range 8 {
		srv.Advance(time.Second)
		if err := signIn("alice"); err == nil || errors.Is(err, tooMany) {
			t.Fatal(err)
		}
	}
	srv.Advance(time.Second)
	if err := signIn("alice"); !errors.Is(err, tooMany) {
		t.Errorf("the eleventh: %v", err)
	}
	srv.Advance(time.Hour)
	if err := signIn("alice"); err == nil || errors.Is(err, tooMany) {
		t.Errorf("an hour later: %v", err)
	}
}
