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
	// Wait returns when a request may be sent, or an error if it must not be,
	// that of the context for instance. It is called by several goroutines at
	// once.
	Wait(context.Context) error
}

// WithLimiter asks a limiter before every request, those that are sent again
// included. The clients that As makes share it; several clients may be given the
// same one. An error of it stops the call.
func WithLimiter(limiter Limiter) Option {
	return func(o *options) error {
		if limiter == nil {
			return errors.New("WithLimiter: the limiter is nil")
		}
		o.limiter = limiter
		return nil
	}
}
