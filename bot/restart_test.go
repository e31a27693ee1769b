package bot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/bot"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A mortal is a process that can be killed: from then on nothing that it saves or
// sends gets anywhere.
type mortal struct {
	stream.Cursor
	transport http.RoundTripper
	dead      atomic.Bool
	onReply   func() // when a note has been posted, before anything more happens
}

func (m *mortal) Save(ctx context.Context, state []byte) error {
	if m.dead.Load() {
		return errors.New("it is dead")
	}
	return m.Cursor.Save(ctx, state)
}

func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.dead.Load() {
		return nil, errors.New("it is dead")
	}
	resp, err := m.transport.RoundTrip(r)
	if r.URL.Path == "/api/notes/create" && m.onReply != nil {
		m.onReply()
	}
	return resp, err
}

// live runs a bot until kill or stop is called.
func live(t *testing.T, srv *misskeytest.Server, cursor stream.Cursor, setUp func(*bot.Bot), onReply func(*mortal)) (kill, stop func()) {
	t.Helper()
	m := &mortal{Cursor: cursor, transport: srv.HTTPClient().Transport}
	if onReply != nil {
		m.onReply = func() { onReply(m) }
	}
	mk, err := misskey.New(srv.URL, misskey.WithHTTPClient(&http.Client{Transport: m}), misskey.WithToken(srv.Token("bot")))
	if err != nil {
		t.Fatal(err)
	}
	b := bot.New(mk, bot.Options{Cursor: m, Report: func(error) {}})
	setUp(b)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	return func() { m.dead.Store(true); cancel(); <-done }, func() { cancel(); <-done }
}

// A bot that is killed between posting and saving does not post twice, and what its
// handler has saved counts once.
func TestKillBetweenPostAndSave(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, cursor := srv.Client("alice"), &stream.MemoryCursor{}
		setUp := func(b *bot.Bot) {
			b.OnMention(func(ctx context.Context, m *bot.Message) error {
				var n int
				if _, err := m.User().Load(&n); err != nil {
					return err
				}
				if err := m.User().Save(n + 1); err != nil {
					return err
				}
				_, err := m.Reply(ctx, fmt.Sprint("number ", n))
				return err
			})
		}
		kill, _ := live(t, srv, cursor, setUp, func(m *mortal) { m.dead.Store(true) })
		time.Sleep(5 * time.Second)
		first := post(t, alice, gen.NotesCreateRequest{Text: new("@bot one")})
		time.Sleep(5 * time.Second)
		kill()
		if got := replies(t, alice, first); len(got) != 1 {
			t.Fatalf("%d replies before the end", len(got))
		}
		missed := post(t, alice, gen.NotesCreateRequest{Text: new("@bot two")})
		time.Sleep(time.Hour)

		_, stop := live(t, srv, cursor, setUp, nil)
		time.Sleep(time.Minute)
		last := post(t, alice, gen.NotesCreateRequest{Text: new("@bot three")})
		time.Sleep(time.Minute)
		stop()
		// What the killed handler had saved is lost with it.
		for i, note := range []gen.Note{first, missed, last} {
			got := replies(t, alice, note)
			if len(got) != 1 || *got[0].Text != fmt.Sprint("number ", max(i-1, 0)) {
				t.Errorf("%s: %d replies: %+v", *note.Text, len(got), got)
			}
		}
	})
}

