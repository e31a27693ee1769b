package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// bubble runs a test with a server in a bubble of synctest.
func bubble(t *testing.T, test func(t *testing.T, srv *misskeytest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		test(t, srv)
		srv.Close()
	})
}

// A reader takes the events of a stream, until the test ends.
type reader struct {
	t      *testing.T
	st     *stream.Stream
	events chan stream.Event
	ended  chan error // why
}

func read(t *testing.T, st *stream.Stream) *reader {
	r := &reader{t, st, make(chan stream.Event), make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event, err := range st.Events(ctx) {
			if err != nil {
				r.ended <- err
				return
			}
			select {
			case r.events <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return r
}

// next waits for the next event.
func (r *reader) next() stream.Event {
	r.t.Helper()
	select {
	case event := <-r.events:
		return event
	case err := <-r.ended:
		r.t.Fatalf("it has ended: %v", err)
	case <-time.After(5 * time.Minute):
		r.t.Fatal("nothing comes")
	}
	return nil
}

// until waits for an event of a type, and fails for others.
func until[T stream.Event](r *reader) T {
	r.t.Helper()
	event := r.next()
	want, ok := event.(T)
	if !ok {
		r.t.Fatalf("%T %+v, want %T", event, event, want)
	}
	return want
}

// silent checks that nothing comes for a while.
func (r *reader) silent() {
	r.t.Helper()
	select {
	case event := <-r.events:
		r.t.Fatalf("%T comes: %+v", event, event)
	case <-time.After(10 * time.Second):
	}
}

func post(t *testing.T, mk *misskey.Client, req gen.NotesCreateRequest) *gen.Note {
	t.Helper()
	res, err := mk.NotesCreate(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return &res.CreatedNote
}

func TestEvents(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		r := read(t, stream.New(alice, stream.Options{}, stream.LocalTimeline{}, stream.Main{}))
		until[*stream.Connected](r)
		n := post(t, bob, gen.NotesCreateRequest{Text: new("hello @alice")})
		note := until[*stream.Note](r)
		if note.ID != n.ID || note.Filled || stream.From(note).Channel() != (stream.LocalTimeline{}) {
			t.Errorf("%+v", note)
		}
		if m := until[*stream.Mention](r); m.ID != n.ID || m.User.Username != "bob" {
			t.Errorf("%+v", m)
		}
		if m := until[*stream.Notification](r); m.Type != gen.NotificationTypeMention {
			t.Errorf("%+v", m)
		}
		until[*stream.UnreadNotification](r)
		srv.AddEmoji("cat")
		if e := until[*stream.EmojiAdded](r); e.Emoji.Name != "cat" || stream.From(e) != nil {
			t.Errorf("%+v", e)
		}
		srv.Publish("alice", "main", "novelty", map[string]int{"n": 1})
		if e := until[*stream.Unknown](r); e.Event != "novelty" || string(e.Body) != `{"n":1}` || stream.From(e) == nil {
			t.Errorf("%+v", e)
		}
		r.st.ReadNotifications()
		until[*stream.ReadAllNotifications](r)
		r.st.Close()
		if err := <-r.ended; !errors.Is(err, stream.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestSubscribe(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		r := read(t, stream.New(alice, stream.Options{}))
		until[*stream.Connected](r)
		first, err := r.st.Subscribe(t.Context(), stream.HomeTimeline{})
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.st.Subscribe(t.Context(), stream.HomeTimeline{})
		if err != nil || again != first {
			t.Fatalf("%v %v", again, err)
		}
		post(t, alice, gen.NotesCreateRequest{Text: new("x")})
		until[*stream.Note](r)
		r.silent() // once only
		first.Unsubscribe()
		post(t, alice, gen.NotesCreateRequest{Text: new("x")})
		until[*stream.Note](r)
		again.Unsubscribe()
		again.Unsubscribe()
		post(t, alice, gen.NotesCreateRequest{Text: new("x")})
		r.silent()

		_, err = r.st.Subscribe(t.Context(), stream.UserList{ListID: "nope"})
		refused, ok := errors.AsType[*stream.RefusedError](err)
		if !ok || refused.After != 10*time.Second || !strings.Contains(err.Error(), "userList") {
			t.Errorf("%v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.st.Subscribe(ctx, stream.Antenna{AntennaID: "nope"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		r.st.Close()
		if _, err := r.st.Subscribe(t.Context(), stream.Main{}); !errors.Is(err, stream.ErrClosed) {
			t.Errorf("%v", err)
		}
	})
}

// What New names and is refused is an event.
func TestRefused(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		r := read(t, stream.New(srv.Client(""), stream.Options{}, stream.Main{}, stream.LocalTimeline{}))
		e := until[*stream.Refused](r)
		if _, ok := errors.AsType[*stream.RefusedError](e.Err); !ok || stream.From(e).Channel() != (stream.Main{}) {
			t.Errorf("%+v", e)
		}
		until[*stream.Connected](r)
		post(t, srv.Client("bob"), gen.NotesCreateRequest{Text: new("x")})
		until[*stream.Note](r)
	})
}

// Channels that the server does not clean up after are not asked for twice.
func TestLeakyChannels(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		r := read(t, stream.New(srv.Client("alice"), stream.Options{}))
		until[*stream.Connected](r)
		for range 3 {
			sub, err := r.st.Subscribe(t.Context(), stream.Main{})
			if err != nil {
				t.Fatal(err)
			}
			srv.Publish("alice", "main", "novelty", nil)
			until[*stream.Unknown](r)
			sub.Unsubscribe()
			srv.Publish("alice", "main", "novelty", nil)
			r.silent()
		}
	})
}

// Beyond 32 subscriptions there is another connection.
func TestManySubscriptions(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		r := read(t, stream.New(alice, stream.Options{}))
		until[*stream.Connected](r)
		for i := range 40 {
			if _, err := r.st.Subscribe(t.Context(), stream.Hashtag{Query: [][]string{{"t"}, {fmt.Sprint(i)}}}); err != nil {
				t.Fatal(err)
			}
		}
		until[*stream.Connected](r)
		if n := len(srv.Requests("streaming")); n != 2 {
			t.Errorf("%d connections", n)
		}
		post(t, alice, gen.NotesCreateRequest{Text: new("#t")})
		for range 40 {
			until[*stream.Note](r)
		}
		r.silent()
	})
}

