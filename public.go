package misskey

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// ErrNotPublic reports that the client of [PublicHTTPClient] was asked to connect to
// an address that is not on the public internet.
var ErrNotPublic = errors.New("the address is not on the public internet")

// PublicHTTPClient returns an [http.Client] for URLs that strangers choose, such
// as webhook targets, pages to preview, icons and files. It connects only to
// addresses on the public internet, and fails with [ErrNotPublic] for localhost,
// private networks, link-local addresses (where clouds serve credentials), shared
// carrier addresses, and IPv6 addresses that stand for any of those.
//
// It checks the address when it connects, after the name is resolved, and again for
// each redirect. So neither a redirect nor a name that resolves differently the
// second time evades the check. A proxy would, so the client does not use the one
// from the environment. It refuses a redirect from https to http, and the sixth
// redirect.
//
// All clients that PublicHTTPClient returns share their connections. They do not
// limit the duration of a request or the size of a response: use a context, and for
// example [http.MaxBytesReader].
func PublicHTTPClient() *http.Client {
	return &http.Client{Transport: publicTransport(), CheckRedirect: checkPublicRedirect}
}

// maxRedirects is how many redirects are followed where any are.
const maxRedirects = 5

func checkPublicRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	case via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https":
		return errors.New("refused a redirect from https to http")
	}
	return nil
}

var publicTransport = sync.OnceValue(func() *http.Transport {
	t := NewTransport()
	dialer := &net.Dialer{
		Timeout:        10 * time.Second,
		KeepAlive:      30 * time.Second,
		ControlContext: refusePrivate,
	}
	t.DialContext = dialer.DialContext
	t.DialTLSContext = nil
	t.Proxy = nil // it would resolve the name, and this package not see the address
	t.MaxIdleConnsPerHost = 2
	t.MaxResponseHeaderBytes = 64 << 10
	t.ResponseHeaderTimeout = 30 * time.Second
	return t
})

// refusePrivate is called with each address before a connection is made to it.
func refusePrivate(_ context.Context, network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: %s", ErrNotPublic, network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPublic, err)
	}
	if !isPublic(to.Addr()) {
		return fmt.Errorf("%w: %s", ErrNotPublic, to.Addr())
	}
	return nil
}

// isPublic reports whether an address is one of a host on the public internet.
// IANA's registries of special-purpose addresses have what is left out.
func isPublic(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is4() {
		return !within(a, special4)
	}
	if nat64.Contains(a) { // what a network without IPv4 reaches IPv4 by
		b := a.As16()
		return isPublic(netip.AddrFrom4([4]byte(b[12:])))
	}
	return unicast6.Contains(a) && !within(a, special6)
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func prefixes(all ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(all))
	for i, s := range all {
		parsed[i] = netip.MustParsePrefix(s)
	}
	return parsed
}

var (
	special4 = prefixes(
		"0.0.0.0/8",       // this network
		"10.0.0.0/8",      // private
		"100.64.0.0/10",   // shared by the customers of a carrier
		"127.0.0.0/8",     // this machine
		"169.254.0.0/16",  // link-local, with the metadata of clouds
		"172.16.0.0/12",   // private
		"192.0.0.0/24",    // protocol assignments
		"192.0.2.0/24",    // documentation
		"192.31.196.0/24", // AS112
		"192.52.193.0/24", // AMT
		"192.88.99.0/24",  // relays of 6to4
		"192.168.0.0/16",  // private
		"192.175.48.0/24", // AS112
		"198.18.0.0/15",   // benchmarks
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"224.0.0.0/4",     // multicast
		"240.0.0.0/4",     // reserved, and broadcast
	)

	// unicast6 are the IPv6 addresses that are given to anyone. All that stand
	// for this machine, a private or a local network, and those that once held
	// an IPv4 address in ::/96, are outside of it.
	unicast6 = netip.MustParsePrefix("2000::/3")

	nat64 = netip.MustParsePrefix("64:ff9b::/96")

	special6 = prefixes(
		"2001::/23",         // protocol assignments, with Teredo, which holds an IPv4 address
		"2001:db8::/32",     // documentation
		"2002::/16",         // 6to4, which holds an IPv4 address
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation
	)
)
