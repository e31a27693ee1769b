package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey/internal/secret"
	"github.com/misskey-go/misskey/internal/wire"
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

	// leaveTimeout is how long an instance may take to respond when a connection
	// is closed.
	leaveTimeout = 200 * time.Millisecond
)

// A link is a connection to an instance that is made again when it ends.
type link struct {
	s       *Stream
	started bool

	// What follows is guarded by the mutex of the stream.
	subs      []*Subscription
	captured  map[string]int     // how often, by note
	out       *outbox            // nil while there is no connection
	cut       context.CancelFunc // ends the connection
	socket    *socket            // that is cut if an instance does not close the connection
	anonymous bool               // the connection has no token
	secrets   []string           // of the request that made it
	acked     chan struct{}      // holds one when a subscription has been settled
	held      held
	hold      bool      // events wait for what is fetched first
	since     time.Time // when something was last heard
	upOnce    bool      // there was a connection that was told
	told      bool      // that there is no connection
	clock     clock     // read when the connection, or that before it, was complete
	gap       time.Time // since when events may be missing; a connection that ends before that is filled leaves it so
	restored  bool      // where the cursor stands, if there is one
	failed    int       // how many connections have ended before that was filled
}

// addLink adds a link, with s.mu held.
func (s *Stream) addLink() *link {
	l := &link{s: s, captured: map[string]int{}, acked: make(chan struct{}, 1)}
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

// linkThatCaptures returns the link that captures a note, or nil.
func (s *Stream) linkThatCaptures(id string) *link {
	for _, l := range s.links {
		if l.captured[id] > 0 {
			return l
		}
	}
	return nil
}

// linkForCapture returns a link that can have one more captured note.
func (s *Stream) linkForCapture() *link {
	for _, l := range s.links {
		if len(l.captured) < maxCaptures {
			return l
		}
	}
	l := s.addLink()
	if s.started {
		l.start()
	}
	return l
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
	s := l.s
	pause, down := s.opts.Pause, time.Now()
	for ctx.Err() == nil {
		conn, err := l.dial(ctx)
		if err == nil {
			var worked bool
			worked, err = l.serve(ctx, conn)
			if worked {
				pause = s.opts.Pause
			}
			down = time.Now()
		} else if final, ok := errors.AsType[*finalError](err); ok {
			s.fail(final.err)
			return
		}
		if ctx.Err() != nil {
			return
		}
		wait := pause/2 + rand.N(pause/2+1)
		s.log(slog.LevelWarn, "stream: disconnected", slog.Any("error", err), slog.Duration("pause", wait))
		s.mu.Lock()
		if !l.told { // not for each attempt
			l.told = true
			s.push(&Disconnected{Err: err, Overflow: errors.Is(err, errOverflow)})
		}
		s.mu.Unlock()
		if limit := s.opts.GiveUp; limit > 0 && time.Since(down) >= limit {
			s.fail(fmt.Errorf("stream: given up after %v without a connection: %w", limit, err))
			return
		}
		if !sleep(ctx, wait) {
			return
		}
		pause = min(pause*2, s.opts.MaxPause)
	}
}

// dial makes the connection. A [finalError] ends the stream.
func (l *link) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := l.s.load(ctx); err != nil {
		return nil, &finalError{err}
	}
	mk := l.s.mk
	address := "ws" + strings.TrimPrefix(mk.BaseURL(), "http") + "/streaming"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &finalError{fmt.Errorf("stream: %w", err)}
	}
	if err := mk.Authorize(r); err != nil {
		return nil, &finalError{fmt.Errorf("stream: %w", err)}
	}
	header := r.Header
	if token, ok := strings.CutPrefix(header.Get("Authorization"), "Bearer "); ok && l.s.opts.TokenInQuery {
		header = header.Clone()
		header.Del("Authorization")
		address += "?" + url.Values{"i": {token}}.Encode()
	}
	client := mk.HTTPClient()
	socket := &socket{RoundTripper: client.Transport}
	client.Transport = socket
	conn, resp, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: header, OnPingReceived: func(context.Context, []byte) bool { l.heard(); return true },
	})
	if err != nil {
		return nil, l.dialError(r, resp, err)
	}
	conn.SetReadLimit(l.s.opts.MaxMessage)
	if l.s.wire != nil && hasToken(r) {
		l.s.wire.Block("→ GET streaming (token: "+secret.Hidden+")", "")
	} else {
		l.s.wire.Block("→ GET streaming", "")
	}
	l.s.mu.Lock()
	l.s.upOnce = true
	l.anonymous, l.socket = !hasToken(r), socket
	l.secrets = []string{strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), r.URL.Query().Get("i")}
	l.s.mu.Unlock()
	if err := l.takeOver(ctx); err != nil {
		_ = conn.CloseNow()
		return nil, err
	}
	return conn, nil
}

