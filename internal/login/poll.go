// Package login is what the ways to log in have in common.
package login

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/misskey-go/misskey"
)

// How long to wait between two questions: at first, and at the most.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Second
)

// DefaultTimeout is how long to wait for a user.
const DefaultTimeout = 5 * time.Minute

// Timeout returns how long to wait where a program says d.
func Timeout(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultTimeout
	}
	return d
}

// Poll checks until there is a grant, the context ends, the timeout is over or
// there is an error that will not go away. Something on wake makes it check at
// once. After the timeout the error is misskey.ErrNotGranted with why, and with what
// went wrong last, if anything did.
func Poll(ctx context.Context, timeout time.Duration, wake <-chan struct{}, check func(context.Context) (*misskey.Grant, error), why string) (*misskey.Grant, error) {
	end := time.NewTimer(timeout)
	defer end.Stop()
	var last error
	for n, pause := 0, firstPause; ; n++ {
		grant, err := check(ctx)
		switch {
		case err == nil:
			return grant, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("misskey: waiting for the user to approve: %w", ctx.Err())
		case errors.Is(err, misskey.ErrNotGranted):
			last = nil
		case n == 0 || !passing(err):
			return nil, err
		default:
			last = err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			pause = min(pause*3/2, lastPause)
		case <-wake:
		case <-end.C:
			timer.Stop()
			err := fmt.Errorf("%w within %v: %s", misskey.ErrNotGranted, timeout, why)
			if last != nil {
				err = fmt.Errorf("%w; the last attempt to ask: %w", err, last)
			}
			return nil, err
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("misskey: waiting for the user to approve: %w", ctx.Err())
		}
		timer.Stop()
	}
}

// passing reports whether an error may go away by itself.
func passing(err error) bool {
	if e, ok := errors.AsType[*misskey.Error](err); ok {
		switch e.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	if untrusted(err) {
		return false
	}
	if _, ok := errors.AsType[*misskey.DecodeError](err); ok {
		return false
	}
	return true // the network
}

func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// Explain adds to an error what a person can do about it.
func Explain(instance string, err error) error {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fmt.Errorf("%w; if the clock of this machine is wrong, set it", err)
	}
	if untrusted(err) {
		return fmt.Errorf("%w; this may not be %s", err, instance)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%w; is the name of the instance right?", err)
	}
	e, ok := errors.AsType[*misskey.Error](err)
	if ok && e.Code == "" && (e.Status < 400 || e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		return fmt.Errorf("%w; %s does not seem to be a Misskey instance", err, instance)
	}
	return err
}
