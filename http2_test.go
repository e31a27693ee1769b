package misskey_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/http2fault"
)

// An http2Instance counts the calls that it has carried out.
type http2Instance struct {
	*http2fault.Server
	carriedOut atomic.Int64
	slow       atomic.Int64 // nanoseconds before a response
}

// newHTTP2Instance returns an instance and a transport that reaches it.
func newHTTP2Instance(t testing.TB) (*http2Instance, *http.Transport) {
	t.Helper()
	s := &http2Instance{}
	s.Server = http2fault.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		s.carriedOut.Add(1)
		time.Sleep(time.Duration(s.slow.Load()))
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"id":"x"}`)
	}))
	transport := misskey.NewTransport()
	s.Connect(transport)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return s, transport
}

func (s *http2Instance) client(t testing.TB, transport http.RoundTripper, opts ...misskey.Option) *misskey.Client {
	t.Helper()
	mk, err := misskey.New(http2fault.URL, append([]misskey.Option{
		misskey.WithHTTPClient(&http.Client{Transport: transport}), misskey.WithToken(token),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return mk
}

// What a server or a network can do wrong by HTTP/2, by what a call makes of it:
// how often it is carried out at most, and how long it takes until it fails. A
// call without a time succeeds.
func TestHTTP2Faults(t *testing.T) {
	type outcome struct {
		most  int64         // times that it is carried out
		fails time.Duration // after which time at the latest; 0 for a call that succeeds
	}
	const (
		soon  = 30 * time.Second
		stall = 61 * time.Second
	)
	never := outcome{0, soon}
	for _, test := range []struct {
		name                string
		fault               func() *http2fault.Fault
		read, write, upload outcome
	}{
		{"no fault", func() *http2fault.Fault { return nil }, outcome{1, 0}, outcome{1, 0}, outcome{1, 0}},

		// Refused before they were looked at: these may be sent again.
		{"REFUSED_STREAM before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.RefusedStream) }, never, never, never},
		{"GOAWAY every request", func() *http2fault.Fault { return http2fault.GoAwayEvery(1) }, outcome{1, 0}, outcome{1, 0}, outcome{1, 0}},

		// Refused with other codes, which say nothing of that.
		{"PROTOCOL_ERROR before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.ProtocolError) }, never, never, never},
		{"INTERNAL_ERROR before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.InternalError) }, never, never, never},
		{"CANCEL before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.Cancel) }, never, never, never},
		{"ENHANCE_YOUR_CALM before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.EnhanceYourCalm) }, never, never, never},
		{"HTTP_1_1_REQUIRED before", func() *http2fault.Fault { return http2fault.ResetBefore(http2fault.HTTP11Required) }, never, never, never},

		// Carried out, and then claimed not to be. A write is never sent more
		// often than the protocol allows, be it that the server lies.
		{"REFUSED_STREAM after", func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.RefusedStream) }, outcome{40, soon}, outcome{2, soon}, outcome{1, soon}},
		{"PROTOCOL_ERROR after", func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.ProtocolError) }, outcome{40, soon}, outcome{1, soon}, outcome{1, soon}},
		{"INTERNAL_ERROR after", func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.InternalError) }, outcome{4, soon}, outcome{1, soon}, outcome{1, soon}},
		{"NO_ERROR after", func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.NoError) }, outcome{4, soon}, outcome{1, soon}, outcome{1, soon}},
		{"CANCEL within", func() *http2fault.Fault { return http2fault.ResetWithin(http2fault.Cancel) }, outcome{4, soon}, outcome{1, soon}, outcome{1, soon}},
		{"REFUSED_STREAM within", func() *http2fault.Fault { return http2fault.ResetWithin(http2fault.RefusedStream) }, outcome{4, soon}, outcome{1, soon}, outcome{1, soon}},
		{"GOAWAY of no stream", func() *http2fault.Fault { return http2fault.GoAwayAfter(http2fault.NoError) }, outcome{40, soon}, outcome{2, soon}, outcome{1, soon}},
		{"GOAWAY with an error", func() *http2fault.Fault { return http2fault.GoAwayAfter(http2fault.EnhanceYourCalm) }, outcome{40, soon}, outcome{2, soon}, outcome{1, soon}},

		// Silence.
		{"pings that are not answered", http2fault.IgnorePings, outcome{1, 0}, outcome{1, 0}, outcome{1, 0}},
		{"no response, but pings are", http2fault.NoAnswer, outcome{1, stall}, outcome{1, stall}, outcome{1, stall}},
		{"a response that stops", http2fault.AnswerStops, outcome{1, stall}, outcome{1, stall}, outcome{1, stall}},
		{"a window of 0", http2fault.WindowZero, outcome{0, stall}, outcome{0, stall}, outcome{0, stall}},
		{"a window that stays shut", http2fault.WindowStops, outcome{1, 0}, outcome{1, 0}, outcome{0, stall}},
	} {
		for _, kind := range []string{"read", "write", "upload"} {
			for _, used := range []bool{false, true} {
				want := map[string]outcome{"read": test.read, "write": test.write, "upload": test.upload}[kind]
				name := test.name + ", " + kind
				if !used && kind != "upload" && test.name == "a window of 0" {
					continue // what is small is sent before the client knows
				}
				if used {
					name += ", used connection"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, transport := newHTTP2Instance(t)
						s.Commit(test.fault())
						mk := s.client(t, transport)
						if used {
							// A first call, by another kind of fault, or none.
							_, _ = http2Callers["write"](t.Context(), mk)
							time.Sleep(20 * time.Second)
							synctest.Wait()
						}
						s.carriedOut.Store(0)
						start := time.Now()
						_, err := http2Callers[kind](t.Context(), mk)
						took := time.Since(start)
						if n := s.carriedOut.Load(); n > want.most {
							t.Errorf("carried out %d times, at most %d are allowed", n, want.most)
						}
						switch {
						case want.fails == 0 && (err != nil || s.carriedOut.Load() != 1):
							t.Errorf("carried out %d times, %v after %v", s.carriedOut.Load(), err, took)
						case want.fails > 0 && err == nil:
							t.Error("no error")
						case want.fails > 0 && took > want.fails:
							t.Errorf("%v after %v, want at most %v", err, took, want.fails)
						}
						if err != nil && strings.Contains(err.Error(), "GetBody") {
							t.Errorf("the error speaks of net/http: %v", err)
						}
						if ne, ok := errors.AsType[net.Error](err); want.fails == stall && (!ok || !ne.Timeout()) {
							t.Errorf("%v is not a timeout", err)
						}
						// Nothing is left over that hinders the next call. (A fault
						// lives as long as its connection.)
						s.Commit(nil)
						time.Sleep(time.Second)
						synctest.Wait()
						transport.CloseIdleConnections()
						if _, err := http2Callers["write"](t.Context(), mk); err != nil {
							t.Errorf("the next call: %v", err)
						}
					})
				})
			}
		}
	}
}

var http2Callers = map[string]func(ctx context.Context, mk *misskey.Client) (string, error){
	"read":  func(ctx context.Context, mk *misskey.Client) (string, error) { return callers["read"](ctx, mk, false) },
	"write": func(ctx context.Context, mk *misskey.Client) (string, error) { return callers["write"](ctx, mk, false) },
	"upload": func(ctx context.Context, mk *misskey.Client) (string, error) {
		file, err := mk.Upload(ctx, misskey.File{Name: "a", Body: strings.NewReader(strings.Repeat("content", 100_000))})
		if err != nil {
			return "", err
		}
		return file.ID, nil
	},
}

// A network that forgets all connections, as after sleep or a change of network,
// costs the calls that are on their way, and no others.
func TestNetworkForgetsConnections(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2", "HTTP/2 by a transport without pings"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, transport := newHTTP2Instance(t)
				switch protocol {
				case "HTTP/1.1":
					transport.Protocols = new(http.Protocols)
					transport.Protocols.SetHTTP1(true)
				case "HTTP/2":
				default:
					transport.HTTP2 = nil
				}
				mk := s.client(t, transport)
				s.slow.Store(int64(time.Second))
				var wg sync.WaitGroup
				for range 12 { // connections of HTTP/1.1
					wg.Go(func() {
						if _, err := http2Callers["write"](t.Context(), mk); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				s.slow.Store(0)
				s.Swallow()
				var failed []time.Duration
				start := time.Now()
				for range 12 {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					if _, err := http2Callers["write"](ctx, mk); err != nil {
						failed = append(failed, time.Since(start).Round(time.Second))
					}
					cancel()
					time.Sleep(time.Second)
				}
				t.Logf("failed after %v", failed)
				if len(failed) > 1 {
					t.Errorf("%d of 12 calls failed, after %v", len(failed), failed)
				}
			})
		})
	}
}

// A server that lies about what it has carried out cannot make it happen again
// and again, and not once more with NoRetry.
func TestLyingServer(t *testing.T) {
	for name, fault := range map[string]func() *http2fault.Fault{
		"REFUSED_STREAM": func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.RefusedStream) },
		"PROTOCOL_ERROR": func() *http2fault.Fault { return http2fault.ResetAfter(http2fault.ProtocolError) },
		"GOAWAY":         func() *http2fault.Fault { return http2fault.GoAwayAfter(http2fault.NoError) },
	} {
		for _, once := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, transport := newHTTP2Instance(t)
					s.Commit(fault())
					var opts []misskey.Option
					most := int64(2)
					if once {
						opts, most = append(opts, misskey.WithoutRetry()), 1
					}
					mk := s.client(t, transport, opts...)
					ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
					// In a bubble that never waits time would stand still.
					var guard sync.WaitGroup
					guard.Go(func() {
						for ctx.Err() == nil && s.carriedOut.Load() < 1000 {
							time.Sleep(time.Millisecond)
						}
						cancel()
					})
					defer guard.Wait()
					defer cancel()
					_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")})
					if n := s.carriedOut.Load(); err == nil || n > most {
						t.Errorf("without retry %v: carried out %d times, %v", once, n, err)
					}
				})
			})
		}
	}
}

// A server that ends its connections as the protocol has it costs no write.
func TestWellBehavedServer(t *testing.T) {
	const workers, calls = 20, 100
	synctest.Test(t, func(t *testing.T) {
		s, transport := newHTTP2Instance(t)
		s.Commit(http2fault.GoAwayEvery(100))
		mk := s.client(t, transport)
		var failed atomic.Int64
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range calls {
					if _, err := http2Callers["write"](t.Context(), mk); err != nil {
						failed.Add(1)
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := s.carriedOut.Load(); n != workers*calls || failed.Load() > 0 {
			t.Errorf("%d calls were carried out %d times, %d failed", workers*calls, n, failed.Load())
		}
		t.Logf("%d connections", s.Dials())
	})
}