func TestCapture(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		n := post(t, alice, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
		r := read(t, stream.New(alice, stream.Options{}, stream.Drive{}))
		r.st.Capture(n.ID, n.ID)
		until[*stream.Connected](r)
		synctest.Wait()
		react := func(reaction string) {
			t.Helper()
			if err := bob.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: reaction}); err != nil {
				t.Fatal(err)
			}
		}
		react("👍")
		if e := until[*stream.NoteReacted](r); e.NoteID != n.ID || e.Reaction != "👍" {
			t.Errorf("%+v", e)
		}
		if err := bob.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}); err != nil {
			t.Fatal(err)
		}
		if e := until[*stream.NotePollVoted](r); e.Choice != 1 {
			t.Errorf("%+v", e)
		}
		r.st.Release(n.ID)
		react("🎉")
		until[*stream.NoteUnreacted](r)
		until[*stream.NoteReacted](r)
		srv.CutStreams()
		until[*stream.Disconnected](r)
		if e := until[*stream.NoteFilled](r); e.Reactions["🎉"] != 1 {
			t.Errorf("%+v", e)
		}
		until[*stream.Reconnected](r)
		react("👍")
		until[*stream.NoteUnreacted](r)
		until[*stream.NoteReacted](r)
		r.st.Release(n.ID)
		r.st.Release(n.ID)
		react("🎉")
		r.silent()
	})
}

