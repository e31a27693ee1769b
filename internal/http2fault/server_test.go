package http2fault_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/internal/http2fault"
)

// start serves a handler that counts, and returns a client of it.
func start(t *testing.T, requests *atomic.Int64) (*http2fault.Server, *http.Client) {
	t.Helper()
	srv := http2fault.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			requests.Add(1)
		}
		fmt.Fprint(w, r.Proto, " ", string(body))
	}))
	transport := &http.Transport{}
	srv.Connect(transport)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
	})
	return srv, &http.Client{Transport: transport, Timeout: time.Minute}
}

// post sends a body that cannot be sent again.
func post(hc *http.Client, body string) (string, error) {
	resp, err := hc.Post(http2fault.URL, "text/plain", io.MultiReader(strings.NewReader(body)))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return string(data), err
}

func TestServerWithoutFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		srv, hc := start(t, &requests)
		for range 3 {
			if got, err := post(hc, "hello"); err != nil || got != "HTTP/2.0 hello" {
				t.Errorf("%q, %v", got, err)
			}
		}
		large := strings.Repeat("x", 1<<20)
		if got, err := post(hc, large); err != nil || len(got) != len("HTTP/2.0 ")+len(large) {
			t.Errorf("%d, %v", len(got), err)
		}
		if n := srv.Dials(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
}

func TestServerPassesHTTP1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := http2fault.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
			io.Copy(conn, rw)
		}))
		defer srv.Close()
		transport := &http.Transport{}
		srv.Connect(transport)
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetHTTP1(true)
		req, _ := http.NewRequestWithContext(t.Context(), "GET", http2fault.URL, nil)
		req.Header.Set("Connection", "upgrade")
		req.Header.Set("Upgrade", "echo")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		conn := resp.Body.(io.ReadWriter)
		io.WriteString(conn, "hello\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); line != "hello\n" {
			t.Errorf("%q, %v", line, err)
		}
	})
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault    *http2fault.Fault
		says     string // of the error
		requests int64  // that the handler saw
	}{
		"reset before":   {http2fault.ResetBefore(http2fault.RefusedStream), "REFUSED_STREAM", 0},
		"reset after":    {http2fault.ResetAfter(http2fault.InternalError), "INTERNAL_ERROR", 1},
		"reset within":   {http2fault.ResetWithin(http2fault.Cancel), "CANCEL", 1},
		"go away":        {http2fault.GoAwayAfter(http2fault.NoError), "GOAWAY", 1},
		"window 0":       {http2fault.WindowZero(), "deadline exceeded", 0},
		"window stops":   {http2fault.WindowStops(), "deadline exceeded", 0},
		"no response":    {http2fault.NoAnswer(), "deadline exceeded", 1},
		"answer stops":   {http2fault.AnswerStops(), "deadline exceeded", 1},
		"pings ignored":  {http2fault.IgnorePings(), "", 1},
		"no fault":       {nil, "", 1},
		"away every two": {http2fault.GoAwayEvery(2), "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int64
				srv, hc := start(t, &requests)
				srv.Commit(test.fault)
				_, err := post(hc, strings.Repeat("x", 1<<16))
				if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
					t.Errorf("%v, want something with %q", err, test.says)
				}
				if n := requests.Load(); n != test.requests {
					t.Errorf("the handler saw %d requests, want %d", n, test.requests)
				}
			})
		})
	}
}

func TestSwallow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		srv, hc := start(t, &requests)
		if _, err := post(hc, "hello"); err != nil {
			t.Fatal(err)
		}
		srv.Swallow()
		if _, err := post(hc, "hello"); err == nil {
			t.Error("no error")
		}
		synctest.Wait()
		hc.CloseIdleConnections()
		if got, err := post(hc, "hello"); err != nil || requests.Load() != 2 {
			t.Errorf("%q, %v", got, err)
		}
	})
}
