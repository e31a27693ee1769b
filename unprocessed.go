package misskey

import (
	"errors"
	"regexp"
)

// An unprocessedError is the failure of a request of which the server says, by
// the means of HTTP/2, that it has not looked at it.
type unprocessedError struct{ err error }

func (e *unprocessedError) Error() string {
	return "the server ended the connection before it looked at the request"
}
func (e *unprocessedError) Unwrap() error { return e.err }

// net/http reports in words alone why a request of HTTP/2 has failed that it
// would send again by itself if it could. The words are matched as a whole,
// because other errors quote the server.
var (
	notReplayed = regexp.MustCompile(`^http2: Transport: cannot retry err \[(.*)\] after Request\.Body was written; define Request\.GetBody to avoid this error$`)

	// The stream was refused, or is above the last one that GOAWAY names: it was
	// not processed (RFC 9113, section 8.7).
	refusedStream = regexp.MustCompile(`^(stream error: stream ID [0-9]+; REFUSED_STREAM; received from peer|http2: Transport received Server's graceful shutdown GOAWAY)$`)

	// The same for the first stream of a connection that ends with an error.
	firstRefused = regexp.MustCompile(`^http2: Transport received GOAWAY from server ErrCode:([A-Z0-9_]+|unknown error code 0x[0-9a-f]+)$`)
)

// notRewound is what net/http says when it has found a connection of HTTP/2 to be
// unusable before it wrote anything to it, and has no other at hand.
const notRewound = "net/http: cannot rewind body after connection loss"

// errNotSent is the failure of a request of which nothing was sent.
var errNotSent = errors.New("the connection ended before the request was sent")

// markUnprocessed returns errNotSent or an unprocessedError for an error of
// net/http that means one, and takes the advice for programmers out of similar
// ones. sent reports whether the header of the request was written.
func markUnprocessed(err error, sent bool) error {
	text := err.Error()
	m := notReplayed.FindStringSubmatch(text)
	switch {
	case text == notRewound && !sent:
		return errNotSent
	case m != nil && refusedStream.MatchString(m[1]), firstRefused.MatchString(text):
		return &unprocessedError{err}
	case m != nil:
		return &cleanedError{m[1], err}
	}
	return err
}
