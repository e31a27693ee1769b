package misskeytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Answer makes an endpoint respond with something of the test's own, whether the
// server has state for it or not, until Answer is called for it again. The checks
// before it stay: of the token, its permissions, the role and the parameters. An
// endpoint that the document does not have, such as one of a fork, comes into
// being, open to all.
//
// The response is a value, which is sent as JSON and with nil is a response without
// a body (204), or a function that returns it for each call:
//
//	srv.Answer("notes/translate", gen.NotesTranslateResponse{SourceLang: "ja", Text: "Good morning"})
//	srv.Answer("ap/show", func(req gen.APShowRequest) (any, error) { … })
//	srv.Answer("fork/fortune", func() string { return "great luck" })
//
// A function takes nothing, a [Request], or a type that the parameters are decoded
// into. It returns the value, and an error if it can fail: one that [Server.Fail]
// takes. Calls of one function come one after the other. It may use the methods
// of the server, and clients for other endpoints.
func (s *Server) Answer(endpoint string, answer any) {
	given, err := newAnswer(answer)
	if err != nil {
		s.fatal(fmt.Errorf("misskeytest: Answer %s: %w", endpoint, err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[endpoint] = given
}

// An answerFunc is how a test answers a call.
type answerFunc func(Request) (any, error)

var (
	errorType   = reflect.TypeFor[error]()
	requestType = reflect.TypeFor[Request]()
)

// newAnswer returns the function that a response is, or one that returns it.
func newAnswer(answer any) (answerFunc, error) {
	f := reflect.ValueOf(answer)
	if !f.IsValid() || f.Kind() != reflect.Func {
		if _, err := json.Marshal(answer); err != nil {
			return nil, err
		}
		return func(Request) (any, error) { return answer, nil }, nil
	}
	t := f.Type()
	if f.IsNil() || t.IsVariadic() || t.NumIn() > 1 || t.NumOut() < 1 || t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != errorType {
		return nil, fmt.Errorf("%T is not a function of nothing or one parameter that returns a value, or a value and an error", answer)
	}
	turn := make(chan struct{}, 1) // no mutex, for which a bubble of testing/synctest does not wait
	return func(r Request) (any, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		var in []reflect.Value
		if t.NumIn() == 1 {
			v, err := argument(t.In(0), r)
			if err != nil {
				return nil, err
			}
			in = append(in, v)
		}
		out := f.Call(in)
		if len(out) == 2 {
			if err, _ := out[1].Interface().(error); err != nil {
				return nil, err
			}
		}
		return out[0].Interface(), nil
	}, nil
}

// argument returns what a function of a test is called with.
func argument(t reflect.Type, r Request) (reflect.Value, error) {
	if t == requestType {
		return reflect.ValueOf(r), nil
	}
	v := reflect.New(t)
	if len(r.Params) > 0 {
		if err := json.Unmarshal(r.Params, v.Interface()); err != nil {
			return v, fmt.Errorf("misskeytest: the parameters of %s are not a %s: %w", r.Endpoint, t, err)
		}
	}
	return v.Elem(), nil
}

// hasAnswer reports whether a test answers an endpoint.
func (s *Server) hasAnswer(endpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[endpoint] != nil
}

// answered answers a call as a test has ordered it.
func (c *call) answered(answer answerFunc, r Request) (any, error) {
	v, err := answer(r)
	if err != nil {
		f := fault{err: err}
		if wrong := f.check(); wrong != nil {
			c.s.fail(fmt.Errorf("misskeytest: Answer %s: the function failed with %q: %w", c.op.endpoint, err, wrong))
			return nil, internalError(err.Error())
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if err = f.answer(c.op, c.s.now()); afterwards(err) {
			c.fault, err = err, nil
		}
		return nil, err
	}
	data, err := json.Marshal(v)
	switch {
	case err != nil:
		c.s.fail(fmt.Errorf("misskeytest: Answer %s: %w", c.op.endpoint, err))
		return nil, internalError(err.Error())
	case bytes.Equal(data, []byte("null")):
		return nil, nil
	}
	return json.RawMessage(data), nil
}

// fail fails the test from another goroutine than its own. Outside of tests
// nobody hears of it.
func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tb != nil && !s.done {
		s.tb.Errorf("%v", err)
	}
}
