package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// A CallOption changes a single call. A [RequestEditorFn] is a CallOption.
type CallOption interface {
	// Apply changes the settings of the call.
	Apply(*CallSettings)
}

// CallSettings collects what the options of a call set. It is for programs that
// implement a [Caller] or options of their own.
type CallSettings struct {
	// Editors are applied to the request in order, after those of the client.
	Editors []RequestEditorFn

	// GET sends the call as an HTTP GET without a token, so that the response can
	// be cached.
	GET bool

	// GETToken sends the token with a GET.
	GETToken bool

	// ReadOnly declares the call to be what [Operation.ReadOnly] describes, for an
	// operation about which that is unknown.
	ReadOnly bool

	// Strict makes every mismatch between the response and its type an error.
	Strict bool

	// Raw, if not nil, is set to the JSON of the response.
	Raw *json.RawMessage

	// Retry, if not nil, replaces the retry policy of the Caller.
	Retry *RetryPolicy
}

// A RetryPolicy limits how often a call is sent and how long the Caller waits between
// attempts. The zero value has the default of every field. The [Caller] decides which
// failed calls are retried at all.
type RetryPolicy struct {
	// Attempts is the maximum number of attempts, including the first. 0 means the
	// default, which is 4; 1 means no retries.
	Attempts int

	// MaxWait is the longest wait between two attempts. 0 means the default, a
	// minute. If the server asks for a longer wait, the call fails.
	MaxWait time.Duration
}

// A RequestEditorFn changes a request before it is sent. If it returns an error, the
// call fails. It is applied to every attempt, because each is a new request.
type RequestEditorFn func(ctx context.Context, req *http.Request) error

// Apply makes a RequestEditorFn a [CallOption].
func (fn RequestEditorFn) Apply(s *CallSettings) { s.Editors = append(s.Editors, fn) }