// A socket is what is below a WebSocket.
type socket struct {
	http.RoundTripper
	body io.Closer
}

// RoundTrip keeps the body of the response, which is the connection.
func (w *socket) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(r)
	if err == nil {
		w.body = resp.Body
	}
	return resp, err
}

// hasToken reports whether a request is of an account.
func hasToken(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.URL.Query().Has("i")
}

// anonymous reports whether the stream is nobody's.
func (s *Stream) anonymous() bool {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.mk.BaseURL()+"/streaming", nil)
	return err == nil && s.mk.Authorize(r) == nil && !hasToken(r)
}

func (l *link) heard() {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.since = time.Now()
}

// A session is the time of one connection.
type session struct {
	ctx    context.Context // ends with the connection
	cancel context.CancelCauseFunc
	conn   *websocket.Conn
	begun  time.Time
	worked bool           // all subscriptions were settled
	beside sync.WaitGroup // what goes on besides reading
	pinger *time.Timer
}

// serve lets a connection do its work until it ends. It returns why it has, and
// whether all subscriptions were settled before.
//
// An idle connection has this goroutine only, which reads, and its stack is kept
// small: what begins and ends a session is in functions of its own, what writes
// and pings runs when there is something to do.
func (l *link) serve(ctx context.Context, conn *websocket.Conn) (worked bool, err error) {
	c := l.begin(ctx, conn)
	c.cancel(l.read(c.ctx, conn))
	return l.end(c), context.Cause(c.ctx)
}

// begin subscribes, and starts what goes on besides reading.
func (l *link) begin(parent context.Context, conn *websocket.Conn) *session {
	s := l.s
	c := &session{conn: conn, begun: time.Now()}
	c.ctx, c.cancel = context.WithCancelCause(parent)
	c.beside.Add(1)
	context.AfterFunc(c.ctx, func() { // which lets the reading end
		defer c.beside.Done()
		if parent.Err() != nil { // the stream is being closed
			l.leave(conn)
		}
		_ = conn.CloseNow()
	})

	s.mu.Lock()
	defer s.mu.Unlock()
	if l.gap.IsZero() {
		l.gap = l.since // of the connection before
	}
	l.since = c.begun
	l.out = newOutbox(func(out *outbox) {
		c.beside.Go(func() {
			if err := l.write(c.ctx, conn, out); err != nil {
				c.cancel(err)
			}
		})
	})
	l.cut = func() { c.cancel(errSlowServer) }
	l.hold, l.held = true, held{lost: l.held.lost}
	for id := range l.captured { // before the subscriptions, whose confirmation comes after that
		l.send("subNote", map[string]any{"id": id})
	}
	for _, sub := range slices.Clone(l.subs) { // end takes them out
		if sub.resting {
			sub.end(nil)
			continue
		}
		sub.state = pending
		l.connect(sub)
	}
	if first := l.clock == (clock{}); first && !s.opts.NoFill {
		c.beside.Go(func() {
			now, _, ok := s.readClock(c.ctx)
			s.mu.Lock()
			defer s.mu.Unlock()
			if ok && c.ctx.Err() == nil {
				l.setClock(now)
			}
		})
	}
	c.beside.Go(func() {
		err := l.settle(c.ctx)
		if err == nil {
			c.worked = true
			err = l.resume(c.ctx)
		}
		if err != nil {
			c.cancel(err)
		}
	})
	c.pinger = time.AfterFunc(l.silence(), func() { l.ping(c) })
	return c
}

