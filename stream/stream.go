package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/wire"
)

// Options change how a [Stream] behaves. The zero value is what most programs
// want. A negative number stands for the default, too, unless a field says more.
type Options struct {
	// Queue is how many events may wait for the loop, 10,000 if it is 0. No more
	// may wait once they take 64 MiB of memory.
	Queue int

	// Overflow is what happens when more events come.
	Overflow Overflow

	// AckTimeout is how long the instance may take to confirm a subscription,
	// 10 seconds if it is 0. An instance never reports that it refuses one.
	AckTimeout time.Duration

	// Ping is how long a connection may be silent before the stream asks whether
	// it is still there, 20 seconds if it is 0. The response may take half as
	// long. A link that is dead without having said so is noticed after both.
	Ping time.Duration

	// NoFill switches off the fetching of what was not sent while there was no
	// connection.
	NoFill bool

	// Overlap is how far before an interruption the fetching begins, 10 minutes
	// if it is 0. A note of another server carries the time at which it was first
	// published, which may be before notes that have been seen. On a busy
	// timeline the overlap ends after 2,000 events, so that a gap is filled in
	// seconds. Nothing comes twice, and nothing is fetched that is older than the
	// subscription.
	Overlap time.Duration

	// MaxFill is how many events are fetched for a subscription after an
	// interruption, 10,000 if it is 0. [Reconnected].Missed reports whether there
	// were more.
	MaxFill int

	// Cursor keeps how far the loop has come. After the next start the stream
	// fetches what has come since, as after an interruption: the first connection
	// yields [Connected], what was missed, and [Reconnected], which reports what
	// may be missing. See "Restarts" in the documentation of the package.
	Cursor Cursor

	// FillAntennas and FillChats fetch also what changes something at the
	// instance: reading an antenna reactivates it, reading a chat marks it as
	// read.
	FillAntennas, FillChats bool

	// Pause is how long to wait before connecting again, a second if it is 0. It
	// doubles with each attempt that fails, up to MaxPause, a minute if that is
	// 0, and is short again after a connection whose subscriptions were
	// confirmed. The wait is half of that, and a random part of the other half.
	Pause, MaxPause time.Duration

	// GiveUp is how long to try to connect before the stream ends with an error;
	// 0 means for ever.
	GiveUp time.Duration

	// KeepTrying keeps the stream from ending when its first connection fails in
	// a way that is probably a mistake: there is no such host, its certificate is
	// not valid, it refuses connections, or what responds is not Misskey. It is
	// for programs that start before their network does.
	KeepTrying bool

	// CheckToken is how often the stream asks whether the instance still accepts
	// the token, an hour if it is 0. A connection outlives its token, and is
	// silent from then on. A negative value switches that off.
	CheckToken time.Duration

	// TokenInQuery puts the token into the URL of the connection, for servers
	// that do not know the Authorization header. It will be in their logs.
	TokenInQuery bool

	// Strict makes an event an [Unknown] with an error where a value in its body
	// is of another kind than its field, or is null although it cannot be.
	// Otherwise the field is at zero, and [Meta.Mismatches] and the logger of the
	// client report it.
	Strict bool

	// KeepRaw keeps the body of each event as it came: see [Meta.Raw]. It is for
	// what a fork of Misskey sends beside what the types here have.
	KeepRaw bool

	// Wire is where all frames are written, for people who look for a mistake, as
	// misskey.WithWire writes requests and responses. It can be the same writer.
	// The stream waits for it, but an error of it ends nothing. Nil writes nothing.
	Wire io.Writer

	// MaxMessage is how many bytes a message may have, 16 MiB if it is 0. A
	// longer one ends the connection.
	MaxMessage int64
}

// Overflow is what happens when events come faster than they are taken.
type Overflow int

const (
	// OverflowReconnect ends the connection and makes it again. What was not
	// sent meanwhile is fetched as there is room, as after any interruption.
	OverflowReconnect Overflow = iota

	// OverflowDropOldest throws the oldest events away, and reports how many
	// with [Dropped].
	OverflowDropOldest
)

func (o Options) filled() Options {
	def := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&o.AckTimeout, 10*time.Second)
	def(&o.Ping, 20*time.Second)
	def(&o.Overlap, 10*time.Minute)
	def(&o.Pause, time.Second)
	def(&o.MaxPause, time.Minute)
	if o.CheckToken == 0 {
		o.CheckToken = time.Hour
	}
	if o.Queue <= 0 {
		o.Queue = 10_000
	}
	if o.MaxFill <= 0 {
		o.MaxFill = 10_000
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = 16 << 20
	}
	return o
}

// A Stream receives events of an instance in real time. It can be used by
// several goroutines at once, but for [Stream.Events].
type Stream struct {
	mk   *misskey.Client
	opts Options
	wire *wire.Log // nil for none

	mu         sync.Mutex // guards what follows, and links and subscriptions
	ctx        context.Context
	cancel     context.CancelFunc
	running    sync.WaitGroup
	started    bool
	tokenCheck *time.Timer // nil before the start, and where the token is not checked
	upOnce     bool        // there was a connection
	links      []*link
	subs       map[string]*Subscription
	lastID     int
	initial    int // subscriptions of New that are neither confirmed nor refused
	refusals   []error
	userID     string // of the account; empty until it is needed

	queue
	room   chan struct{} // closed when there is room in the queue
	taken  bool          // Events is running, or was
	closed bool
	err    error // why it has ended by itself
	stats  StreamStats

	uploads map[string]chan *URLUploadFinished // by marker

	keeping keeping
	looping bool // Events is running
}

