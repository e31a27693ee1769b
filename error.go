package misskey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// An Error is a refused call: an error of the API, of the web framework below it or
// of a gateway in front of it, a redirect, or a response of success that is an HTML
// page or empty. A Status of 0 means that the client did not send the call because
// it could not succeed; see [WithPermissions].
//
//	if errors.Is(err, gen.ErrNoSuchNote) { … }
//	if e, ok := errors.AsType[*misskey.Error](err); ok { … e.RetryAfter … }
type Error struct {
	// Endpoint is the endpoint, such as "notes/show".
	Endpoint string

	// Status is the HTTP status, or 0 if nothing was sent.
	Status int

	// Code names the error. Several causes can share a Code. It is empty if the
	// server did not send one, for example if a gateway responded.
	Code api.ErrorCode

	// ID distinguishes the causes that share a Code. It may be empty.
	ID api.ErrorID

	// Kind is "client", "server" or "permission", or empty.
	Kind string

	// Message is text for people, exactly as the server sent it. Print the
	// result of Error instead: it contains no control characters.
	Message string

	// Info is further detail of an API error, as JSON, or nil.
	Info json.RawMessage

	// RetryAfter is how long the server asks to wait, or 0.
	RetryAfter time.Duration

	// Permission is the permission that the app token lacks, if the Code is
	// PERMISSION_DENIED.
	Permission api.Permission

	// Role is the role that the account needs, if the Code is
	// ROLE_PERMISSION_DENIED. It is empty if the endpoint requires a Policy.
	Role api.Role

	// Policy is the policy that a role of the account must grant, such as
	// "canInvite", if the Code is ROLE_PERMISSION_DENIED.
	Policy string

	// Field is the field of the request that the server rejected, such
	// as "Poll.Choices", if the Code is INVALID_PARAM and the parameters are of
	// a generated type or another struct that has it.
	Field string
}

// Error returns everything that is known, in one line without control characters.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "misskey: %s: ", clean(e.Endpoint, 100))
	if e.Code != "" {
		fmt.Fprintf(&b, "%s: ", clean(string(e.Code), 100))
	}
	message := clean(e.Message, 300)
	if message == "" {
		message = strings.ToLower(http.StatusText(e.Status))
	}
	if message == "" {
		message = "unknown status"
	}
	if e.Status == 0 {
		return b.String() + message
	}
	fmt.Fprintf(&b, "%s (HTTP %d", message, e.Status)
	if detail := e.detail(); detail != "" {
		fmt.Fprintf(&b, "; %s", clean(detail, 300))
	}
	if needs := e.needs(); needs != "" {
		fmt.Fprintf(&b, "; %s", clean(needs, 300))
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; retry after %v", e.RetryAfter.Round(time.Millisecond))
	}
	b.WriteByte(')')
	return b.String()
}

// A RateLimit describes the limit that a call has run into, as far as the server says.
type RateLimit struct {
	// Remaining is the number of calls left until Reset, usually 0.
	Remaining int64

	// Total is the number of calls that the limit allows in its window.
	Total int64

	// Reset is when the next call may succeed, by the server's clock. To wait,
	// use RetryAfter of the [Error], which does not depend on clocks.
	Reset time.Time
}

// RateLimit returns the rate limit that refused the call. ok is false for other
// errors, and if the server gave no details.
func (e *Error) RateLimit() (limit RateLimit, ok bool) {
	if e.Status != http.StatusTooManyRequests {
		return RateLimit{}, false
	}
	info := object(e.Info)
	ms := number(info["resetMs"])
	if ms <= 0 {
		ms = number(info["reset"]) * 1000
	}
	if ms <= 0 || ms > maxUnixMilli {
		return RateLimit{}, false
	}
	return RateLimit{
		Remaining: int64(number(info["remaining"])),
		Total:     int64(number(info["total"])),
		Reset:     time.UnixMilli(int64(ms)),
	}, true
}

// maxUnixMilli is the last millisecond of the year 9999.
const maxUnixMilli = 253402300799999

// detail is the part of Info without which the message says nothing: which
// parameter is wrong, or what an internal error is about.
func (e *Error) detail() string {
	info := object(e.Info)
	if param := text(info["param"]); param != "" {
		if e.Field != "" {
			param = "the field " + e.Field + ": " + param
		}
		return param + " " + text(info["reason"])
	}
	return text(object(info["e"])["message"])
}

// Is makes errors.Is find the error by its code and by its id.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case api.ErrorCode:
		return target != "" && e.Code == target
	case api.ErrorID:
		return target != "" && e.ID == target
	}
	return false
}

