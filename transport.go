package misskey

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// defaultTransport is shared by all clients without a transport of their own, so
// that a program with many clients has no more connections than it needs.
var defaultTransport = sync.OnceValue(NewTransport)

// NewTransport returns a transport like the one that clients without
// [WithHTTPClient] share, for programs that wrap or change it. It differs from the
// default of net/http in its time limits for dialing and for response headers, and
// in keeping more than two idle connections to a host. It closes idle connections
// before Misskey does (after 72 s), because a POST fails on a connection that the
// server is closing. Behind a proxy that closes them sooner, lower IdleConnTimeout.
//
// The transport pings an HTTP/2 connection that has been silent for 5 seconds, and
// closes it after 5 more. Without pings, net/http keeps using a connection that the
// network has dropped, and every call on it fails. A transport of your own needs the
// same setting:
//
//	HTTP2: &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second}
func NewTransport() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else { // the program has exchanged it
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 10 * time.Second
	t.ResponseHeaderTimeout = 0 // is that of the watch
	h2 := http.HTTP2Config{}
	if t.HTTP2 != nil {
		h2 = *t.HTTP2
	}
	h2.SendPingTimeout, h2.PingTimeout = 5*time.Second, 5*time.Second
	t.HTTP2 = &h2
	t.OnProxyConnectResponse = refuseByProxy
	t.MaxIdleConns = 256
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 60 * time.Second
	return t
}

// A proxyError is a proxy that refuses to connect to the instance.
type proxyError struct {
	host, text string
	status     int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s refused to connect to the instance: %s", e.host, e.text)
}

// refuseByProxy returns an error for what a proxy says to CONNECT other than 200,
// of which net/http would pass on no more than the words. The address of a proxy
// can have a password in it.
func refuseByProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	text := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &proxyError{clean(proxy.Host, 100), strings.TrimSpace(text), resp.StatusCode}}
}

// replayKey is a header that lets net/http send a POST again at once, over
// another connection, when one that was idle turns out to be dead. It does that
// with GET anyway. Without a value the header is not sent.
const replayKey = "Idempotency-Key"

func allowReplay(req *http.Request) {
	if _, ok := req.Header[replayKey]; !ok {
		req.Header[replayKey] = nil
	}
}

// mayReplay reports whether a request is one that only reads. One with a key of
// somebody's own is not: Misskey knows no such keys.
func mayReplay(req *http.Request) bool {
	value, ok := req.Header[replayKey]
	return isGET(req) || ok && value == nil
}

// boundClient returns a copy of hc, or of a default where it is nil, that sends
// requests to one origin only, ends those that make no progress, and follows no
// redirect, which would take the token along (net/http repeats the body of a POST
// after 307 and 308).
func boundClient(hc *http.Client, to origin, stall time.Duration) *http.Client {
	if hc == nil {
		hc = &http.Client{}
	}
	bound := *hc
	if bound.Transport == nil {
		bound.Transport = defaultTransport()
	}
	bound.Transport = newBoundTransport(bound.Transport, to, stall)
	bound.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &bound
}

// do sends a request. A bound http.Client without cookies and without a time limit
// adds to its transport only a copy of the header and a better error for a server
// without TLS.
func (cfg *config) do(req *http.Request) (*http.Response, error) {
	if cfg.http.Jar != nil || cfg.http.Timeout != 0 {
		return cfg.http.Do(req)
	}
	resp, err := cfg.http.Transport.RoundTrip(req)
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(e.RecordHeader[:]) == "HTTP/" {
		err = http.ErrSchemeMismatch
	}
	return resp, err
}

type boundTransport struct {
	next   http.RoundTripper
	to     origin
	stall  time.Duration
	queues bool // requests may have to wait for a connection of others

	// single is next, but for requests that get a connection of their own.
	single func() http.RoundTripper

	// stale is set when idle connections have to be closed before the next
	// request. At the end of the last one HTTP/2 may not know yet that its
	// connection is idle.
	stale atomic.Bool
}

func newBoundTransport(next http.RoundTripper, to origin, stall time.Duration) *boundTransport {
	t := &boundTransport{next: next, to: to, stall: stall, single: func() http.RoundTripper { return next }}
	if plain, ok := next.(*http.Transport); ok {
		t.queues = plain.MaxConnsPerHost > 0
		t.single = sync.OnceValue(func() http.RoundTripper {
			single := plain.Clone()
			single.DisableKeepAlives = true
			return single
		})
	}
	return t
}

func (t *boundTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.to.check(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	if t.stale.CompareAndSwap(true, false) {
		t.CloseIdleConnections()
	}
	next := t.next
	if req.Close {
		next = t.single()
	}
	w := newWatch(req, t.stall, t.queues)
	resp, err := next.RoundTrip(w.request(req))
	if err != nil {
		err = w.explain(err)
		w.end()
		if w.stale() {
			t.CloseIdleConnections()
			t.stale.Store(true)
		}
		return nil, markUnprocessed(err, w.sent())
	}
	if resp == nil || resp.Body == nil {
		w.end()
		return nil, fmt.Errorf("the method RoundTrip of %T returned no response", t.next)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		w.end() // what comes now is a matter of the other protocol
		return resp, nil
	}
	w.response(resp)
	if isRedirect(resp.StatusCode) {
		if _, err := resp.Location(); err != nil {
			// The http.Client would make an error of it that quotes it.
			resp.Header.Del("Location")
		}
	}
	return resp, nil
}

// CloseIdleConnections makes the method of that name of http.Client work.
func (t *boundTransport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
