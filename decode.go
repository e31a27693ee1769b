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

// A DecodeError reports a response that cannot be decoded: it is not JSON although
// its Content-Type says so, it is of another kind as a whole or has more than 100
// mismatches, or it would take too much memory. With [Strict], one mismatch suffices.
type DecodeError struct {
	// Endpoint is the endpoint, such as "notes/show".
	Endpoint string

	// Pointer is the JSON pointer to the first mismatch, such as /0/createdAt. It
	// is empty for the whole response, and for a response that is not JSON.
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

// A Mismatch is a value in a response that does not fit its Go type. Its field or
// element stays zero; an entry of a map is left out.
type Mismatch struct {
	// Pointer is the JSON pointer to the value, such as /0/createdAt. A long one
	// is truncated and ends in /….
	Pointer string

	// Want is the Go type of the field or element.
	Want string

	// Found is the kind of the value: null, bool, number, string, array or
	// object. If Err is not nil, the kind may be right.
	Found string

	// Err is the error of a method that rejected the value, such as one that
	// parses a time, or nil.
	Err error
}

// A MismatchEvent describes a response with mismatches.
type MismatchEvent struct {
	// Endpoint is what was called, such as "notes/show".
	Endpoint string

	// Mismatches are in the order of the response. There are at most 100.
	Mismatches []Mismatch
}

// WithMismatchNotify calls fn for every response with mismatches, before the call
// returns. Mismatches are also logged; see [WithLogger]. fn must be safe for
// concurrent use.
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

// Strict makes a call fail with a [*DecodeError] if a value in the response does not
// fit its field, or is null where the document does not allow null. By default, such
// a field stays zero, and null is not even reported.
//
// Calls whose response is a credential, or proves that something was stored, are
// always strict: logins, uploads, and calls that create apps, tokens and accounts.
func Strict() gen.CallOption { return strictOption{} }

type strictOption struct{}

func (strictOption) Apply(s *api.CallSettings) { s.Strict = true }

// WithRaw calls fn with the JSON of every response that has a body. fn may keep
// body, and must be safe for concurrent use.
func WithRaw(fn func(endpoint string, body json.RawMessage)) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithRaw: the function is nil")
		}
		o.raw = fn
		return nil
	}
}

// Raw sets body to the JSON of the response, for reading properties that have no
// field. With an iterator, body holds the page of the current item. Raw leaves body
// unchanged if the response is empty or an error.
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

// WithMaxDecodedBytes limits the memory of a decoded response, which is 256 MiB by
// default. A second limit depends on the length of the response, because a few bytes
// can decode into many: 1 MiB plus 32 times the length. A call that exceeds either
// limit fails with a [*DecodeError] that is [ErrTooLarge].
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