// 200 mentions in two minutes, while the bot is restarted five times, as it should or
// killed: each is answered once.
func TestRestartsUnderLoad(t *testing.T) {
	for _, killed := range []bool{false, true} {
		bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
			alice, cursor := srv.Client("alice"), &stream.MemoryCursor{}
			setUp := func(b *bot.Bot) {
				b.OnMessage(func(ctx context.Context, m *bot.Message) error {
					time.Sleep(300 * time.Millisecond)
					return echo(ctx, m)
				})
			}
			kill, stop := live(t, srv, cursor, setUp, nil)
			time.Sleep(5 * time.Second)
			var notes []gen.Note
			posted := make(chan struct{})
			go func() {
				defer close(posted)
				for n := range 200 {
					notes = append(notes, post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint("@bot ", n))}))
					time.Sleep(600 * time.Millisecond)
				}
			}()
			for range 5 {
				time.Sleep(17 * time.Second)
				if killed {
					kill()
				} else {
					stop()
				}
				time.Sleep(3 * time.Second)
				kill, stop = live(t, srv, cursor, setUp, nil)
			}
			<-posted
			time.Sleep(time.Minute)
			stop()
			for _, note := range notes {
				if got := replies(t, alice, note); len(got) != 1 {
					t.Errorf("killed %v: %d replies to %s", killed, len(got), *note.Text)
				}
			}
		})
	}
}

// A handler that runs when the bot is to end may finish; what waits is handled after
// the next start.
func TestGracefulEnd(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, cursor := srv.Client("alice"), &stream.MemoryCursor{}
		var begun atomic.Int32
		setUp := func(b *bot.Bot) {
			b.OnReply(func(ctx context.Context, m *bot.Message) error {
				begun.Add(1)
				time.Sleep(5 * time.Second)
				return echo(ctx, m)
			})
		}
		own := post(t, srv.Client("bot"), gen.NotesCreateRequest{Text: new("well?")})
		_, stop := live(t, srv, cursor, setUp, nil)
		time.Sleep(5 * time.Second)
		var notes []gen.Note
		for n := range 3 {
			notes = append(notes, post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint(n)), ReplyID: &own.ID}))
		}
		time.Sleep(time.Second)
		begin := time.Now()
		stop()
		if took := time.Since(begin); took > 5*time.Second || begun.Load() != 1 {
			t.Errorf("it took %v, and %d handlers", took, begun.Load())
		}
		if len(replies(t, alice, notes[0])) != 1 {
			t.Error("the handler that ran has not finished")
		}
		_, stop = live(t, srv, cursor, setUp, nil)
		time.Sleep(time.Minute)
		stop()
		for _, note := range notes {
			if got := replies(t, alice, note); len(got) != 1 {
				t.Errorf("%d replies to %s", len(got), *note.Text)
			}
		}
		if begun.Load() != 3 {
			t.Errorf("%d handlers", begun.Load())
		}
	})
}

