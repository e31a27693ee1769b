package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// A CallOption changes a single call. A [RequestEditorFn] is one.
type CallOption interface {
	// Apply changes the settings of the call.
	Apply(*CallSettings)
}

// CallSettings are what the options of a call add up to. It is for those who
// write a [Caller] or options of their own.
type CallSettings struct {
	// Editors are applied to the request in order, after those of the client.
	Editors []RequestEditorFn

	// GET asks for the call to be sent as GET, and without a token, because
	// only what anybody may see can be cached.
	GET bool

	// GETToken asks for the token to go along with a GET all the same.
	GETToken bool

	// ReadOnly says what [Operation.ReadOnly] says, of an operation of which
	// that is not known.
	ReadOnly bool

	// Strict asks for an error where a part of the response is not of the kind
	// that its type has.
	Strict bool

	// Raw, if it is not nil, is where the JSON of the response goes as well.
	Raw *json.RawMessage

	// Retry, if it is not nil, is how often the call is sent again, in place
	// of what the Caller would do.
	Retry *RetryPolicy
}

// A RetryPolicy says how often a call is sent, and how long is waited before it
// is sent again. Its zero value is the default of every part. When a call may be
// sent again at all is up to the [Caller].
type RetryPolicy struct {
	// Attempts is how often the call is sent at most, counting the first time:
	// 1 is once and never again, 0 the default, which is 4.
	Attempts int

	// MaxWait is the longest wait between two attempts; 0 is the default, a
	// minute. A call is given up where the server asks for more.
	MaxWait time.Duration
}

// A RequestEditorFn changes a request before it is sent. An error of its stops
// the call. It is applied to every attempt anew, for each is a new request.
type RequestEditorFn func(ctx context.Context, req *http.Request) error

// Apply makes a RequestEditorFn a [CallOption].
func (fn RequestEditorFn) Apply(s *CallSettings) { s.Editors = append(s.Editors, fn) }
