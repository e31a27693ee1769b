package misskey

import (
	"context"
	"errors"
)

// A Limiter paces calls. The Limiter of golang.org/x/time/rate is one, so that a
// program can stay below the limits of an instance:
//
//	mk, err := misskey.New("misskey.example", misskey.WithLimiter(rate.NewLimiter(2, 10)))
type Limiter interface {
	// Wait blocks until a request may be sent. An error, such as that of the
	// context, means that it must not be sent. Wait must be safe for concurrent
	// use.
	Wait(context.Context) error
}

// WithLimiter waits for limiter before every request, including retries. Clients
// that [Client.As] returns share it, and several clients may use the same one. A
// call fails if limiter returns an error.
func WithLimiter(limiter Limiter) Option {
	return func(o *options) error {
		if limiter == nil {
			return errors.New("WithLimiter: the limiter is nil")
		}
		o.limiter = limiter
		return nil
	}
}
