package misskey

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/internal/secret"
)

// secrets are what no error may show, even if the server repeats it: the token
// and what stands in the path, such as the session of MiAuth.
type secrets []string

func (c *Client) secretsOf(req *http.Request, op *api.Operation) secrets {
	all := secrets{sentToken(req), c.config.token.Reveal()}
	names, values := strings.Split(op.Endpoint, "/"), strings.Split(op.Path(), "/")
	for i, name := range names {
		if len(names) == len(values) && strings.HasPrefix(name, "{") {
			all = append(all, values[i])
			if value, err := url.PathUnescape(values[i]); err == nil {
				all = append(all, value, (&url.URL{Path: value}).EscapedPath())
			}
		}
	}
	return all
}

// hide replaces secrets in a text, however it spells them.
func (s secrets) hide(text string) string { return secret.Hide(text, s...) }

// maxErrorText is how long the text of an error of net/http may be, which can
// quote as much as a header may have.
const maxErrorText = 1000

// hideIn returns an error whose text shows no secret, and is fit for a terminal.
// One of net/http may quote what it could not read, and one of a decoder the
// value that was wrong.
func (s secrets) hideIn(err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *Error: // was made without them
		return e
	case *DecodeError:
		return &DecodeError{Endpoint: e.Endpoint, Pointer: s.hide(e.Pointer), Err: s.hideIn(e.Err)}
	}
	text := err.Error()
	hidden := s.hide(text)
	fit := clean(hidden, maxErrorText)
	switch {
	case hidden != text:
		return &hiddenError{fit, func(target error) bool { return errors.Is(err, target) }}
	case fit != text:
		return &cleanedError{fit, err}
	}
	return err
}

// A cleanedError is an error with another text.
type cleanedError struct {
	text string
	error
}

func (e *cleanedError) Error() string { return e.text }
func (e *cleanedError) Unwrap() error { return e.error }

// A hiddenError is an error that has a secret in its text. Only errors.Is can
// still see it.
type hiddenError struct {
	text string
	is   func(error) bool
}

func (e *hiddenError) Error() string        { return e.text }
func (e *hiddenError) Is(target error) bool { return e.is(target) }

// Format keeps the token out of what is printed of a request.
func (b *formBody) Format(f fmt.State, _ rune) { fmt.Fprint(f, "multipart form with a token") }
