package stream_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// Wherever a hostile instance repeats the token, no error has it, and none speaks
// of the libraries below.
func TestTokenIsNowhere(t *testing.T) {
	const token = "SesameOpenSesame0123456789abcdef"
	const ok = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n"
	for name, response := range map[string]string{
		"upgrade":       strings.Replace(ok, "websocket", token, 1) + "\r\n",
		"connection":    strings.Replace(ok, "Connection: Upgrade", "Connection: "+token, 1) + "\r\n",
		"accept":        strings.Replace(ok, "ACCEPT", token, 1) + "\r\n",
		"protocol":      ok + "Sec-WebSocket-Protocol: " + token + "\r\n\r\n",
		"extension":     ok + "Sec-WebSocket-Extensions: x; " + token + "\r\n\r\n",
		"status line":   "HTTP/1.1 500 " + token + "\r\n\r\n",
		"no status":     "HTTP/1.1 " + token + "\r\n\r\n",
		"no HTTP":       token + "\r\n\r\n",
		"broken header": strings.Replace(ok, "Upgrade: websocket", token, 1) + "\r\n",
		"length":        "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
		"location":      "HTTP/1.1 302 Found\r\nLocation: https://" + token + ".example/%zz\r\n\r\n",
		"close reason":  ok + "\r\n\x88\x22\x03\xf0" + token,
		"frame":         ok + "\r\n\xff" + token,
	} {
		for _, inQuery := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " in query ", inQuery), func(t *testing.T) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				go func() {
					for {
						conn, err := l.Accept()
						if err != nil {
							return
						}
						go func() {
							defer conn.Close()
							req, err := http.ReadRequest(bufio.NewReader(conn))
							if err != nil {
								return
							}
							accept := acceptKey(req.Header.Get("Sec-WebSocket-Key"))
							fmt.Fprint(conn, strings.Replace(response, "ACCEPT", accept, 1))
							time.Sleep(100 * time.Millisecond)
						}()
					}
				}()
				mk, err := misskey.New("http://"+l.Addr().String(), misskey.WithToken(token), misskey.WithoutRetry())
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				var all []error
				for event, err := range stream.New(mk, stream.Options{TokenInQuery: inQuery, Pause: time.Millisecond}).Events(ctx) {
					if event, ok := event.(*stream.Disconnected); ok {
						all = append(all, event.Err)
						cancel()
					}
					if err != nil {
						all = append(all, err)
					}
				}
				for _, err := range all {
					for ; err != nil; err = errors.Unwrap(err) {
						if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, token) {
							t.Errorf("%T: %s", err, text)
						}
					}
				}
				if text := all[0].Error(); !strings.HasPrefix(text, "stream: ") || strings.Contains(text, "failed to") {
					t.Errorf("%q", text)
				}
				t.Log(all[0])
			})
		}
	}
}

// A note that is dated in the future does not keep later ones from being fetched,
// nor does it come twice.
func TestNoteOfTomorrow(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		bob := srv.Client("bob")
		r := read(t, stream.New(srv.Client(""), stream.Options{}, stream.GlobalTimeline{}))
		until[*stream.Connected](r)
		live := func() {
			t.Helper()
			n := post(t, bob, gen.NotesCreateRequest{Text: new("live")})
			if note := until[*stream.Note](r); note.ID != n.ID {
				t.Errorf("%s, want %s", note.ID, n.ID)
			}
		}
		live()
		srv.Publish("", "globalTimeline", "note", map[string]any{"id": "zzzzzzzztomorrow", "createdAt": time.Now().Add(24 * time.Hour), "user": map[string]any{"username": "bob"}})
		until[*stream.Note](r)
		for range 3 {
			live()
			time.Sleep(30 * time.Minute) // longer than is remembered what has come
		}
		live()
		srv.CutStreams()
		until[*stream.Disconnected](r)
		n := post(t, bob, gen.NotesCreateRequest{Text: new("missed")})
		if note := until[*stream.Note](r); note.ID != n.ID || !note.Filled {
			t.Errorf("%s, want %s", note.ID, n.ID)
		}
		if back := until[*stream.Reconnected](r); back.Filled != 1 || len(back.Missed) > 0 {
			t.Errorf("%+v", back)
		}
	})
}

