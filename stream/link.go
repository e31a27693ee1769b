package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	// maxSubscriptions is how many subscriptions an instance accepts on one
	// connection. For more there are further ones.
	maxSubscriptions = 32

	// maxOutbox is how many messages may wait to be sent, besides those that
	// subscribe and capture.
	maxOutbox = 1024

	dialTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
)

// A link is a connection to an instance that is made again when it ends.
type link struct {
	s       *Stream
	started bool

	// What follows is guarded by the mutex of the stream.
	subs   []*Subscription
	out    *outbox            // nil while there is no connection
	cut    context.CancelFunc // ends the connection
	acked  chan struct{}      // holds one when a subscription has been settled
	held   []Event            // that wait for what is fetched first
	bytes  int                // that were received for them
	hold   bool
	since  time.Time // when something was last heard
	upOnce bool      // there was a connection that was told
	clock  clock     // read when the connection, or that before it, was complete
	gap    time.Time // since when events may be missing; a connection that ends before that is filled leaves it so
	failed int       // how often filling that has failed
}

// addLink adds a link, with s.mu held.
func (s *Stream) addLink() *link {
	l := &link{s: s, acked: make(chan struct{}, 1)}
	s.links = append(s.links, l)
	return l
}

// linkWithRoom returns a link that can have one more subscription.
func (s *Stream) linkWithRoom() *link {
	for _, l := range s.links {
		if len(l.subs) < maxSubscriptions {
			return l
		}
	}
	return s.addLink()
}

// start begins to connect, with s.mu held.
func (l *link) start() {
	if l.started || l.s.closed || l.s.err != nil {
		return
	}
	l.started = true
	l.s.running.Go(func() { l.run(l.s.ctx) })
}

// run connects, again and again.
func (l *link) run(ctx context.Context) {
	firstPause, lastPause := l.s.opts.Pause, l.s.opts.MaxPause
	pause, down, told := firstPause, time.Now(), false
	for ctx.Err() == nil {
		start := time.Now()
		conn, err := l.dial(ctx)
		if err == nil {
			told = false
			err = l.serve(ctx, conn)
			down = time.Now()
		} else if refused, ok := errors.AsType[*handshakeError](err); ok {
			l.s.fail(refused.err)
			return
		}
		if ctx.Err() != nil {
			return
		}
		if !told { // not for each attempt
			told = true
			_ = l.s.pushWait(ctx, &Disconnected{Err: err, Overflow: errors.Is(err, errOverflow)})
		}
		if errors.Is(err, errOverflow) {
			l.s.waitForRoom(ctx)
			continue
		}
		if time.Since(start) >= lastPause {
			pause = firstPause
		}
		if limit := l.s.opts.GiveUp; limit > 0 && time.Since(down) >= limit {
			l.s.fail(fmt.Errorf("stream: given up after %v without a connection: %w", limit, err))
			return
		}
		if !sleep(ctx, pause/2+rand.N(pause/2+1)) {
			return
		}
		pause = min(pause*2, lastPause)
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

// A handshakeError is an error that another attempt will not mend.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }

// dial makes the connection.
func (l *link) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	mk := l.s.mk
	address := "ws" + strings.TrimPrefix(mk.BaseURL(), "http") + "/streaming"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &handshakeError{fmt.Errorf("stream: %w", err)}
	}
	if err := mk.Authorize(r); err != nil {
		return nil, &handshakeError{fmt.Errorf("stream: %w", err)}
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && l.s.opts.TokenInQuery {
		r.Header.Del("Authorization")
		address += "?" + url.Values{"i": {token}}.Encode()
	}
	conn, resp, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: mk.HTTPClient(), HTTPHeader: r.Header, OnPingReceived: func(context.Context, []byte) bool { l.heard(); return true },
	})
	if err != nil {
		if resp != nil && (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden) {
			return nil, &handshakeError{tokenRefused(resp.StatusCode)}
		}
		if l.s.opts.TokenInQuery {
			err = errors.New("the handshake has failed") // the error may quote the URL
		}
		return nil, fmt.Errorf("stream: connecting to %s: %w", mk.BaseURL(), err)
	}
	conn.SetReadLimit(l.s.opts.MaxMessage)
	return conn, nil
}

