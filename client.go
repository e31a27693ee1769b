package misskey

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/misskey-go/misskey/api"
)

var _ api.Caller = (*Client)(nil)

// New returns a client for an instance. The instance is given
//
//   - as a host, with or without a port: misskey.example, misskey.example:8443,
//     [2001:db8::1], 例え.テスト
//   - as a URL, with or without /api at its end: https://misskey.example/,
//     https://misskey.example/api, and where the server is installed below a
//     path https://misskey.example/base
//
// Without a scheme the client uses https, except for localhost and other loopback
// addresses, where it uses http. It accepts http for other hosts only with
// [WithPlainHTTP]. New sends nothing.
func New(instance string, opts ...Option) (*Client, error) {
	o := options{
		userAgent:   []string{ownUserAgent()},
		maxResponse: maxResponseBytes,
		stall:       defaultStall,
		retry:       RetryPolicy{Attempts: defaultAttempts, MaxWait: defaultMaxWait},
	}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(&o); err != nil {
			return nil, fmt.Errorf("misskey: %w", err)
		}
	}
	base, err := parseInstance(instance, o.plainHTTP)
	if err != nil {
		return nil, fmt.Errorf("misskey: %w", err)
	}
	cfg := &config{
		options:  o,
		base:     base.Scheme + "://" + base.Host + base.Path,
		origin:   originOf(base),
		http:     boundClient(o.httpClient, originOf(base), o.stall),
		list:     &endpointList{},
		budget:   &retryBudget{},
		counters: &callCounters{},
		reading:  &api.CallSettings{ReadOnly: true, Retry: &o.retry},
		writing:  &api.CallSettings{Retry: &o.retry},
	}
	if cfg.address, err = url.Parse(cfg.base); err != nil {
		return nil, fmt.Errorf("misskey: instance %q: %w", cfg.base, err)
	}
	return newClient(cfg), nil
}

// config holds the settings of a client. Only what list, budget and counters point
// to changes after New.
type config struct {
	options
	base     string   // of the instance, without a slash at the end
	address  *url.URL // base, parsed
	origin   origin
	http     *http.Client
	list     *endpointList
	budget   *retryBudget
	counters *callCounters

	// The settings of calls without options.
	reading, writing *api.CallSettings
}

// As returns a client for another account of the same instance. It sends token in
// the same way as c sends its own. All clients that As returns share connections
// and the limiter with c. If token is malformed, every call of the new client fails.
func (c *Client) As(token string) *Client {
	cfg := *c.config
	_ = cfg.setToken(token, cfg.bearer) // the editor reports the error with every call
	cfg.permissions = nil
	return newClient(&cfg)
}

// BaseURL returns the address of the instance, without a slash at the end.
func (c *Client) BaseURL() string { return c.config.base }

// HTTPClient returns an [http.Client] for requests that are not API calls, such as
// opening a WebSocket. It has the transport and the time limits of c, sends
// requests only to the instance of c, and follows no redirects. It does not add
// the token; see [Client.Authorize].
func (c *Client) HTTPClient() *http.Client {
	hc := *c.config.http
	return &hc
}

// Authorize adds the token of c to the header of a request that is not an API
// call, and applies the editors of [WithRequestEditor]. It returns an error if the
// request is for another host or port than the instance's, or uses another
// protocol than HTTP or WebSocket, or one without TLS where the instance has it.
func (c *Client) Authorize(req *http.Request) error {
	cfg := c.config
	if err := cfg.origin.check(req); err != nil {
		return fmt.Errorf("misskey: %w", err)
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", cfg.userAgent[0])
	}
	editors := cfg.editors
	if cfg.authorize != nil {
		editors = append(editors[:len(editors):len(editors)], BearerEditor(cfg.token.Reveal()))
	}
	if err := edit(req, editors); err != nil {
		return fmt.Errorf("misskey: %w", err)
	}
	if err := cfg.origin.check(req); err != nil {
		return fmt.Errorf("misskey: after the request editors: %w", err)
	}
	return nil
}

// Logger returns the logger of [WithLogger], or nil.
func (c *Client) Logger() *slog.Logger { return c.config.logger }

// HideSecrets returns err with the token of c, and any token that [Client.Authorize]
// added to req, removed from its text. req may be nil. Errors of net/http quote
// what a server sent, and a hostile server can echo the token. If the text held a
// secret, errors.Is still finds what err wraps, but errors.As does not.
func (c *Client) HideSecrets(req *http.Request, err error) error {
	hidden := secrets{c.config.token.Reveal()}
	if req != nil {
		hidden = append(hidden, sentToken(req))
	}
	for _, token := range hidden {
		hidden = append(hidden, url.QueryEscape(token))
	}
	return hidden.hideIn(err)
}

// String names the instance.
func (c *Client) String() string { return "misskey client of " + c.config.base }

// edit applies editors in order.
func edit(req *http.Request, editors []api.RequestEditorFn) error {
	for _, fn := range editors {
		if fn == nil {
			continue
		}
		if err := fn(req.Context(), req); err != nil {
			return err
		}
	}
	return nil
}
