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

// ErrNotPublic is found by errors.Is where the client that [PublicHTTPClient]
// returns was to connect to an address that is not on the public internet.
var ErrNotPublic = errors.New("the address is not on the public internet")

// PublicHTTPClient returns an [http.Client] for URLs that strangers choose, such
// as targets of webhooks, pages to preview, icons and files. It connects to
// addresses on the public internet only. Anything else is an error that is
// [ErrNotPublic]: this machine, private networks, link-local addresses, among
// them those where clouds serve credentials, the shared addresses of carriers,
// and whatever IPv6 address stands for one of those.
//
// The address is checked when the connection is made, after the name has been
// resolved, for each redirect again. So neither a redirect nor a name that
// resolves differently the second time gets around it. A proxy would, and the one
// in the environment is not used. A redirect from https to http is refused, and
// so is the sixth redirect.
//
// All clients that it returns share their connections. They have no limit for a
// whole request: give one with the context. Read no more of a body than you can
// keep, for example with [http.MaxBytesReader].
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