func (l *link) heard() {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.since = time.Now()
}

// serve lets a connection do its work until it ends, and says why it has.
func (l *link) serve(parent context.Context, conn *websocket.Conn) error {
	s := l.s
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)

	s.mu.Lock()
	if l.gap.IsZero() {
		l.gap = l.since // the connection before
	}
	first := l.clock == clock{}
	l.since = time.Now()
	l.out = newOutbox()
	l.cut = func() { cancel(nil) }
	l.hold, l.held, l.bytes = true, nil, 0
	out := l.out
	if l == s.links[0] { // before the subscriptions, whose confirmation comes after that
		for id := range s.captured {
			l.send("subNote", map[string]any{"id": id})
		}
	}
	for _, sub := range slices.Clone(l.subs) { // end takes them out
		if sub.resting {
			sub.end(nil)
			continue
		}
		sub.state = pending
		l.connect(sub)
	}
	s.mu.Unlock()

	read := make(chan struct{})
	s.running.Go(func() {
		defer close(read)
		cancel(l.read(ctx, conn))
	})
	s.running.Go(func() { cancel(l.write(ctx, conn, out)) })
	s.running.Go(func() { cancel(l.watch(ctx, conn)) })
	if first && !s.opts.NoFill {
		s.running.Go(func() {
			now := s.readClock(ctx, clock{})
			s.mu.Lock()
			defer s.mu.Unlock()
			if ctx.Err() == nil {
				l.clock = now
			}
		})
	}

	err := l.settle(ctx)
	if err == nil {
		err = l.resume(ctx)
	}
	if err != nil {
		cancel(err)
	}
	<-ctx.Done()
	if parent.Err() != nil { // the stream is being closed
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}
	_ = conn.CloseNow()
	<-read
	s.mu.Lock()
	defer s.mu.Unlock()
	l.out, l.cut, l.hold, l.held = nil, nil, false, nil
	for _, sub := range l.subs {
		sub.stopTimer()
	}
	return context.Cause(ctx)
}

// read takes what comes.
func (l *link) read(ctx context.Context, conn *websocket.Conn) error {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return fmt.Errorf("stream: %w", err)
		}
		event, id := decode(data, l.subscription)
		if event != nil {
			event.setLength(len(data))
			if !l.s.opts.KeepRaw {
				event.setRaw(nil)
			}
		}
		if err := l.receive(event, id); err != nil {
			return err
		}
	}
}

// subscription returns the one of an id, if it is this link's and somebody wants
// its events.
func (l *link) subscription(id string) *Subscription {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if sub := l.s.subs[id]; sub != nil && sub.link == l && !sub.resting {
		return sub
	}
	return nil
}

// receive takes an event, or that a subscription is confirmed.
func (l *link) receive(event Event, id string) error {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	l.since = time.Now()
	if sub := s.subs[id]; id != "" && sub != nil && sub.link == l {
		sub.state = confirmed
		sub.stopTimer()
		sub.settle(nil)
	}
	switch event := event.(type) {
	case nil:
		return nil
	case noteEvent:
		if s.captured[event.note()] == 0 {
			return nil
		}
	case *URLUploadFinished:
		if event.Marker != nil && s.uploads[*event.Marker] != nil {
			s.uploads[*event.Marker] <- event // has room for one
			delete(s.uploads, *event.Marker)
		}
	}
	if l.hold {
		if len(l.held) >= s.opts.Queue || l.bytes >= maxWaiting {
			return errOverflow
		}
		l.held = append(l.held, event)
		l.bytes += event.length()
		return nil
	}
	return l.deliver(event)
}

// deliver queues an event that has not been seen, with the mutex held.
func (l *link) deliver(event Event) error {
	sub, id := event.From(), idOf(event)
	if id != "" && sub != nil && sub.seen.has(id) {
		return nil
	}
	if !l.s.push(event) {
		return errOverflow
	}
	if id != "" && sub != nil {
		sub.seen.add(id, createdAt(event))
		if !l.hold {
			// An interruption that begins now is filled from an overlap ago.
			sub.seen.forget(time.Now().Add(-2 * l.s.opts.Overlap))
		}
	}
	return nil
}