// What a fork sends beside what the types have is there, if it is asked for.
func TestKeepRaw(t *testing.T) {
	for _, keep := range []bool{true, false} {
		bubble(t, func(t *testing.T, srv *misskeytest.Server) {
			bob := srv.Client("bob")
			r := read(t, stream.New(srv.Client("alice"), stream.Options{KeepRaw: keep}, stream.LocalTimeline{}, stream.Main{}))
			until[*stream.Connected](r)
			id := func(event stream.Event) string {
				t.Helper()
				if !keep && event.Raw() != nil {
					t.Errorf("%T has %s", event, event.Raw())
				}
				var o struct{ ID string }
				if err := json.Unmarshal(event.Raw(), &o); keep && err != nil {
					t.Errorf("%T has %q: %v", event, event.Raw(), err)
				}
				return o.ID
			}
			check := func(event stream.Event, want string) {
				t.Helper()
				if got := id(event); keep && got != want {
					t.Errorf("%T has the body of %q, want %s", event, got, want)
				}
			}
			live := post(t, bob, gen.NotesCreateRequest{Text: new("live")})
			check(until[*stream.Note](r), live.ID)
			srv.Publish("alice", "main", "novelty", map[string]string{"id": "new"})
			check(until[*stream.Unknown](r), "new")
			r.st.Capture(live.ID)
			time.Sleep(time.Second)

			srv.CutStreams()
			until[*stream.Disconnected](r)
			var want []string
			for range 150 {
				want = append(want, post(t, bob, gen.NotesCreateRequest{Text: new("@alice missed")}).ID)
			}
			notifications := 0
			for {
				event := r.next()
				switch event := event.(type) {
				case *stream.Note:
					if event.ID != want[0] {
						t.Errorf("%s, want %s", event.ID, want[0])
					}
					check(event, event.ID)
					want = want[1:]
				case *stream.Notification:
					check(event, event.ID)
					notifications++
				case *stream.NoteFilled:
					check(event, live.ID)
				}
				if back, ok := event.(*stream.Reconnected); ok {
					if back.Raw() != nil || len(want) > 0 || notifications != 150 {
						t.Errorf("%d notes are missing, %d notifications came", len(want), notifications)
					}
					return
				}
			}
		})
	}
}

// What comes while there is no connection is fetched, in order, and once.
func TestGapsAreFilled(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		post(t, bob, gen.NotesCreateRequest{Text: new("older than the subscription")})
		time.Sleep(time.Second)
		r := read(t, stream.New(alice, stream.Options{}, stream.LocalTimeline{}, stream.Main{}))
		until[*stream.Connected](r)
		seen := post(t, bob, gen.NotesCreateRequest{Text: new("seen")})
		until[*stream.Note](r)
		var missed []string
		srv.Restart(func() {
			time.Sleep(time.Minute)
		})
		until[*stream.Disconnected](r)
		for i := range 250 {
			missed = append(missed, post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint("@alice ", i))}).ID)
		}
		var notes, notifications int
		var back *stream.Reconnected
		for back == nil {
			switch event := r.next().(type) {
			case *stream.Note:
				if event.ID == seen.ID || event.ID != missed[notes] || !event.Filled {
					t.Fatalf("note %d is %s (%v), want %s", notes, event.ID, event.Filled, missed[notes])
				}
				notes++
			case *stream.Notification:
				notifications++
			case *stream.Mention, *stream.UnreadNotification:
			case *stream.Reconnected:
				back = event
			default:
				t.Fatalf("%T", event)
			}
		}
		if notes != 250 || notifications < 250 {
			t.Errorf("%d notes, %d notifications", notes, notifications)
		}
		if len(back.Missed) != 1 || back.Missed[0].Subscription.Channel() != (stream.Main{}) {
			t.Errorf("%+v", back.Missed)
		}
		if me, err := alice.I(t.Context()); err != nil || me.UnreadNotificationsCount == 0 {
			t.Errorf("what was fetched counts as read: %v", err)
		}
		live := post(t, bob, gen.NotesCreateRequest{Text: new("live")})
		for {
			if note, ok := r.next().(*stream.Note); ok {
				if note.ID != live.ID || note.Filled {
					t.Errorf("%s, want %s", note.ID, live.ID)
				}
				break
			}
		}
	})
}

func TestFillIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		bob := srv.Client("bob")
		r := read(t, stream.New(srv.Client(""), stream.Options{MaxFill: 10}, stream.GlobalTimeline{}))
		until[*stream.Connected](r)
		srv.LoseFrames(-1)
		for range 20 {
			post(t, bob, gen.NotesCreateRequest{Text: new("x")})
		}
		srv.LoseFrames(0)
		srv.CutStreams()
		until[*stream.Disconnected](r)
		for range 10 {
			until[*stream.Note](r)
		}
		if back := until[*stream.Reconnected](r); len(back.Missed) != 1 || !strings.Contains(back.Missed[0].Why, "more than the 10") {
			t.Errorf("%+v", back)
		}
	})
}

