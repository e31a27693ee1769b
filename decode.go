package misskey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// A DecodeError is a response that is not JSON although it claims to be, that is
// of another kind as a whole or at more than 100 places, or that would take too
// much memory. With [Strict], it is also one that is of another kind at one place.
type DecodeError struct {
	// Endpoint is what was called.
	Endpoint string

	// Pointer is the first place of another kind as a JSON pointer, such as
	// /0/createdAt; empty for the whole response, or where it is not JSON.
	Pointer string

	// Err is the error of the decoder.
	Err error
}

// Error names the endpoint and the place.
func (e *DecodeError) Error() string {
	place := ""
	if e.Pointer != "" {
		place = " at " + clean(e.Pointer, 200)
	}
	return fmt.Sprintf("misskey: %s: decoding the response%s: %s", e.Endpoint, place, clean(e.Err.Error(), 300))
}

// Unwrap returns the error of the decoder.
func (e *DecodeError) Unwrap() error { return e.Err }

// A Mismatch is a value in a response whose kind does not fit its type. The field
// or element that it was for is left at its zero value; an entry of a map is left
// out.
type Mismatch struct {
	// Pointer is the place in the response as a JSON pointer, such as
	// /0/createdAt. A long one is cut off and ends in /….
	Pointer string

	// Want is the Go type that the value is for.
	Want string

	// Found is the kind of the value: null, bool, number, string, array or
	// object. It may be of the right kind if Err is not nil.
	Found string

	// Err is the error of a method that refused the value, such as that of a
	// time, or nil.
	Err error
}

// A MismatchEvent is a response that was decoded except for some values.
type MismatchEvent struct {
	// Endpoint is what was called, such as "notes/show".
	Endpoint string

	// Mismatches are the values, in the order of the response. There are at
	// most 100.
	Mismatches []Mismatch
}

// WithMismatchNotify calls fn for every response that has values of another kind
// than its type says, before the call returns. Without this option such values are
// only logged; see [WithLogger]. fn may be called by several goroutines at once.
func WithMismatchNotify(fn func(MismatchEvent)) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithMismatchNotify: the function is nil")
		}
		o.mismatch = fn
		return nil
	}
}

// WithStrict is [Strict] for every call of a client.
func WithStrict() Option {
	return func(o *options) error {
		o.strict = true
		return nil
	}
}

// Strict makes a call fail with a [*DecodeError] where a value in the response is
// not of the kind that its type says, or is null although it cannot be. Otherwise
// such a value is left at zero; null for a value that cannot be null is zero
// silently.
//
// Calls whose response is a credential or proves that something is stored are
// strict by themselves: those that log in, make apps, tokens and accounts, and
// those that upload.
func Strict() gen.CallOption { return strictOption{} }

type strictOption struct{}

func (strictOption) Apply(s *api.CallSettings) { s.Strict = true }

// WithRaw calls fn with the JSON of every response that has some. body belongs to
// fn. fn may be called by several goroutines at once.
func WithRaw(fn func(endpoint string, body json.RawMessage)) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithRaw: the function is nil")
		}
		o.raw = fn
		return nil
	}
}

// Raw sets body to the JSON of the response, so that properties can be read that
// have no field. Given to an iterator, it is that of the page which the current
// item is from. It is left as it is where the response has no content, or is an
// error.
func Raw(body *json.RawMessage) gen.CallOption { return rawOption{body} }

type rawOption struct{ body *json.RawMessage }

func (r rawOption) Apply(s *api.CallSettings) { s.Raw = r.body }

// keepRaw hands the JSON of a response to those who want it.
func (c *Client) keepRaw(op *api.Operation, settings *api.CallSettings, body []byte) {
	if settings.Raw != nil {
		*settings.Raw = bytes.Clone(body)
	}
	if c.config.raw != nil {
		c.config.raw(op.Endpoint, bytes.Clone(body))
	}
}

// WithMaxDecodedBytes changes how much memory the largest response may take once
// it is decoded; 256 MiB otherwise. A response of a few bytes may take far more
// decoded, so there is a bound that depends on its length, too: 1 MiB and 32 times
// the length. A call fails with a [*DecodeError] that is [ErrTooLarge] where
// either is exceeded.
func WithMaxDecodedBytes(n int64) Option {
	return func(o *options) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxDecodedBytes: %d is not a number of bytes", n)
		}
		o.maxDecoded = n
		return nil
	}
}

// strictEndpoints are those where a zero value would be taken for success: they
// return a credential, or the id of what must not be made twice.
var strictEndpoints = map[string]bool{
	"admin/accounts/create":  true,
	"admin/invite/create":    true,
	"admin/reset-password":   true,
	"app/create":             true,
	"auth/session/generate":  true,
	"auth/session/userkey":   true,
	"drive/files/create":     true,
	"i/2fa/done":             true,
	"i/2fa/register":         true,
	"invite/create":          true,
	"miauth/gen-token":       true,
	"miauth/{session}/check": true,
	"signin-flow":            true,
	"signin-with-passkey":    true,
	"signup":                 true,
	"signup-pending":         true,
}

// decode decodes the response to req into out. It is the one place where responses
// are decoded.
func (c *Client) decode(req *http.Request, op *api.Operation, settings *api.CallSettings, body []byte, out any) error {
	decoded, err := decode.Unmarshal(req.Context(), body, out, decode.Options{
		Strict:    c.config.strict || settings.Strict || strictEndpoints[op.Endpoint],
		MaxMemory: c.config.maxDecoded,
	})
	switch {
	case req.Context().Err() != nil && errors.Is(err, req.Context().Err()):
		return err
	case errors.Is(err, decode.ErrTooMuch):
		return &DecodeError{Endpoint: op.Endpoint, Err: fmt.Errorf("%w: %w", ErrTooLarge, err)}
	case err != nil:
		e := &DecodeError{Endpoint: op.Endpoint, Err: err}
		if mismatch, ok := errors.AsType[*decode.MismatchError](err); ok {
			e.Pointer = mismatch.First.Pointer
		}
		return e
	case len(decoded.Mismatches) > 0:
		c.report(req, op, decoded.Mismatches)
	}
	return nil
}

// report reports the mismatches of a response.
func (c *Client) report(req *http.Request, op *api.Operation, found []decode.Mismatch) {
	if c.config.logger == nil && c.config.mismatch == nil {
		return
	}
	secrets := c.secretsOf(req, op)
	event := MismatchEvent{op.Endpoint, make([]Mismatch, len(found))}
	for i, m := range found {
		event.Mismatches[i] = Mismatch{clean(secrets.hide(m.Pointer), len(m.Pointer)), m.Want, m.Found, secrets.hideIn(m.Err)}
	}
	if c.config.logger != nil {
		first := event.Mismatches[0]
		c.config.logger.LogAttrs(req.Context(), slog.LevelWarn, "misskey mismatch",
			slog.String("endpoint", op.Endpoint),
			slog.Int("count", len(found)),
			slog.String("pointer", clip(first.Pointer, 200)),
			slog.String("want", first.Want),
			slog.String("found", first.Found))
	}
	if c.config.mismatch != nil {
		c.config.mismatch(event)
	}
}
