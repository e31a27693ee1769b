package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// maxRefused is how many times a call is made again that a rate limit has refused.
const maxRefused = 5

// A pacer calls an instance as often as its rate limits allow.
type pacer struct {
	mk     *misskey.Client
	mu     sync.Mutex
	factor float64
	calls  map[string][]time.Time // when an endpoint was called, or will be
}

// setFactor sets by what the role of the account multiplies the limits: with 2 it may
// call half as often, with 0 as often as it likes.
func (p *pacer) setFactor(factor float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.factor = factor
}

// Call is that of an [api.Caller].
func (p *pacer) Call(ctx context.Context, op *api.Operation, in, out any, opts ...api.CallOption) error {
	for try := 0; ; try++ {
		if err := wait(ctx, time.Until(p.reserve(op))); err != nil {
			return err
		}
		if !op.ReadOnly { // waiting for a rate limit does not count
			opts = append(slices.Clip(opts), misskey.NoRetry())
		}
		err := p.mk.Call(ctx, op, in, out, opts...)
		e, ok := errors.AsType[*misskey.Error](err)
		if !ok || !errors.Is(err, gen.ErrRateLimitExceeded) || try == maxRefused {
			return err
		}
		// Another program of the account calls, too, or this one did before it
		// started again. What was refused has had no effect.
		if err := wait(ctx, max(e.RetryAfter, time.Second)); err != nil {
			return err
		}
	}
}

// reserve returns when an endpoint may be called, and counts that call.
func (p *pacer) reserve(op *api.Operation) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	limit := op.Limit
	if limit == (api.Limit{}) || p.factor <= 0 {
		return now
	}
	most, window := limit.Max, limit.Window
	if most > 0 {
		most = max(int(float64(most)/p.factor), 1)
	}
	interval := time.Duration(float64(limit.MinInterval) * p.factor)
	// The server counts when a call arrives, which may be later than it is made.
	window, interval = window+window/100, interval+interval/10
	calls := p.calls[op.Endpoint]
	at := now
	if n := len(calls); n > 0 && interval > 0 && calls[n-1].Add(interval).After(at) {
		at = calls[n-1].Add(interval)
	}
	if n := len(calls); most > 0 && n >= most && calls[n-most].Add(window).After(at) {
		at = calls[n-most].Add(window)
	}
	if calls = append(calls, at); len(calls) > max(most, 1) {
		calls = calls[len(calls)-max(most, 1):]
	}
	if p.calls == nil {
		p.calls = map[string][]time.Time{}
	}
	p.calls[op.Endpoint] = calls
	return at
}

// wait waits, while the clock of the handler stands still.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	defer pause(ctx)()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