// newError makes an Error from a response. A server can quote a secret, as a JSON
// parser does that reports what it failed on. newError removes secrets after
// decoding, because JSON and HTML can spell a text in many ways, and because
// removing them earlier could change which kind of error it is.
func newError(op *api.Operation, resp *http.Response, body []byte, hidden secrets) *Error {
	body = bytes.TrimSpace(body)
	e := &Error{Endpoint: op.Endpoint, Status: resp.StatusCode}
	switch {
	case isRedirect(e.Status):
		e.Message = redirectMessage(op, resp)
	case e.readJSON(body):
	case len(body) == 0 && e.Status < 300:
		e.Message = "no content where a response was expected"
	default:
		e.Message = pageMessage(resp.Header.Get("Content-Type"), body, hidden)
	}
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), e.Info, time.Now())
	e.Code, e.ID = api.ErrorCode(hidden.hide(string(e.Code))), api.ErrorID(hidden.hide(string(e.ID)))
	e.Kind, e.Message = hidden.hide(e.Kind), hidden.hide(e.Message)
	if info := hidden.hide(string(e.Info)); info != string(e.Info) {
		e.Info = json.RawMessage(info)
		if !json.Valid(e.Info) { // there was a part of an escape in it
			e.Info = nil
		}
	}
	if e.Message == "" && e.Status < 300 {
		e.Message = "a response that is not JSON by its Content-Type"
	}
	return e
}

// readJSON reads the JSON forms of errors. Any part may be missing or have another
// type.
func (e *Error) readJSON(body []byte) bool {
	top := object(body)
	if top == nil {
		return false
	}
	if fault := object(top["error"]); fault != nil { // Misskey's
		e.Code = api.ErrorCode(text(fault["code"]))
		e.ID = api.ErrorID(text(fault["id"]))
		e.Kind = text(fault["kind"])
		e.Message = text(fault["message"])
		if info := fault["info"]; string(info) != "null" {
			e.Info = info
		}
		return true
	}
	// The web framework's, where error is the name of the status, or OAuth's,
	// where it is the code.
	e.Code = api.ErrorCode(text(top["code"]))
	e.Message = text(top["message"])
	switch name := text(top["error"]); {
	case e.Message != "":
	case top["error_description"] != nil:
		e.Code, e.Message = api.ErrorCode(name), text(top["error_description"])
	default:
		e.Message = name
	}
	if e.Status == http.StatusNotFound && noRoute.MatchString(e.Message) {
		// For POST the framework reports an unknown endpoint; for GET the API
		// does (protocol A.1).
		e.Code, e.ID, e.Kind = gen.ErrUnknownAPIEndpoint, gen.ErrIDUnknownAPIEndpoint, "client"
	}
	// signup has the reason in place of a message.
	if e.Code == "" && codeLike.MatchString(e.Message) {
		e.Code = api.ErrorCode(e.Message)
	}
	return true
}

var noRoute = regexp.MustCompile(`^Route [A-Z]+:\S+ not found$`)

var codeLike = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)

// object returns the members of a JSON object, or nil.
func object(data []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(data, &m) != nil {
		return nil
	}
	return m
}

// text returns a JSON string, or "".
func text(data json.RawMessage) string {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return s
}

// number returns a JSON number that is not beyond what an int64 holds, or 0.
func number(data json.RawMessage) float64 {
	var n float64
	if json.Unmarshal(data, &n) != nil || math.Abs(n) > math.MaxInt64/2 {
		return 0
	}
	return n
}

var titleElement = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// pageMessage describes a body that is not JSON. It removes secrets before it
// truncates, which could leave half of one.
func pageMessage(contentType string, body []byte, hidden secrets) string {
	if !bytes.HasPrefix(body, []byte("<")) && !strings.HasPrefix(contentType, "text/html") {
		return clip(hidden.hide(strings.ToValidUTF8(string(body), "\uFFFD")), 300)
	}
	message := "a page of HTML in place of a response"
	if m := titleElement.FindSubmatch(body); m != nil {
		if title := clean(hidden.hide(html.UnescapeString(string(m[1]))), 200); title != "" {
			message += ": " + title
		}
	}
	return message
}

// retryAfter returns how long to wait. It reads the header, which holds seconds or
// a date, or else the info of a rate limit, which holds a time.
func retryAfter(header string, info json.RawMessage, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	// Beyond an int64, the result is its largest or smallest value.
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(0, seconds), math.MaxInt64/int64(time.Second))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	ms := number(object(info)["resetMs"])
	if ms <= 0 {
		return 0
	}
	return max(0, time.UnixMilli(int64(ms)).Sub(now))
}