// Events about the stream itself come, however full the queue is.
func TestRefusalsAreNotDropped(t *testing.T) {
	for _, overflow := range []stream.Overflow{stream.OverflowReconnect, stream.OverflowDropOldest} {
		bubble(t, func(t *testing.T, srv *misskeytest.Server) {
			bob := srv.Client("bob")
			channels := []stream.Channel{stream.GlobalTimeline{}}
			for n := range 33 {
				channels = append(channels, stream.UserList{ListID: fmt.Sprint(n)})
			}
			st := stream.New(srv.Client("alice"), stream.Options{Queue: 10, Overflow: overflow}, channels...)
			r := read(t, st)
			for range 100 {
				post(t, bob, gen.NotesCreateRequest{Text: new("x")})
			}
			time.Sleep(time.Minute)
			refused := map[stream.Channel]bool{}
			for len(refused) < 33 {
				if event, ok := r.next().(*stream.Refused); ok {
					refused[stream.From(event).Channel()] = true
				}
			}
		})
	}
}

// Subscribe works in the loop, however full the queue is.
func TestSubscribeInTheLoopWhileTheQueueIsFull(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		bob := srv.Client("bob")
		st := stream.New(srv.Client("alice"), stream.Options{Queue: 10}, stream.GlobalTimeline{})
		var posting sync.WaitGroup
		for event, err := range st.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := event.(*stream.Connected); ok {
				posting.Go(func() {
					for range 100 {
						time.Sleep(20 * time.Millisecond)
						post(t, bob, gen.NotesCreateRequest{Text: new("x")})
					}
				})
				continue
			}
			time.Sleep(time.Second) // the queue is full
			start := time.Now()
			if _, err := st.Subscribe(t.Context(), stream.HomeTimeline{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
			break
		}
		posting.Wait()
	})
}

// The pause is short after each connection that has worked.
func TestPauseIsShortAfterSuccess(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		r := read(t, stream.New(alice, stream.Options{}, stream.HomeTimeline{}))
		until[*stream.Connected](r)
		var down time.Time
		cut := func(event stream.Event) {
			t.Helper()
			switch event := event.(type) {
			case *stream.Disconnected:
				down = time.Now()
			case *stream.Reconnected:
				if took := time.Since(down); took > 1100*time.Millisecond {
					t.Errorf("it was down for %v", took)
				}
				if len(event.Missed) > 0 {
					t.Errorf("%v", event.Missed)
				}
			}
		}
		var want []string
		notes := 0
		for n := range 2000 { // 40 a second, and 30 cuts
			time.Sleep(25 * time.Millisecond)
			if n%66 == 65 {
				srv.CutStreams()
			}
			want = append(want, post(t, alice, gen.NotesCreateRequest{Text: new("x")}).ID)
			for more := true; more; {
				select {
				case event := <-r.events:
					if note, ok := event.(*stream.Note); ok {
						if note.ID != want[notes] {
							t.Fatalf("note %d is %s, want %s", notes, note.ID, want[notes])
						}
						notes++
					}
					cut(event)
				case <-time.After(time.Millisecond):
					more = false
				}
			}
		}
		for notes < len(want) {
			event := r.next()
			if note, ok := event.(*stream.Note); ok {
				if note.ID != want[notes] {
					t.Fatalf("note %d is %s, want %s", notes, note.ID, want[notes])
				}
				notes++
			}
			cut(event)
		}
	})
}

// What cannot work ends the stream, and says why.
func TestFirstConnection(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	page := http.NotFoundHandler()
	plain := newHTTPServer(t, page, false)
	secure := newHTTPServer(t, page, true)
	for name, tt := range map[string]struct{ instance, want string }{
		"no such host":    {"https://misskey.invalid", "misskey.invalid"},
		"refused":         {"http://" + closed.Addr().String(), "refused"},
		"certificate":     {secure, "certificate"},
		"not a Misskey":   {plain, "404 Not Found"},
		"not TLS at all":  {strings.Replace(plain, "http:", "https:", 1), "HTTP response to HTTPS client"},
		"no such network": {"http://[2001:db8::1]:1", "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			mk, err := misskey.New(tt.instance, misskey.WithPlainHTTP())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			for event, err := range stream.New(mk, stream.Options{}).Events(ctx) {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%T %v, want an error with %q", event, err, tt.want)
				}
				break
			}
			for event, err := range stream.New(mk, stream.Options{KeepTrying: true}).Events(ctx) {
				if _, ok := event.(*stream.Disconnected); !ok {
					t.Errorf("with KeepTrying %T %v", event, err)
				}
				break
			}
		})
	}
}

