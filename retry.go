package misskey

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// A RetryPolicy says how often a call is sent, and how long is waited in
// between; see [WithRetry]. Its fields are Attempts, how often the call is sent
// at most, the first time included (0 means 4), and MaxWait, the longest wait
// between two attempts (0 means a minute).
type RetryPolicy = api.RetryPolicy

// The defaults of a RetryPolicy.
const (
	defaultAttempts = 4
	defaultMaxWait  = time.Minute
)

// firstBackoff is the wait after the first attempt if the server names none.
// It doubles with each attempt.
const firstBackoff = time.Second

// WithRetry sets how often a failed call is retried and how long the client waits
// before it retries. By default a client makes up to four attempts and waits at
// most a minute between two.
//
// The client retries only where that does no harm:
//
//   - A call that the server refused because of a rate limit (HTTP 429). Such a
//     call has had no effect. The client waits for as long as the server asks.
//   - A call that only reads, if a gateway reports that the server is unavailable
//     (502, 503, 504), or if the network fails before the response is complete.
//     [api.Operation] says which calls only read; see also [ReadOnly].
//   - A call that the server, by means of HTTP/2, reports as not processed, as a
//     server does that restarts. A call that writes is retried once at most.
//
// If the server does not ask for a wait, the first wait is at most a second, and
// each further one at most twice as long. Waits are random, so that programs that
// failed together do not return together; a wait that the server asks for is
// extended by up to a quarter of it or two seconds. Uploads are never retried, and
// neither are calls that failed in other ways or timed out.
//
// During a long outage most calls are sent once: a client, together with all that
// [Client.As] makes of it, has 100 retries, and gains one for every ten responses
// of the instance. Waits that the server asks for with 429 do not count.
//
// If a wait would outlast the deadline of the context or exceed the policy, the
// call fails at once. The error, such as [gen.ErrRateLimitExceeded], says why the
// call was not retried. Misskey counts refused calls, too: programs that often run
// into limits should use [WithLimiter].
func WithRetry(policy RetryPolicy) Option {
	return func(o *options) (err error) {
		o.retry, err = fillPolicy(policy)
		if err != nil {
			err = fmt.Errorf("WithRetry: %w", err)
		}
		return err
	}
}

// WithoutRetry disables retries. It is [WithRetry] with one attempt.
func WithoutRetry() Option { return WithRetry(RetryPolicy{Attempts: 1}) }

// WithRetryNotify calls fn before every wait for another attempt, in the goroutine
// of the call. fn must be safe for concurrent use.
func WithRetryNotify(fn func(RetryEvent)) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithRetryNotify: the function is nil")
		}
		o.notify = fn
		return nil
	}
}

// A RetryEvent describes an attempt that failed and will be followed by another.
type RetryEvent struct {
	// Endpoint is the endpoint, such as "notes/show".
	Endpoint string

	// Attempt is the number of the attempt that failed; the first is 1.
	Attempt int

	// Wait is the time until the next attempt.
	Wait time.Duration

	// Err is the error of the attempt.
	Err error
}

// Retry is [WithRetry] for one call.
func Retry(policy RetryPolicy) gen.CallOption { return retryOption(policy) }

// NoRetry sends a call once, whatever happens.
func NoRetry() gen.CallOption { return retryOption{Attempts: 1} }

type retryOption RetryPolicy

func (r retryOption) Apply(s *api.CallSettings) { s.Retry = (*RetryPolicy)(&r) }

// ReadOnly says that a call changes nothing, so that it can be sent again when
// a gateway or the network fails. It is for [Call], which cannot know that; the
// methods know it.
func ReadOnly() gen.CallOption { return readOnlyOption{} }

type readOnlyOption struct{}

func (readOnlyOption) Apply(s *api.CallSettings) { s.ReadOnly = true }

// fillPolicy returns p with its defaults filled in.
func fillPolicy(p RetryPolicy) (RetryPolicy, error) {
	if p.Attempts < 0 || p.MaxWait < 0 {
		return p, fmt.Errorf("the retry policy has a negative part: %d attempts, %v", p.Attempts, p.MaxWait)
	}
	if p.Attempts == 0 {
		p.Attempts = defaultAttempts
	}
	if p.MaxWait == 0 {
		p.MaxWait = defaultMaxWait
	}
	return p, nil
}

