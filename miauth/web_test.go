package miauth_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

// service is a web service whose users log in.
func service(t *testing.T, srv *misskeytest.Server) (*httptest.Server, *miauth.Web) {
	t.Helper()
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	web := &miauth.Web{
		Options:  options(srv),
		Instance: func(*http.Request) (string, error) { return srv.URL, nil },
		Success: func(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, returnTo string) {
			fmt.Fprintf(w, "hello %s, back to %s", grant.User.Username, returnTo)
		},
		Logger:  slog.New(slog.DiscardHandler),
		Failure: func(w http.ResponseWriter, r *http.Request, err error) { http.Error(w, err.Error(), http.StatusTeapot) },
	}
	web.Options.Callback = app.URL + "/callback"
	mux.Handle("/login", web.Start())
	mux.Handle("/callback", web.Callback())
	return app, web
}

// A visitor is a browser with its cookies.
type visitor struct {
	t      *testing.T
	client http.Client
}

func newVisitor(t *testing.T) visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{t, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v visitor) get(address string) (status int, location, body string) {
	v.t.Helper()
	resp, err := v.client.Get(address)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			v.t.Errorf("the cookie %s", c)
		}
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(data)
}

func TestWeb(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, _ := service(t, srv)
	alice, mallory := newVisitor(t), newVisitor(t)
	status, page, body := alice.get(app.URL + "/login?return_to=%2Fnotes%3Fa%3D1")
	if status != http.StatusSeeOther || !strings.HasPrefix(page, srv.URL+"/miauth/") {
		t.Fatalf("%d %s %s", status, page, body)
	}
	back := srv.Approve("alice", page)

	refused := func(what string, v visitor, address string) {
		t.Helper()
		if status, _, body := v.get(address); status != http.StatusTeapot || !strings.Contains(body, misskey.ErrUnknownLogin.Error()) {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	refused("another browser", mallory, back)
	_, malloryPage, _ := mallory.get(app.URL + "/login")
	refused("another browser with a login of its own", mallory, back)
	refused("another session", alice, strings.Replace(srv.Approve("mallory", malloryPage), "?session=", "?session=x", 1))
	refused("the login of another browser", alice, app.URL+"/callback?session="+malloryPage[strings.LastIndex(malloryPage, "/")+1:])
	refused("no session", alice, app.URL+"/callback")
	if status, _, body := alice.get(back); status != 200 || body != "hello alice, back to /notes?a=1" {
		t.Errorf("%d %s", status, body)
	}
	refused("a second time", alice, back)
}

func TestWebWithoutGrant(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, _ := service(t, srv)
	v := newVisitor(t)
	_, page, _ := v.get(app.URL + "/login")
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(u.Path, "/miauth/")
	if status, _, body := v.get(app.URL + "/callback?session=" + session); status != http.StatusTeapot || !strings.Contains(body, misskey.ErrNotGranted.Error()) || strings.Contains(body, session) {
		t.Errorf("%d %s", status, body)
	}
}

func TestWebReturnsToItself(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, _ := service(t, srv)
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "evil", "javascript:alert(1)", "/" + strings.Repeat("x", 3000)} {
		if status, location, _ := newVisitor(t).get(app.URL + "/login?return_to=" + url.QueryEscape(to)); status != http.StatusTeapot {
			t.Errorf("%q: %d %s", to, status, location)
		}
	}
}

// Without Failure there are small pages, in the language of the browser.
func TestWebPages(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, web := service(t, srv)
	web.Failure = nil
	status, _, body := newVisitor(t).get(app.URL + "/callback?session=x")
	if status != http.StatusBadRequest || !strings.Contains(body, "another login") {
		t.Errorf("%d %s", status, body)
	}
	r, err := http.NewRequest(http.MethodGet, app.URL+"/callback", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "ja-JP,ja;q=0.9")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, _ := io.ReadAll(resp.Body); !strings.Contains(string(data), `lang="ja"`) {
		t.Errorf("%s", data)
	}
	web.Instance = func(*http.Request) (string, error) { return "", errors.New("none chosen") }
	if status, _, _ := newVisitor(t).get(app.URL + "/login"); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
}

// However many logins strangers begin, one that is going on can be finished.
func TestWebOfManyStarts(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, web := service(t, srv)
	alice := newVisitor(t)
	_, page, _ := alice.get(app.URL + "/login")
	start := web.Start()
	for range 10_400 {
		w := httptest.NewRecorder()
		if start.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil)); w.Code != http.StatusSeeOther {
			t.Fatal(w.Code)
		}
	}
	if status, _, body := alice.get(srv.Approve("alice", page)); status != 200 || !strings.Contains(body, "hello alice") {
		t.Errorf("%d %s", status, body)
	}
}

