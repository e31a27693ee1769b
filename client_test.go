package misskey

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestAuthorize(t *testing.T) {
	mk, err := New("https://misskey.example/base", WithToken(canary), WithUserAgent("bot/1"),
		WithRequestEditor(func(_ context.Context, req *http.Request) error { req.Header.Set("X-Access", "yes"); return nil }))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		url, host string
		ok        bool
	}{
		{"https://misskey.example/base/streaming", "", true},
		{"wss://misskey.example/streaming", "", true},
		{"https://MISSKEY.example:443/", "", true},
		{"wss://misskey.example:443/", "misskey.example", true},
		{"https://misskey.example/", "misskey.example:443", true},
		{"http://misskey.example/", "", false},
		{"ws://misskey.example/", "", false},
		{"https://misskey.example:8443/", "", false},
		{"https://misskey.example:80/", "", false},
		{"https://evil.example/", "", false},
		{"https://misskey.example.evil.example/", "", false},
		{"https://sub.misskey.example/", "", false},
		{"https://misskey.example@evil.example/", "", false},
		{"https://misskey.example/", "evil.example", false},
		{"https:misskey.example", "", false},
		{"//misskey.example/", "", false},
		{"file://misskey.example/", "", false},
	} {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		req := &http.Request{URL: u, Host: tt.host}
		err = mk.Authorize(req)
		if (err == nil) != tt.ok {
			t.Errorf("%s (%s): %v", tt.url, tt.host, err)
		}
		if tt.ok && (req.Header.Get("Authorization") != "Bearer "+canary || req.Header.Get("X-Access") != "yes" || !strings.HasPrefix(req.UserAgent(), "bot/1 ")) {
			t.Errorf("%s: header %v", tt.url, req.Header)
		}
		if !tt.ok && len(req.Header) > 0 {
			t.Errorf("%s: refused, but with header %v", tt.url, req.Header)
		}
	}
	if err := mk.Authorize(&http.Request{}); err == nil {
		t.Error("a request without a URL is accepted")
	}

	// The header also where calls have the token in the body.
	req, _ := http.NewRequest("POST", "https://misskey.example/x", strings.NewReader("text"))
	if err := mk.Authorize(req); err != nil || req.Header.Get("Authorization") == "" {
		t.Errorf("%v, %v", err, req.Header)
	}
	anonymous, _ := New("misskey.example")
	req, _ = http.NewRequest("GET", "https://misskey.example/x", nil)
	if err := anonymous.Authorize(req); err != nil || req.Header.Get("Authorization") != "" {
		t.Errorf("%v, %v", err, req.Header)
	}
	if err := mk.As("").Authorize(req); err == nil {
		t.Error("an empty token is accepted")
	}
	away := func(_ context.Context, req *http.Request) error {
		req.URL, _ = url.Parse("https://evil.example")
		return nil
	}
	mk, _ = New("misskey.example", WithRequestEditor(away))
	if err := mk.Authorize(req); err == nil {
		t.Error("an editor may change the host")
	}
}

func TestHTTPClientKeepsToItsHost(t *testing.T) {
	other := trap(t)
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }), WithToken(canary))
	if resp, err := mk.HTTPClient().Get(other); err == nil {
		resp.Body.Close()
		t.Error("a request to another host is sent")
	}
	closed := false
	req, _ := http.NewRequest("POST", other, struct {
		io.Reader
		closer
	}{strings.NewReader("x"), func() { closed = true }})
	if _, err := mk.HTTPClient().Transport.RoundTrip(req); err == nil || !closed {
		t.Errorf("%v, body closed: %v", err, closed)
	}
	resp, err := mk.HTTPClient().Get(mk.BaseURL() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()

	// Changing it changes nothing else.
	mk.HTTPClient().Transport = nil
	if mk.HTTPClient().Transport == nil {
		t.Error("HTTPClient gives away its own")
	}
}

