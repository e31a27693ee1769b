// Package http2fault serves HTTP/2 as servers and networks do that are broken,
// so that tests can look at what a client makes of it. It is for tests alone.
package http2fault

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
)

// Host is where the server seems to be: the certificate of package httptest is
// for it.
const Host = "example.com"

// URL is the address of every [Server], for clients that dial with it.
const URL = "https://" + Host

// A Server stands between clients and a server of net/http. It reads what both
// send by frames, and a [Fault] drops frames and adds others. Connections that
// agree on HTTP/1.1, such as WebSockets, pass as they are.
//
// Clients are connected through pipes, so that a Server can live in a bubble of
// testing/synctest.
type Server struct {
	upstream http.Server
	listener *pipeListener
	fault    atomic.Pointer[Fault]
	dials    atomic.Int64
	relays   sync.WaitGroup

	mu     sync.Mutex
	conns  map[*Conn]struct{}
	closed bool
}

// NewServer returns a server of a handler, without a fault. Close it.
func NewServer(h http.Handler) *Server {
	s := &Server{listener: newPipeListener(), conns: map[*Conn]struct{}{}}
	s.upstream.Handler = h
	s.upstream.Protocols = new(http.Protocols)
	s.upstream.Protocols.SetHTTP1(true)
	s.upstream.Protocols.SetUnencryptedHTTP2(true)
	s.relays.Go(func() { _ = s.upstream.Serve(s.listener) }) // ends with Close
	return s
}

// Close closes all connections and waits for the goroutines of the server.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.upstream.Close()
	s.relays.Wait()
}

// Commit makes a fault happen to connections that are made from now on; nil is
// none.
func (s *Server) Commit(f *Fault) { s.fault.Store(f) }

// Swallow makes all connections that exist take what is sent and pass nothing on,
// as a network does that has forgotten them.
func (s *Server) Swallow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.swallows.Store(true)
	}
}

// Dials returns how many connections were made.
func (s *Server) Dials() int64 { return s.dials.Load() }

// Open returns how many connections there are.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Connect makes a transport connect to s, whatever the address is.
func (s *Server) Connect(t *http.Transport) {
	t.Proxy = nil
	t.DialContext = s.dial
	t.TLSClientConfig = &tls.Config{RootCAs: certificate().RootCAs}
	t.ForceAttemptHTTP2 = true
}

func (s *Server) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	inner, outer := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("the server is closed")}
	}
	s.dials.Add(1)
	c := &Conn{
		server: s, fault: s.fault.Load(), N: int(s.dials.Load()),
		tls: tls.Server(far, certificate()), client: newQueue(), upstream: newQueue(),
		inner: inner, dropped: map[uint32]bool{},
	}
	s.conns[c] = struct{}{}
	s.relays.Go(func() {
		c.relay(outer)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	})
	return near, nil
}

// certificate is that of httptest, with a pool that trusts it.
var certificate = sync.OnceValue(func() *tls.Config {
	srv := httptest.NewUnstartedServer(nil)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	return &tls.Config{
		Certificates: srv.TLS.Certificates,
		RootCAs:      srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
		NextProtos:   []string{"h2", "http/1.1"},
	}
})

// A Conn is a connection between a client and the server.
type Conn struct {
	// N is the number of the connection, from 1.
	N int

	server   *Server
	fault    *Fault
	swallows atomic.Bool

	tls, inner       net.Conn
	client, upstream *queue // what is to be written there

	mu      sync.Mutex
	dropped map[uint32]bool
	early   []Frame // for the client, which wants the settings first
	greeted bool
}

// Close closes the connection at both ends.
func (c *Conn) Close() {
	if t, ok := c.tls.(*tls.Conn); ok {
		t.NetConn().Close() // without the goodbye of TLS, which would wait
	}
	c.inner.Close()
	c.client.close()
	c.upstream.close()
}

// Drop keeps all further frames of a stream from passing, in both directions.
func (c *Conn) Drop(stream uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped[stream] = true
}

func (c *Conn) isDropped(stream uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped[stream]
}

// ToClient sends a frame to the client, after the settings of the server.
func (c *Conn) ToClient(f Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.greeted {
		c.early = append(c.early, f)
		return
	}
	c.client.put(f.bytes())
}

// ToServer sends a frame to the server.
func (c *Conn) ToServer(f Frame) { c.upstream.put(f.bytes()) }

// greet sends the settings, which come first, to the client.
func (c *Conn) greet(settings *Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client.put(settings.bytes())
	for _, f := range c.early {
		c.client.put(f.bytes())
	}
	c.early, c.greeted = nil, true
}

