package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/bot"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// bubble runs a test with a server in a bubble of synctest.
func bubble(t *testing.T, opts misskeytest.Options, test func(t *testing.T, srv *misskeytest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts.InMemory = true
		srv := misskeytest.NewServer(t, opts)
		test(t, srv)
		srv.Close()
	})
}

// reports collects what bots report.
type reports struct {
	mu  sync.Mutex
	all []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, err.Error())
}

func (r *reports) with(text string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.all {
		if strings.Contains(one, text) {
			n++
		}
	}
	return n
}

// start runs a bot until stop is called, or the test ends.
func start(t *testing.T, b *bot.Bot) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	time.Sleep(time.Second)
	return stop
}

func post(t *testing.T, mk *misskey.Client, note gen.NotesCreateRequest) gen.Note {
	t.Helper()
	res, err := mk.NotesCreate(t.Context(), note)
	if err != nil {
		t.Fatal(err)
	}
	return res.CreatedNote
}

func replies(t *testing.T, mk *misskey.Client, to gen.Note) (all []gen.Note) {
	t.Helper()
	for note, err := range mk.NotesRepliesAll(t.Context(), gen.NotesRepliesRequest{NoteID: to.ID, Limit: new(100)}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, note)
	}
	return all
}

func echo(ctx context.Context, m *bot.Message) error {
	_, err := m.Reply(ctx, m.Kind.String()+": "+m.Text)
	return err
}

func TestKindsOfMessages(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, mk := srv.Client("alice"), srv.Client("bot")
		me, err := mk.I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := bot.New(mk, bot.Options{})
		b.OnMessage(echo)
		start(t, b)
		own := post(t, mk, gen.NotesCreateRequest{Text: new("of the bot, about @bot")})
		for _, tt := range []struct {
			note gen.NotesCreateRequest
			want string
		}{
			{gen.NotesCreateRequest{Text: new("@bot hello @alice ")}, "mention: hello @alice"},
			{gen.NotesCreateRequest{Text: new("yes"), ReplyID: &own.ID}, "reply: yes"},
			{gen.NotesCreateRequest{Text: new("@bot yes"), ReplyID: &own.ID}, "reply: yes"},
			{gen.NotesCreateRequest{Text: new("look, @bot"), RenoteID: &own.ID}, "quote: look,"},
			{gen.NotesCreateRequest{Text: new("look"), RenoteID: &own.ID}, "quote: look"},
			{gen.NotesCreateRequest{RenoteID: &own.ID}, ""},
			{gen.NotesCreateRequest{Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{me.ID}}, "direct: psst"},
			{gen.NotesCreateRequest{Text: new("@bot, but not to it"), Visibility: new(gen.NoteVisibilitySpecified)}, ""},
			{gen.NotesCreateRequest{Text: new("@botany is not @bott")}, ""},
		} {
			note := post(t, alice, tt.note)
			time.Sleep(10 * time.Second)
			var got []string
			for _, reply := range replies(t, alice, note) {
				got = append(got, *reply.Text)
			}
			if want := slices.DeleteFunc([]string{tt.want}, func(s string) bool { return s == "" }); !slices.Equal(got, want) {
				t.Errorf("%+v: %q, want %q", gen.Or(tt.note.Text, "renote"), got, want)
			}
		}
		if got := replies(t, mk, own); len(got) != 2 {
			t.Errorf("the bot has replied to itself: %d replies", len(got))
		}
	})
}

