package api

import (
	"context"
	"net/http"
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

	// GET asks for the call to be sent as GET.
	GET bool
}

// A RequestEditorFn changes a request before it is sent. An error of its stops
// the call.
type RequestEditorFn func(ctx context.Context, req *http.Request) error

// Apply makes a RequestEditorFn a [CallOption].
func (fn RequestEditorFn) Apply(s *CallSettings) { s.Editors = append(s.Editors, fn) }
