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
	"github.com/misskey-go/misskey/internal/wire"
)

// An Option configures a [Client]. [New] applies options in order.
type Option func(*options) error

// options collects what the options of New set.
type options struct {
	token     secret.Text
	bearer    bool                // the token goes into the header
	inBody    bool                // the token is one, and goes into the body
	authorize api.RequestEditorFn // puts the token into a request; nil without one

	editors     []api.RequestEditorFn
	httpClient  *http.Client
	logger      *slog.Logger
	wire        *wire.Log // nil for none
	userAgent   []string  // the value of the header
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

// WithToken authorizes calls with an account token or an app token. The client
// sends it in the way that every version of Misskey accepts; see [TokenEditor].
func WithToken(token string) Option {
	return func(o *options) error {
		return o.setToken(token, false)
	}
}

// WithBearer is like [WithToken], but sends the token in the Authorization header
// of every call; see [BearerEditor].
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

// WithHTTPClient makes calls through hc, for example to use a proxy, a tracing
// transport or a cookie jar. The client uses a copy of hc that follows no redirects
// and sends to no other host. If hc has no Transport, the copy gets the one of this
// package. A Transport that follows redirects itself would take the token along.
//
// The Transport is not changed. Configure its HTTP/2 connections as [NewTransport]
// describes. If a call has waited for at least a second on a reused connection
// without receiving anything, the client closes the idle connections of the
// Transport.
func WithHTTPClient(hc *http.Client) Option {
	return func(o *options) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		o.httpClient = hc
		return nil
	}
}

// WithRequestEditor applies fn to every request before the token is added. It may
// be passed several times; editors run in order. An editor must not change the host
// of a request. Each attempt of a call is a new request.
func WithRequestEditor(fn api.RequestEditorFn) Option {
	return func(o *options) error {
		if fn == nil {
			return errors.New("WithRequestEditor: the editor is nil")
		}
		o.editors = append(o.editors, fn)
		return nil
	}
}

// WithUserAgent prepends the name of your program, such as "mybot/1.2", to the
// User-Agent header.
func WithUserAgent(program string) Option {
	return func(o *options) error {
		if program == "" || strings.ContainsFunc(program, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("WithUserAgent: %q is not printable ASCII", clip(program, 100))
		}
		o.userAgent = []string{program + " " + ownUserAgent()}
		return nil
	}
}

// WithLogger logs every attempt of a call, at level Debug, or at level Warn if the
// attempt failed, with these attributes only:
//
//	endpoint       such as notes/show
//	method         POST or GET
//	status         HTTP status; 0 without a response
//	duration       until the response was read
//	attempt        1 for the first attempt
//	bytes          length of the response body, uncompressed
//	request_bytes  length of the request body; -1 for an upload of unknown size
//	code, id       of the error, such as NO_SUCH_NOTE, if the server named one
//
// Each wait for another attempt is logged at level Warn with endpoint, attempt (the
// one that failed) and duration (of the wait). The client never logs bodies,
// headers, URLs or error texts.
func WithLogger(logger *slog.Logger) Option {
	return func(o *options) error {
		o.logger = logger
		return nil
	}
}

// WithMaxResponseBytes limits the size of a response body, which is 64 MiB by
// default. A larger response fails the call with [ErrTooLarge].
func WithMaxResponseBytes(n int64) Option {
	return func(o *options) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes: %d is not a size", n)
		}
		o.maxResponse = n
		return nil
	}
}

// WithStallTimeout limits how long a call may go without progress, which is a
// minute by default. A call fails with a timeout if for that long the server
// accepts no byte of the request, does not begin to respond, or stops in the middle
// of its response. While bytes flow, only the context limits a call.
func WithStallTimeout(d time.Duration) Option {
	return func(o *options) error {
		if d <= 0 {
			return fmt.Errorf("WithStallTimeout: %v is not a time to wait", d)
		}
		o.stall = d
		return nil
	}
}

// WithPlainHTTP permits http:// for hosts other than localhost. Anyone on the path
// to such an instance can read the token.
func WithPlainHTTP() Option {
	return func(o *options) error {
		o.plainHTTP = true
		return nil
	}
}
