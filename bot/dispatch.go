package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// abandonAfter is how long a handler may go on after its context has ended.
const abandonAfter = 5 * time.Second

// A job is one call of a handler.
type job struct {
	conversation string
	message      *Message // nil for what is not a message
	check        bool     // it may have been answered before a crash
	done         func()   // says that it needs not come again
	run          func(context.Context, *Message) error
	own          bool // run is not a handler, and runs handlers itself
}

// forget gives a job up that has not been begun.
func (j job) forget(s *store) {
	if j.message != nil {
		s.forget(j.message.ID())
	}
}

// A dispatcher runs jobs: those of a conversation one after the other, others at the
// same time.
type dispatcher struct {
	b       *Bot
	slots   chan struct{} // one for each handler that may run
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	waiting  map[string][]job // by conversation, the first one running
	count    int
	room     chan struct{} // closed when there is room
	ending   bool
	recent   map[string][]time.Time // when messages of a conversation were handled
	swept    time.Time
	stats    Stats // but for Waiting
	handling int   // how many of the jobs that are counted have begun
}

func newDispatcher(b *Bot) *dispatcher {
	d := &dispatcher{b: b, slots: make(chan struct{}, b.opts.Concurrency), waiting: map[string][]job{}, recent: map[string][]time.Time{}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// add adds a job, and waits for room. What is added while the bot ends comes again
// after the next start.
func (d *dispatcher) add(ctx context.Context, j job) {
	for {
		d.mu.Lock()
		if d.ending {
			d.mu.Unlock()
			j.forget(d.b.store)
			return
		}
		if d.count < d.b.opts.Queue {
			break
		}
		if d.room == nil {
			d.room = make(chan struct{})
		}
		room := d.room
		d.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			j.forget(d.b.store)
			return
		}
	}
	defer d.mu.Unlock()
	d.count++
	d.waiting[j.conversation] = append(d.waiting[j.conversation], j)
	if len(d.waiting[j.conversation]) == 1 {
		d.running.Go(func() { d.work(j.conversation) })
	}
}

// work runs the jobs of a conversation.
func (d *dispatcher) work(conversation string) {
	for {
		d.mu.Lock()
		j := d.waiting[conversation][0]
		d.mu.Unlock()
		select {
		case d.slots <- struct{}{}:
			if d.ctx.Err() == nil {
				d.do(j)
			} else {
				j.forget(d.b.store)
			}
			<-d.slots
		case <-d.ctx.Done():
			j.forget(d.b.store)
		}
		d.mu.Lock()
		d.count--
		if d.room != nil {
			close(d.room)
			d.room = nil
		}
		rest := d.waiting[conversation][1:]
		d.waiting[conversation] = rest
		if len(rest) == 0 {
			delete(d.waiting, conversation)
		}
		d.mu.Unlock()
		if len(rest) == 0 {
			return
		}
	}
}

// do runs a job, whose turn it is.
func (d *dispatcher) do(j job) {
	b := d.b
	if j.message != nil {
		if j.check && j.message.Note != nil {
			answered, err := b.answered(d.ctx, j.message.Note)
			if err != nil {
				if d.ctx.Err() == nil {
					b.report(fmt.Errorf("bot: looking for the reply to %s, which stays unanswered until the next start: %w", j.message.ID(), err))
				}
				b.store.abandon(j.message.ID())
				return
			}
			if answered {
				b.store.commit(j.message)
				j.done()
				return
			}
		}
		if !d.calm(j.conversation) {
			d.mu.Lock()
			d.stats.Skipped++
			d.mu.Unlock()
			b.report(fmt.Errorf("bot: more than %d messages within a minute in a conversation with %s: %s is not handled", b.opts.MaxPerMinute, j.message.From.Username, j.message.ID()))
			b.store.commit(j.message)
			j.done()
			return
		}
	}
	var err error
	if j.own {
		err = j.run(d.ctx, nil)
	} else {
		err = d.counted(1, func() error { return d.call(j) })
	}
	if d.ctx.Err() != nil && err != nil { // the bot ends, and the handler has not
		if j.message != nil {
			b.store.abandon(j.message.ID())
		}
		return
	}
	if j.message != nil {
		if err != nil {
			j.message.staged = nil
		}
		b.store.commit(j.message)
	}
	j.done()
	if err != nil {
		b.report(err)
	}
}

// calm notes that a message of a conversation is handled, and reports whether there
// were not too many lately.
func (d *dispatcher) calm(conversation string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if now.Sub(d.swept) > time.Minute {
		d.swept = now
		for name, times := range d.recent {
			if now.Sub(times[len(times)-1]) > time.Minute {
				delete(d.recent, name)
			}
		}
	}
	times := append(d.recent[conversation], now)
	if excess := len(times) - d.b.opts.MaxPerMinute - 1; excess > 0 {
		times = times[excess:]
	}
	d.recent[conversation] = times
	return len(times) <= d.b.opts.MaxPerMinute || now.Sub(times[0]) >= time.Minute
}

// call calls a handler, and returns its error, or that it has panicked or does not
// end.
func (d *dispatcher) call(j job) error {
	about := ""
	if j.message != nil {
		about = fmt.Sprintf(" of the %v %s", j.message.Kind, j.message.ID())
	}
	limit, cancel := withDeadline(d.ctx, d.b.opts.Timeout)
	defer cancel()
	ended := make(chan error, 1)
	go func() { // it is waited for, unless it is abandoned
		defer func() {
			if value := recover(); value != nil {
				ended <- fmt.Errorf("bot: the handler%s has panicked: %v\n%s", about, value, debug.Stack())
			}
		}()
		if err := j.run(limit, j.message); err != nil {
			ended <- fmt.Errorf("bot: the handler%s: %w", about, err)
			return
		}
		ended <- nil
	}()
	select {
	case err := <-ended:
		return err
	case <-limit.Done():
	}
	timer := time.NewTimer(abandonAfter)
	defer timer.Stop()
	select {
	case err := <-ended:
		if err == nil && errors.Is(context.Cause(limit), context.DeadlineExceeded) {
			return nil
		}
		return err
	case <-timer.C:
		return fmt.Errorf("bot: the handler%s has not ended after %v; it is left alone", about, d.b.opts.Timeout)
	}
}

// drain ends the dispatcher: it waits for the handlers that run, and after a time
// ends their contexts.
func (d *dispatcher) drain(grace time.Duration) {
	d.mu.Lock()
	d.ending = true
	for conversation, jobs := range d.waiting { // what waits comes again
		for _, j := range jobs[1:] {
			d.count--
			j.forget(d.b.store)
		}
		d.waiting[conversation] = jobs[:1]
	}
	d.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.running.Wait()
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		d.cancel()
		<-ended
	}
	d.cancel()
}

// A deadline is a context that ends after a time, but for what is spent waiting for
// rate limits.
type deadline struct {
	context.Context
	mu      sync.Mutex
	timer   *time.Timer
	left    time.Duration
	since   time.Time
	waiting int
}

type deadlineKey struct{}

func withDeadline(parent context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	d := &deadline{left: limit, since: time.Now()}
	d.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	return context.WithValue(ctx, deadlineKey{}, d), func() { d.timer.Stop(); cancel(nil) }
}

// pause stops the clock of the handler that has a context, until the function is
// called that it returns.
func pause(ctx context.Context) (resume func()) {
	d, ok := ctx.Value(deadlineKey{}).(*deadline)
	if !ok {
		return func() {}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting++; d.waiting == 1 && d.timer.Stop() {
		d.left -= time.Since(d.since)
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.waiting--; d.waiting == 0 && ctx.Err() == nil {
			d.since = time.Now()
			d.timer.Reset(d.left)
		}
	}
}