// A browser keeps a few logins, and its cookies stay short enough for any server.
func TestWebOfManyTabs(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, _ := service(t, srv)
	alice := newVisitor(t)
	var pages []string
	for range 10 {
		_, page, _ := alice.get(app.URL + "/login?return_to=" + url.QueryEscape("/<"+strings.Repeat("&", 998)))
		pages = append(pages, page)
		time.Sleep(time.Millisecond)
	}
	u, err := url.Parse(app.URL)
	if err != nil {
		t.Fatal(err)
	}
	length := 0
	for _, c := range alice.client.Jar.Cookies(u) {
		if length += len(c.Name) + len(c.Value); len(c.Value) > 4000 {
			t.Errorf("a cookie has %d bytes", len(c.Value))
		}
	}
	if length > 8000 {
		t.Errorf("the cookies have %d bytes", length)
	}
	if status, _, body := alice.get(srv.Approve("alice", pages[9])); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// A cookie that was changed, is of another service or of another name is none.
func TestWebCookies(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, web := service(t, srv)
	other, _ := service(t, srv)
	begin := func(address string) (*http.Cookie, string) {
		v := newVisitor(t)
		resp, err := v.client.Get(address + "/login")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.Cookies()[0], resp.Header.Get("Location")
	}
	cookie, page := begin(app.URL)
	foreign, _ := begin(other.URL)
	back, err := url.Parse(srv.Approve("alice", page))
	if err != nil {
		t.Fatal(err)
	}
	if session := back.Query().Get("session"); strings.Contains(cookie.Value, session) {
		t.Error("the session is in the cookie")
	}
	call := func(value string) int {
		r := httptest.NewRequest(http.MethodGet, back.RequestURI(), nil)
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: value})
		w := httptest.NewRecorder()
		web.Callback().ServeHTTP(w, r)
		return w.Code
	}
	for _, value := range []string{"", "x", foreign.Value, "A" + cookie.Value[1:], cookie.Value[:len(cookie.Value)-1], cookie.Value + "A"} {
		if value != cookie.Value && call(value) != http.StatusTeapot {
			t.Errorf("%q was accepted", value)
		}
	}
	if status := call(cookie.Value); status != http.StatusOK {
		t.Errorf("the cookie itself: %d", status)
	}
}

// With https cookies are for this host and https only.
func TestWebByHTTPS(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	_, web := service(t, srv)
	web.Options.Callback = "https://service.example/callback"
	w := httptest.NewRecorder()
	web.Start().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	c := w.Result().Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-miauth-") || !c.Secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly {
		t.Errorf("%s", c)
	}
}

// Wrong input is the caller's fault, and is logged.
func TestWebRefusesWrongInput(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, web := service(t, srv)
	var log strings.Builder
	web.Failure, web.Logger = nil, slog.New(slog.NewTextHandler(&log, nil))
	for name, tt := range map[string]struct{ query, instance string }{
		"an instance that cannot be one": {"", "not a host"},
		"no instance":                    {"", ""},
		"a page of an instance":          {"", "ftp://misskey.example"},
		"another site":                   {"?return_to=https://evil.example", srv.URL},
	} {
		log.Reset()
		web.Instance = func(*http.Request) (string, error) { return tt.instance, nil }
		status, _, body := newVisitor(t).get(app.URL + "/login" + tt.query)
		if status != http.StatusBadRequest || !strings.Contains(body, "Check the name of the server") || !strings.Contains(log.String(), "cannot begin a login") {
			t.Errorf("%s: %d %s\n%s", name, status, body, log.String())
		}
	}
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodOptions, http.MethodDelete} {
		for path, h := range map[string]http.Handler{"/login": web.Start(), "/callback": web.Callback()} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != http.StatusMethodNotAllowed || len(w.Result().Cookies()) > 0 || w.Header().Get("Allow") == "" {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
}

// A key of another length than it must have is a mistake of the service.
func TestWebWithAKey(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, web := service(t, srv)
	web.Key = []byte("short")
	if status, _, body := newVisitor(t).get(app.URL + "/login"); status != http.StatusTeapot || !strings.Contains(body, "32") {
		t.Errorf("%d %s", status, body)
	}
}
