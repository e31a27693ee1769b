package misskeytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A fault is an answer that has been ordered.
type fault struct {
	endpoint string // empty for all
	err      error
	times    int // how often it is still answered; negative for always
}

// Fail makes the next calls of an endpoint, or with an empty name of any, fail,
// as often as times says, or with a negative number until the server ends. A call
// fails before it has any effect. What it is answered with is
//
//   - an error of the API by its code ([gen.ErrorCode]) or its id
//     ([gen.ErrorID]), with the status, kind and id that the endpoint has for
//     it; a code that the document does not know is answered with status 400
//   - a *[misskey.Error], field by field: with a Code it is an error of the API,
//     without one the page of a gateway with that Status
func (s *Server) Fail(endpoint string, err error, times int) {
	var (
		code gen.ErrorCode
		id   gen.ErrorID
		full *misskey.Error
	)
	switch {
	case errors.As(err, &full) && full.Status < 100:
		s.fatal(fmt.Errorf("misskeytest: Fail: %d is not the status of an answer", full.Status))
	case errors.As(err, &full), errors.As(err, &code), errors.As(err, &id):
	default:
		s.fatal(fmt.Errorf("misskeytest: Fail: %T is no gen.ErrorCode, gen.ErrorID or *misskey.Error", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{endpoint, err, times})
}

// fault returns the answer that has been ordered for a call, or nil.
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