// end waits until nothing of a session goes on. It reports whether all
// subscriptions were settled.
func (l *link) end(c *session) (worked bool) {
	s := l.s
	s.mu.Lock()
	l.out = nil // nothing more begins
	c.pinger.Stop()
	s.mu.Unlock()
	c.beside.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.hold {
		if l.gap.IsZero() {
			l.gap = c.begun
		} else {
			l.failed++
		}
		for len(l.held.events) > 0 {
			l.forgo(l.held.first())
		}
	}
	l.cut, l.hold, l.held = nil, false, held{lost: l.held.lost}
	for _, sub := range l.subs {
		sub.stopTimer()
	}
	return c.worked
}

// leave closes a connection as the protocol says, but does not wait long for an
// instance that has other things to say.
func (l *link) leave(conn *websocket.Conn) {
	l.s.mu.Lock()
	socket := l.socket
	l.s.mu.Unlock()
	closed := make(chan struct{})
	l.s.running.Go(func() {
		defer close(closed)
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
	timer := time.NewTimer(leaveTimeout)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
		_ = socket.body.Close()
		<-closed
	}
}

// read takes what comes, until ctx ends. Even then it reads, but takes nothing.
// Closing the connection ends it: a context for the reading would cost more than
// all else of it.
func (l *link) read(ctx context.Context, conn *websocket.Conn) error {
	decoder := decoder{&l.s.opts, l.subscription}
	for {
		_, r, err := conn.Reader(context.Background())
		if err == nil {
			// There is a buffer while there is a message.
			buf := buffers.Get().(*bytes.Buffer)
			var full error
			if _, err = buf.ReadFrom(r); err == nil && ctx.Err() == nil {
				l.writeFrame("←", buf.Bytes())
				full = l.take(&decoder, buf.Bytes())
			}
			releaseBuffer(buf)
			if full != nil {
				return full
			}
		}
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return l.readError(err)
		}
	}
}

// writeFrame writes a frame for people, if the options say so.
func (l *link) writeFrame(direction string, data []byte) {
	if l.s.wire == nil {
		return
	}
	l.s.mu.Lock()
	secrets := l.secrets
	l.s.mu.Unlock()
	hide := func(s string) string { return secret.Hide(s, secrets...) }
	size := int64(len(data))
	l.s.wire.Block(direction+" streaming, "+wire.Bytes(size), wire.JSON("streaming", data[:min(len(data), wire.MaxBody)], size, hide))
}

// buffers are for messages, of which nothing is kept.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxBuffer is how large a buffer may be that waits for the next message.
const maxBuffer = 64 << 10

func releaseBuffer(buf *bytes.Buffer) {
	if buf.Cap() <= maxBuffer {
		buf.Reset()
		buffers.Put(buf)
	}
}

// take takes a message.
func (l *link) take(decoder *decoder, data []byte) error {
	event, id := decoder.decode(data)
	if event != nil && event.Mismatches() != nil {
		first := event.Mismatches()[0]
		l.s.log(slog.LevelWarn, "stream: mismatch", slog.String("event", fmt.Sprintf("%T", event)), slog.Int("count", len(event.Mismatches())),
			slog.String("pointer", first.Pointer), slog.String("want", first.Want), slog.String("found", first.Found))
	}
	return l.receive(event, id)
}

// subscription returns the one of an id, if it is this link's and its events are
// wanted.
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
	now := time.Now()
	l.since = now
	if sub := s.subs[id]; id != "" && sub != nil && sub.link == l {
		sub.confirm()
	}
	switch event := event.(type) {
	case nil:
		return nil
	case noteEvent:
		if l.captured[event.note()] == 0 {
			return nil
		}
	case *URLUploadFinished:
		if event.Marker != nil && s.uploads[*event.Marker] != nil {
			s.uploads[*event.Marker] <- event // has room for one
			delete(s.uploads, *event.Marker)
		}
	}
	if l.hold {
		l.holdBack(event)
		return nil
	}
	if !l.deliver(event, now) {
		l.forgo(event)
		return errOverflow
	}
	return nil
}