// idOf is by what an event that can also be fetched is told apart.
func idOf(event Event) string {
	switch event := event.(type) {
	case *Note:
		return event.ID
	case *Notification:
		return event.ID
	case *ChatUserMessage:
		return event.ID
	case *ChatRoomMessage:
		return event.ID
	}
	return ""
}

// watch asks a silent connection whether it is still there. The instance itself
// sends a ping every minute only, and says nothing when it goes.
func (l *link) watch(ctx context.Context, conn *websocket.Conn) error {
	interval := l.s.opts.Ping
	for {
		// Not always after the same time: should both sides ping at the same
		// moment, over a net.Pipe each would wait for the other to read.
		patience := interval - rand.N(interval/10+1)
		l.s.mu.Lock()
		silent := time.Since(l.since)
		l.s.mu.Unlock()
		if silent < patience {
			if !sleep(ctx, patience-silent) {
				return nil
			}
			continue
		}
		wait, cancel := context.WithTimeout(ctx, interval/2)
		err := conn.Ping(wait)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return errSilent
		}
		l.heard()
	}
}

// connect asks for a subscription, if there is a connection, with the mutex held.
func (l *link) connect(sub *Subscription) {
	if l.out == nil {
		return
	}
	if sub.began.IsZero() {
		sub.began = time.Now()
	}
	body := map[string]any{"channel": sub.channel.channelName(), "id": sub.id, "pong": true}
	if p := sub.channel.params(); p != nil {
		body["params"] = p
	}
	l.send("connect", body)
	out := l.out
	sub.stopTimer()
	sub.timer = time.AfterFunc(l.s.opts.AckTimeout, func() {
		l.s.mu.Lock()
		defer l.s.mu.Unlock()
		if sub.state == pending && l.out == out {
			sub.refuse()
		}
	})
}

// send queues a message, with the mutex held. A connection that does not take
// them is cut.
func (l *link) send(kind string, body any) {
	if l.out == nil {
		return
	}
	data, err := json.Marshal(map[string]any{"type": kind, "body": body})
	if err != nil {
		return // parameters of a Custom that are no JSON; it will be refused
	}
	if len(l.out.waiting) >= maxOutbox+len(l.subs)+len(l.s.captured) {
		l.cut()
		return
	}
	l.out.add(data)
}

// settled wakes who waits for subscriptions to be settled.
func (l *link) settled() {
	select {
	case l.acked <- struct{}{}:
	default:
	}
}

// settle waits until all subscriptions are confirmed or refused.
func (l *link) settle(ctx context.Context) error {
	for {
		l.s.mu.Lock()
		open := false
		for _, sub := range l.subs {
			open = open || sub.state == pending
		}
		l.s.mu.Unlock()
		if !open {
			return nil
		}
		select {
		case <-l.acked:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// resume says that the connection is there, after what was not sent while it was
// not, and lets the events go that have come meanwhile.
func (l *link) resume(ctx context.Context) error {
	s := l.s
	s.mu.Lock()
	again, gap := l.upOnce, l.gap
	l.upOnce = true
	s.mu.Unlock()
	var news Event = &Connected{}
	if again {
		back := &Reconnected{Since: gap}
		if !s.opts.NoFill {
			if err := l.fill(ctx, back); err != nil {
				return err
			}
		} else {
			back.Missed = l.missAll("the filling of gaps is switched off")
		}
		news = back
	}
	if err := s.pushWait(ctx, news); err != nil {
		return err
	}
	return s.retry(ctx, l.release)
}

// release lets events go that were held, with the mutex held, and reports whether
// there was room for all.
func (l *link) release() bool {
	for len(l.held) > 0 {
		if l.deliver(l.held[0]) != nil {
			return false
		}
		l.held[0] = nil
		l.held = l.held[1:]
	}
	l.hold, l.gap, l.failed = false, time.Time{}, 0
	return true
}
