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
	if c.op.endpoint == "signin-flow" {
		limit = signinLimit
		caller, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	if limit == (rateLimit{}) {
		return nil
	}
	key, now := limitKey{c.op.endpoint, caller}, c.s.now()
	calls := slices.DeleteFunc(c.s.calls[key], func(t time.Time) bool { return !t.After(now.Add(-max(limit.duration, limit.interval))) })
	defer func() { c.s.calls[key] = append(calls, now) }()
	refused := tooMany
	if c.op.endpoint == "signin-flow" {
		refused = func(time.Time, time.Time, int) error { return errTooManySignins.with(nil) }
	}
	if n := len(calls); limit.interval > 0 && n > 0 && now.Before(calls[n-1].Add(limit.interval)) {
		return refused(now, calls[n-1].Add(limit.interval), 1)
	}
	if n := len(calls); limit.max > 0 && n >= limit.max {
		return refused(now, calls[n-limit.max].Add(limit.duration), limit.max)
	}
	return nil
}

// signinLimit is how often an address may try to sign in. The response to more
// does not say when it may again.
var (
	signinLimit       = rateLimit{10, time.Hour, time.Second}
	errTooManySignins = apiError{status: 429, code: "TOO_MANY_AUTHENTICATION_FAILURES", id: "22d05606-fbcf-421a-a2db-b32610dcfd1b"}
)

// tooMany is the answer to a call that may succeed at reset.
func tooMany(now, reset time.Time, total int) error {
	e := errRateLimit.with(object{"remaining": 0, "reset": reset.Unix(), "resetMs": reset.UnixMilli(), "total": total})
	e.retryAfter = reset.Sub(now)
	return e
}
