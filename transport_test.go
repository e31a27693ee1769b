package misskey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/api"
)

// pipes is a network without sockets, so that time can be that of synctest.
type pipes struct {
	conns  chan net.Conn
	dials  atomic.Int64
	closed chan struct{}
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.dials.Add(1)
	p.conns <- server
	return client, nil
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// No call meets a connection that a server like Misskey, which closes idle ones
// after 72 s, is just closing.
func TestIdleConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		var handled atomic.Int64
		srv := &http.Server{IdleTimeout: 72 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			handled.Add(1)
			w.WriteHeader(http.StatusNoContent)
		})}
		go srv.Serve(network)
		transport := NewTransport()
		transport.DialContext = network.dial
		mk, err := New("http://localhost", WithHTTPClient(&http.Client{Transport: transport}), WithToken(canary), WithoutRetry())
		if err != nil {
			t.Fatal(err)
		}
		pauses := []time.Duration{0, time.Second, 59 * time.Second, 60 * time.Second, 61 * time.Second, 72*time.Second - 1, 72 * time.Second, 72*time.Second + 1, time.Hour}
		for _, pause := range pauses {
			time.Sleep(pause)
			synctest.Wait()
			if err := mk.Call(t.Context(), opDelete, nil, nil); err != nil {
				t.Errorf("after a pause of %v: %v", pause, err)
			}
		}
		if n := handled.Load(); n != int64(len(pauses)) {
			t.Errorf("%d calls arrived", n)
		}
		// The first, and those after 60 s and more.
		if n := network.dials.Load(); n != 7 {
			t.Errorf("%d connections", n)
		}
		transport.CloseIdleConnections()
		srv.Close()
	})
}

// A server that closes idle connections sooner than that may do so while a call
// is on its way. One that only reads does not notice. A write may fail, but is
// never carried out twice, whatever net/http thinks of it.
func TestDyingConnections(t *testing.T) {
	const (
		idle    = 2 * time.Millisecond
		callers = 4
		calls   = 100
	)
	for _, op := range []*api.Operation{opRead, opShow} {
		var mu sync.Mutex
		arrived := map[string]int{}
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			arrived[string(body)]++
			mu.Unlock()
			w.WriteHeader(http.StatusNoContent)
		}))
		srv.Config.IdleTimeout = idle
		srv.Start()
		var failed, waited atomic.Int64
		mk, err := New(srv.URL, WithHTTPClient(&http.Client{Transport: NewTransport()}),
			WithRetryNotify(func(RetryEvent) { waited.Add(1) }))
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				for n := range calls {
					if err := mk.Call(t.Context(), op, map[string]int{"caller": caller, "n": n}, nil); err != nil {
						failed.Add(1)
						if op.ReadOnly {
							t.Error(err)
						}
					}
					time.Sleep(idle + time.Duration(n-calls/2)*10*time.Microsecond)
				}
			})
		}
		wg.Wait()
		for body, n := range arrived {
			if !op.ReadOnly && n > 1 {
				t.Errorf("%s was carried out %d times", body, n)
			}
		}
		if got := int64(len(arrived)) + failed.Load(); got < callers*calls {
			t.Errorf("%d calls arrived, %d failed, of %d", len(arrived), failed.Load(), callers*calls)
		}
		t.Logf("read-only %v: %d of %d calls failed, %d waits", op.ReadOnly, failed.Load(), callers*calls, waited.Load())
		mk.HTTPClient().CloseIdleConnections()
		srv.Close()
	}
}

// What lets net/http send a POST again is not sent itself, and not there where a
// second time might do harm.
func TestReplayHeader(t *testing.T) {
	const key = "Idempotency-Key"
	for _, tt := range []struct {
		op   *api.Operation
		opts []api.CallOption
		want bool
	}{
		{opRead, nil, true},
		{opShow, nil, false},
		{opShow, []api.CallOption{ReadOnly()}, true},
		{opRead, []api.CallOption{NoRetry()}, false},
	} {
		all, f := recorder(200, jsonType, `{}`)
		if err := fakeClient(t, f, WithRetry(RetryPolicy{})).Call(t.Context(), tt.op, nil, nil, tt.opts...); err != nil {
			t.Fatal(err)
		}
		if value, ok := (*all)[0].header[key]; ok != tt.want || len(value) > 0 {
			t.Errorf("%s %v: %v, %q", tt.op.Endpoint, tt.opts, ok, value)
		}
	}

	var head http.Header
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { head = r.Header; w.WriteHeader(204) }), WithRetry(RetryPolicy{}))
	if err := mk.Call(t.Context(), opRead, nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok := head[key]; ok {
		t.Error("it is sent")
	}
}

