package misskey

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestIsPublic(t *testing.T) {
	public := []string{
		"1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "169.253.255.255",
		"192.167.255.255", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2400:cb00::1",
		"::ffff:8.8.8.8", "64:ff9b::808:808",
	}
	private := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1",
		"64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1", "2001::1",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "2606:4700::1111%eth0",
	}
	for _, s := range public {
		if !isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is refused", s)
		}
	}
	for _, s := range private {
		if isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is not refused", s)
		}
	}
	if isPublic(netip.Addr{}) {
		t.Error("no address at all is not refused")
	}
}

// Whatever form a stranger finds to write the address of this machine in, nothing
// reaches it.
func TestPublicHTTPClientReachesNothingHere(t *testing.T) {
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HTTP_PROXY", srv.URL) // which must not be used
	client := PublicHTTPClient()
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "127.1.2.3", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"} {
		resp, err := client.Get("http://" + host + ":" + port)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, ErrNotPublic) {
			t.Errorf("%s: %v, want one that is ErrNotPublic", host, err)
		}
	}
	if reached {
		t.Error("the server on this machine was reached")
	}
}

// A public server that redirects here gets nothing either: each connection is
// checked.
func TestPublicHTTPClientChecksRedirects(t *testing.T) {
	reached := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inside.Close()
	target := inside.URL
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusFound)
	}))
	defer outside.Close()

	// This machine has no server on the public internet. In place of it, one name
	// leads to the server outside, and all else takes the usual way.
	transport := publicTransport().Clone()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == "public.example:80" {
			return net.Dial("tcp", outside.Listener.Addr().String())
		}
		return dial(ctx, network, addr)
	}
	client := PublicHTTPClient()
	client.Transport = transport
	resp, err := client.Get("http://public.example/")
	if err == nil {
		resp.Body.Close()
	}
	if !errors.Is(err, ErrNotPublic) || reached {
		t.Errorf("%v, and the server inside was reached: %v", err, reached)
	}

	target = "http://public.example/again"
	resp, err = client.Get("http://public.example/")
	if err == nil {
		resp.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("redirects for ever: %v", err)
	}
}

func TestPublicRedirectKeepsHTTPS(t *testing.T) {
	request := func(url string) *http.Request {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return req
	}
	secure, plain := request("https://a.example/"), request("http://a.example/")
	if err := checkPublicRedirect(plain, []*http.Request{secure}); err == nil {
		t.Error("a redirect from https to http is followed")
	}
	if err := checkPublicRedirect(secure, []*http.Request{plain}); err != nil {
		t.Error(err)
	}
	if err := checkPublicRedirect(plain, []*http.Request{plain}); err != nil {
		t.Error(err)
	}
}