// Every kind of timeline is filled by its own endpoint.
func TestAllTimelinesAreFilled(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, root := srv.Client("alice"), srv.Client("root")
		ctx := t.Context()
		me, err := alice.I(ctx)
		if err != nil {
			t.Fatal(err)
		}
		list, err := alice.UsersListsCreate(ctx, gen.UsersListsCreateRequest{Name: "l"})
		if err != nil {
			t.Fatal(err)
		}
		if err := alice.UsersListsPush(ctx, gen.UsersListsPushRequest{ListID: list.ID, UserID: me.ID}); err != nil {
			t.Fatal(err)
		}
		channel, err := alice.ChannelsCreate(ctx, gen.ChannelsCreateRequest{Name: "c"})
		if err != nil {
			t.Fatal(err)
		}
		role, err := misskey.Call[struct{ ID string }](ctx, root, "admin/roles/create", map[string]any{
			"name": "r", "description": "", "color": nil, "iconUrl": nil, "target": "manual", "condFormula": map[string]any{}, "isPublic": true,
			"isModerator": false, "isAdministrator": false, "isExplorable": true, "asBadge": false, "canEditMembersByModerator": false,
			"displayOrder": 0, "policies": map[string]any{},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := root.AdminRolesAssign(ctx, gen.AdminRolesAssignRequest{RoleID: role.ID, UserID: me.ID}); err != nil {
			t.Fatal(err)
		}
		antenna, err := alice.AntennasCreate(ctx, gen.AntennasCreateRequest{Name: "a", Src: gen.AntennaSrcAll, Keywords: [][]string{{"needle"}}, ExcludeKeywords: [][]string{}, Users: []string{}})
		if err != nil {
			t.Fatal(err)
		}
		channels := []stream.Channel{
			stream.HomeTimeline{}, stream.LocalTimeline{}, stream.HybridTimeline{}, stream.GlobalTimeline{}, stream.UserList{ListID: list.ID},
			stream.Hashtag{Query: [][]string{{"tag"}}}, stream.RoleTimeline{RoleID: role.ID}, stream.Antenna{AntennaID: antenna.ID},
			stream.ChannelTimeline{ChannelID: channel.ID},
		}
		r := read(t, stream.New(alice, stream.Options{FillAntennas: true}, channels...))
		until[*stream.Connected](r)
		srv.LoseFrames(-1)
		var want []string
		for range 3 {
			want = append(want, post(t, alice, gen.NotesCreateRequest{Text: new("#tag needle")}).ID)
		}
		var inside []string
		for range 3 {
			inside = append(inside, post(t, alice, gen.NotesCreateRequest{Text: new("in the channel"), ChannelID: &channel.ID}).ID)
		}
		srv.LoseFrames(0)
		srv.CutStreams()
		until[*stream.Disconnected](r)
		got := map[string][]string{}
		for {
			event := r.next()
			if back, ok := event.(*stream.Reconnected); ok {
				for _, m := range back.Missed {
					if !strings.Contains(m.Why, "come to the list") {
						t.Errorf("%v: %s", m.Subscription, m.Why)
					}
				}
				break
			}
			note := event.(*stream.Note)
			got[stream.From(note).String()] = append(got[stream.From(note).String()], note.ID)
		}
		if len(got) != len(channels) {
			t.Errorf("%d of %d channels are filled", len(got), len(channels))
		}
		for name, ids := range got {
			wanted := want
			switch {
			case strings.HasPrefix(name, "channel "):
				wanted = inside
			case strings.HasPrefix(name, "roleTimeline "):
				wanted = slices.Concat(want, inside)
			}
			if !slices.Equal(ids, wanted) {
				t.Errorf("%s: %q, want %q", name, ids, wanted)
			}
		}
	})
}

// A link over which nothing comes any more is noticed.
func TestDeadLink(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		network := newNetwork(srv.HTTPClient())
		mk, err := misskey.New(srv.URL, misskey.WithHTTPClient(network.client))
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, stream.New(mk, stream.Options{}, stream.GlobalTimeline{}))
		until[*stream.Connected](r)
		time.Sleep(time.Hour) // pings keep it alive
		start := time.Now()
		network.freeze()
		until[*stream.Disconnected](r)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		network.thaw()
		n := post(t, srv.Client("bob"), gen.NotesCreateRequest{Text: new("meanwhile")})
		if note := until[*stream.Note](r); note.ID != n.ID {
			t.Errorf("%+v", note)
		}
		until[*stream.Reconnected](r)
	})
}