// New returns a stream that is subscribed to channels, with the account and the
// connections of mk. The first [Stream.Events] or [Stream.Subscribe] connects.
// A nil client or channel makes both fail.
func New(mk *misskey.Client, opts Options, channels ...Channel) *Stream {
	s := &Stream{
		mk: mk, opts: opts.filled(), wire: wire.New(opts.Wire), subs: map[string]*Subscription{},
		queue: queue{news: make(chan struct{}, 1)}, uploads: map[string]chan *URLUploadFinished{},
		keeping: keeping{changed: make(chan struct{}, 1), many: make(chan struct{}, 1)},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if mk == nil {
		s.err = errors.New("stream: New: the client is nil")
		return s
	}
	for i, c := range channels {
		known, err := checkChannel(c)
		if err != nil {
			s.err = fmt.Errorf("stream: New: channel %d: %w", i+1, err)
			return s
		}
		if sub := s.attach(known); !sub.initial {
			sub.initial = true
			s.initial++
			if s.opts.Cursor != nil {
				sub.progress = s.newProgress(known)
			}
		}
	}
	return s
}

// Errors of a stream.
var (
	// ErrClosed says that the stream has been closed.
	ErrClosed = errors.New("stream: closed")

	// ErrBusy says that [Stream.Events] is running already.
	ErrBusy = errors.New("stream: another loop is taking the events")

	errOverflow = errors.New("stream: events come faster than they are taken")
	errSilent   = errors.New("stream: the connection is dead: nothing comes, and pings are not answered")
)

// Events yields the events, as long as the loop goes on; leaving it closes the
// stream. Interruptions are events, too: see [Disconnected] and [Reconnected]. An
// error comes last, and ends the loop: that of ctx, [ErrClosed], a *misskey.Error
// if the instance does not accept the token or has revoked it, a [RefusedError] if
// it refuses all channels that [New] names, or that the stream has given up.
// Subscriptions can be made and ended in the loop.
func (s *Stream) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.mu.Lock()
		if s.taken {
			s.mu.Unlock()
			yield(nil, ErrBusy)
			return
		}
		s.taken, s.looping = true, true
		s.start()
		s.mu.Unlock()
		defer s.Close()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.looping = false
		}()
		for {
			event, err := s.next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			start := time.Now()
			goOn := yield(event, nil)
			s.looped(time.Since(start))
			if !goOn {
				return // the event is not handled, as far as a cursor is concerned
			}
			s.left(event)
		}
	}
}

// start connects, unless that has been done, with s.mu held.
func (s *Stream) start() {
	if s.closed || s.err != nil {
		return
	}
	if len(s.links) == 0 {
		s.addLink()
	}
	if !s.started {
		s.started = true
		if s.opts.CheckToken >= 0 {
			s.tokenCheck = time.AfterFunc(s.opts.CheckToken, s.checkToken)
		}
		if s.opts.Cursor != nil {
			s.running.Go(func() { s.keepSaving(s.ctx) })
		}
	}
	for _, l := range s.links {
		l.start()
	}
}

// Close ends the stream and waits until nothing of it is left. It can be called
// more than once.
func (s *Stream) Close() {
	s.mu.Lock()
	s.closed = true
	s.stopTokenCheck()
	s.mu.Unlock()
	s.cancel()
	s.tell()
	s.running.Wait()
	s.release()
}

// fail ends the stream by an error.
func (s *Stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(err)
}

// failLocked is fail with s.mu held.
func (s *Stream) failLocked(err error) {
	if s.err == nil && !s.closed {
		s.err = err
		s.log(slog.LevelError, "stream: ended", slog.Any("error", err))
	}
	s.stopTokenCheck()
	s.cancel()
	s.tell()
}

// ended returns why the stream has ended, if it has, with s.mu held.
func (s *Stream) ended() error {
	if s.err == nil && s.closed {
		return ErrClosed
	}
	return s.err
}

// checkToken asks now and then whether the instance still accepts the token:
// Misskey keeps the connections of one that was revoked, and sends nothing more.
// It is a timer rather than a goroutine, whose stack would wait for an hour.
func (s *Stream) checkToken() {
	s.mu.Lock()
	if s.closed || s.err != nil {
		s.mu.Unlock()
		return
	}
	s.running.Add(1)
	s.mu.Unlock()
	defer s.running.Done()
	if s.anonymous() {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, fetchTimeout)
	defer cancel()
	_, err := s.mk.I(ctx)
	if errors.Is(err, gen.ErrAuthenticationFailed) || errors.Is(err, gen.ErrYourAccountSuspended) {
		s.fail(fmt.Errorf("stream: the instance does not accept the token any more: %w", err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.err == nil {
		s.tokenCheck.Reset(s.opts.CheckToken)
	}
}

// stopTokenCheck ends checkToken, with s.mu held.
func (s *Stream) stopTokenCheck() {
	if s.tokenCheck != nil {
		s.tokenCheck.Stop()
	}
}

// log logs what happens to the stream, where the client has a logger.
func (s *Stream) log(level slog.Level, message string, attrs ...slog.Attr) {
	if logger := s.mk.Logger(); logger != nil {
		logger.LogAttrs(context.Background(), level, message, attrs...)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
