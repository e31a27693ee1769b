package misskey

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/api"
)

type showRequest struct {
	NoteID string               `json:"noteId"`
	Text   *string              `json:"text,omitempty"`
	CW     api.Nullable[string] `json:"cw,omitzero"`
	IDs    []string             `json:"ids,omitzero"`
}

func TestCallSendsJSON(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   any
		want string
	}{
		{"nothing", nil, `{}`},
		{"nil pointer", (*showRequest)(nil), `{}`},
		{"nil map", map[string]any(nil), `{}`},
		{"required only", showRequest{NoteID: "abc"}, `{"noteId":"abc"}`},
		{"everything", showRequest{"abc", new("<b> & \u2028é"), api.Null[string](), []string{}}, `{"noteId":"abc","text":"<b> & \u2028é","cw":null,"ids":[]}`},
		{"value", showRequest{CW: api.Value("<cw>")}, `{"noteId":"","cw":"<cw>"}`},
		{"raw", json.RawMessage(`{"a":1.0}`), `{"a":1.0}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, f := recorder(200, jsonType, `{"id":"x"}`)
			var out struct{ ID string }
			if err := fakeClient(t, f).Call(t.Context(), opShow, tt.in, &out); err != nil {
				t.Fatal(err)
			}
			s := (*all)[0]
			if s.method != "POST" || s.uri != "/api/notes/show" || s.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s %v", s.method, s.uri, s.header)
			}
			want := strings.ReplaceAll(tt.want, "\u2028", `\u2028`)
			if s.body != want || s.length != int64(len(want)) {
				t.Errorf("body %s, length %d, want %s", s.body, s.length, want)
			}
			if out.ID != "x" {
				t.Errorf("out is %v", out)
			}
		})
	}
}

func TestCallRefusesParameters(t *testing.T) {
	for _, in := range []any{[]int{1}, "x", 7, json.RawMessage(`[]`), func() {}, map[string]any{"x": make(chan int)}} {
		all, f := recorder(200, jsonType, `{}`)
		err := fakeClient(t, f).Call(t.Context(), opShow, in, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "misskey: notes/show: ") || len(*all) > 0 {
			t.Errorf("%T: %v, sent %v", in, err, *all)
		}
	}
}

func TestCallBelowAPath(t *testing.T) {
	all, f := recorder(200, jsonType, `{}`)
	mk, err := New("https://misskey.example/base/api", WithHTTPClient(&http.Client{Transport: f}))
	if err != nil {
		t.Fatal(err)
	}
	if err := mk.Call(t.Context(), opShow, nil, nil); err != nil || (*all)[0].uri != "/base/api/notes/show" {
		t.Errorf("%v, %v", err, *all)
	}
}

func TestCallIDN(t *testing.T) {
	// As net/http sends it: a request to the name in Punycode.
	mk, err := New("例え.テスト", WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host != "例え.テスト" {
			t.Errorf("host %q", req.URL.Host)
		}
		return answer(200, jsonType, `{}`), nil
	})}))
	if err != nil {
		t.Fatal(err)
	}
	if err := mk.Call(t.Context(), opShow, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestCallPathParameter(t *testing.T) {
	all, f := recorder(200, jsonType, `{}`)
	mk := fakeClient(t, f)
	if err := mk.Call(t.Context(), opCheck.WithPath("session", "a/b?c#d%2e é"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := (*all)[0].uri, "/api/miauth/a%2Fb%3Fc%23d%252e%20%C3%A9/check"; got != want {
		t.Errorf("sent to %s, want %s", got, want)
	}
	for _, op := range []*api.Operation{opCheck, opCheck.WithPath("session", ""), opCheck.WithPath("session", "."), opCheck.WithPath("session", "..")} {
		if err := mk.Call(t.Context(), op, nil, nil); err == nil || len(*all) > 1 {
			t.Errorf("%q: sent", op.Path())
		}
	}
}

func TestCallByName(t *testing.T) {
	all, f := recorder(200, jsonType, `{"id":"x"}`)
	mk := fakeClient(t, f)
	got, err := Call[map[string]string](t.Context(), mk, "fork/new-endpoint_2.x", map[string]any{"a": 1})
	if err != nil || got["id"] != "x" || (*all)[0].uri != "/api/fork/new-endpoint_2.x" || (*all)[0].body != `{"a":1}` {
		t.Errorf("%v, %v, %v", got, err, *all)
	}
	if _, err := Call[any](t.Context(), mk, "fork/list", map[string]any{"limit": 5}, GET()); err != nil || (*all)[1].uri != "/api/fork/list?limit=5" || (*all)[1].method != "GET" {
		t.Errorf("%v, %v", err, (*all)[1])
	}
	*all = nil
	for _, name := range []string{
		"", "/", "/notes/show", "notes/show/", "notes//show", "../x", "notes/..", "notes/./show", "notes/show?i=x", "notes/show#x",
		"https://evil.example/", "//evil.example", "notes/%2e%2e", `notes\show`, "notes show", "notes/show\r\nX: y", "é", "a{b}", "@x", "a:b", "\x1b[0m",
	} {
		_, err := Call[any](t.Context(), mk, name, nil)
		if err == nil || len(*all) > 0 {
			t.Errorf("%q: sent to %v", name, *all)
		} else if strings.ContainsAny(err.Error(), "\x1b\r\n") {
			t.Errorf("%q: unfit message %q", name, err)
		}
	}
}

func TestCallByNameWithoutAnswer(t *testing.T) {
	_, f := recorder(204, "", "")
	if _, err := Call[struct{}](t.Context(), fakeClient(t, f), "notes/delete", nil); err != nil {
		t.Error(err)
	}
	got, err := Call[*struct{}](t.Context(), fakeClient(t, f), "reversi/match", nil)
	if err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCallToken(t *testing.T) {
	all, f := recorder(200, jsonType, `{}`)
	alice := fakeClient(t, f, WithToken("alice"))
	call := func(mk *Client, opts ...api.CallOption) sent {
		t.Helper()
		if err := mk.Call(t.Context(), opShow, map[string]int{"a": 1}, nil, opts...); err != nil {
			t.Fatal(err)
		}
		return (*all)[len(*all)-1]
	}
	is := func(s sent, body, header string) {
		t.Helper()
		if s.body != body || s.header.Get("Authorization") != header || s.length != int64(len(body)) {
			t.Errorf("sent %s, %q, want %s, %q", s.body, s.header.Get("Authorization"), body, header)
		}
	}
	is(call(alice), `{"i":"alice","a":1}`, "")
	is(call(alice.As("bob")), `{"i":"bob","a":1}`, "")
	is(call(alice), `{"i":"alice","a":1}`, "")
	is(call(alice, TokenEditor("carol")), `{"i":"carol","a":1}`, "")
	is(call(fakeClient(t, f)), `{"a":1}`, "")
	is(call(fakeClient(t, f).As("bob")), `{"i":"bob","a":1}`, "")

	header := fakeClient(t, f, WithBearer("alice"))
	is(call(header), `{"a":1}`, "Bearer alice")
	is(call(header.As("bob")), `{"a":1}`, "Bearer bob")
	is(call(header, TokenEditor("carol")), `{"i":"carol","a":1}`, "")
	is(call(alice, BearerEditor("carol")), `{"i":"alice","a":1}`, "Bearer carol")

	n := len(*all)
	if err := alice.As("").Call(t.Context(), opShow, nil, nil); err == nil || len(*all) > n {
		t.Errorf("an empty token is sent: %v", err)
	}
}

func TestEditors(t *testing.T) {
	all, f := recorder(200, jsonType, `{}`)
	var order []string
	note := func(name string) api.RequestEditorFn {
		return func(_ context.Context, req *http.Request) error {
			body, err := req.GetBody()
			if err != nil {
				return err
			}
			data, err := io.ReadAll(body)
			order = append(order, name+string(data))
			return err
		}
	}
	mk := fakeClient(t, f, WithToken("alice"), WithRequestEditor(note("1")), WithRequestEditor(note("2")))
	if err := mk.Call(t.Context(), opShow, nil, nil, note("3"), nil, note("4"), api.RequestEditorFn(nil)); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(order, " "), `1{} 2{} 3{"i":"alice"} 4{"i":"alice"}`; got != want {
		t.Errorf("order is %s, want %s", got, want)
	}

	fault := errors.New("no thanks")
	err := mk.Call(t.Context(), opShow, nil, nil, api.RequestEditorFn(func(context.Context, *http.Request) error { return fault }))
	if !errors.Is(err, fault) || err.Error() != "misskey: notes/show: no thanks" || len(*all) != 1 {
		t.Errorf("%v, %d requests", err, len(*all))
	}

	for name, edit := range map[string]func(*http.Request){
		"host":   func(req *http.Request) { req.URL.Host = "evil.example" },
		"port":   func(req *http.Request) { req.URL.Host += ":8443" },
		"scheme": func(req *http.Request) { req.URL.Scheme = "http" },
		"Host":   func(req *http.Request) { req.Host = "evil.example" },
		"URL":    func(req *http.Request) { req.URL = nil },
	} {
		err := mk.Call(t.Context(), opShow, nil, nil, api.RequestEditorFn(func(_ context.Context, req *http.Request) error { edit(req); return nil }))
		if err == nil || len(*all) != 1 {
			t.Errorf("an editor may change the %s: %v", name, err)
		}
	}
}

func TestCallStatus(t *testing.T) {
	type note struct{ ID string }
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		op                      *api.Operation
		out                     any
		want                    string
	}{
		{"204 without out", "", "", 204, opDelete, nil, ""},
		{"204 that may be", "", "", 204, opMatch, new(*note), ""},
		{"204 that may not be", "", "", 204, opShow, new(note), "no content"},
		{"200 without out", jsonType, `{"id":"x"}`, 200, opDelete, nil, ""},
		{"empty 200 without out", "", ``, 200, opDelete, nil, ""},
		{"page without out", "text/html", `<html>`, 200, opDelete, nil, "HTML"},
		{"200 that may be empty", jsonType, `{"id":"x"}`, 200, opMatch, new(*note), ""},
		{"null that may be empty", jsonType, `null`, 200, opMatch, new(*note), ""},
		{"201", jsonType, `{"id":"x"}`, 201, opShow, new(note), ""},
		{"JSON without a type", "", `{"id":"x"}`, 200, opShow, new(note), ""},
		{"other JSON", "application/activity+json", `{"id":"x"}`, 200, opShow, new(note), ""},
		{"unknown charset", "application/json;charset=x", `{"id":"x"}`, 200, opShow, new(note), ""},
		{"number", jsonType, `7`, 200, opShow, new(int64), ""},
		{"space around", jsonType, " {\"id\":\"x\"}\r\n", 200, opShow, new(note), ""},
		{"unknown members", jsonType, `{"id":"x","new":[{}]}`, 200, opShow, new(note), ""},
		{"trailing value", jsonType, `{"id":"x"}{}`, 200, opShow, new(note), "decoding"},
		{"trailing page", jsonType, `{"id":"x"}<html>`, 200, opShow, new(note), "decoding"},
		{"cut off", jsonType, `{"id":"x"`, 200, opShow, new(note), "decoding"},
		{"another kind", jsonType, `{"id":"x","count":"seven"}`, 200, opShow, new(note), ""},
		{"another kind as a whole", jsonType, `["x"]`, 200, opShow, new(note), "array"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, f := recorder(tt.status, tt.contentType, tt.body)
			err := fakeClient(t, f).Call(t.Context(), tt.op, nil, tt.out)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.op.Endpoint)):
				t.Errorf("%v, want one that speaks of %q", err, tt.want)
			}
			if n, ok := tt.out.(*note); ok && tt.want == "" && n.ID != "x" {
				t.Errorf("out is %v", n)
			}
		})
	}
}

func TestResponseLimit(t *testing.T) {
	const limit = 10_000
	body := `"` + strings.Repeat("x", limit-2) + `"`
	for _, length := range []int64{-1, limit, limit + 1, 1 << 60} {
		for n, ok := range map[string]bool{body: true, body + " ": false, body + strings.Repeat(" ", limit): false} {
			mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
				resp := answer(200, jsonType, n)
				resp.ContentLength = length
				return resp, nil
			}, WithMaxResponseBytes(limit))
			var s string
			err := mk.Call(t.Context(), opShow, nil, &s)
			if ok && (err != nil || len(s) != limit-2) || !ok && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "notes/show")) {
				t.Errorf("%d bytes, announced %d: %v", len(n), length, err)
			}
		}
	}
	if _, err := New("misskey.example", WithMaxResponseBytes(0)); err == nil {
		t.Error("a limit of 0 is accepted")
	}
}

func TestCompressedAnswerIsLimited(t *testing.T) {
	// What counts is what comes out of the decompression of net/http.
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Encoding", "gzip")
		zip(w, 50<<20)
	}), WithMaxResponseBytes(1<<20))
	if err := mk.Call(t.Context(), opShow, nil, new(any)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestContextComesFirst(t *testing.T) {
	why := errors.New("bored")
	for name, makeContext := range map[string]func() (context.Context, error){
		"canceled": func() (context.Context, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx, context.Canceled
		},
		"deadline": func() (context.Context, error) {
			ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
			t.Cleanup(cancel)
			return ctx, context.DeadlineExceeded
		},
		"cause": func() (context.Context, error) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(why)
			return ctx, why
		},
	} {
		ctx, want := makeContext()
		for step, f := range map[string]roundTripper{
			"before":    func(req *http.Request) (*http.Response, error) { return nil, req.Context().Err() },
			"transport": func(req *http.Request) (*http.Response, error) { return nil, errors.New("connection lost") },
			"body": func(req *http.Request) (*http.Response, error) {
				resp := answer(200, jsonType, "")
				resp.Body = io.NopCloser(iotest.ErrReader(errors.New("connection lost")))
				return resp, nil
			},
		} {
			err := fakeClient(t, f).Call(ctx, opShow, nil, new(any))
			if !errors.Is(err, want) || !errors.Is(err, ctx.Err()) || !strings.HasPrefix(err.Error(), "misskey: notes/show: ") {
				t.Errorf("%s, %s: %v", name, step, err)
			}
		}
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	entered := make(chan struct{})
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // so that the server sees the connection go
		close(entered)
		<-r.Context().Done()
	}), WithToken(canary))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	err := mk.Call(ctx, opShow, nil, nil)
	if !errors.Is(err, context.Canceled) || err.Error() != "misskey: notes/show: context canceled" {
		t.Error(err)
	}
}

func TestTransportError(t *testing.T) {
	fault := errors.New("connection refused")
	mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
		// As a transport that has a client of its own would say it.
		return nil, &url.Error{Op: "Post", URL: req.URL.String(), Err: fmt.Errorf("again: %w", &url.Error{Op: "Post", URL: req.URL.String(), Err: fault})}
	})
	err := mk.Call(t.Context(), opCheck.WithPath("session", "hunter2"), nil, nil)
	if !errors.Is(err, fault) || err.Error() != "misskey: miauth/{session}/check: connection refused" {
		t.Error(err)
	}
}

func TestStalledBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		go func() { // a server that falls silent within its response
			if req, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
				io.Copy(io.Discard, req.Body)
				io.WriteString(far, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
			}
		}()
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		// Since Go 1.27 a body that is closed is read for another 50 ms, which never
		// end in this bubble, where the Read that waits has its lock.
		closing := roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := transport.RoundTrip(req)
			if err == nil {
				body := resp.Body
				resp.Body = struct {
					io.Reader
					closer
				}{body, func() { near.Close(); body.Close() }}
			}
			return resp, err
		})
		mk, err := New("http://localhost", WithHTTPClient(&http.Client{Transport: closing}), WithoutRetry())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = mk.Call(t.Context(), opShow, nil, new(any))
		if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took != defaultStall {
			t.Errorf("took %v", took)
		}
	})
}

// Over a connection, on every release of Go.
func TestStalledBodyOverTCP(t *testing.T) {
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}), WithStallTimeout(10*time.Millisecond))
	if err := mk.Call(t.Context(), opShow, nil, new(any)); !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "no byte of the response for 10ms") {
		t.Error(err)
	}
}

// drip sends a byte every 59 seconds.
type drip struct{ rest string }

func (d *drip) Read(p []byte) (int, error) {
	if d.rest == "" {
		return 0, io.EOF
	}
	time.Sleep(59 * time.Second)
	n := copy(p[:1], d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func (*drip) Close() error { return nil }

func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
			resp := answer(200, jsonType, "")
			resp.Body = &drip{rest: `{"id":"slow but sure"}`}
			return resp, nil
		})
		var out struct{ ID string }
		if err := mk.Call(t.Context(), opShow, nil, &out); err != nil || out.ID != "slow but sure" {
			t.Errorf("%v, %v", out, err)
		}
	})
}

func TestConnectionsAreReused(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"/api/ok": func(w http.ResponseWriter) { w.Header().Set("Content-Type", jsonType); io.WriteString(w, `{"id":"x"}`) },
		"/api/large": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", jsonType)
			io.WriteString(w, `"`+strings.Repeat("x", 1<<20)+`"`)
		},
		"/api/error": func(w http.ResponseWriter) { http.Error(w, `{"error":{"code":"X"}}`, 400) },
		"/api/none":  func(w http.ResponseWriter) { w.WriteHeader(204) },
		"/api/page":  func(w http.ResponseWriter) { io.WriteString(w, "<html>") },
		"/api/moved": func(w http.ResponseWriter) { w.Header().Set("Location", "https://x.example/"); w.WriteHeader(307) },
		"/api/bad":   func(w http.ResponseWriter) { w.Header().Set("Content-Type", jsonType); io.WriteString(w, `{"id":[}`) },
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path](w) }))
	defer srv.Close()
	mk, err := New(srv.URL, WithToken(canary)) // with the default transport
	if err != nil {
		t.Fatal(err)
	}
	defer mk.HTTPClient().CloseIdleConnections()
	var fresh, all int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		all++
		if !info.Reused {
			fresh++
		}
	}})
	for range 5 {
		for path := range answers {
			_, err := Call[any](ctx, mk.As("other"), strings.TrimPrefix(path, "/api/"), nil)
			if ok := path == "/api/ok" || path == "/api/large" || path == "/api/none"; ok != (err == nil) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if fresh != 1 || all != 5*len(answers) {
		t.Errorf("%d connections for %d calls", fresh, all)
	}
}

func TestConcurrentCallers(t *testing.T) {
	var mu sync.Mutex
	dials := map[string]bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		dials[r.RemoteAddr] = true
		mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", jsonType)
		w.Write(body)
	}))
	defer srv.Close()
	mk, err := New(srv.URL, WithToken("main"), WithRequestEditor(func(context.Context, *http.Request) error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	defer mk.HTTPClient().CloseIdleConnections()
	const callers, calls = 64, 20
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for c := range callers {
		wg.Go(func() {
			token := fmt.Sprintf("token%d", c)
			own := mk.As(token)
			for n := range calls {
				var out struct {
					I string
					N int
				}
				if err := own.Call(t.Context(), opShow, map[string]int{"n": n}, &out, api.RequestEditorFn(func(context.Context, *http.Request) error { return nil })); err != nil || out.I != token || out.N != n {
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d calls went wrong", n)
	}
	if len(dials) > 2*callers {
		t.Errorf("%d connections for %d callers", len(dials), callers)
	}
	t.Logf("%d connections for %d calls of %d callers", len(dials), callers*calls, callers)
}