// Who does not take the events in time loses none.
func TestOverflow(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		bob := srv.Client("bob")
		st := stream.New(srv.Client(""), stream.Options{Queue: 10}, stream.GlobalTimeline{})
		r := read(t, st)
		until[*stream.Connected](r)
		var want []string
		for range 100 {
			want = append(want, post(t, bob, gen.NotesCreateRequest{Text: new("x")}).ID)
		}
		time.Sleep(time.Minute)
		var got []string
		overflows := 0
		for len(got) < len(want) {
			switch event := r.next().(type) {
			case *stream.Note:
				got = append(got, event.ID)
			case *stream.Disconnected:
				if event.Overflow {
					overflows++
				}
			}
		}
		if !slices.Equal(got, want) || overflows == 0 {
			t.Errorf("%d overflows\n%q\n%q", overflows, got, want)
		}
	})
}

func TestDropOldest(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		bob := srv.Client("bob")
		r := read(t, stream.New(srv.Client(""), stream.Options{Queue: 10, Overflow: stream.OverflowDropOldest}, stream.GlobalTimeline{}))
		until[*stream.Connected](r)
		for range 100 {
			post(t, bob, gen.NotesCreateRequest{Text: new("x")})
		}
		time.Sleep(time.Minute)
		got, dropped := 0, 0
		for got+dropped < 100 {
			switch event := r.next().(type) {
			case *stream.Note:
				got++
			case *stream.Dropped:
				dropped += event.Count
			default:
				t.Fatalf("%T", event)
			}
		}
		if got+dropped != 100 || dropped == 0 {
			t.Errorf("%d notes and %d dropped", got, dropped)
		}
	})
}

// A token that is not accepted ends the stream, and the error says why.
func TestTokens(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.AddUser(misskeytest.User{Username: "sue", Suspended: true})
		srv.Expect("streaming", gen.ErrAuthenticationFailed)
		for _, tt := range []struct {
			token, want string
			code        gen.ErrorCode
			status      int
		}{
			{srv.AppToken("alice", gen.PermissionReadDrive), "read:account", gen.ErrAuthenticationFailed, 401},
			{"0123456789abcdef", "read:account", gen.ErrAuthenticationFailed, 401},
			{srv.Token("sue"), "suspended", gen.ErrYourAccountSuspended, 403},
		} {
			r := read(t, stream.New(srv.ClientWithToken(tt.token), stream.Options{}))
			err := <-r.ended
			e, ok := errors.AsType[*misskey.Error](err)
			if !ok || e.Status != tt.status || !errors.Is(err, tt.code) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), tt.token) {
				t.Errorf("%v", err)
			}
		}
		r := read(t, stream.New(srv.ClientWithToken(srv.AppToken("alice", gen.PermissionReadAccount)), stream.Options{TokenInQuery: true}, stream.Main{}))
		until[*stream.Connected](r)
	})
}

func TestOneLoopAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		st := stream.New(srv.Client(""), stream.Options{})
		r := read(t, st)
		until[*stream.Connected](r)
		for _, err := range st.Events(t.Context()) {
			if !errors.Is(err, stream.ErrBusy) {
				t.Error(err)
			}
		}
	})
}

// The loop can subscribe, unsubscribe and end.
func TestInTheLoop(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		st := stream.New(alice, stream.Options{}, stream.Main{})
		n := 0
		for event, err := range st.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			switch event := event.(type) {
			case *stream.Connected:
				if _, err := st.Subscribe(t.Context(), stream.HomeTimeline{}); err != nil {
					t.Error(err)
				}
				if _, err := st.Subscribe(t.Context(), stream.UserList{ListID: "0"}); err == nil {
					t.Error("not refused")
				}
				post(t, alice, gen.NotesCreateRequest{Text: new("x")})
			case *stream.Note:
				stream.From(event).Unsubscribe()
				n++
			}
			if n > 0 {
				break
			}
		}
		for _, err := range st.Events(t.Context()) {
			if !errors.Is(err, stream.ErrBusy) && !errors.Is(err, stream.ErrClosed) {
				t.Error(err)
			}
		}
	})
}

