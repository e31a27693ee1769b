package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
)

// Options change how a [Stream] behaves. The zero value is what most programs
// want.
type Options struct {
	// Queue is how many events may wait to be taken, 10,000 if it is 0. When what
	// was received for those that wait has 64 MiB, no more may.
	Queue int

	// Overflow is what happens when more come.
	Overflow Overflow

	// AckTimeout is how long the instance may take to confirm a subscription,
	// 10 seconds if it is 0. It never says that it refuses one.
	AckTimeout time.Duration

	// Ping is how long a connection may be silent before it is asked whether it
	// is still there, 20 seconds if it is 0. The answer may take half as long.
	// A link that is dead without having said so is noticed after both.
	Ping time.Duration

	// NoFill leaves out the fetching of what was not sent while there was no
	// connection.
	NoFill bool

	// Overlap is how far before an interruption that begins, 10 minutes if it is
	// 0: a note of another server carries the time at which it was first
	// published, which may be before notes that have been seen. What has been
	// seen does not come again, and nothing is fetched that is older than the
	// subscription.
	Overlap time.Duration

	// MaxFill is how many events are fetched for a subscription, 1,000 if it is
	// 0. What is beyond is in [Reconnected].Missed.
	MaxFill int

	// FillAntennas and FillChats fetch also what changes something at the
	// instance: to read an antenna reactivates it, to read a chat marks it as
	// read.
	FillAntennas, FillChats bool

	// Pause and MaxPause are how long to wait between two attempts to connect,
	// at first and at the most; a second and a minute if they are 0. In fact it
	// is half of that and a random part of the rest. It grows with each attempt,
	// and is short again after a connection that has lasted for MaxPause.
	Pause, MaxPause time.Duration

	// GiveUp is how long to try to connect, again and again, before the stream
	// ends with an error; for ever if it is 0.
	GiveUp time.Duration

	// TokenInQuery puts the token into the URL of the connection, for servers
	// that do not know the Authorization header. It will be in their logs.
	TokenInQuery bool

	// KeepRaw keeps the body of each event as it came: see [In.Raw]. It is for
	// what a fork of Misskey sends beside what the types here have.
	KeepRaw bool

	// MaxMessage is how many bytes a message may have, 16 MiB if it is 0. A
	// longer one ends the connection.
	MaxMessage int64
}

// maxWaiting is how many bytes may have been received for events that wait.
const maxWaiting = 64 << 20

// Overflow is what happens when events come faster than they are taken.
type Overflow int

const (
	// OverflowReconnect ends the connection, and makes it again when there is
	// room. What was not sent meanwhile is fetched, as after any interruption.
	OverflowReconnect Overflow = iota

	// OverflowDropOldest throws the oldest events away, and says how many with
	// [Dropped].
	OverflowDropOldest
)

func (o Options) filled() Options {
	def := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&o.AckTimeout, 10*time.Second)
	def(&o.Ping, 20*time.Second)
	def(&o.Overlap, 10*time.Minute)
	def(&o.Pause, time.Second)
	def(&o.MaxPause, time.Minute)
	if o.Queue == 0 {
		o.Queue = 10_000
	}
	if o.MaxFill == 0 {
		o.MaxFill = 1000
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = 16 << 20
	}
	return o
}

// A Stream receives what an instance tells in real time. It can be used by
// several goroutines at once, but for [Stream.Events].
type Stream struct {
	mk   *misskey.Client
	opts Options

	mu       sync.Mutex // guards what follows, and links and subscriptions
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup
	links    []*link // the first has the captures
	subs     map[string]*Subscription
	lastID   int
	captured map[string]int // how often, by note

	queue   []Event
	bytes   int // that were received for what is in the queue
	dropped int
	news    chan struct{} // holds one when the queue has got something, or it ends
	room    chan struct{} // closed when there is room in the queue
	taken   bool          // Events is running
	closed  bool
	err     error // why it has ended by itself

	uploads map[string]chan *URLUploadFinished // by marker
}