// A server that has done what it was asked for and then fails: writes are sent
// to it once, what only reads until it answers.
func TestWritesAreNotSentTwice(t *testing.T) {
	hijack := func(w http.ResponseWriter) net.Conn {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			panic(http.ErrAbortHandler)
		}
		return conn
	}
	ways := map[string]func(http.ResponseWriter){
		"closes the connection": func(w http.ResponseWriter) { hijack(w).Close() },
		"resets the connection": func(w http.ResponseWriter) {
			conn := hijack(w)
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		},
		"breaks off the header": func(w http.ResponseWriter) {
			conn := hijack(w)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Ty")
			conn.Close()
		},
		"breaks off the body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, `{"id":`)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"breaks off a chunk": func(w http.ResponseWriter) {
			conn := hijack(w)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"id\":")
			conn.Close()
		},
		"is not there for its gateway": func(w http.ResponseWriter) { w.WriteHeader(502) },
		"is overloaded":                func(w http.ResponseWriter) { http.Error(w, "<html>", http.StatusServiceUnavailable) },
		"is slow for its gateway":      func(w http.ResponseWriter) { w.WriteHeader(504) },
	}
	policy := RetryPolicy{Attempts: 3, MaxWait: time.Millisecond}
	for name, fail := range ways {
		for _, warm := range []bool{false, true} { // whether on a connection that was used before
			for _, tt := range []struct {
				op   *api.Operation
				in   any
				want int64
			}{
				{opRead, nil, 2},
				{opEmojis, nil, 2},
				{opShow, nil, 1},
				{opCheck.WithPath("session", "x"), nil, 1},
				{opUpload, uploadRequest{File: api.File{Body: strings.NewReader("hello")}}, 1},
			} {
				var carriedOut atomic.Int64
				failing := false
				mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					if failing && carriedOut.Add(1) == 1 {
						fail(w)
						return
					}
					w.Header().Set("Content-Type", jsonType)
					io.WriteString(w, `{}`)
				}), WithRetry(policy), WithToken(canary))
				if warm {
					if err := mk.Call(t.Context(), opDelete, nil, nil); err != nil {
						t.Fatal(err)
					}
				}
				failing = true
				err := mk.Call(t.Context(), tt.op, tt.in, new(any))
				if n := carriedOut.Load(); n != tt.want || (err == nil) != (tt.want == 2) {
					t.Errorf("a server that %s, warm %v, %s: %d requests, %v", name, warm, tt.op.Endpoint, n, err)
				}
				if err != nil && !strings.Contains(err.Error(), "may have been carried out") {
					t.Errorf("a server that %s: %v", name, err)
				}
			}
		}
	}
}

// The same over HTTP/2, which gateways speak, and which ends calls in other ways.
func TestWritesAreNotSentTwiceHTTP2(t *testing.T) {
	for _, tt := range []struct {
		op   *api.Operation
		want int64
	}{{opRead, 2}, {opEmojis, 2}, {opShow, 1}, {opUpload, 1}} {
		var carriedOut atomic.Int64
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if carriedOut.Add(1) == 1 {
				if r.ProtoMajor != 2 {
					t.Errorf("the call came by %s", r.Proto)
				}
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Content-Type", jsonType)
			io.WriteString(w, `{}`)
		}))
		srv.EnableHTTP2 = true
		srv.StartTLS()
		mk, err := New(srv.URL, WithHTTPClient(srv.Client()), WithRetry(RetryPolicy{MaxWait: time.Millisecond}))
		if err != nil {
			t.Fatal(err)
		}
		err = mk.Call(t.Context(), tt.op, uploadRequest{File: api.File{Body: strings.NewReader("hello")}}, new(any))
		if n := carriedOut.Load(); n != tt.want || (err == nil) != (tt.want == 2) {
			t.Errorf("%s: %d requests, %v", tt.op.Endpoint, n, err)
		}
		srv.Close()
	}
}

// tracing is a transport such as programs put around another one to trace what
// they send. It changes a copy of the request and looks at what goes by.
type tracing struct {
	next             http.RoundTripper
	requests         atomic.Int64
	sent, received   atomic.Int64
	endpoints, spans sync.Map
}

type spanKey struct{}

