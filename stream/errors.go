package stream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
)

// errSlowServer ends a connection over which nothing can be sent.
var errSlowServer = errors.New("stream: the instance does not take what is sent to it")

// A finalError is an error that another attempt will not mend.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

// A connError is why there is no connection. Its text is ours: those of the
// libraries below quote what the server sends, and speak of what they do.
type connError struct {
	text string
	err  error
}

func (e *connError) Error() string { return e.text }
func (e *connError) Unwrap() error { return e.err }

// connError returns an error with a text, and with the cause err, in which no
// secret of the request r is left. r may be nil.
func (l *link) connError(r *http.Request, err error, format string, args ...any) error {
	text := fmt.Errorf("stream: "+format, args...)
	return &connError{l.s.mk.HideSecrets(r, text).Error(), l.s.mk.HideSecrets(r, err)}
}

// dialError is why a connection could not be made.
func (l *link) dialError(r *http.Request, resp *http.Response, err error) error {
	host := l.s.mk.BaseURL()
	if whole, ok := errors.AsType[*url.Error](err); ok {
		err = whole.Err // without the URL, which may have the token
	}
	if err := context.Cause(r.Context()); err != nil && resp == nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return l.connError(r, err, "connecting to %s: no response within %v", host, dialTimeout)
		}
		return err
	}
	fail := func(err error) error {
		l.s.mu.Lock()
		defer l.s.mu.Unlock()
		if l.s.upOnce || l.s.opts.KeepTrying {
			return err
		}
		return &finalError{err}
	}
	switch {
	case resp != nil && (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden):
		return &finalError{tokenRefused(resp.StatusCode)}
	case resp != nil && resp.StatusCode == http.StatusSwitchingProtocols:
		return l.connError(r, err, "connecting to %s: what responds does not speak WebSocket", host)
	case resp != nil:
		err := l.connError(r, err, "connecting to %s: HTTP %s", host, strings.TrimSpace(strconv.Itoa(resp.StatusCode)+" "+http.StatusText(resp.StatusCode)))
		switch resp.StatusCode {
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
			return err
		}
		if resp.StatusCode < http.StatusInternalServerError {
			return fail(err) // a Misskey would have accepted it
		}
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return l.connError(r, err, "connecting to %s: the connection was cut", host)
	}
	failed := l.connError(r, err, "connecting to %s: %w", host, err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fail(failed)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return fail(failed)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && !dns.IsTimeout {
		return fail(failed)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && !op.Timeout() {
		return fail(failed)
	}
	return failed
}

// readError is why a connection has ended.
func (l *link) readError(err error) error {
	closed, ok := errors.AsType[websocket.CloseError](err)
	_, network := errors.AsType[*net.OpError](err)
	switch {
	case ok && closed.Reason != "":
		return l.connError(nil, err, "the instance has closed the connection (code %d: %q)", closed.Code, closed.Reason)
	case ok:
		return l.connError(nil, err, "the instance has closed the connection (code %d)", closed.Code)
	case errors.Is(err, websocket.ErrMessageTooBig):
		return l.connError(nil, err, "a message has more than the %d bytes of Options.MaxMessage", l.s.opts.MaxMessage)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), network:
		return l.connError(nil, err, "the connection was cut")
	}
	return l.connError(nil, err, "the connection has ended: what came is not WebSocket")
}

// tokenRefused is the error of a connection that the instance does not accept.
func tokenRefused(status int) error {
	e := &misskey.Error{Endpoint: "streaming", Status: status, Kind: "client", Code: api.ErrorCode("AUTHENTICATION_FAILED"),
		Message: "the instance does not accept the token; that of an app needs the permission read:account"}
	if status == http.StatusForbidden {
		e.Kind, e.Code, e.Message = "permission", "YOUR_ACCOUNT_SUSPENDED", "the account is suspended"
	}
	return e
}