// What is said in private stays private, and what has a warning keeps it.
func TestPrivacy(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, mk := srv.Client("alice"), srv.Client("bot")
		var ids []string
		for _, name := range []string{"bot", "alice", "carol", "eve"} {
			me, err := srv.Client(name).I(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, me.ID)
		}
		for _, client := range []*misskey.Client{mk, srv.Client("carol")} { // they follow alice
			if _, err := client.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: ids[1]}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := srv.Client("eve").FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: ids[0]}); err != nil { // and eve the bot
			t.Fatal(err)
		}
		var said sync.Map // by text
		b := bot.New(mk, bot.Options{})
		b.OnMessage(func(ctx context.Context, m *bot.Message) error {
			say, err := m.Say(ctx, "secret "+m.Text)
			said.Store(m.Text, say)
			return errors.Join(err, echo(ctx, m))
		})
		start(t, b)
		public, home, followers, specified := gen.NoteVisibilityPublic, gen.NoteVisibilityHome, gen.NoteVisibilityFollowers, gen.NoteVisibilitySpecified
		for i, tt := range []struct {
			visibility gen.NoteVisibility
			to         []string
			cw         *string
			local      *bool
			reply, say gen.NoteVisibility
		}{
			{public, nil, nil, nil, public, public},
			{public, nil, new("spiders"), new(true), public, public},
			{home, nil, nil, nil, home, home},
			{followers, nil, new("spiders"), nil, followers, specified},
			{specified, ids[:1], nil, nil, specified, specified},
			{specified, []string{ids[0], ids[2]}, new("spiders"), new(true), specified, specified},
		} {
			text := fmt.Sprint("text", i)
			note := post(t, alice, gen.NotesCreateRequest{Text: new("@bot " + text), Visibility: &tt.visibility, VisibleUserIDs: tt.to, CW: tt.cw, LocalOnly: tt.local})
			time.Sleep(10 * time.Second)
			got := replies(t, alice, note)
			if len(got) != 1 {
				t.Errorf("%d: %d replies", i, len(got))
				continue
			}
			id, _ := said.Load(text)
			say, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: fmt.Sprint(id)})
			if err != nil {
				t.Error(err)
				continue
			}
			if got[0].Visibility != tt.reply || say.Visibility != tt.say || say.ReplyID != nil {
				t.Errorf("%d: the reply is %v, what is said %v", i, got[0].Visibility, say.Visibility)
			}
			for _, one := range []gen.Note{got[0], *say} {
				if gen.Or(one.CW, "") != gen.Or(tt.cw, "") || one.LocalOnly != gen.Or(tt.local, false) {
					t.Errorf("%d: %+v", i, one)
				}
				seen, err := srv.Client("eve").NotesShow(t.Context(), gen.NotesShowRequest{NoteID: one.ID})
				private := one.Visibility == specified
				if hidden := err != nil || seen.Text == nil; hidden != private {
					t.Errorf("%d: eve sees %+v", i, seen)
				}
				if tt.visibility == specified {
					want := slices.DeleteFunc(append([]string{ids[1]}, tt.to...), func(id string) bool { return id == ids[0] })
					if has := slices.DeleteFunc(slices.Clone(one.VisibleUserIDs), func(id string) bool { return id == ids[0] }); !slices.Equal(slices.Sorted(slices.Values(has)), slices.Sorted(slices.Values(want))) {
						t.Errorf("%d: it is for %q, want %q", i, has, want)
					}
				}
			}
		}
	})
}

// A handler that fails, panics or hangs is reported, and the others go on.
func TestBadHandlers(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice := srv.Client("alice")
		var r reports
		hang := make(chan struct{})
		b := bot.New(srv.Client("bot"), bot.Options{Report: r.add, Timeout: 30 * time.Second})
		b.OnMention(func(ctx context.Context, m *bot.Message) error {
			switch m.Text {
			case "fail":
				return errors.New("no idea")
			case "panic":
				panic("at the disco")
			case "slow":
				<-ctx.Done()
				return ctx.Err()
			case "hang":
				<-hang
			}
			return echo(ctx, m)
		})
		stop := start(t, b)
		for _, text := range []string{"fail", "panic", "slow", "hang", "fine"} {
			post(t, alice, gen.NotesCreateRequest{Text: new("@bot " + text)})
		}
		time.Sleep(5 * time.Second)
		note := post(t, alice, gen.NotesCreateRequest{Text: new("@bot more")})
		time.Sleep(time.Minute)
		if got := replies(t, alice, note); len(got) != 1 {
			t.Errorf("%d replies", len(got))
		}
		for _, want := range []string{"no idea", "has panicked: at the disco", "context canceled", "has not ended after 30s"} {
			if r.with(want) != 1 {
				t.Errorf("no report of %q in %q", want, r.all)
			}
		}
		if r.with("bot_test.go") != 1 {
			t.Error("the report of a panic does not say where")
		}
		stats := b.Stats()
		if stats.HandlerTime < time.Minute || stats.HandlerTime > 2*time.Minute {
			t.Errorf("handlers have taken %v", stats.HandlerTime)
		}
		if stats.HandlerTime = 0; stats != (bot.Stats{Handled: 6, Failed: 4}) {
			t.Errorf("%+v", stats)
		}
		stop()
		close(hang)
	})
}

