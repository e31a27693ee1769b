package misskeytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A Request is a call that the server was sent.
type Request struct {
	// Time is when it came, by the clock of the server.
	Time time.Time

	// Endpoint is what was called, such as "notes/create".
	Endpoint string

	// Method is the method of HTTP, mostly POST.
	Method string

	// Username is that of the account that called; empty for nobody.
	Username string

	// Params are the parameters, a JSON object, without the token and without
	// the file of an upload. They are nil where the body could not be read.
	Params json.RawMessage

	// Status is that of the response, or 0 where there was none.
	Status int

	// Code is that of the error that was answered, if any.
	Code gen.ErrorCode
}

// Requests returns what the server was sent, in the order in which it answered:
// the calls of one endpoint, or with an empty name all. Connections to the stream
// are those of the endpoint "streaming". Of very many requests only the last
// 10,000 or more are there.
func (s *Server) Requests(endpoint string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r Request) bool {
		return endpoint != "" && r.Endpoint != endpoint
	})
}

type expectation struct {
	endpoint string
	code     gen.ErrorCode
}

// Expect announces that calls of an endpoint, or with an empty name of any, will
// be refused with a code. Without that a test fails when the server is called as
// no correct program calls it:
//
//   - an endpoint that there is not: [gen.ErrUnknownAPIEndpoint]
//   - a parameter that is wrong: [gen.ErrInvalidParam]
//   - a token that there is not: [gen.ErrAuthenticationFailed]
//   - a body that cannot be read; the code is that of the web framework, such as
//     "FST_ERR_CTP_INVALID_JSON_BODY", or "" for a response that has none
//   - a message on the stream that cannot be read, or the name of a channel that
//     there is not, which Misskey passes over in silence: the endpoint is
//     "streaming", the code [gen.ErrInvalidParam]
//
// Other errors are part of what a program has to cope with and fail no test, nor
// does what [Server.Fail] has ordered. Outside of tests, and with
// [Options].Lenient, nothing has to be announced.
func (s *Server) Expect(endpoint string, code gen.ErrorCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = append(s.expected, expectation{endpoint, code})
}

// note remembers a call, and fails the test where it should not have been made.
func (s *Server) note(r Request, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Time.IsZero() {
		r.Time = s.now()
	}
	s.requests = append(s.requests, r)
	if n := len(s.requests); n == 2*maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests)
	}
	s.blame(r, mistake(r, err))
}

// maxRequests is how many requests are remembered at the least.
const maxRequests = 10_000

// blame fails the test for a request about which something is wrong, unless that
// was announced.
func (s *Server) blame(r Request, why string) {
	if s.tb == nil || s.options.Lenient || s.done {
		return
	}
	if why == "" || slices.ContainsFunc(s.expected, func(e expectation) bool {
		return (e.endpoint == "" || e.endpoint == r.Endpoint) && e.code == r.Code
	}) {
		return
	}
	who := r.Username
	if who == "" {
		who = "nobody"
	}
	s.tb.Errorf("misskeytest: %s %s, called by %s: %s\nparameters: %s\nIf the test is about that, announce it: srv.Expect(%q, %q)",
		r.Method, r.Endpoint, who, why, r.Params, r.Endpoint, r.Code)
}

// blameMadeUp fails the test for a call whose response is made up, where the test
// must not rely on that. A response without a body has nothing to make up.
func (s *Server) blameMadeUp(r Request) {
	if s.tb == nil || !s.options.FailMadeUp || s.done {
		return
	}
	s.tb.Errorf("misskeytest: %s %s: the server has no state for it, and would make its response up\nparameters: %s\nGive the response: srv.Answer(%q, …)",
		r.Method, r.Endpoint, r.Params, r.Endpoint)
}

// mistake says what is wrong about a call, if that is the caller's fault alone.
func mistake(r Request, err error) string {
	var (
		api       *apiError
		framework *frameworkError
		empty     emptyError
	)
	switch {
	case errors.As(err, &api) && api.ordered:
		return ""
	case errors.Is(err, errNoAnswer):
		return "the token is not a string; Misskey would never answer"
	case errors.As(err, &api):
		switch {
		case api.id == errUnknownEndpoint.id:
			return "there is no such endpoint"
		case api.id == errInvalidParam.id, api.id == errCannotCast.id:
			return fmt.Sprintf("a parameter is wrong: %s %s", text(at(api.info, "param")), text(at(api.info, "reason")))
		case api.id == errAuthenticationFailed.id:
			return "there is no such token"
		}
	case errors.As(err, &framework) && framework.code == "":
		return "there is no such endpoint"
	case errors.As(err, &framework):
		return framework.message
	case errors.As(err, &empty) && empty == 405:
		return "it cannot be called with GET"
	case errors.As(err, &empty) && empty == 400:
		return "the form has no file"
	}
	return ""
}

// codeOf is the code of the error that is answered. Both answers to a call of an
// unknown endpoint have the same.
func codeOf(err error) gen.ErrorCode {
	var (
		api       *apiError
		framework *frameworkError
	)
	switch {
	case errors.As(err, &api):
		return gen.ErrorCode(api.code)
	case errors.As(err, &framework) && framework.code == "":
		return gen.ErrUnknownAPIEndpoint
	case errors.As(err, &framework):
		return gen.ErrorCode(framework.code)
	}
	return ""
}