func (tr *tracing) RoundTrip(req *http.Request) (*http.Response, error) {
	tr.requests.Add(1)
	tr.endpoints.Store(req.URL.Path, true)
	tr.spans.Store(req.Context().Value(spanKey{}), true)
	req = req.Clone(context.WithValue(req.Context(), spanKey{}, "child"))
	req.Header.Set("Traceparent", "00-1-2-01")
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &counted{req.Body, &tr.sent}
	}
	resp, err := tr.next.RoundTrip(req)
	if err == nil {
		resp.Body = &counted{resp.Body, &tr.received}
	}
	return resp, err
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func TestWrappedTransport(t *testing.T) {
	var bodies []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Header.Get("Traceparent")+string(body))
		if len(bodies) == 2 {
			w.WriteHeader(502)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		io.WriteString(w, `{"id":"x"}`)
	}))
	defer srv.Close()
	tr := &tracing{next: NewTransport()}
	mk, err := New(srv.URL, WithHTTPClient(&http.Client{Transport: tr}), WithToken("alice"), WithRetry(RetryPolicy{MaxWait: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), spanKey{}, "parent")
	for range 2 { // the second is sent twice
		var out struct{ ID string }
		if err := mk.Call(ctx, opRead, map[string]int{"a": 1}, &out); err != nil || out.ID != "x" {
			t.Fatalf("%v, %v", out, err)
		}
	}
	want := `00-1-2-01{"i":"alice","a":1}`
	if got := strings.Join(bodies, " "); got != want+" "+want+" "+want {
		t.Errorf("sent %s", got)
	}
	if tr.requests.Load() != 3 || tr.sent.Load() != 3*int64(len(want)-len("00-1-2-01")) || tr.received.Load() != 20 {
		t.Errorf("%d requests of %d bytes, %d bytes of responses", tr.requests.Load(), tr.sent.Load(), tr.received.Load())
	}
	if _, ok := tr.spans.Load("parent"); !ok {
		t.Error("the transport does not see the context of the call")
	}
	if _, ok := tr.endpoints.Load("/api/notes/show"); !ok {
		t.Error("the transport does not see the URL")
	}
	tr.next.(*http.Transport).CloseIdleConnections()

	// An upload is streamed through it.
	mk = serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, _ := formOf(t, r)
		w.Header().Set("Content-Type", jsonType)
		fmt.Fprint(w, len(strings.Join(form, "|")))
	}))
	tr = &tracing{next: mk.config.http.Transport.(*boundTransport).next}
	mk, err = New(mk.BaseURL(), WithHTTPClient(&http.Client{Transport: tr}), WithToken("alice"))
	if err != nil {
		t.Fatal(err)
	}
	var size int
	err = mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Name: "a", Body: bytes.NewReader(make([]byte, 1<<20))}}, &size)
	if want := len("i=alice|file(a)=") + 1<<20; err != nil || size != want || tr.sent.Load() <= int64(want) {
		t.Errorf("%v, %d of %d bytes arrived, %d were sent", err, size, want, tr.sent.Load())
	}
}

// The time limit of a given client is for each attempt, and ends the call.
func TestTimeoutOfGivenClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		hang := roundTripper(func(req *http.Request) (*http.Response, error) {
			n++
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		mk, err := New("misskey.example", WithHTTPClient(&http.Client{Transport: hang, Timeout: 3 * time.Second}))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = mk.Call(t.Context(), opRead, nil, nil)
		if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Timeout() || n != 1 || time.Since(start) != 3*time.Second {
			t.Errorf("%v, sent %d times, took %v", err, n, time.Since(start))
		}
	})
}

// A proxy that refuses to connect is named as one, without its password, and
// the call as one that was not sent.
func TestProxyRefuses(t *testing.T) {
	for status, want := range map[string]struct {
		says   string
		dialed int64
	}{
		"403 Forbidden":                     {": 403 Forbidden", 1},
		"407 Proxy Authentication Required": {": 407 Proxy Authentication Required", 1},
		"502 \x1b[2JOh":                     {": 502 Bad Gateway; given up after 2 attempts", 2},
		"600 Oh":                            {": 600; given up after 2 attempts", 2},
	} {
		var dialed atomic.Int64
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				dialed.Add(1)
				conn.Read(make([]byte, 4096))
				io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
				conn.Close()
			}
		}()
		transport := NewTransport()
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: l.Addr().String(), User: url.UserPassword("alice", canary)})
		mk, err := New("misskey.example", WithHTTPClient(&http.Client{Transport: transport}), WithRetry(RetryPolicy{Attempts: 2, MaxWait: time.Millisecond}))
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range []*api.Operation{opRead, opShow} {
			dialed.Store(0)
			says, tries := want.says, want.dialed
			if op == opShow {
				says, _, _ = strings.Cut(says, ";")
				tries = 1
			}
			err = mk.Call(t.Context(), op, nil, nil)
			if err == nil || !strings.HasSuffix(err.Error(), "the proxy "+l.Addr().String()+" refused to connect to the instance"+says) || strings.Contains(err.Error(), canary) || dialed.Load() != tries {
				t.Errorf("%s: %v, after %d connections", status, err, dialed.Load())
			}
		}
	}
}