// New returns a stream that is subscribed to channels, with the account and the
// connections of mk. The first [Stream.Events] or [Stream.Subscribe] connects.
func New(mk *misskey.Client, opts Options, channels ...Channel) *Stream {
	s := &Stream{
		mk: mk, opts: opts.filled(), subs: map[string]*Subscription{}, captured: map[string]int{},
		news: make(chan struct{}, 1), uploads: map[string]chan *URLUploadFinished{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, c := range channels {
		s.attach(c)
	}
	return s
}

// Errors of a stream.
var (
	// ErrClosed says that the stream has been closed.
	ErrClosed = errors.New("stream: closed")

	// ErrBusy says that [Stream.Events] is running already.
	ErrBusy = errors.New("stream: somebody else is taking the events")

	errOverflow = errors.New("stream: events come faster than they are taken")
	errSilent   = errors.New("stream: the connection is dead: nothing comes, and pings are not answered")
)

// Events yields the events, as long as the loop goes on; leaving it closes the
// stream. Interruptions are events, too: see [Disconnected] and [Reconnected]. An
// error comes last, and ends the loop: that of ctx, [ErrClosed], a *misskey.Error
// where the instance does not accept the token, or that the stream has given up.
// Subscriptions can be made and ended in the loop.
func (s *Stream) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.mu.Lock()
		if s.taken {
			s.mu.Unlock()
			yield(nil, ErrBusy)
			return
		}
		s.taken = true
		s.start()
		s.mu.Unlock()
		defer s.Close()
		for {
			event, err := s.next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}

// next waits for an event.
func (s *Stream) next(ctx context.Context) (Event, error) {
	for {
		s.mu.Lock()
		if s.dropped > 0 {
			event := &Dropped{Count: s.dropped}
			s.dropped = 0
			s.mu.Unlock()
			return event, nil
		}
		if len(s.queue) > 0 {
			event := s.shift()
			s.makeRoom()
			s.mu.Unlock()
			return event, nil
		}
		err := s.ended()
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return nil, fmt.Errorf("stream: %w", ctx.Err())
		}
	}
}

// start connects, if that has not been done.
func (s *Stream) start() {
	if len(s.links) == 0 && !s.closed && s.err == nil {
		s.addLink()
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
	s.mu.Unlock()
	s.cancel()
	s.tell()
	s.running.Wait()
}

// fail ends the stream by an error.
func (s *Stream) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.cancel()
	s.tell()
}

// tell wakes who waits for an event.
func (s *Stream) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// push queues an event, with s.mu held. It reports whether there was room.
func (s *Stream) push(event Event) bool {
	for len(s.queue) >= s.opts.Queue || s.bytes >= maxWaiting {
		if s.opts.Overflow != OverflowDropOldest && s.taken {
			return false
		}
		s.shift()
		s.dropped++
	}
	s.queue = append(s.queue, event)
	s.bytes += event.length()
	s.tell()
	return true
}

// shift takes the first event from the queue, with s.mu held.
func (s *Stream) shift() Event {
	event := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	s.bytes -= event.length()
	return event
}

// pushWait queues an event, and waits for room.
func (s *Stream) pushWait(ctx context.Context, event Event) error {
	return s.retry(ctx, func() bool { return s.push(event) })
}

// retry does something with s.mu held, again whenever there is room, until it
// works.
func (s *Stream) retry(ctx context.Context, try func() bool) error {
	for {
		s.mu.Lock()
		if try() {
			s.mu.Unlock()
			return nil
		}
		room := s.nextRoom()
		s.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// nextRoom is closed when there is room again, with s.mu held.
func (s *Stream) nextRoom() <-chan struct{} {
	if s.room == nil {
		s.room = make(chan struct{})
	}
	return s.room
}

// makeRoom wakes who waits for room, when half of the queue has been taken.
func (s *Stream) makeRoom() {
	if s.room != nil && len(s.queue) <= s.opts.Queue/2 && s.bytes <= maxWaiting/2 {
		close(s.room)
		s.room = nil
	}
}

// waitForRoom waits until half of the queue has been taken.
func (s *Stream) waitForRoom(ctx context.Context) {
	s.mu.Lock()
	room := s.nextRoom()
	s.makeRoom()
	s.mu.Unlock()
	select {
	case <-room:
	case <-ctx.Done():
	}
}

// A RefusedError says that the instance has not confirmed a subscription in time,
// or cannot. Misskey never says why: the token lacks the permission, the channel
// needs an account, there is no such list, room or antenna or it belongs to
// somebody else, the channel is unknown, or the instance is slow.
type RefusedError struct {
	// Channel is what was subscribed to.
	Channel Channel

	// After is how long it was waited for.
	After time.Duration
}

// Error names the channel and what may be the cause.
func (e *RefusedError) Error() string {
	permissions, _ := e.Channel.RequiredPermissions()
	return fmt.Sprintf("stream: the instance has not confirmed the channel %s within %v: the token of an app needs %v, "+
		"or what it is about is not there or not the account's", describe(e.Channel), e.After, permissions)
}

// The states of a subscription.
type subscriptionState int

const (
	pending   subscriptionState = iota // asked for, or to be
	confirmed                          // by the current connection
	over                               // ended by Unsubscribe or refused
)

// A Subscription is one to a channel.
type Subscription struct {
	s       *Stream
	channel Channel
	id, key string

	// What follows is guarded by the mutex of the stream.
	link    *link
	state   subscriptionState
	refs    int  // how many have subscribed
	waiting int  // how many wait for it to be settled
	resting bool // nobody is subscribed, but the server goes on
	timer   *time.Timer
	settled chan struct{} // closed when it has been confirmed or refused for the first time
	err     error
	began   time.Time // when it was first asked for
	start   time.Time // the same by the clock of the instance, where that is known
	seen    seen
}

// Channel is what is subscribed to.
func (sub *Subscription) Channel() Channel { return sub.channel }

// String describes the channel.
func (sub *Subscription) String() string { return describe(sub.channel) }

// attach returns the subscription to a channel, a new one if there is none, with
// s.mu held or before anybody else has the stream.
func (s *Stream) attach(c Channel) *Subscription {
	params, err := json.Marshal(c.params())
	key := c.channelName() + string(params)
	for _, sub := range s.subs {
		if err == nil && sub.key == key && sub.state != over {
			sub.refs++
			sub.resting = false
			return sub
		}
	}
	s.lastID++
	sub := &Subscription{s: s, channel: c, id: strconv.Itoa(s.lastID), key: key, refs: 1, settled: make(chan struct{})}
	s.subs[sub.id] = sub
	sub.link = s.linkWithRoom()
	sub.link.subs = append(sub.link.subs, sub)
	sub.link.connect(sub)
	return sub
}

// Subscribe subscribes to a channel, and returns when the instance has confirmed
// that. The error is a [RefusedError] where it does not. Who subscribes to the
// same twice has it once, until both are done with it.
func (s *Stream) Subscribe(ctx context.Context, c Channel) (*Subscription, error) {
	s.mu.Lock()
	if err := s.ended(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	sub := s.attach(c)
	s.start()
	sub.waiting++
	s.mu.Unlock()
	var err error
	timer := time.NewTimer(s.opts.AckTimeout + dialTimeout)
	defer timer.Stop()
	select {
	case <-sub.settled:
	case <-timer.C:
		err = fmt.Errorf("stream: subscribing to %s: there is no connection", describe(c))
	case <-ctx.Done():
		err = fmt.Errorf("stream: subscribing to %s: %w", describe(c), ctx.Err())
	case <-s.ctx.Done():
		s.mu.Lock()
		err = s.ended()
		s.mu.Unlock()
	}
	s.mu.Lock()
	sub.waiting--
	if err == nil {
		err = sub.err
	}
	s.mu.Unlock()
	if err != nil {
		sub.Unsubscribe()
		return nil, err
	}
	return sub, nil
}

// ended says why the stream has ended, if it has, with s.mu held.
func (s *Stream) ended() error {
	if s.err == nil && s.closed {
		return ErrClosed
	}
	return s.err
}

// Unsubscribe ends the subscription. Events that wait to be taken are still
// yielded.
func (sub *Subscription) Unsubscribe() {
	s := sub.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.state == over || sub.refs == 0 {
		return
	}
	if sub.refs--; sub.refs > 0 {
		return
	}
	if kind := kinds[sub.channel.channelName()]; kind != nil && kind.leaks && sub.state == confirmed {
		sub.resting = true // to subscribe again would make everything come twice
		return
	}
	sub.link.send("disconnect", map[string]any{"id": sub.id})
	sub.end(nil)
}

// end takes a subscription out, with the mutex held.
func (sub *Subscription) end(err error) {
	sub.state = over
	sub.stopTimer()
	delete(sub.s.subs, sub.id)
	sub.link.subs = slices.DeleteFunc(sub.link.subs, func(o *Subscription) bool { return o == sub })
	sub.settle(err)
}

func (sub *Subscription) settle(err error) {
	select {
	case <-sub.settled:
	default:
		sub.err = err
		close(sub.settled)
	}
	sub.link.settled()
}

func (sub *Subscription) stopTimer() {
	if sub.timer != nil {
		sub.timer.Stop()
		sub.timer = nil
	}
}

// refuse ends a subscription that has not been confirmed.
func (sub *Subscription) refuse() {
	err := &RefusedError{sub.channel, sub.s.opts.AckTimeout}
	told := sub.waiting > 0
	sub.end(err)
	if !told {
		event := &Refused{Err: err}
		event.setFrom(sub)
		sub.s.push(event)
	}
}

// Capture asks for what happens to notes: [NoteReacted] and so on. Who captures
// a note twice has to release it twice. It does not wait; the instance never
// refuses, and does not tell of notes that the account may not see.
func (s *Stream) Capture(noteIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range noteIDs {
		if s.captured[id]++; s.captured[id] == 1 && len(s.links) > 0 {
			s.links[0].send("subNote", map[string]any{"id": id})
		}
	}
}

// Release ends what [Stream.Capture] has begun.
func (s *Stream) Release(noteIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range noteIDs {
		switch s.captured[id] {
		case 0:
			continue
		case 1:
			delete(s.captured, id)
			if len(s.links) > 0 {
				s.links[0].send("unsubNote", map[string]any{"id": id})
			}
		default:
			s.captured[id]--
		}
	}
}

// ReadNotifications marks all notifications of the account as read.
func (s *Stream) ReadNotifications() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.links) > 0 {
		s.links[0].send("readNotification", nil)
	}
}

// tokenRefused is the error of a connection that the instance does not accept.
func tokenRefused(status int) error {
	e := &misskey.Error{Endpoint: "streaming", Status: status, Kind: "client", Code: api.ErrorCode("AUTHENTICATION_FAILED"),
		Message: "the instance does not accept the token; that of an app needs the permission read:account"}
	if status == 403 {
		e.Kind, e.Code, e.Message = "permission", "YOUR_ACCOUNT_SUSPENDED", "the account is suspended"
	}
	return e
}
