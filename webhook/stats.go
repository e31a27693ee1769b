package webhook

import "time"

// Stats count what a [Handler] has done since it was made. Each counter only grows.
type Stats struct {
	// Received counts deliveries with an accepted secret that could be read.
	// Duplicates are those of them that were handled or waiting already.
	Received, Duplicates int64

	// Handled counts events that the function has returned nil for, Failed those
	// that it has returned an error for, each time.
	Handled, Failed int64

	// Lost counts events that were accepted and will not be handled. It stays 0
	// without [Options].RespondFirst.
	Lost int64

	// Refused counts requests that were refused for good, with a status of 4xx: a
	// wrong secret, method or body. Unavailable counts the responses of 503, after
	// which an instance delivers again.
	Refused, Unavailable int64

	// HandlerTime is how long the function has run in total.
	HandlerTime time.Duration

	// Waiting is how many events wait now, and Working how many are handled.
	Waiting, Working int
}

// Stats returns the counters.
func (h *Handler) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stats
	s.Waiting, s.Working = len(h.waiting), h.working
	return s
}