// A program that cannot log in is told at once.
func TestAllRefused(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		start := time.Now()
		r := read(t, stream.New(srv.Client(""), stream.Options{}, stream.HomeTimeline{}, stream.Main{}))
		until[*stream.Refused](r)
		until[*stream.Refused](r)
		err := <-r.ended
		if e, ok := errors.AsType[*stream.RefusedError](err); !ok || !strings.Contains(err.Error(), "needs an account") || e.After != 0 {
			t.Error(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}

		r = read(t, stream.New(srv.Client("alice"), stream.Options{}, stream.UserList{ListID: "nope"}))
		until[*stream.Refused](r)
		if err := <-r.ended; !strings.Contains(fmt.Sprint(err), "userList") {
			t.Error(err)
		}
	})
}

// What happens to the stream is logged.
func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		var out syncBuilder
		mk, err := misskey.New(srv.URL, misskey.WithHTTPClient(srv.HTTPClient()), misskey.WithToken(srv.Token("alice")), misskey.WithLogger(slog.New(slog.NewTextHandler(&out, nil))))
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.UserList{ListID: "nope"}))
		until[*stream.Refused](r)
		until[*stream.Connected](r)
		srv.CutStreams()
		until[*stream.Disconnected](r)
		post(t, mk, gen.NotesCreateRequest{Text: new("missed")})
		until[*stream.Note](r)
		until[*stream.Reconnected](r)
		time.Sleep(time.Second)
		rest := out.String()
		if strings.Contains(rest, srv.Token("alice")) {
			t.Error("the token is in the log")
		}
		for _, want := range []string{`"stream: subscription refused" channel=userList`, `"stream: connected" channels=1`, `"stream: disconnected" error="stream: the connection was cut"`, `"stream: reconnected" gap=`, "filled=1"} {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Fatalf("no %q in its place in\n%s", want, out.String())
			}
			rest = after
		}
	})
}

// Mentions, replies and renotes come again after a gap, each once.
func TestMainIsFilled(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		mine := post(t, alice, gen.NotesCreateRequest{Text: new("mine")})
		token := srv.AppToken("alice", gen.PermissionReadAccount, gen.PermissionReadNotifications)
		r := read(t, stream.New(srv.ClientWithToken(token), stream.Options{}, stream.Main{}))
		until[*stream.Connected](r)
		got := map[string]int{}
		var backs []*stream.Reconnected
		want := 0
		for n := range 150 {
			want++
			post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint("@alice ", n))})
			if n%10 == 9 {
				post(t, bob, gen.NotesCreateRequest{Text: new("a reply"), ReplyID: &mine.ID})
				post(t, bob, gen.NotesCreateRequest{RenoteID: &mine.ID})
				post(t, bob, gen.NotesCreateRequest{RenoteID: &mine.ID, Text: new("a quote")})
			}
			if n%30 == 29 {
				srv.CutStreams()
			}
			time.Sleep(100 * time.Millisecond)
		}
		take := func() {
			switch event := r.next().(type) {
			case *stream.Mention:
				got["mention "+event.ID]++
			case *stream.Reply:
				got["reply "+event.ID]++
			case *stream.Renote:
				got["renote "+event.ID]++
			case *stream.Notification:
				got["notification "+event.ID]++
			case *stream.Reconnected:
				backs = append(backs, event)
			}
		}
		for len(backs) < 5 {
			take()
		}
		counts := map[string]int{}
		for key, times := range got {
			kind, _, _ := strings.Cut(key, " ")
			counts[kind]++
			if times != 1 {
				t.Errorf("%s came %d times", key, times)
			}
		}
		if counts["mention"] != 165 || counts["reply"] != 15 || counts["renote"] != 30 || counts["notification"] != 195 {
			t.Errorf("%v", counts)
		}
		for _, back := range backs {
			if len(back.Missed) != 1 || back.Missed[0].Cut || !slices.Contains(back.Missed[0].Types, "unfollow") {
				t.Errorf("%+v", back.Missed)
			}
			for _, kind := range []string{"mention", "reply", "renote", "notification"} {
				if slices.Contains(back.Missed[0].Types, kind) {
					t.Errorf("%s is among those that cannot be fetched", kind)
				}
			}
		}
		if me, err := alice.I(t.Context()); err != nil || me.UnreadNotificationsCount == 0 {
			t.Errorf("what was fetched counts as read: %v", err)
		}
	})
}

