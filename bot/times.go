package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A timer is when something is to be done.
type timer struct {
	next func(now time.Time) time.Time
	do   func(context.Context) error
}

// Every does something again and again, the first time after d. If it takes longer
// than d, a turn is left out. It has the deadline of handlers; errors and panics are
// reported.
func (b *Bot) Every(d time.Duration, do func(context.Context) error) {
	if d <= 0 || do == nil {
		b.err = errors.Join(b.err, fmt.Errorf("bot: Every: the duration is %v; it must be positive, and there must be something to do", d))
		return
	}
	b.times = append(b.times, timer{func(now time.Time) time.Time { return now.Add(d) }, do})
}

// At does something each day at a time such as "09:30", by the clock of a place; nil
// stands for UTC. On a day whose clock leaves out that time, it is done as much
// later; on a day that has it twice, once. What would have been done while the bot
// did not run is not done.
func (b *Bot) At(clock string, place *time.Location, do func(context.Context) error) {
	t, err := time.Parse("15:04", clock)
	if err != nil || do == nil {
		b.err = errors.Join(b.err, fmt.Errorf("bot: At: %q is not a time such as 09:30, or there is nothing to do", clock))
		return
	}
	if place == nil {
		place = time.UTC
	}
	b.times = append(b.times, timer{func(now time.Time) time.Time { return nextAt(now.In(place), t.Hour(), t.Minute()) }, do})
}

// nextAt returns the next time after now that a clock shows a time, one a day.
func nextAt(now time.Time, hour, minute int) time.Time {
	for day := 0; ; day++ {
		if at := time.Date(now.Year(), now.Month(), now.Day()+day, hour, minute, 0, 0, now.Location()); at.After(now) {
			return at
		}
	}
}

// runTimer calls the function of t at its times, until ctx ends.
func (b *Bot) runTimer(ctx context.Context, t timer) {
	for next := t.next(time.Now()); ; next = t.after(next) {
		for left := time.Until(next); left > 0; left = time.Until(next) {
			// Not at once: the clock may be set, or the machine sleep.
			if wait(ctx, min(left, time.Minute)) != nil {
				return
			}
		}
		if ctx.Err() != nil || !b.jobs.begin() {
			return
		}
		err := b.jobs.counted(0, func() error {
			return b.jobs.call(job{run: func(ctx context.Context, _ *Message) error { return t.do(ctx) }})
		})
		b.jobs.running.Done()
		if err != nil && ctx.Err() == nil {
			b.report(err)
		}
	}
}

// begin counts something that runs beside the jobs, unless the bot ends.
func (d *dispatcher) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.ending {
		d.running.Add(1)
	}
	return !d.ending
}

// after returns when it is to be done after it was done at a time.
func (t timer) after(last time.Time) time.Time {
	now := time.Now()
	if next := t.next(last); next.After(now) {
		return next
	}
	return t.next(now)
}
