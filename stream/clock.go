package stream

import (
	"context"
	"time"

	"github.com/misskey-go/misskey"
)

// clockTimeout is how long the instance may take to say what the time is.
const clockTimeout = 10 * time.Second

// A clock knows the time of an instance: its clock may differ from that of this
// machine, and either may be set. It holds one moment as both tell it, and goes
// on from that by the monotonic clock, which stands still while a machine sleeps.
// So what it says of a moment before the machine slept is right only if the clock
// was read before that, too: hence a link compares two of them, from before and
// after an interruption.
type clock struct{ here, there time.Time }

// at is the time at the instance at a moment of this machine, or that of this
// machine where the clock has not been read.
func (c clock) at(t time.Time) time.Time {
	if c.here.IsZero() {
		return t
	}
	return c.there.Add(t.Sub(c.here))
}

// readClock asks the instance what the time is. Where it does not say, the clock
// is as before.
func (s *Stream) readClock(ctx context.Context, before clock) clock {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	res, err := s.mk.Ping(ctx, misskey.ReadOnly())
	if err != nil {
		return before
	}
	return clock{time.Now(), time.UnixMilli(res.Pong)}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
