package misskey

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pacer has the method set that golang.org/x/time/rate.Limiter has for this:
// one event each interval.
type pacer struct {
	interval time.Duration
	next     time.Time
	waits    int
}

func (p *pacer) Wait(ctx context.Context) error {
	p.waits++
	if err := ctx.Err(); err != nil {
		return err
	}
	at := p.next
	if now := time.Now(); at.Before(now) {
		at = now
	}
	if deadline, ok := ctx.Deadline(); ok && at.After(deadline) {
		return errors.New("would exceed context deadline")
	}
	p.next = at.Add(p.interval)
	select {
	case <-time.After(time.Until(at)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ Limiter = (*pacer)(nil)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := &pacer{interval: 10 * time.Second}
		s := newScripted(success, success, busy("1"), success)
		mk := s.client(t, WithLimiter(limiter), WithToken("alice"))
		for _, mk := range []*Client{mk, mk.As("bob"), mk} { // the last is sent twice
			if err := mk.Call(t.Context(), opShow, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		for i, at := range s.at {
			if want := time.Duration(i) * 10 * time.Second; at != want {
				t.Errorf("request %d at %v, want %v", i, at, want)
			}
		}
		if len(s.at) != 4 || limiter.waits != 4 {
			t.Errorf("%d requests, %d waits", len(s.at), limiter.waits)
		}

		// What is not sent is not paced.
		if err := mk.Call(t.Context(), opShow, 7, nil); err == nil || limiter.waits != 4 {
			t.Errorf("%v, %d waits", err, limiter.waits)
		}
	})
}

func TestLimiterEndsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := &pacer{interval: time.Minute}
		s := newScripted(busy("1"), success)
		mk := s.client(t, WithLimiter(limiter))

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := mk.Call(ctx, opShow, nil, nil)
		if err == nil || err.Error() != "misskey: notes/show: waiting for the limiter: would exceed context deadline; before that: misskey: notes/show: RATE_LIMIT_EXCEEDED: No. (HTTP 429; retry after 1s)" || len(s.at) != 1 {
			t.Errorf("%v, sent at %v", err, s.at)
		}

		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		err = mk.Call(ctx, opShow, nil, nil)
		if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "misskey: notes/show: context canceled") || len(s.at) != 1 {
			t.Errorf("%v, sent at %v", err, s.at)
		}
	})
	if _, err := New("misskey.example", WithLimiter(nil)); err == nil {
		t.Error("WithLimiter(nil) is accepted")
	}
}
