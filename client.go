package misskey

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/misskey-go/misskey/api"
)

var _ api.Caller = (*Client)(nil)

// New returns a client of an instance, which is given
//
//   - as a host, with or without a port: misskey.example, misskey.example:8443,
//     [2001:db8::1], 例え.テスト
//   - as a URL, with or without /api at its end: https://misskey.example/,
//     https://misskey.example/api, and where the server is installed below a
//     path https://misskey.example/base
//
// A host without a scheme is spoken to by https, but localhost, 127.0.0.1 and
// the like, where test servers are, by http. Other hosts are spoken to by http
// only with [WithPlainHTTP]. Nothing is sent before the first call.
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
		options: o,
		base:    base.Scheme + "://" + base.Host + base.Path,
		origin:  originOf(base),
		http:    boundClient(o.httpClient, originOf(base), o.stall),
		list:    &endpointList{},
		budget:  &retryBudget{},
	}
	if cfg.address, err = url.Parse(cfg.base); err != nil {
		return nil, fmt.Errorf("misskey: instance %q: %w", cfg.base, err)
	}
	return newClient(cfg), nil
}

// config is what a client is made of. It is never changed, but for what list and
// budget hold.
type config struct {
	options
	base    string   // of the instance, without a slash at the end
	address *url.URL // base, parsed
	origin  origin
	http    *http.Client
	list    *endpointList
	budget  *retryBudget
}

// As returns a client of the same instance for another account, by its token,
// which is sent the way that the token of c is. Both share connections and the
// limiter, and so may any number of them. A token that cannot be one makes every call of the new
// client fail.
func (c *Client) As(token string) *Client {
	cfg := *c.config
	_ = cfg.setToken(token, cfg.bearer) // the editor reports the error with every call
	cfg.permissions = nil
	return newClient(&cfg)
}

// BaseURL returns the address of the instance, without a slash at the end.
func (c *Client) BaseURL() string { return c.config.base }

// HTTPClient returns an [http.Client] for what is not an endpoint of the API, a
// WebSocket for instance. It has the transport and the time limits of c, sends
// requests to the instance of c only, and follows no redirect. It does not add
// the token: see [Client.Authorize].
func (c *Client) HTTPClient() *http.Client {
	hc := *c.config.http
	return &hc
}

// Authorize puts into the header of a request that is not a call of the API what
// the calls of c carry, too: the token, if c has one, and whatever the editors of
// [WithRequestEditor] add. A request to another host or port than that of the
// instance is refused, as is one that would go there by another protocol than
// http or WebSocket of the same security.
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

// HideSecrets returns an error whose text holds neither the token of c nor that of
// a request which [Client.Authorize] has authorized; req may be nil. The errors of
// net/http quote what a server has sent, and a hostile server sends the token
// back. If a secret was in the text, only errors.Is still finds what err wraps.
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