// Chat messages are handled once and in order, also those that came while the bot did
// not run.
func TestChat(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, mk, cursor := srv.Client("alice"), srv.Client("bot"), &stream.MemoryCursor{}
		ids := map[string]string{}
		for name, client := range map[string]*misskey.Client{"alice": alice, "bot": mk, "carol": srv.Client("carol")} {
			me, err := client.I(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ids[name] = me.ID
			if _, err := client.IUpdate(t.Context(), gen.IUpdateRequest{ChatScope: new(gen.UserChatScopeEveryone)}); err != nil {
				t.Fatal(err)
			}
		}
		setUp := func(b *bot.Bot) { b.OnChat(echo) }
		say := func(mk *misskey.Client, text string) {
			if _, err := mk.ChatMessagesCreateToUser(t.Context(), gen.ChatMessagesCreateToUserRequest{ToUserID: ids["bot"], Text: &text}); err != nil {
				t.Fatal(err)
			}
		}
		say(alice, "early")
		time.Sleep(time.Minute)
		_, stop := live(t, srv, cursor, setUp, nil)
		time.Sleep(5 * time.Second)
		for _, text := range []string{"1", "2"} {
			say(alice, text)
			time.Sleep(time.Second)
		}
		time.Sleep(10 * time.Second)
		stop()
		for _, text := range []string{"3", "4", "5"} {
			say(alice, text)
		}
		say(srv.Client("carol"), "hello")
		time.Sleep(time.Hour)
		_, stop = live(t, srv, cursor, setUp, nil)
		time.Sleep(10 * time.Second)
		say(alice, "6")
		time.Sleep(10 * time.Second)
		stop()
		for name, want := range map[string]string{"alice": "[early 1 2 chat: 1 chat: 2 3 4 5 chat: 3 chat: 4 chat: 5 6 chat: 6]", "carol": "[hello chat: hello]"} {
			messages, err := srv.Client(name).ChatMessagesUserTimeline(t.Context(), gen.ChatMessagesUserTimelineRequest{UserID: ids["bot"], SinceID: new("0"), Limit: new(100)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range messages {
				got = append(got, *m.Text)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%s: %q, want %s", name, got, want)
			}
		}
	})
}

// Follows, requests and reactions.
func TestOtherEvents(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		mk, alice, carol := srv.Client("bot"), srv.Client("alice"), srv.Client("carol")
		me, err := mk.I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 10)
		b := bot.New(mk, bot.Options{})
		b.OnFollow(func(_ context.Context, user *gen.UserLite) error { got <- "follow " + user.Username; return nil })
		b.OnReaction(func(_ context.Context, r *bot.Reaction) error {
			got <- "reaction " + r.User.Username + r.Reaction + *r.Note.Text
			return nil
		})
		b.OnFollowRequest(func(ctx context.Context, r *bot.Request) error {
			got <- "request " + r.User.Username
			return r.Accept(ctx)
		})
		stop := start(t, b)
		own := post(t, mk, gen.NotesCreateRequest{Text: new("hello")})
		if _, err := alice.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: me.ID}); err != nil {
			t.Fatal(err)
		}
		if err := alice.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: own.ID, Reaction: "👍"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if _, err := mk.IUpdate(t.Context(), gen.IUpdateRequest{IsLocked: new(true)}); err != nil {
			t.Fatal(err)
		}
		if _, err := carol.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: me.ID}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		stop()
		close(got)
		var all []string
		for one := range got {
			all = append(all, one)
		}
		slices.Sort(all)
		if fmt.Sprintf("%q", all) != `["follow alice" "follow carol" "reaction alice👍hello" "request carol"]` {
			t.Errorf("%q", all)
		}
	})
}

func TestTimes(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		place := time.FixedZone("there", 9*3600)
		var hours []int
		var every atomic.Int32
		var r reports
		b := bot.New(srv.Client("bot"), bot.Options{Report: r.add})
		b.At("09:30", place, func(ctx context.Context) error {
			hours = append(hours, time.Now().In(place).Hour()*100+time.Now().In(place).Minute())
			_, err := b.Post(ctx, gen.NotesCreateRequest{Text: new("good morning")})
			return err
		})
		b.Every(time.Hour, func(context.Context) error {
			if every.Add(1) == 2 {
				panic("at noon")
			}
			return nil
		})
		stop := start(t, b)
		time.Sleep(72 * time.Hour)
		stop()
		if len(hours) != 3 || hours[0] != 930 || hours[2] != 930 || every.Load() < 71 || r.with("at noon") != 1 {
			t.Errorf("%v, %d, %q", hours, every.Load(), r.all)
		}
		for _, b := range []*bot.Bot{bot.New(srv.Client("bot"), bot.Options{}), bot.New(srv.Client("bot"), bot.Options{}), bot.New(nil, bot.Options{})} {
			b.At("9 o'clock", nil, func(context.Context) error { return nil })
			b.Every(-1, nil)
			if err := b.Run(t.Context()); err == nil {
				t.Error("a bot runs that is wrong")
			}
		}
	})
}

// A cursor that is not a bot's, or is damaged, is refused; one of a bot is not taken
// by a stream.
func TestWrongCursors(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		for _, state := range []string{"nonsense", `{"bot":7}`, `{"format":1,"instance":"x"}`} {
			cursor := &stream.MemoryCursor{}
			_ = cursor.Save(t.Context(), []byte(state))
			b := bot.New(srv.Client("bot"), bot.Options{Cursor: cursor})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := b.Run(ctx); !errors.Is(err, stream.ErrCursor) {
				t.Errorf("%s: %v", state, err)
			}
		}
	})
}
