package misskey

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// defaultTransport is shared by all clients that were given no other, so that a
// program that makes many clients has no more connections than it needs.
var defaultTransport = sync.OnceValue(NewTransport)

// NewTransport returns a transport like the one that clients without
// [WithHTTPClient] share, for programs that want to wrap or to change it. It is
// that of net/http with time limits for dialing and for the beginning of an
// answer, and made fit for many calls to one host, to which net/http would keep
// two idle connections only. It keeps them for less long than Misskey does
// (72 s), because a POST on a connection that the server is just closing is
// lost. Behind a proxy that closes them sooner, lower IdleConnTimeout.
func NewTransport() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else { // the program has exchanged it
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 10 * time.Second
	t.ResponseHeaderTimeout = 60 * time.Second // from the last byte sent
	t.MaxIdleConns = 256
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 60 * time.Second
	return t
}

// allowReplay lets net/http send a request again at once, over another
// connection, when one that was idle turns out to be dead. It does that with GET
// anyway; a POST must have this header, which is not sent without a value.
func allowReplay(req *http.Request) {
	const key = "Idempotency-Key"
	if _, ok := req.Header[key]; !ok {
		req.Header[key] = nil
	}
}

// boundClient returns a copy of hc, or of a default where it is nil, that sends
// requests to one origin only and follows no redirect, which would take the
// token along (net/http repeats the body of a POST after 307 and 308).
func boundClient(hc *http.Client, to origin) *http.Client {
	if hc == nil {
		hc = &http.Client{}
	}
	bound := *hc
	if bound.Transport == nil {
		bound.Transport = defaultTransport()
	}
	bound.Transport = &boundTransport{bound.Transport, to}
	bound.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &bound
}

type boundTransport struct {
	next http.RoundTripper
	to   origin
}

func (t *boundTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.to.check(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil || !isRedirect(resp.StatusCode) {
		return resp, err
	}
	if _, err := resp.Location(); err != nil {
		// The http.Client would make an error of it that quotes it.
		resp.Header.Del("Location")
	}
	return resp, nil
}

// CloseIdleConnections makes the method of that name of http.Client work.
func (t *boundTransport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
