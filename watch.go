package misskey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

// defaultStall is how long a request may make no progress.
const defaultStall = 60 * time.Second

// maxSends is how often net/http may send a request that only reads, over
// another connection each time. Over HTTP/2 it knows no limit of its own.
const maxSends = 3

// errLost ends a request that net/http has sent too often.
var errLost = fmt.Errorf("the connection was lost %d times in a row", maxSends)

// staleAfter is how long a request waits in vain, on a connection that was used
// before, until the other idle connections are not trusted either. They may have
// gone the same way: a machine that slept, a router that was restarted.
const staleAfter = time.Second

// phase is what a request waits for.
type phase uint8

const (
	phaseSend phase = iota // the server to take the request
	phaseWait              // the response
	phaseRead              // its body
	phaseEnd               // nothing
)

// A watch ends a request that makes no progress. It has a context of its own,
// because that is the only way to end one that waits for the other side to read.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	limit  time.Duration
	trace  httptrace.ClientTrace
	large  bool // the request has a body that is not sent at once

	mu     sync.Mutex
	timer  *time.Timer
	phase  phase
	body   watchedBody // of the response
	sends  int
	since  time.Time // when it got its connection
	reused bool      // the connection was used before
}

// newWatch watches a request from now on or, if it has to queue for a connection
// first, from then on.
func newWatch(req *http.Request, limit time.Duration, queues bool) *watch {
	w := &watch{limit: limit}
	w.ctx, w.cancel = context.WithCancelCause(req.Context())
	w.trace = httptrace.ClientTrace{
		GotConn:      w.gotConn,
		WroteHeaders: w.wroteHeaders,
	}
	if w.large = large(req); w.large {
		w.trace.WroteRequest = func(httptrace.WroteRequestInfo) { w.progress(phaseWait) }
		w.trace.Got100Continue = func() { w.progress(phaseSend) }
	}
	w.ctx = httptrace.WithClientTrace(w.ctx, &w.trace)
	w.timer = time.AfterFunc(limit, w.stall)
	if queues {
		w.timer.Stop()
	}
	return w
}

func (w *watch) gotConn(info httptrace.GotConnInfo) {
	w.mu.Lock()
	w.since, w.reused = time.Now(), info.Reused
	lost := w.sends >= maxSends
	w.mu.Unlock()
	if lost {
		w.cancel(errLost)
	}
	w.progress(phaseSend)
}

func (w *watch) wroteHeaders() {
	w.mu.Lock()
	w.sends++
	w.mu.Unlock()
	if !w.large { // what there is of a body is sent along
		w.progress(phaseWait)
	}
}

// progress gives the request time again. What comes before its response says
// nothing any more once that is there.
func (w *watch) progress(p phase) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase < phaseRead {
		w.phase = p
		w.timer.Reset(w.limit)
	}
}

// pause stops the clock while it is the program that has to do something.
func (w *watch) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase < phaseRead {
		w.timer.Stop()
	}
}

// enter begins a phase for good, with the clock running or not.
func (w *watch) enter(p phase, running bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase = max(w.phase, p)
	if running && w.phase < phaseEnd {
		w.timer.Reset(w.limit)
	} else {
		w.timer.Stop()
	}
}

// stall ends the request. It is called when the time is over.
func (w *watch) stall() {
	w.mu.Lock()
	p, body := w.phase, w.body.ReadCloser
	w.mu.Unlock()
	what := "the server took no byte of the request"
	switch p {
	case phaseWait:
		what = "no response"
	case phaseRead:
		what = "no byte of the response"
	case phaseEnd:
		return
	}
	w.cancel(fmt.Errorf("%s for %v: %w", what, w.limit, os.ErrDeadlineExceeded))
	if body != nil {
		body.Close() // for a transport that has forgotten the context by now
	}
}

// response watches the body of a response from now on.
func (w *watch) response(resp *http.Response) {
	w.enter(phaseRead, false)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.body = watchedBody{resp.Body, w}
	resp.Body = &w.body
}

// explain returns why the request has failed rather than what became of that on
// its way here, where the watch has ended it.
func (w *watch) explain(err error) error {
	if err == nil || err == io.EOF || w.ctx.Err() == nil {
		return err
	}
	cause := context.Cause(w.ctx)
	if errors.Is(cause, os.ErrDeadlineExceeded) || cause == errLost {
		return cause
	}
	return err
}

// end releases what the watch holds.
func (w *watch) end() {
	w.enter(phaseEnd, false)
	w.cancel(nil)
}

// stale reports whether the request, which has failed, has waited in vain on a
// connection that was used before, or on several.
func (w *watch) stale() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sends > 1 || w.reused && time.Since(w.since) >= staleAfter
}

// sent reports whether the header of the request was written.
func (w *watch) sent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sends > 0
}

// smallBody is what is sent at once.
const smallBody = 16 << 10

// large reports whether a request has a body that is not sent at once.
func large(req *http.Request) bool {
	return req.Body != nil && req.Body != http.NoBody && (req.ContentLength < 0 || req.ContentLength > smallBody)
}

// request returns a copy of a request that is watched.
func (w *watch) request(req *http.Request) *http.Request {
	watched := req.WithContext(w.ctx)
	if !mayReplay(req) {
		// With it net/http sends a request again by itself, over HTTP/2 also one
		// that was carried out.
		watched.GetBody = nil
	}
	if w.large {
		watched.Body = &sentBody{req.Body, w}
		if getBody := watched.GetBody; getBody != nil {
			watched.GetBody = func() (io.ReadCloser, error) {
				body, err := getBody()
				if err != nil {
					return nil, err
				}
				return &sentBody{body, w}, nil
			}
		}
	}
	return watched
}

// A sentBody is the body of a request. What is taken from it is progress; while
// the program has nothing to send there can be none.
type sentBody struct {
	io.ReadCloser
	watch *watch
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.watch.pause()
	n, err := readInto(b.ReadCloser, p)
	b.watch.progress(phaseSend)
	return n, err
}

// A watchedBody is the body of a response. Its clock runs while it is read.
type watchedBody struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.watch.enter(phaseRead, true)
	n, err := readInto(b.ReadCloser, p)
	b.watch.enter(phaseRead, false)
	return n, b.watch.explain(err)
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.watch.end()
	return err
}

// readInto reads from a reader that somebody else has written, and that may
// claim to have read more than there was room for.
func readInto(r io.Reader, p []byte) (int, error) {
	n, err := r.Read(p)
	if n < 0 || n > len(p) {
		return 0, fmt.Errorf("the method Read of %T returned %d for a buffer of %d bytes", r, n, len(p))
	}
	return n, err
}