// relay passes on what comes until one of the ends closes.
func (c *Conn) relay(outer net.Conn) {
	defer outer.Close()
	defer c.Close()
	secure := c.tls.(*tls.Conn)
	if secure.Handshake() != nil {
		return
	}
	if !c.server.listener.offer(outer) {
		return
	}
	fromClient, fromServer := c.bytesTo(c.upstream), c.bytesTo(c.client)
	if secure.ConnectionState().NegotiatedProtocol == "h2" {
		fromClient, fromServer = c.framesFromClient, c.framesFromServer
	}
	var wg sync.WaitGroup
	for _, f := range []func(){
		func() { fromClient(c.tls) }, func() { fromServer(c.inner) },
		func() { c.client.writeTo(c.tls) }, func() { c.upstream.writeTo(c.inner) },
	} {
		wg.Go(func() { defer c.Close(); f() })
	}
	wg.Wait()
}

func (c *Conn) bytesTo(q *queue) func(io.Reader) {
	return func(r io.Reader) {
		buf := make([]byte, 16<<10)
		for {
			n, err := r.Read(buf)
			if n > 0 && !c.swallows.Load() {
				q.put(bytes.Clone(buf[:n]))
			}
			if err != nil {
				return
			}
		}
	}
}

func (c *Conn) framesFromClient(r io.Reader) {
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(r, preface); err != nil {
		return
	}
	c.upstream.put(preface)
	c.frames(r, c.upstream, func(f *Frame) bool {
		if f.Type == Settings && f.Flags&Ack == 0 {
			// Headers of the server do not refer to earlier ones, so that they
			// can be dropped.
			f.set(headerTableSize, 0)
		}
		return c.fault == nil || c.fault.FromClient == nil || c.fault.FromClient(c, f)
	})
}

func (c *Conn) framesFromServer(r io.Reader) {
	greeted := false
	c.frames(r, c.client, func(f *Frame) bool {
		passes := c.fault == nil || c.fault.FromServer == nil || c.fault.FromServer(c, f)
		if passes && !greeted {
			greeted = true
			c.greet(f)
			return false
		}
		return passes
	})
}

func (c *Conn) frames(r io.Reader, q *queue, passes func(*Frame) bool) {
	for {
		f, err := readFrame(r)
		if err != nil {
			return
		}
		if c.swallows.Load() || c.isDropped(f.Stream) || !passes(f) {
			continue
		}
		q.put(f.bytes())
	}
}

// A queue is what is to be written to a connection. It takes everything at once,
// because the two ends of a pipe can otherwise wait for each other.
type queue struct {
	mu     sync.Mutex
	bytes  [][]byte
	more   chan struct{} // holds one when there may be something
	closed chan struct{}
	once   sync.Once
}

func newQueue() *queue {
	return &queue{more: make(chan struct{}, 1), closed: make(chan struct{})}
}

func (q *queue) put(b []byte) {
	q.mu.Lock()
	q.bytes = append(q.bytes, b)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue) close() { q.once.Do(func() { close(q.closed) }) }

func (q *queue) writeTo(w io.Writer) {
	for {
		select {
		case <-q.more:
		case <-q.closed:
			return
		}
		q.mu.Lock()
		all := q.bytes
		q.bytes = nil
		q.mu.Unlock()
		for _, b := range all {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	}
}

// A pipeListener hands connections to a server that are made in this process.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) offer(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.closed:
		return false
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

// A Frame is one of HTTP/2 (RFC 9113, section 4).
type Frame struct {
	Type, Flags byte
	Stream      uint32
	Payload     []byte
}

// The types of frames.
const (
	Data, Headers, Reset, Settings, Ping, GoAway, WindowUpdate = 0x0, 0x1, 0x3, 0x4, 0x6, 0x7, 0x8
)

// The flags of frames.
const (
	Ack       = 0x1 // of Settings and Ping
	EndStream = 0x1 // of Data and Headers
)

// A Code is why a stream or a connection ends.
type Code uint32

// The codes (RFC 9113, section 7).
const (
	NoError Code = iota
	ProtocolError
	InternalError
	FlowControlError
	SettingsTimeout
	StreamClosed
	FrameSizeError
	RefusedStream
	Cancel
	CompressionError
	ConnectError
	EnhanceYourCalm
	InadequateSecurity
	HTTP11Required
)

const (
	headerTableSize   = 0x1
	initialWindowSize = 0x4
)

func readFrame(r io.Reader) (*Frame, error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	f := &Frame{Type: head[3], Flags: head[4], Stream: binary.BigEndian.Uint32(head[5:]) & 0x7fffffff}
	f.Payload = make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	_, err := io.ReadFull(r, f.Payload)
	return f, err
}

func (f *Frame) bytes() []byte {
	n := len(f.Payload)
	b := append(make([]byte, 0, 9+n), byte(n>>16), byte(n>>8), byte(n), f.Type, f.Flags)
	return append(binary.BigEndian.AppendUint32(b, f.Stream), f.Payload...)
}

// set adds a setting, which replaces an earlier one.
func (f *Frame) set(setting uint16, value uint32) {
	f.Payload = binary.BigEndian.AppendUint16(f.Payload, setting)
	f.Payload = binary.BigEndian.AppendUint32(f.Payload, value)
}
