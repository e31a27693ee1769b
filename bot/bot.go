package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// Options change how a [Bot] behaves. The zero value is what most bots want.
type Options struct {
	// Cursor keeps how far the bot has come, and the state of its conversations.
	// Without one, a bot that starts again begins with what comes then.
	Cursor stream.Cursor

	// Timeout is how long a handler may take, a minute if it is 0. Its context
	// ends then. A handler that goes on for five seconds more is left alone, and
	// the conversation goes on without it.
	Timeout time.Duration

	// Concurrency is how many handlers run at the same time, 16 if it is 0.
	Concurrency int

	// Queue is how many messages may wait for a handler, 1,000 if it is 0. The
	// instance keeps further ones until there is room.
	Queue int

	// Grace is how long handlers that run may take when the bot is to end, 10
	// seconds if it is 0. What they leave open is handled after the next start.
	Grace time.Duration

	// AnswerBots lets handlers see messages of accounts that are bots.
	AnswerBots bool

	// MaxPerMinute is how many messages of a conversation are handled within a
	// minute, 20 if it is 0. Further ones are reported, and not handled.
	MaxPerMinute int

	// Report is called with the errors of handlers, and with what else the bot
	// gets over: connections that end, events that are missing, a cursor that
	// cannot be saved. Without it they go to the logger of the client. It may be
	// called by several goroutines at once.
	Report func(error)
}

func (o Options) filled() Options {
	for _, f := range []struct {
		v *int
		d int
	}{{&o.Concurrency, 16}, {&o.Queue, 1000}, {&o.MaxPerMinute, 20}} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Grace <= 0 {
		o.Grace = 10 * time.Second
	}
	if o.Cursor == nil {
		o.Cursor = &stream.MemoryCursor{}
	}
	return o
}

// A Bot responds to people on behalf of an account.
type Bot struct {
	mk   *misskey.Client
	api  *gen.Client // paced
	opts Options

	messages   map[Kind]func(context.Context, *Message) error
	anyMessage func(context.Context, *Message) error
	followed   func(context.Context, *gen.UserLite) error
	requested  func(context.Context, *Request) error
	reacted    func(context.Context, *Reaction) error
	times      []timer
	err        error // of what was asked for before Run

	once       sync.Once
	me         *gen.MeDetailed
	store      *store
	pace       *pacer
	jobs       *dispatcher
	hold       func(stream.Event) func()
	recovering bool // events come that were left open by a run that has crashed
}

// New returns a bot with the account of mk. The functions whose names begin with On,
// [Bot.Every] and [Bot.At] say what it does, and must be called before [Bot.Run].
func New(mk *misskey.Client, opts Options) *Bot {
	b := &Bot{mk: mk, opts: opts.filled(), messages: map[Kind]func(context.Context, *Message) error{}}
	if mk == nil {
		b.err = errors.New("bot: New: the client is nil")
		return b
	}
	b.pace = &pacer{mk: mk, factor: 1}
	b.api = gen.NewClient(b.pace)
	b.store = newStore(b.opts.Cursor)
	b.jobs = newDispatcher(b)
	return b
}

// OnMessage handles messages of every kind that has no handler of its own, except
// chat messages.
func (b *Bot) OnMessage(f func(context.Context, *Message) error) { b.anyMessage = f }

// OnMention sets what happens on notes that mention the account.
func (b *Bot) OnMention(f func(context.Context, *Message) error) { b.messages[Mention] = f }

// OnReply sets what happens on notes that reply to one of the account.
func (b *Bot) OnReply(f func(context.Context, *Message) error) { b.messages[Reply] = f }

// OnQuote sets what happens on notes that quote one of the account.
func (b *Bot) OnQuote(f func(context.Context, *Message) error) { b.messages[Quote] = f }

// OnDirect sets what happens on notes that only the account and others who are named
// can read (visibility "specified").
func (b *Bot) OnDirect(f func(context.Context, *Message) error) { b.messages[Direct] = f }

// OnChat sets what happens on chat messages, in rooms too. The bot marks them as
// read.
func (b *Bot) OnChat(f func(context.Context, *Message) error) { b.messages[Chat] = f }

// OnFollow sets what happens when somebody follows the account.
func (b *Bot) OnFollow(f func(ctx context.Context, follower *gen.UserLite) error) { b.followed = f }

// OnFollowRequest sets what happens when somebody asks to follow the account.
func (b *Bot) OnFollowRequest(f func(context.Context, *Request) error) { b.requested = f }

// OnReaction sets what happens when somebody reacts to a note of the account.
func (b *Bot) OnReaction(f func(context.Context, *Reaction) error) { b.reacted = f }

// A Reaction is one to a note of the account.
type Reaction struct {
	User     *gen.UserLite
	Note     *gen.Note
	Reaction string
}

// A Request is one to follow the account.
type Request struct {
	User *gen.UserLite
	b    *Bot
}

// Accept lets the user follow the account.
func (r *Request) Accept(ctx context.Context) error {
	return r.b.api.FollowingRequestsAccept(ctx, gen.FollowingRequestsAcceptRequest{UserID: r.User.ID})
}

