package misskeytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A fault is a response that has been ordered.
type fault struct {
	endpoint string // empty for all
	err      error
	times    int // how often it is still answered; negative for always
}

// Ways in which connections fail, for [Server.Fail].
var (
	// ErrDropped closes the connection instead of carrying a call out.
	ErrDropped = errors.New("misskeytest: the connection is closed before the call has any effect")

	// ErrUnanswered carries a call out and closes the connection instead of
	// answering.
	ErrUnanswered = errors.New("misskeytest: the connection is closed before the response")

	// ErrCutOff carries a call out and closes the connection in the middle of
	// the response.
	ErrCutOff = errors.New("misskeytest: the connection is closed amid the response")
)

// Slow is how long the answer to a call takes that has been carried out, for
// [Server.Fail]. The call has its effect at once.
type Slow time.Duration

// Error says how long the response takes.
func (d Slow) Error() string {
	return fmt.Sprintf("misskeytest: the response takes %v", time.Duration(d))
}

// afterwards reports whether a call meets a fault after it has been carried out.
func afterwards(err error) bool {
	_, slow := errors.AsType[Slow](err)
	return slow || errors.Is(err, ErrUnanswered) || errors.Is(err, ErrCutOff)
}

// disrupt lets a response meet a fault of its connection.
func (s *Server) disrupt(err error, w http.ResponseWriter, r *http.Request, answer func(http.ResponseWriter)) {
	if slow, ok := errors.AsType[Slow](err); ok {
		timer := time.NewTimer(time.Duration(slow))
		defer timer.Stop()
		select {
		case <-timer.C:
			answer(w)
			return
		case <-r.Context().Done():
		}
	}
	if errors.Is(err, ErrCutOff) {
		whole := httptest.NewRecorder()
		answer(whole)
		maps.Copy(w.Header(), whole.Header())
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler)
}

// CutStreams cuts all connections to the stream, without the closing that a
// WebSocket has.
func (s *Server) CutStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.cut()
	}
}

// LoseFrames loses the next n frames that the stream sends, on whatever
// connection, or with a negative number all until it is called again. Nobody is
// told, as where a network fails without closing anything; only pings still go
// through.
func (s *Server) LoseFrames(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losing = n
}

// frameLost reports whether the next frame is to be lost.
func (s *Server) frameLost() bool {
	if s.losing > 0 {
		s.losing--
		return true
	}
	return s.losing < 0
}

// Fail makes the next calls of an endpoint, or with an empty name of any, fail,
// as often as times says, or with a negative number until the server ends. A call
// fails before it has any effect. The error is one of these:
//
//   - an error of the API by its code ([gen.ErrorCode]) or its id
//     ([gen.ErrorID]), with the status, kind and id that the endpoint has for
//     it; a code that the document does not know comes with status 400
//   - a *[misskey.Error], field by field: with a Code it is an error of the API,
//     without one the page of a gateway with that Status, which may be 200
//   - [ErrDropped], [ErrUnanswered], [ErrCutOff] or a [Slow] answer
//
// The endpoint "streaming" is the stream, whose connections fail to open.
func (s *Server) Fail(endpoint string, err error, times int) {
	f := &fault{endpoint, err, times}
	if err := f.check(); err != nil {
		s.fatal(fmt.Errorf("misskeytest: Fail: %w", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// check reports why a call cannot fail like that.
func (f *fault) check() error {
	var (
		code gen.ErrorCode
		id   gen.ErrorID
		full *misskey.Error
	)
	switch {
	case errors.As(f.err, &full) && full.Status < 100:
		return fmt.Errorf("%d is not the status of a response", full.Status)
	case errors.As(f.err, &full), errors.As(f.err, &code), errors.As(f.err, &id), errors.Is(f.err, ErrDropped), afterwards(f.err):
		return nil
	}
	return fmt.Errorf("%T is not a gen.ErrorCode, gen.ErrorID, *misskey.Error or fault of this package", f.err)
}

// fault returns the response that has been ordered for a call, or nil.
func (s *Server) fault(op *operation) error {
	for _, f := range s.faults {
		if f.times == 0 || f.endpoint != "" && f.endpoint != op.endpoint {
			continue
		}
		if f.times > 0 {
			f.times--
		}
		return f.answer(op, s.now())
	}
	return nil
}

func (f *fault) answer(op *operation, now time.Time) error {
	var (
		code gen.ErrorCode
		id   gen.ErrorID
		full *misskey.Error
	)
	e := apiError{status: http.StatusBadRequest, kind: "client"}
	switch {
	case errors.Is(f.err, ErrDropped), afterwards(f.err):
		return f.err
	case errors.As(f.err, &full) && full.Code == "":
		return &brokenAnswer{full.Status, full.RetryAfter}
	case errors.As(f.err, &full):
		if known, ok := op.find(string(full.Code)); ok {
			e = known
		}
		e.code, e.status, e.message, e.retryAfter = string(full.Code), full.Status, full.Message, full.RetryAfter
		if full.ID != "" {
			e.id = string(full.ID)
		}
		if full.Kind != "" {
			e.kind = full.Kind
		}
		if full.Info != nil {
			e.info = json.RawMessage(full.Info)
		}
	case errors.As(f.err, &code):
		e.code = string(code)
		if known, ok := op.find(e.code); ok {
			e = known
		}
	case errors.As(f.err, &id):
		e.code, e.id = "UNKNOWN", string(id)
		if known, ok := op.find(e.id); ok {
			e = known
		}
	}
	if e.code == errRateLimit.code && e.info == nil {
		wait := max(e.retryAfter, time.Second)
		e.retryAfter = wait
		reset := now.Add(wait)
		e.info = object{"remaining": 0, "reset": reset.Unix(), "resetMs": reset.UnixMilli(), "total": 1}
	}
	e.ordered = true
	return &e
}

// A brokenAnswer is what a gateway says instead of the server.
type brokenAnswer struct {
	status     int
	retryAfter time.Duration
}

func (e *brokenAnswer) Error() string { return http.StatusText(e.status) }

func (e *brokenAnswer) write(w http.ResponseWriter) {
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(e.status)
	title := html.EscapeString(fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)))
	fmt.Fprintf(w, "<!DOCTYPE html><title>%s</title><h1>%[1]s</h1>", title)
}
