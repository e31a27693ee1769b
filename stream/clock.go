package stream

import (
	"context"
	"time"

	"github.com/misskey-go/misskey"
)

// clockTimeout is how long the instance may take to report the time.
const clockTimeout = 10 * time.Second

// A clock knows the time of an instance: its clock may differ from that of this
// machine, and either may be set. It holds one moment by both clocks, and goes on
// from that by the monotonic clock, which stands still while a machine sleeps.
// So what it says of a moment before the machine slept is right only if the clock
// was read before that, too: hence a link compares two of them, from before and
// after an interruption.
type clock struct{ here, there time.Time }

// at is the time at the instance at a moment of this machine, or that of this
// machine if the clock has not been read.
func (c clock) at(t time.Time) time.Time {
	if c.here.IsZero() {
		return t
	}
	return c.there.Add(t.Sub(c.here))
}

// readClock asks the instance what the time is, and how long it took to respond:
// by so much its clock may be ahead of the one that is returned.
func (s *Stream) readClock(ctx context.Context) (now clock, late time.Duration, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	asked := time.Now()
	res, err := s.mk.Ping(ctx, misskey.ReadOnly())
	if err != nil {
		return clock{}, 0, false
	}
	here := time.Now()
	return clock{here, res.Pong.Time}, here.Sub(asked), true
}

// setClock sets the clock of a link and its subscriptions, with the mutex of the
// stream held.
func (l *link) setClock(now clock) {
	l.clock = now
	for _, sub := range l.subs {
		sub.seen.clock = now
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