// Reject refuses the request.
func (r *Request) Reject(ctx context.Context) error {
	return r.b.api.FollowingRequestsReject(ctx, gen.FollowingRequestsRejectRequest{UserID: r.User.ID})
}

// Client returns a client for the account that waits where a rate limit of Misskey
// would refuse a call. The messages use it; handlers should, too.
func (b *Bot) Client() *gen.Client { return b.api }

// Post posts a note that is not about a message. The visibility is "home" unless the
// note has one, as bots should not fill the local timeline.
func (b *Bot) Post(ctx context.Context, note gen.NotesCreateRequest) (*gen.Note, error) {
	if note.Visibility == nil {
		note.Visibility = new(gen.NoteVisibilityHome)
	}
	res, err := b.api.NotesCreate(ctx, note)
	if err != nil {
		return nil, err
	}
	return &res.CreatedNote, nil
}

// Run connects, and responds until ctx ends, or until something fails that waiting
// does not help against, such as a token that was revoked. When ctx ends it waits up
// to [Options].Grace for the handlers that run, and returns nil. A Bot runs once.
func (b *Bot) Run(ctx context.Context) error {
	if b.err != nil {
		return b.err
	}
	err := errors.New("bot: Run: it has run already")
	b.once.Do(func() { err = b.run(ctx) })
	return err
}

func (b *Bot) run(parent context.Context) error {
	loop, stop := context.WithCancel(context.WithoutCancel(parent))
	defer stop()
	st := stream.New(b.mk, stream.Options{Cursor: b.store, Queue: b.opts.Queue, KeepTrying: true}, stream.Main{})
	b.hold = st.Hold
	var running sync.WaitGroup
	running.Go(func() { b.store.keepSaving(loop, b.report) })
	timers, end := context.WithCancel(parent)
	running.Go(func() {
		<-timers.Done()
		b.jobs.drain(b.opts.Grace)
		stop()
	})
	err := b.take(loop, timers, st, &running)
	end()
	running.Wait()
	st.Close()
	if parent.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// take takes the events of the stream.
func (b *Bot) take(loop, timers context.Context, st *stream.Stream, running *sync.WaitGroup) error {
	for event, err := range st.Events(loop) {
		if err != nil {
			return err
		}
		switch event := event.(type) {
		case *stream.Connected:
			me, err := b.mk.I(loop)
			if err != nil {
				return fmt.Errorf("bot: asking who it is: %w", err)
			}
			b.me, b.recovering = me, b.store.crashed()
			b.pace.setFactor(me.Policies.RateLimitFactor)
			for _, t := range b.times {
				running.Go(func() { b.runTimer(timers, t) })
			}
			b.catchUpChats(loop)
		case *stream.Disconnected:
			b.report(fmt.Errorf("bot: disconnected: %w", event.Err))
		case *stream.Reconnected:
			b.recovering = false
			for _, missed := range event.Missed {
				if missed.Cut {
					b.report(fmt.Errorf("bot: messages are missing: %s", missed.Why))
				}
			}
			b.catchUpChats(loop)
		case *stream.NotSaved:
			b.report(fmt.Errorf("bot: saving the cursor: %w", event.Err))
		case *stream.Refused:
			return event.Err
		case *stream.Mention:
			b.note(loop, event, &event.Note)
		case *stream.Reply:
			b.note(loop, event, &event.Note)
		case *stream.Renote:
			b.note(loop, event, &event.Note)
		case *stream.Notification:
			b.notification(loop, event)
		case *stream.NewChatMessage:
			b.newChat(loop, &event.ChatMessage)
		}
	}
	return nil
}

// notification takes a notification.
func (b *Bot) notification(ctx context.Context, event *stream.Notification) {
	n := &event.Notification
	user := n.User
	switch {
	case n.Type == gen.NotificationTypeMention || n.Type == gen.NotificationTypeReply || n.Type == gen.NotificationTypeQuote:
		if n.Note != nil {
			b.note(ctx, event, n.Note)
		}
	case user == nil || user.ID == b.me.ID || user.IsBot && !b.opts.AnswerBots:
	case n.Type == gen.NotificationTypeFollow && b.followed != nil:
		b.jobs.add(ctx, job{conversation: "user:" + user.ID, done: b.hold(event), run: func(ctx context.Context, _ *Message) error { return b.followed(ctx, user) }})
	case n.Type == gen.NotificationTypeReceiveFollowRequest && b.requested != nil:
		b.jobs.add(ctx, job{conversation: "user:" + user.ID, done: b.hold(event), run: func(ctx context.Context, _ *Message) error {
			return b.requested(ctx, &Request{user, b})
		}})
	case n.Type == gen.NotificationTypeReaction && b.reacted != nil && n.Note != nil:
		b.jobs.add(ctx, job{conversation: "note:" + n.Note.ID, done: b.hold(event), run: func(ctx context.Context, _ *Message) error {
			return b.reacted(ctx, &Reaction{user, n.Note, gen.Or(n.Reaction, "")})
		}})
	}
}

// report reports what the bot gets over.
func (b *Bot) report(err error) {
	if b.opts.Report != nil {
		b.opts.Report(err)
		return
	}
	if logger := b.mk.Logger(); logger != nil {
		logger.LogAttrs(context.Background(), slog.LevelWarn, "bot", slog.Any("error", err))
	}
}
