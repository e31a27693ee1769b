package misskeytest

import (
	"net"
	"net/http"
	"slices"
	"time"
)

// A limitKey is whose calls of what are counted together: those of an account,
// whatever its tokens, or of an address that calls without one.
type limitKey struct{ endpoint, caller string }

// A rateLimit is how often an endpoint may be called.
type rateLimit struct {
	max      int           // calls in duration; 0 for no limit
	duration time.Duration // a window that slides
	interval time.Duration // from one call to the next; 0 for none
}

func readRateLimit(v any) rateLimit {
	ms := func(name string) time.Duration { return time.Duration(integer(at(v, name))) * time.Millisecond }
	return rateLimit{int(integer(at(v, "max"))), ms("duration"), ms("min-interval")}
}

// scaled returns the limit for an account whose role has a factor: with 2 it may
// call half as often. There is none without a factor above 0.
func (l rateLimit) scaled(factor float64) rateLimit {
	if factor <= 0 {
		return rateLimit{}
	}
	if l.max > 0 {
		l.max = max(int(float64(l.max)/factor), 1)
	}
	l.interval = time.Duration(float64(l.interval) * factor)
	return l
}

// limit counts a call and refuses it where there have been too many. Calls that
// are refused count, too.
func (c *call) limit(r *http.Request) error {
	if !c.s.options.RateLimits {
		return nil
	}
	caller, factor := "", 1.0
	if c.account != nil {
		caller, factor = c.account.id, number(c.s.policyOf(c.account, "rateLimitFactor"))
	} else {
		caller, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	limit := c.op.limit.scaled(factor)
	if limit == (rateLimit{}) {
		return nil
	}
	key, now := limitKey{c.op.endpoint, caller}, c.s.now()
	calls := slices.DeleteFunc(c.s.calls[key], func(t time.Time) bool { return !t.After(now.Add(-max(limit.duration, limit.interval))) })
	defer func() { c.s.calls[key] = append(calls, now) }()
	if n := len(calls); limit.interval > 0 && n > 0 && now.Before(calls[n-1].Add(limit.interval)) {
		return tooMany(now, calls[n-1].Add(limit.interval), 1)
	}
	if n := len(calls); limit.max > 0 && n >= limit.max {
		return tooMany(now, calls[n-limit.max].Add(limit.duration), limit.max)
	}
	return nil
}

// tooMany is the answer to a call that may succeed at reset.
func tooMany(now, reset time.Time, total int) error {
	e := errRateLimit.with(object{"remaining": 0, "reset": reset.Unix(), "resetMs": reset.UnixMilli(), "total": total})
	e.retryAfter = reset.Sub(now)
	return e
}
