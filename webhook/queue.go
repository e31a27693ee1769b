package webhook

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/misskey-go/misskey/event"
)

// ErrClosed is the error of an event that was accepted, but not handled before the
// handler was closed.
var ErrClosed = errors.New("webhook: the handler is closed")

// A key stands for an event of an instance. It is a hash, because the ids are as long
// as a sender likes.
type key [sha256.Size]byte

func keyOf(d *Delivery) key { return sha256.Sum256([]byte(d.Host + "\x00" + d.ID)) }

// A job is an event that waits or is being handled.
type job struct {
	ev   event.Event
	key  key
	size int64
	done chan struct{} // closed after err is set
	err  error
}

// hold counts bytes that a request takes while it is read, if there is room.
func (h *Handler) hold(n int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held+n > maxHeld && h.held > 0 {
		return false
	}
	h.held += n
	return true
}

func (h *Handler) release(n int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held -= n
}

// take puts an event into the queue, unless it is there or has been handled, and
// returns the status of the response.
func (h *Handler) take(ctx context.Context, ev event.Event) (status int, err error) {
	j, err := h.enqueue(ev)
	switch {
	case err != nil:
		return 0, err
	case h.opts.RespondFirst:
		return http.StatusAccepted, nil
	case j == nil: // handled before
		return http.StatusNoContent, nil
	}
	select {
	case <-j.done:
		return http.StatusNoContent, j.err
	case <-ctx.Done():
		return 0, &refusal{status: http.StatusServiceUnavailable, reason: "the event is still being handled", err: ctx.Err()}
	}
}

// enqueue returns the job of an event, or nil for one that has been handled.
func (h *Handler) enqueue(ev event.Event) (*job, error) {
	d := From(ev)
	j := &job{ev: ev, key: keyOf(d), size: int64(event.Kept(ev).Size), done: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Received++
	if d.ID != "" {
		if same := h.jobs[j.key]; same != nil {
			h.stats.Duplicates++
			return same, nil
		}
		if h.done.has(j.key) {
			h.stats.Duplicates++
			return nil, nil
		}
	}
	switch {
	case h.closed:
		return nil, &refusal{status: http.StatusServiceUnavailable, reason: "the receiver is closing"}
	case len(h.waiting) >= h.opts.Queue, h.held+j.size > maxHeld && len(h.waiting) > 0:
		return nil, &refusal{status: http.StatusServiceUnavailable, reason: "the queue is full"}
	}
	h.held += j.size
	if d.ID != "" {
		h.jobs[j.key] = j
	}
	h.waiting = append(h.waiting, j)
	if h.working < h.opts.Workers {
		h.working++
		go h.work() // it ends when nothing waits; Close waits for that
	}
	return j, nil
}

// work handles events until none waits.
func (h *Handler) work() {
	var current *job
	defer func() {
		if current != nil { // the function has called runtime.Goexit, as t.Fatal does
			h.finish(current, errors.New("webhook: the function has ended its goroutine"), 0)
			go h.work()
		}
	}()
	for {
		h.mu.Lock()
		if len(h.waiting) == 0 {
			h.working--
			h.checkIdle()
			h.mu.Unlock()
			return
		}
		j := h.waiting[0]
		h.waiting[0] = nil
		h.waiting = h.waiting[1:]
		h.mu.Unlock()
		current = j
		start := time.Now()
		err := h.run(j.ev)
		current = nil
		h.finish(j, err, time.Since(start))
	}
}

// run calls the function.
func (h *Handler) run(ev event.Event) (err error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.opts.Timeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("webhook: panic while handling %s: %v\n%s", From(ev).Type, r, debug.Stack())
		}
	}()
	return h.handle(ctx, ev)
}

// finish notes what has become of an event.
func (h *Handler) finish(j *job, err error, took time.Duration) {
	d := From(j.ev)
	h.mu.Lock()
	delete(h.jobs, j.key)
	h.held -= j.size
	h.stats.HandlerTime += took
	lost := err != nil && h.opts.RespondFirst
	switch {
	case err == nil:
		h.stats.Handled++
	default:
		h.stats.Failed++
	}
	if lost {
		h.stats.Lost++
	}
	if d.ID != "" && (err == nil || lost) {
		h.done.add(j.key)
	}
	h.mu.Unlock()
	if err != nil {
		h.log(slog.LevelError, "webhook: an event was not handled", slog.String("type", d.Type), slog.String("id", clip(d.ID)),
			slog.String("host", clip(d.Host)), slog.Bool("lost", lost), slog.Any("error", err))
	}
	if lost && h.opts.Lost != nil {
		h.opts.Lost(j.ev, err)
	}
	j.err = err
	close(j.done)
}

// checkIdle reports to Close that nothing is left, with h.mu held.
func (h *Handler) checkIdle() {
	if h.closed && h.working == 0 {
		select {
		case <-h.idle:
		default:
			close(h.idle)
		}
	}
}

// Close takes no further events, which instances deliver again, and waits until those
// that it has accepted are handled. If ctx ends before that, it ends the contexts of
// the functions that run; the events that still wait are not handled: without
// [Options].RespondFirst instances deliver them again, with it they are lost. The
// error says how many there are. Call Close before the Shutdown of the server, which
// waits for the responses.
func (h *Handler) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	h.checkIdle()
	h.mu.Unlock()
	defer h.cancel()
	select {
	case <-h.idle:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	left, working := h.waiting, h.working
	h.waiting = nil
	h.mu.Unlock()
	h.cancel()
	for _, j := range left {
		h.finish(j, ErrClosed, 0)
	}
	return fmt.Errorf("webhook: closing: %d events were being handled and %d waited: %w", working, len(left), ctx.Err())
}

// remembered holds the newest keys, up to a size.
type remembered struct {
	size  int
	keys  map[key]struct{}
	order []key // a ring once it is full
	next  int   // in order, once it is full
}

func (r *remembered) has(k key) bool {
	_, ok := r.keys[k]
	return ok
}

func (r *remembered) add(k key) {
	if r.has(k) {
		return
	}
	if r.keys == nil {
		r.keys = map[key]struct{}{}
	}
	r.keys[k] = struct{}{}
	if len(r.order) < r.size {
		r.order = append(r.order, k)
		return
	}
	delete(r.keys, r.order[r.next])
	r.order[r.next] = k
	r.next = (r.next + 1) % r.size
}