// Messages of a conversation are handled one after the other, those of others
// meanwhile.
func TestOrder(t *testing.T) {
	bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
		alice, mk := srv.Client("alice"), srv.Client("bot")
		own := post(t, mk, gen.NotesCreateRequest{Text: new("what next?")})
		other := post(t, mk, gen.NotesCreateRequest{Text: new("and here?")})
		time.Sleep(time.Second)
		var mu sync.Mutex
		var order []string
		b := bot.New(mk, bot.Options{})
		b.OnReply(func(ctx context.Context, m *bot.Message) error {
			time.Sleep(10 * time.Second)
			var n int
			if _, err := m.Conversation().Load(&n); err != nil {
				return err
			}
			mu.Lock()
			order = append(order, fmt.Sprint(m.Text, n))
			mu.Unlock()
			return m.Conversation().Save(n + 1)
		})
		start(t, b)
		begin := time.Now()
		for n := range 3 {
			post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint("a", n, " ")), ReplyID: &own.ID})
			time.Sleep(time.Second)
			post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint("b", n, " ")), ReplyID: &other.ID})
			time.Sleep(time.Second)
		}
		time.Sleep(time.Until(begin.Add(35 * time.Second)))
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"a00", "b00", "a11", "b11", "a22", "b22"}; !slices.Equal(order, want) {
			t.Errorf("%q, want %q", order, want)
		}
	})
}

// Two bots do not talk forever, whether or not they say that they are bots; and none
// talks to itself.
func TestBotsAmongThemselves(t *testing.T) {
	for _, says := range []bool{true, false} {
		bubble(t, misskeytest.Options{}, func(t *testing.T, srv *misskeytest.Server) {
			srv.AddUser(misskeytest.User{Username: "left", Bot: says})
			srv.AddUser(misskeytest.User{Username: "right", Bot: says})
			var r reports
			handled := 0
			var mu sync.Mutex
			for _, name := range []string{"left", "right"} {
				b := bot.New(srv.Client(name), bot.Options{Report: r.add})
				b.OnMessage(func(ctx context.Context, m *bot.Message) error {
					mu.Lock()
					handled++
					mu.Unlock()
					_, err := m.Reply(ctx, "@left @right hello")
					return err
				})
				start(t, b)
			}
			post(t, srv.Client("left"), gen.NotesCreateRequest{Text: new("@left @right hello")})
			time.Sleep(10 * time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if says && handled != 0 || !says && (handled < 20 || handled > 100) {
				t.Errorf("with isBot %v: %d messages were handled", says, handled)
			}
			if !says && r.with("more than 20 messages within a minute") == 0 {
				t.Errorf("nothing of it is reported: %q", r.all)
			}
		})
	}
}

// A flood is answered as fast as the rate limit allows, and nothing is lost or
// refused.
func TestFlood(t *testing.T) {
	bubble(t, misskeytest.Options{RateLimits: true}, func(t *testing.T, srv *misskeytest.Server) {
		alice, carol := srv.Client("alice"), srv.Client("carol")
		var r reports
		b := bot.New(srv.Client("bot"), bot.Options{Report: r.add, Queue: 50, Timeout: 10 * time.Second, Cursor: &stream.MemoryCursor{}})
		b.OnMention(echo)
		stop := start(t, b)
		for n := range 200 {
			post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint("@bot ", n))})
			post(t, carol, gen.NotesCreateRequest{Text: new(fmt.Sprint("@bot ", n))})
		}
		time.Sleep(10 * time.Minute)
		bots := func() (n int, twice int) {
			seen := map[string]bool{}
			me, err := srv.Client("bot").I(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for note, err := range alice.UsersNotesAll(t.Context(), gen.UsersNotesRequest{UserID: me.ID, Limit: new(100), WithReplies: new(true)}) {
				if err != nil {
					t.Fatal(err)
				}
				n++
				if seen[*note.ReplyID] {
					twice++
				}
				seen[*note.ReplyID] = true
			}
			return n, twice
		}
		if n, twice := bots(); n != 300 || twice != 0 {
			t.Errorf("%d replies, %d twice", n, twice)
		}
		time.Sleep(90 * time.Minute)
		if n, twice := bots(); n != 400 || twice != 0 {
			t.Errorf("%d replies, %d twice", n, twice)
		}
		for _, request := range srv.Requests("notes/create") {
			if request.Status == 429 {
				t.Error("a call was refused")
			}
		}
		stop()
		if len(r.all) > r.with("come faster than they are taken") {
			t.Errorf("%q", r.all)
		}
	})
}
