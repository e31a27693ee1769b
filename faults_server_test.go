package misskey_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
)

// An instance that misbehaves. It writes its responses byte by byte, since the
// server of net/http is too polite for most of what happens.

// faultHost is where the instance seems to be. Its certificate is that of
// httptest.
const faultHost = "example.com"

// A faultServer is spoken to over pipes, so that it can live in a bubble of
// synctest, in which no wait takes time and no goroutine can be left over
// without being noticed, or over TCP.
type faultServer struct {
	answer func(*exchange)      // what becomes of a request that was read, and carried out
	greet  func(net.Conn) error // what is done to a connection before that, if anything
	dial   func() error         // why there is no connection at all, if so
	well   atomic.Bool          // nothing of that happens
	tcp    net.Listener         // nil for pipes

	requests atomic.Int64 // that were carried out
	dials    atomic.Int64
	strays   atomic.Int64 // connections to other hosts
	open     atomic.Int64 // connections that the client has not closed

	mu   sync.Mutex
	dump strings.Builder // the requests, as they came
}

// An exchange is a request that the server has carried out, and its connection.
type exchange struct {
	net.Conn
	in      *bufio.Reader
	req     *http.Request
	body    string
	n       int64       // of the request, from 1
	resets  atomic.Bool // what the client sees in place of the end of the connection
	staying bool
}

// say writes to the client, which may have gone.
func (c *exchange) say(raw string) bool {
	_, err := io.WriteString(c, raw)
	return err == nil
}

// stay waits for the next request in place of closing the connection.
func (c *exchange) stay() { c.staying = true }

// stall waits until the client goes away.
func (c *exchange) stall() { io.Copy(io.Discard, c.in) }

// pause waits, and reports whether the client is still there.
func (c *exchange) pause(d time.Duration) bool {
	c.SetReadDeadline(time.Now().Add(d))
	defer c.SetReadDeadline(time.Time{})
	_, err := c.in.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// reset closes the connection without being polite about it.
func (c *exchange) reset() {
	c.resets.Store(true)
	if conn, ok := c.Conn.(*net.TCPConn); ok {
		conn.SetLinger(0)
	}
	c.Close()
}

// transport returns one that reaches the server whatever the address is.
func (s *faultServer) transport() *http.Transport {
	t := misskey.NewTransport()
	t.Proxy = nil
	t.MaxResponseHeaderBytes = 64 << 10 // rather than 10 MiB
	t.DialContext = s.dialContext
	return t
}

func (s *faultServer) dialContext(ctx context.Context, network, address string) (net.Conn, error) {
	s.dials.Add(1)
	if host, _, _ := net.SplitHostPort(address); host != faultHost {
		s.strays.Add(1)
	}
	if s.dial != nil {
		if err := s.dial(); err != nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
	}
	if s.tcp != nil {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, s.tcp.Addr().String())
		if err != nil {
			return nil, err
		}
		s.open.Add(1)
		return &clientConn{Conn: conn, server: s}, nil
	}
	near, far := net.Pipe()
	s.open.Add(1)
	c := &exchange{Conn: far}
	go s.serve(c)
	return &clientConn{Conn: near, server: s, resets: &c.resets}, nil
}

// listen makes s a server on TCP until stop is called.
func (s *faultServer) listen(t testing.TB) (stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.tcp = l
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(&exchange{Conn: conn}) })
		}
	})
	return func() { l.Close(); wg.Wait() }
}

func (s *faultServer) serve(c *exchange) {
	defer func() { c.Close() }()
	if s.greet != nil {
		if s.greet(c.Conn) != nil {
			return
		}
	}
	s.converse(c)
}

func (s *faultServer) converse(c *exchange) {
	c.in = bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(c.in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		c.req, c.body, c.n, c.staying = req, string(body), s.requests.Add(1), false
		s.mu.Lock()
		fmt.Fprintln(&s.dump, req.Method, req.RequestURI, req.Host, req.Header, c.body)
		s.mu.Unlock()
		if s.answer(c); !c.staying {
			return
		}
	}
}

// clientConn is the client's end of a connection.
type clientConn struct {
	net.Conn
	server *faultServer
	resets *atomic.Bool // nil for TCP
	closed sync.Once
}

func (c *clientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == io.EOF && c.resets != nil && c.resets.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	return n, err
}

func (c *clientConn) Close() error {
	c.closed.Do(func() { c.server.open.Add(-1) })
	return c.Conn.Close()
}

// message is a response as HTTP/1.1 has it; header has no line end.
func message(status, header, body string) string {
	if header != "" {
		header += "\r\n"
	}
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
}

const jsonHeader = "Content-Type: application/json; charset=utf-8"

// answerJSON is what an instance responds with.
func answerJSON(status, body string) string { return message(status, jsonHeader, body) }

// chunked is a response in pieces.
func chunked(pieces ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\n" + jsonHeader + "\r\nTransfer-Encoding: chunked\r\n\r\n")
	for _, p := range pieces {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
	}
	return b.String()
}

// raw responds with bytes and then closes the connection.
func raw(s string) func(*exchange) { return func(c *exchange) { c.say(s) } }

// polite responds with bytes and keeps the connection.
func polite(s string) func(*exchange) {
	return func(c *exchange) { c.say(s); c.stay() }
}

// endless responds with a beginning and goes on until nobody reads.
func endless(head, again string) func(*exchange) {
	again = strings.Repeat(again, 1+4096/len(again))
	return func(c *exchange) {
		for ok := c.say(head); ok; {
			ok = c.say(again)
		}
	}
}

// certificate is that of httptest, and a pool with who signed it.
var certificate = sync.OnceValue(func() *tls.Config {
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	return &tls.Config{
		Certificates: srv.TLS.Certificates,
		RootCAs:      srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
	}
})

// overTLS makes a server speak TLS.
func (s *faultServer) overTLS(config *tls.Config) {
	plain := s.greet
	s.greet = func(conn net.Conn) error {
		if plain != nil {
			if err := plain(conn); err != nil {
				return err
			}
		}
		secure := tls.Server(conn, config)
		if err := secure.Handshake(); err != nil {
			return err
		}
		s.converse(&exchange{Conn: secure})
		return errors.New("over")
	}
}