func TestLogger(t *testing.T) {
	var buf bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		if a.Key == "duration" {
			return slog.Duration("duration", time.Second)
		}
		return a
	}}))
	status := 200
	mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
		if status == 0 {
			return nil, errors.New("hunter2")
		}
		return answer(status, jsonType, `{"error":{"code":"X","message":"hunter2"}}`), nil
	}, WithToken(canary), WithLogger(logger))
	for _, status = range []int{200, 400, 0} {
		mk.Call(t.Context(), opCheck.WithPath("session", "hunter2"), map[string]string{"a": "hunter2"}, nil)
	}
	want := `level=DEBUG msg="misskey call" endpoint=miauth/{session}/check method=POST status=200 duration=1s attempt=1 bytes=42 request_bytes=38
level=WARN msg="misskey call" endpoint=miauth/{session}/check method=POST status=400 duration=1s attempt=1 bytes=42 request_bytes=38 code=X
level=WARN msg="misskey call" endpoint=miauth/{session}/check method=POST status=0 duration=1s attempt=1 bytes=0 request_bytes=38
`
	if buf.String() != want {
		t.Errorf("logged\n%swant\n%s", buf.String(), want)
	}
}

func TestUserAgent(t *testing.T) {
	all, f := recorder(200, jsonType, `{}`)
	for _, opts := range [][]Option{nil, {WithUserAgent("bot/1.2 (+https://bot.example)")}} {
		if err := fakeClient(t, f, opts...).Call(t.Context(), opShow, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	own := "misskey-go/" + moduleVersion(nil) + " (+https://github.com/misskey-go/misskey)"
	if got := (*all)[0].header.Get("User-Agent"); got != own {
		t.Errorf("%q, want %q", got, own)
	}
	if got := (*all)[1].header.Get("User-Agent"); got != "bot/1.2 (+https://bot.example) "+own {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{"", "a\r\nX: y", "böt"} {
		if _, err := New("misskey.example", WithUserAgent(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestModuleVersion(t *testing.T) {
	own := func(v string) *debug.Module { return &debug.Module{Path: modulePath, Version: v} }
	for want, info := range map[string]*debug.BuildInfo{
		"devel":       nil,
		"1.2.3":       {Deps: []*debug.Module{{Path: "x", Version: "v9.9.9"}, own("v1.2.3")}},
		"1.2.4":       {Main: *own("v1.2.4")},
		"0.0.0-2026x": {Deps: []*debug.Module{{Path: modulePath, Version: "v1.0.0", Replace: &debug.Module{Path: "y", Version: "v0.0.0-2026x"}}}},
	} {
		if got := moduleVersion(info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, info := range []*debug.BuildInfo{{}, {Main: *own("(devel)")}, {Deps: []*debug.Module{{Path: modulePath, Version: "v1.0.0", Replace: &debug.Module{Path: "../x"}}}}} {
		if got := moduleVersion(info); got != "devel" {
			t.Errorf("%q", got)
		}
	}
}

func TestDefaultTransport(t *testing.T) {
	tr := NewTransport()
	if tr == http.DefaultTransport || tr.MaxIdleConnsPerHost < 64 || tr.IdleConnTimeout != time.Minute ||
		tr.TLSHandshakeTimeout != 10*time.Second || tr.Proxy == nil || !tr.ForceAttemptHTTP2 {
		t.Errorf("%+v", tr)
	}
	old := http.DefaultTransport
	defer func() { http.DefaultTransport = old }()
	http.DefaultTransport = roundTripper(nil)
	if tr := NewTransport(); tr.Proxy == nil || !tr.ForceAttemptHTTP2 || tr.IdleConnTimeout != time.Minute {
		t.Errorf("%+v", tr)
	}
	// Clients share it, and so do accounts.
	a, _ := New("a.example")
	b, _ := New("b.example")
	if a.config.http.Transport.(*boundTransport).next != b.config.http.Transport.(*boundTransport).next || a.As("x").config.http != a.config.http {
		t.Error("connections are not shared")
	}
}

func TestBadOptions(t *testing.T) {
	if _, err := New("misskey.example", WithHTTPClient(nil)); err == nil {
		t.Error("WithHTTPClient(nil) is accepted")
	}
	if _, err := New("misskey.example", WithRequestEditor(nil)); err == nil {
		t.Error("WithRequestEditor(nil) is accepted")
	}
	if _, err := New("misskey.example", nil, WithLogger(nil)); err != nil {
		t.Error(err)
	}
}