// deliver queues an event that has not been seen, with the mutex of the stream
// held. It reports whether there was room.
func (l *link) deliver(event Event, now time.Time) bool {
	sub, id := From(event), idOf(event)
	if id != "" && sub != nil && sub.seen.has(id) {
		return true
	}
	if !l.s.push(event) {
		return false
	}
	if id != "" && sub != nil {
		sub.opened(event)
		sub.seen.add(id, createdAt(event), now)
		if !l.hold {
			// An interruption that begins now is filled from an overlap ago.
			sub.seen.forget(now.Add(-2 * l.s.opts.Overlap))
		}
	}
	return true
}

// silence returns how long the connection may go on being silent before it is
// asked whether it is still there, with the mutex of the stream held.
func (l *link) silence() time.Duration {
	interval := l.s.opts.Ping
	// Not always after the same time: should both sides ping at the same
	// moment, over a net.Pipe each would wait for the other to read.
	return interval - rand.N(interval/10+1) - time.Since(l.since)
}

// ping asks a connection whether it is still there if it has been silent, and
// comes again later. The instance itself sends a ping every minute only, and says
// nothing when it goes.
func (l *link) ping(c *session) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.out == nil || c.ctx.Err() != nil {
		return
	}
	if l.silence() <= 0 {
		c.beside.Add(1)
		defer c.beside.Done()
		l.s.mu.Unlock()
		wait, cancel := context.WithTimeout(c.ctx, l.s.opts.Ping/2)
		err := c.conn.Ping(wait)
		cancel()
		l.s.mu.Lock()
		if c.ctx.Err() != nil {
			return
		}
		if err != nil {
			c.cancel(errSilent)
			return
		}
		l.since = time.Now()
	}
	c.pinger.Reset(max(l.silence(), time.Millisecond))
}

// connect asks for a subscription, if there is a connection, with the mutex of the
// stream held.
func (l *link) connect(sub *Subscription) {
	if l.out == nil {
		return
	}
	if kind := kinds[sub.channel.channelName()]; kind != nil && kind.credential && l.anonymous {
		sub.refuse(0)
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
			sub.refuse(l.s.opts.AckTimeout)
		}
	})
}

// send queues a message, with the mutex of the stream held. A connection that does
// not take them is cut.
func (l *link) send(kind string, body any) {
	if l.out == nil {
		return
	}
	data, err := json.Marshal(map[string]any{"type": kind, "body": body})
	if err != nil {
		return // parameters of a Custom that are not JSON; it will be refused
	}
	if len(l.out.waiting) >= maxOutbox+len(l.subs)+len(l.captured) {
		l.cut()
		return
	}
	l.out.add(data)
}

// settled wakes whatever waits for subscriptions to be settled.
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
			return context.Cause(ctx)
		}
		select {
		case <-l.acked:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// resume reports that the connection is there, after what was not sent while it
// was not, and lets the events go that have come meanwhile.
func (l *link) resume(ctx context.Context) error {
	s := l.s
	s.saveFirst(ctx)
	s.mu.Lock()
	if !l.upOnce {
		l.upOnce, l.told = true, false
		if len(l.subs) > 0 || l == s.links[0] { // others only capture
			s.push(&Connected{})
		}
		s.log(slog.LevelInfo, "stream: connected", slog.Int("channels", len(l.subs)))
	}
	gap := !l.gap.IsZero()
	s.mu.Unlock()
	if gap {
		if err := l.fill(ctx); err != nil {
			return err
		}
	}
	spilled := false
	err := s.retry(ctx, func() bool {
		spilled = l.held.spilled
		return spilled || l.release()
	})
	if spilled {
		return errOverflow
	}
	return err
}
