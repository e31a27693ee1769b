package misskey

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// An origin is a scheme, http or https, and a host with its port, if that is
// not the scheme's own.
type origin struct {
	scheme, host string
}

// originOf returns the origin of u; a WebSocket has that of http or https.
func originOf(u *url.URL) origin {
	scheme := strings.ToLower(u.Scheme)
	switch scheme {
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":")
	return origin{scheme, strings.TrimSuffix(host, ":"+defaultPorts[scheme])}
}

// check returns an error unless req goes to o.
func (o origin) check(req *http.Request) error {
	if req.URL == nil {
		return errors.New("the request has no URL")
	}
	if req.URL.Scheme == o.scheme && req.URL.Host == o.host && (req.Host == "" || req.Host == o.host) {
		return nil
	}
	if to := originOf(req.URL); to != o {
		return fmt.Errorf("the request goes to %s://%s, but the client is for %s://%s only",
			clean(to.scheme, 20), clean(to.host, 100), o.scheme, o.host)
	}
	if req.Host != "" && originOf(&url.URL{Scheme: req.URL.Scheme, Host: req.Host}) != o {
		return fmt.Errorf("the request has the Host header %s, but the client is for %s only", clean(req.Host, 100), o.host)
	}
	return nil
}