func TestGiveUp(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		srv.Fail("streaming", &misskey.Error{Status: 502}, -1)
		start := time.Now()
		r := read(t, stream.New(srv.Client(""), stream.Options{GiveUp: 10 * time.Minute}))
		until[*stream.Disconnected](r)
		err := <-r.ended
		if took := time.Since(start); took < 10*time.Minute || took > 12*time.Minute || !strings.Contains(err.Error(), "given up") {
			t.Errorf("after %v: %v", took, err)
		}
		if n := len(srv.Requests("streaming")); n < 10 || n > 30 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestUploadFromURL(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		f, err := alice.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: "a.txt", Body: strings.NewReader("content")}})
		if err != nil {
			t.Fatal(err)
		}
		st := stream.New(alice, stream.Options{})
		defer st.Close()
		got, err := st.UploadFromURL(t.Context(), gen.DriveFilesUploadFromURLRequest{URL: f.URL, Force: new(true)})
		if err != nil || got.Size != 7 || got.ID == f.ID {
			t.Errorf("%+v %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = st.UploadFromURL(ctx, gen.DriveFilesUploadFromURLRequest{URL: srv.URL + "/files/nope"})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "never says") {
			t.Errorf("%v", err)
		}
	})
}

func TestMessages(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		r := read(t, stream.New(srv.Client(""), stream.Options{}))
		until[*stream.Connected](r)
		sub, err := r.st.Subscribe(t.Context(), stream.QueueStats{})
		if err != nil {
			t.Fatal(err)
		}
		until[*stream.QueueStat](r)
		if err := sub.RequestLog(10); err != nil {
			t.Error(err)
		}
		if log := until[*stream.QueueStatsLog](r); len(log.Queues) != 1 {
			t.Errorf("%+v", log)
		}
		sub.Unsubscribe()
		if err := sub.RequestLog(10); !errors.Is(err, stream.ErrNotSent) {
			t.Error(err)
		}
	})
}

func TestPermissions(t *testing.T) {
	for name, c := range map[string]struct {
		channels []stream.Channel
		want     []gen.Permission
	}{
		"any stream":      {nil, []gen.Permission{gen.PermissionReadAccount}},
		"one channel":     {[]stream.Channel{stream.LocalTimeline{}}, []gen.Permission{gen.PermissionReadAccount}},
		"a pointer":       {[]stream.Channel{&stream.ChatRoom{}}, []gen.Permission{gen.PermissionReadAccount, gen.PermissionReadChat}},
		"gaps of Main":    {[]stream.Channel{stream.Main{}}, []gen.Permission{gen.PermissionReadAccount, gen.PermissionReadNotifications}},
		"all of several":  {[]stream.Channel{stream.HomeTimeline{}, stream.ChatUser{}}, []gen.Permission{gen.PermissionReadAccount, gen.PermissionReadChat}},
		"those of a fork": {[]stream.Channel{stream.Custom{Name: "cats", Permissions: []gen.Permission{"read:cats"}}}, []gen.Permission{gen.PermissionReadAccount, "read:cats"}},
	} {
		got, err := misskey.PermissionsFor(stream.Permissions(c.channels...))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	got, err := misskey.PermissionsFor(gen.OpNotesCreate, stream.Permissions(stream.Main{}, nil, (*stream.ChatRoom)(nil)))
	if err == nil || !strings.Contains(err.Error(), "channel 2") || !strings.Contains(err.Error(), "channel 3") {
		t.Errorf("%q %v", got, err)
	}
}

// Frames are written without the token, wherever a server repeats it, and a writer
// that fails ends nothing.
func TestWire(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		var out lockedBuffer
		r := read(t, stream.New(srv.Client("alice"), stream.Options{Wire: &out}, stream.HomeTimeline{}))
		until[*stream.Connected](r)
		post(t, srv.Client("alice"), gen.NotesCreateRequest{Text: new("my token is " + srv.Token("alice"))})
		until[*stream.Note](r)
		for _, want := range []string{"→ GET streaming (token: [secret])\n", "→ streaming, ", `"channel": "homeTimeline"`, "← streaming, ", `"type": "note"`, `"text": "my token is [secret]"`} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %s in\n%s", want, out.String())
			}
		}
		if strings.Contains(out.String(), srv.Token("alice")) {
			t.Errorf("the token is in\n%s", out.String())
		}
		failing, w := io.Pipe()
		failing.Close()
		r = read(t, stream.New(srv.Client("alice"), stream.Options{Wire: w}, stream.HomeTimeline{}))
		until[*stream.Connected](r)
		post(t, srv.Client("alice"), gen.NotesCreateRequest{Text: new("x")})
		until[*stream.Note](r)
	})
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
