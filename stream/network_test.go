package stream_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A network can swallow what is sent over it, in both directions, without closing
// anything.
type network struct {
	client *http.Client
	mu     sync.Mutex
	frozen bool
	conns  map[*wire]bool
}

// A wire is a connection over a network.
type wire struct {
	net.Conn
	network *network
}

func newNetwork(through *http.Client) *network {
	n := &network{conns: map[*wire]bool{}}
	n.client = wrapped(through, func(conn net.Conn) net.Conn {
		w := &wire{conn, n}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.conns[w] = true
		return w
	})
	return n
}

// wrapped is a client like another one, but for what its connections are.
func wrapped(through *http.Client, wrap func(net.Conn) net.Conn) *http.Client {
	transport := through.Transport.(*http.Transport).Clone()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}
	return &http.Client{Transport: transport}
}

// freeze lets nothing through any more on the connections that there are.
func (n *network) freeze() { n.set(true) }

// thaw lets new connections work. Those that were frozen stay dead.
func (n *network) thaw() { n.set(false) }

func (n *network) set(frozen bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.frozen = frozen
	if !frozen {
		n.conns = map[*wire]bool{}
	}
}

func (w *wire) dead() bool {
	w.network.mu.Lock()
	defer w.network.mu.Unlock()
	return w.network.frozen && w.network.conns[w]
}

func (w *wire) Write(p []byte) (int, error) {
	if w.dead() {
		return len(p), nil // gone
	}
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	for {
		n, err := w.Conn.Read(p)
		if err != nil || !w.dead() {
			return n, err
		}
	}
}

// acceptKey is what a server responds to the key of a handshake (RFC 6455).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newHTTPServer returns the address of a server.
func newHTTPServer(t *testing.T, h http.Handler, secure bool) string {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv.URL
}

// A syncBuilder is a strings.Builder for several goroutines.
type syncBuilder struct {
	mu sync.Mutex
	strings.Builder
}

func (b *syncBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Builder.Write(p)
}
