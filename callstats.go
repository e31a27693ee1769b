package misskey

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// CallStats count the calls of a [Client] and of all clients that [Client.As] has made
// of it. All fields but Running only grow, from the moment that [New] made the client.
type CallStats struct {
	// Calls counts calls that have ended, and Failed those of them that returned an
	// error.
	Calls, Failed int64

	// Attempts counts requests that were sent. Retries are those that were sent
	// again after a failure.
	Attempts, Retries int64

	// RateLimited counts responses of 429, Refused other responses of 4xx, and
	// ServerErrors those of 5xx. NoResponse counts attempts that no response of the
	// API came for: the network failed, or the body could not be read.
	RateLimited, Refused, ServerErrors, NoResponse int64

	// CallTime is how long all calls have taken, waits included, and WaitTime how
	// long they have waited to be sent again.
	CallTime, WaitTime time.Duration

	// Running is how many calls run now.
	Running int64
}

// CallStats returns the counters. The name is not Stats because that is an endpoint.
func (c *Client) CallStats() CallStats {
	n := c.config.counters
	return CallStats{
		Calls: n.calls.Load(), Failed: n.failed.Load(), Attempts: n.attempts.Load(), Retries: n.retries.Load(),
		RateLimited: n.rateLimited.Load(), Refused: n.refused.Load(), ServerErrors: n.serverErrors.Load(), NoResponse: n.noResponse.Load(),
		CallTime: time.Duration(n.callTime.Load()), WaitTime: time.Duration(n.waitTime.Load()), Running: n.running.Load(),
	}
}

type callCounters struct {
	calls, failed, attempts, retries               atomic.Int64
	rateLimited, refused, serverErrors, noResponse atomic.Int64
	callTime, waitTime /* nanoseconds */, running  atomic.Int64
}

// ended counts a call that began at a time.
func (n *callCounters) ended(start time.Time, err error) {
	n.running.Add(-1)
	n.calls.Add(1)
	n.callTime.Add(int64(time.Since(start)))
	if err != nil {
		n.failed.Add(1)
	}
}

// attempted counts a request that was sent for the nth time.
func (n *callCounters) attempted(nth int, err error) {
	n.attempts.Add(1)
	if nth > 1 {
		n.retries.Add(1)
	}
	if err == nil {
		return
	}
	refused, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		n.noResponse.Add(1)
	case refused.Status == http.StatusTooManyRequests:
		n.rateLimited.Add(1)
	case refused.Status >= 500:
		n.serverErrors.Add(1)
	case refused.Status >= 400:
		n.refused.Add(1)
	default: // not of the API, such as a page with status 200
		n.noResponse.Add(1)
	}
}