// waitToRetry is called when an attempt of a call, the nth, has failed with
// err. It returns nil when the time has come to send the call again, or else the
// error of the call.
func (c *Client) waitToRetry(ctx context.Context, op *api.Operation, settings *api.CallSettings, n int, verdict verdict, err error) error {
	if settings.Retry.Attempts == 1 || ctx.Err() != nil {
		return err
	}
	wait, why := planRetry(ctx, op, settings, n, verdict, err)
	if wait > 0 && verdict != refused && !c.config.budget.spend() {
		wait, why = 0, "not sent again, because too many calls of this client have failed lately"
	}
	switch {
	case why != "":
		return fmt.Errorf("%w; %s", err, why)
	case wait == 0:
		return err
	}
	if c.config.notify != nil {
		c.config.notify(RetryEvent{Endpoint: op.Endpoint, Attempt: n, Wait: wait, Err: err})
	}
	if c.config.logger != nil {
		c.config.logger.LogAttrs(ctx, slog.LevelWarn, "misskey wait",
			slog.String("endpoint", op.Endpoint),
			slog.Duration("duration", wait),
			slog.Int("attempt", n))
	}
	defer func(start time.Time) { c.config.counters.waitTime.Add(int64(time.Since(start))) }(time.Now())
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w; before that: %w", callError(ctx, op, nil), err)
	}
}

// planRetry returns how long to wait before a call is sent again. The wait is 0
// for one that is not sent again; why then says for what reason where that is
// not plain from err.
func planRetry(ctx context.Context, op *api.Operation, settings *api.CallSettings, n int, verdict verdict, err error) (wait time.Duration, why string) {
	policy := settings.Retry
	switch verdict {
	case lasting:
		return 0, ""
	case refused, unprocessed:
		if op.Multipart {
			return 0, "an upload is not sent again"
		}
	case unknown:
		switch {
		case settings.ReadOnly && !op.Multipart:
		case isDial(err):
			return 0, ""
		default:
			return 0, "not sent again, because it may have been carried out"
		}
	}
	if n >= policy.Attempts {
		return 0, fmt.Sprintf("given up after %d attempts", n)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		wait = e.RetryAfter
	}
	if wait > policy.MaxWait {
		return 0, fmt.Sprintf("not sent again, because that is longer than the %v that the retry policy permits", policy.MaxWait)
	}
	longest := policy.MaxWait - wait
	if wait == 0 {
		wait, longest = backoff(n, policy.MaxWait), 0
	}
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if left <= wait {
			return 0, fmt.Sprintf("not sent again, because a wait of %v would outlast the deadline", wait.Round(time.Millisecond))
		}
		longest = min(longest, (left-wait)/2)
	}
	return wait + rand.N(min(longest, max(leastJitter, wait/4))+1), ""
}

// leastJitter is how far apart those come back at least whom the server has asked
// to wait for the same time.
const leastJitter = 2 * time.Second

// backoff returns how long to wait after the nth attempt: between half and all
// of a time that doubles each time.
func backoff(n int, longest time.Duration) time.Duration {
	full := longest
	if shift := n - 1; shift < 30 {
		full = min(firstBackoff<<shift, longest)
	}
	half := full / 2
	return half + 1 + rand.N(full-half)
}

// verdict is what the failure of an attempt means for another one.
type verdict uint8

const (
	lasting     verdict = iota // it will happen again
	refused                    // it may pass, and nothing was done
	unprocessed                // the same, as far as one can trust HTTP/2
	unknown                    // it may pass, but the server may have done what it was asked for
)

func judge(err error) verdict {
	if e, ok := errors.AsType[*Error](err); ok {
		switch e.Status {
		case http.StatusTooManyRequests:
			// This answers whoever guesses passwords.
			if e.Code != gen.ErrTooManyAuthenticationFailures {
				return refused
			}
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return unknown
		}
		return lasting
	}
	if errors.Is(err, errNotSent) {
		return refused
	}
	if _, ok := errors.AsType[*unprocessedError](err); ok {
		return unprocessed
	}
	if e, ok := errors.AsType[*proxyError](err); ok && e.status < 500 && e.status != http.StatusTooManyRequests {
		return lasting
	}
	if _, ok := errors.AsType[*DecodeError](err); ok || errors.Is(err, ErrTooLarge) || errors.Is(err, http.ErrSchemeMismatch) {
		return lasting
	}
	if _, ok := errors.AsType[*fileError](err); ok { // the form was broken off
		return lasting
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return lasting
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return lasting
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return lasting
	}
	// Who has waited for a response long enough does not begin again; who has
	// waited for a connection may.
	if nerr, ok := errors.AsType[net.Error](err); ok && nerr.Timeout() && !isDial(err) {
		return lasting
	}
	return unknown
}

// isDial reports whether there was no connection that the call could have been
// sent on.
func isDial(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && (e.Op == "dial" || e.Op == "proxyconnect")
}
