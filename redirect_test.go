package misskey

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/misskey-go/misskey/api"
)

// trap is a server that nobody should talk to.
func trap(t *testing.T) string {
	var hits atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		body, _ := io.ReadAll(r.Body)
		t.Errorf("the other server was sent %s %s %v %q", r.Method, r.URL, r.Header, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	other := trap(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, tt := range []struct{ name, location, says string }{
			{"other host", other + "/api/notes/show", other + "/api/notes/show"},
			{"same host", "/api/elsewhere", "/api/elsewhere"},
			{"itself", "", "redirect to"},
			{"other scheme", "https://misskey.example/api/notes/show", "https://misskey.example/api/notes/show"},
			{"with secrets", "http://user:hunter2@moved.example/x?i=hunter2#hunter2", "http://moved.example/x "},
			{"for a terminal", "http://moved.example/\u202E\u009b", "http://moved.example/%"},
			{"not http", "javascript:alert(1)", "redirect to"},
			{"not a URL", "http://[::1?i=hunter2", "redirect to nowhere"},
			{"none", "none", "redirect to nowhere"},
		} {
			for kind, option := range map[string]Option{"token": WithToken(canary), "bearer": WithBearer(canary)} {
				var hits atomic.Int64
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					hits.Add(1)
					if tt.location != "none" {
						w.Header()["Location"] = []string{tt.location}
					}
					w.WriteHeader(status)
				})
				mk := serverClient(t, handler, option)
				for _, op := range []*api.Operation{opShow, opPeers, opUpload} {
					hits.Store(0)
					err := mk.Call(t.Context(), op, uploadRequest{File: api.File{Body: strings.NewReader("x")}}, nil)
					e, ok := errors.AsType[*Error](err)
					if !ok || e.Status != status || e.Endpoint != op.Endpoint {
						t.Fatalf("%d %s %s %s: %v", status, tt.name, kind, op.Endpoint, err)
					}
					if hits.Load() != 1 {
						t.Errorf("%d %s %s: %d requests", status, tt.name, op.Endpoint, hits.Load())
					}
					if s := err.Error(); !strings.Contains(s, tt.says) || strings.Contains(s, "hunter2") || strings.Contains(s, canary) {
						t.Errorf("%d %s: says %q", status, tt.name, s)
					}
				}
			}
		}
	}
}

func TestRedirectWithPathParameter(t *testing.T) {
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://misskey.example"+r.URL.EscapedPath(), http.StatusPermanentRedirect)
	}))
	err := mk.Call(t.Context(), opCheck.WithPath("session", "hunter2"), nil, nil)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "https://misskey.example/api/miauth/{session}/check") {
		t.Errorf("%v", err)
	}
}

func TestRedirectThatRepeatsTheToken(t *testing.T) {
	mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
		resp := answer(307, "", "")
		resp.Header.Set("Location", "https://moved.example/"+canary)
		return resp, nil
	}, WithToken(canary))
	if err := mk.Call(t.Context(), opShow, nil, nil); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
}

// The client that was given follows redirects, and goes on doing so; that of the
// Client does not.
func TestGivenHTTPClientIsNotChanged(t *testing.T) {
	var followed int
	given := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { followed++; return nil }}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/end" {
			http.Redirect(w, r, "/end", http.StatusTemporaryRedirect)
		}
	}))
	defer srv.Close()
	defer given.CloseIdleConnections()
	mk, err := New(srv.URL, WithHTTPClient(given), WithToken(canary))
	if err != nil {
		t.Fatal(err)
	}
	if err := mk.Call(t.Context(), opShow, nil, nil); err == nil || followed != 0 {
		t.Errorf("%v, followed %d times", err, followed)
	}
	if given.Transport != nil {
		t.Error("the transport was set")
	}
	resp, err := given.Get(srv.URL + "/start")
	if err != nil || resp.StatusCode != 200 || followed != 1 {
		t.Errorf("%v, followed %d times", err, followed)
	}
	resp.Body.Close()

	resp, err = mk.HTTPClient().Get(srv.URL + "/start")
	if err != nil || resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("%v, %v", resp, err)
	}
	resp.Body.Close()
}