// That the token may not read notifications is reported once, and is not fatal.
func TestMainWithoutNotifications(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.Expect("i/notifications", gen.ErrPermissionDenied)
		token := srv.AppToken("alice", gen.PermissionReadAccount)
		r := read(t, stream.New(srv.ClientWithToken(token), stream.Options{}, stream.Main{}))
		until[*stream.Connected](r)
		for n := range 3 {
			srv.CutStreams()
			until[*stream.Disconnected](r)
			post(t, srv.Client("bob"), gen.NotesCreateRequest{Text: new("@alice")})
			until[*stream.Mention](r)
			back := until[*stream.Reconnected](r)
			cut := slices.IndexFunc(back.Missed, func(m stream.Missed) bool { return m.Cut })
			last := back.Missed[len(back.Missed)-1]
			if (cut >= 0) != (n == 0) || last.Cut || !slices.Contains(last.Types, "notification") || slices.Contains(last.Types, "mention") {
				t.Errorf("%d: %+v", n, back.Missed)
			}
		}
	})
}

// No connection captures more notes than an instance keeps.
func TestManyCaptures(t *testing.T) {
	var mu sync.Mutex
	captured := map[*websocket.Conn]map[string]bool{}
	count := func() (all, most int) {
		mu.Lock()
		defer mu.Unlock()
		for _, notes := range captured {
			all, most = all+len(notes), max(most, len(notes))
		}
		return all, most
	}
	var drop []context.CancelFunc
	mk := hostile(t, func(ctx context.Context, conn *websocket.Conn) {
		mu.Lock()
		captured[conn] = map[string]bool{}
		mu.Unlock()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		mu.Lock()
		drop = append(drop, cancel)
		mu.Unlock()
		for {
			_, data, err := conn.Read(ctx)
			mu.Lock()
			if err != nil {
				delete(captured, conn)
				mu.Unlock()
				return
			}
			var message struct {
				Type string
				Body struct{ ID string }
			}
			_ = json.Unmarshal(data, &message)
			switch message.Type {
			case "subNote":
				captured[conn][message.Body.ID] = true
			case "unsubNote":
				delete(captured[conn], message.Body.ID)
			}
			mu.Unlock()
		}
	})
	st := stream.New(mk, stream.Options{Pause: time.Millisecond})
	defer st.Close()
	go func() {
		for range st.Events(t.Context()) {
		}
	}()
	check := func(want int) {
		t.Helper()
		for range 1000 {
			if all, most := count(); all == want || most > 1536 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if all, most := count(); all != want || most > 1536 {
			t.Errorf("%d notes are captured, up to %d on a connection; want %d", all, most, want)
		}
	}
	for n := range 5000 {
		st.Capture(fmt.Sprint("note", n))
	}
	check(5000)
	for n := range 1000 {
		st.Release(fmt.Sprint("note", n))
	}
	check(4000)
	for n := range 1000 {
		st.Capture(fmt.Sprint("other", n))
	}
	check(5000)
	mu.Lock()
	for _, cancel := range drop {
		cancel()
	}
	mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	check(5000)
}

// A token that is revoked while its stream is open ends the stream.
func TestRevokedToken(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		token := srv.AppToken("alice", gen.PermissionReadAccount)
		srv.Expect("i", gen.ErrAuthenticationFailed)
		r := read(t, stream.New(srv.ClientWithToken(token), stream.Options{}, stream.HomeTimeline{}))
		until[*stream.Connected](r)
		time.Sleep(3 * time.Hour)
		if err := alice.IRevokeToken(t.Context(), gen.IRevokeTokenRequest{Token: &token}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err := <-r.ended
		if took := time.Since(start); !errors.Is(err, gen.ErrAuthenticationFailed) || took > time.Hour {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// A stream ends at once, also while the instance floods it, does not read, or
// does not respond to the closing.
func TestLeaving(t *testing.T) {
	for name, serve := range map[string]func(ctx context.Context, conn *websocket.Conn){
		"flood": func(ctx context.Context, conn *websocket.Conn) {
			for conn.Write(ctx, websocket.MessageText, unknown(1000)) == nil {
			}
		},
		"silence": func(ctx context.Context, _ *websocket.Conn) { <-ctx.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			var serving sync.WaitGroup
			ctx, cancel := context.WithCancel(t.Context())
			defer serving.Wait()
			defer cancel()
			serving.Add(1)
			mk := hostile(t, func(_ context.Context, conn *websocket.Conn) {
				defer serving.Done()
				serve(ctx, conn)
			})
			var start time.Time
			for _, err := range stream.New(mk, stream.Options{}).Events(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond)
				start = time.Now()
				break
			}
			if took := time.Since(start); took > 2*time.Second { // on a busy machine
				t.Errorf("it took %v", took)
			}
		})
	}
}

// Fetching that fails, for a moment or for good, does not cost the connection.
func TestFailedFetchKeepsTheConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		fault error
		times int
		cut   bool
		took  time.Duration
	}{
		"for a moment":  {&misskey.Error{Status: 502}, 5, false, 15 * time.Second},
		"for good":      {&misskey.Error{Status: 502}, -1, true, 40 * time.Second},
		"a black hole":  {misskeytest.Slow(time.Hour), -1, true, 90 * time.Second},
		"a slow moment": {misskeytest.Slow(time.Minute), 1, false, 30 * time.Second},
		"refused":       {gen.ErrGTLDisabled, -1, true, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, srv *misskeytest.Server) {
				bob := srv.Client("bob")
				r := read(t, stream.New(srv.Client("alice"), stream.Options{}, stream.GlobalTimeline{}, stream.HomeTimeline{}))
				until[*stream.Connected](r)
				srv.Fail("notes/global-timeline", tt.fault, tt.times)
				srv.Expect("notes/global-timeline", gen.ErrGTLDisabled)
				srv.CutStreams()
				until[*stream.Disconnected](r)
				down := time.Now()
				missed := post(t, bob, gen.NotesCreateRequest{Text: new("missed")})
				time.Sleep(2 * time.Second)
				live := post(t, bob, gen.NotesCreateRequest{Text: new("live")})
				came := map[string]bool{}
				for back := false; !back || !came[live.ID]; {
					switch event := r.next().(type) {
					case *stream.Note:
						came[event.ID] = true
					case *stream.Reconnected:
						back = true
						if took := time.Since(down); took > tt.took {
							t.Errorf("it took %v", took)
						}
						if cut := len(event.Missed) > 0 && event.Missed[0].Cut; cut != tt.cut {
							t.Errorf("%v", event.Missed)
						}
					default:
						t.Errorf("%T", event)
					}
				}
				if came[missed.ID] == tt.cut {
					t.Errorf("that the note came is %v", came[missed.ID])
				}
				if n := len(srv.Requests("streaming")); n != 2 {
					t.Errorf("%d connections", n)
				}
			})
		})
	}
}

// Misuse is an error.
func TestMisuse(t *testing.T) {
	mk, err := misskey.New("misskey.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, st := range map[string]*stream.Stream{
		"nil client":  stream.New(nil, stream.Options{}, stream.Main{}),
		"nil channel": stream.New(mk, stream.Options{}, stream.Main{}, nil),
		"nil pointer": stream.New(mk, stream.Options{}, (*stream.Hashtag)(nil)),
	} {
		st.Capture("note")
		st.Release("note")
		st.ReadNotifications()
		if _, err := st.Subscribe(t.Context(), stream.Main{}); err == nil || !strings.Contains(err.Error(), "nil") {
			t.Errorf("%s: %v", name, err)
		}
		for _, err := range st.Events(t.Context()) {
			if err == nil || !strings.Contains(err.Error(), "nil") {
				t.Errorf("%s: %v", name, err)
			}
		}
		st.Close()
	}
	st := stream.New(mk, stream.Options{})
	if _, err := st.Subscribe(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "nil") {
		t.Error(err)
	}
	st.Close()
}
