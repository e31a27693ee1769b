package misskey

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/internal/secret"
)

// An Option sets up a [Client]. Options are for [New] and apply in order.
type Option func(*options) error

// options are what the options of New add up to.
type options struct {
	token     secret.Text
	bearer    bool                // the token goes into the header
	inBody    bool                // the token is one, and goes into the body
	authorize api.RequestEditorFn // puts the token into a request; nil without one

	editors     []api.RequestEditorFn
	httpClient  *http.Client
	logger      *slog.Logger
	userAgent   []string // the value of the header
	maxResponse int64
	maxDecoded  int64 // 0 for the default
	strict      bool
	mismatch    func(MismatchEvent)                         // nil for none
	raw         func(endpoint string, body json.RawMessage) // nil for none
	stall       time.Duration                               // without progress, after which a call ends
	plainHTTP   bool
	retry       RetryPolicy
	notify      func(RetryEvent) // nil for none
	limiter     Limiter          // nil for none
	permissions []api.Permission // of the token; nil where they are not known
}

// WithToken makes calls for the account or app that the token belongs to. The
// token is sent as every version of Misskey understands it; see [TokenEditor].
func WithToken(token string) Option {
	return func(o *options) error {
		return o.setToken(token, false)
	}
}

// WithBearer is [WithToken], but for a server that wants the token in the
// header of every call; see [BearerEditor].
func WithBearer(token string) Option {
	return func(o *options) error {
		return o.setToken(token, true)
	}
}

// setToken makes o send the token in the header or, if it can, in the body.
func (o *options) setToken(token string, bearer bool) error {
	err := checkToken(token)
	o.token, o.bearer, o.inBody = secret.New(token), bearer, !bearer && err == nil
	o.authorize = TokenEditor(token)
	if bearer {
		o.authorize = BearerEditor(token)
	}
	return err
}

// WithHTTPClient makes calls through a client of your own, for a proxy, a
// tracing transport or a cookie jar. It is not changed: what is used is a copy
// that follows no redirects and sends to no other host. Where it has no
// Transport, that of this package is used. A Transport that follows redirects by
// itself, as those do that wrap another client, takes the token along.
//
// The Transport is not changed either. One of your own should look after the
// connections of HTTP/2 as [NewTransport] describes. When a call has waited for a
// second or more on a connection that was used before, and has got nothing, the
// idle connections of the Transport are closed.
func WithHTTPClient(hc *http.Client) Option {
	return func(o *options) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		o.httpClient = hc
		return nil
	}
}

// WithRequestEditor applies fn to every request before it is sent, and before
// the token is put into it. It may be given several times. An editor may not
// send a request to another host. A call that is sent again is a new request.
func WithRequestEditor(fn api.RequestEditorFn) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithRequestEditor: the editor is nil")
		}
		o.editors = append(o.editors, fn)
		return nil
	}
}

// WithUserAgent puts the name of your program, such as "mybot/1.2", in front of
// the User-Agent header.
func WithUserAgent(program string) Option {
	return func(o *options) error {
		if program == "" || strings.ContainsFunc(program, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("WithUserAgent: %q is not printable ASCII", clip(program, 100))
		}
		o.userAgent = []string{program + " " + ownUserAgent()}
		return nil
	}
}

// WithLogger logs every attempt of a call, at level Debug, or Warn where it
// failed, with these attributes and no other:
//
//	endpoint       such as notes/show
//	method         POST or GET
//	status         of HTTP; 0 where no response came
//	duration       until the response was read
//	attempt        1, and more where the call is sent again
//	bytes          of the body of the response, without compression
//	request_bytes  of the body of the request; -1 for an upload of unknown size
//	code, id       of the error, such as NO_SUCH_NOTE, where the server named one
//
// A wait for the next attempt is logged at level Warn with endpoint, attempt (the
// one that failed) and duration (of the wait). Bodies, headers, URLs and error
// texts are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(o *options) error {
		o.logger = logger
		return nil
	}
}

// WithMaxResponseBytes changes how large a response may be; 64 MiB otherwise. One
// that is larger is an error that is [ErrTooLarge].
func WithMaxResponseBytes(n int64) Option {
	return func(o *options) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes: %d is not a size", n)
		}
		o.maxResponse = n
		return nil
	}
}

// WithStallTimeout changes how long a call may make no progress; a minute
// otherwise. A call fails with a timeout where the server takes no byte of a
// request for that long, does not begin to respond after it has taken all of it,
// or stops in the middle of the response. Calls may take any time while bytes
// flow: a context bounds that.
func WithStallTimeout(d time.Duration) Option {
	return func(o *options) error {
		if d <= 0 {
			return fmt.Errorf("WithStallTimeout: %v is not a time to wait", d)
		}
		o.stall = d
		return nil
	}
}

// WithPlainHTTP permits http:// for hosts other than this machine. Everybody on
// the way to such an instance can read the token.
func WithPlainHTTP() Option {
	return func(o *options) error {
		o.plainHTTP = true
		return nil
	}
}
