package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

// standBy waits for the lease of an account, streams while it has it, and waits
// again when it has lost it.
func (p *process) standBy(ctx context.Context, a Account, mk *misskey.Client) error {
	for ctx.Err() == nil {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		revision, err := p.bus.leases.Create(ctx, a.Name, []byte(p.name))
		if err == nil {
			slog.Info("streaming", "account", a.Name, "process", p.name)
			err = p.lead(ctx, a, mk, revision)
		} else if errors.Is(err, jetstream.ErrKeyExists) {
			err = nil // another process has it
		}
		<-p.slots
		if ctx.Err() != nil {
			return nil
		}
		if _, refused := errors.AsType[*misskey.Error](err); refused {
			return err // the token is not accepted
		}
		if err != nil {
			slog.Warn("not streaming", "account", a.Name, "error", err)
		}
		select {
		case <-time.After(leaseTime / 5):
		case <-ctx.Done():
		}
	}
	return nil
}

// lead streams for an account, and renews its lease.
func (p *process) lead(ctx context.Context, a Account, mk *misskey.Client, revision uint64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		cancel(p.renew(ctx, a, revision))
	}()
	st := stream.New(mk, stream.Options{Cursor: kvCursor{p.bus.cursors, a.Name}, KeepTrying: true}, stream.HomeTimeline{}, stream.Main{})
	var err error
	for ev, e := range st.Events(ctx) {
		if err = e; err != nil {
			break
		}
		// The cursor goes on when the loop does: what NATS has not stored comes again.
		if j, ok := jobOf(a.Name, ev); ok {
			if err = p.bus.publish(ctx, j); err != nil {
				break
			}
		}
		if r, ok := ev.(*stream.Reconnected); ok && len(r.Missed) > 0 {
			slog.Warn("events may be missing", "account", a.Name, "what", fmt.Sprint(r.Missed))
		}
	}
	lost := context.Cause(ctx)
	cancel(nil)
	<-renewed
	if lost != nil {
		return lost
	}
	return err
}

// renew keeps the lease until ctx ends. After that another process may have it at
// once. The error says that the lease is lost.
func (p *process) renew(ctx context.Context, a Account, revision uint64) error {
	valid := time.Now().Add(leaseTime)
	tick := time.NewTicker(leaseTime / 4)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = p.bus.leases.Delete(end, a.Name, jetstream.LastRevision(revision)) // it ends by itself otherwise
			return nil
		}
		start := time.Now()
		wait, cancel := context.WithDeadline(ctx, valid)
		next, err := p.bus.leases.Update(wait, a.Name, []byte(p.name), revision)
		cancel()
		switch {
		case err == nil:
			revision, valid = next, start.Add(leaseTime)
		case ctx.Err() != nil:
		case errors.Is(err, jetstream.ErrKeyExists) || !time.Now().Before(valid):
			return fmt.Errorf("the lease is lost: %w", err)
		}
	}
}

// A kvCursor is the cursor of a stream in the KV store, for whichever process
// streams next.
type kvCursor struct {
	kv   jetstream.KeyValue
	name string
}

func (c kvCursor) Load(ctx context.Context) ([]byte, error) {
	entry, err := c.kv.Get(ctx, c.name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return entry.Value(), nil
}

func (c kvCursor) Save(ctx context.Context, state []byte) error {
	_, err := c.kv.Put(ctx, c.name, state)
	return err
}

// perCall is the time between two calls of an account: 300 calls in five minutes are
// fewer than any limit of Misskey that this program runs into.
const perCall = time.Second

// A limiter lets all processes together make one call for an account each interval. It
// keeps the time of the next call that is free in the KV store. The clocks of the
// machines should agree within the interval.
type limiter struct {
	kv       jetstream.KeyValue
	name     string
	interval time.Duration
}

// Wait waits until a call may be made. It is that of misskey.WithLimiter.
func (l *limiter) Wait(ctx context.Context) error {
	for {
		now := time.Now()
		at, revision := now, uint64(0)
		entry, err := l.kv.Get(ctx, l.name)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
		case err != nil:
			return err
		default:
			revision = entry.Revision()
			if next := time.Unix(0, int64(binary.BigEndian.Uint64(entry.Value()))); next.After(now) && next.Before(now.Add(time.Hour)) {
				at = next
			}
		}
		value := binary.BigEndian.AppendUint64(nil, uint64(at.Add(l.interval).UnixNano()))
		if revision == 0 {
			_, err = l.kv.Create(ctx, l.name, value)
		} else {
			_, err = l.kv.Update(ctx, l.name, value, revision)
		}
		if errors.Is(err, jetstream.ErrKeyExists) {
			continue // another process was faster
		}
		if err != nil {
			return err
		}
		select {
		case <-time.After(time.Until(at)):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
