package miauth_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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
		Success: func(w http.ResponseWriter, r *http.Request, grant *miauth.Grant, returnTo string) {
			fmt.Fprintf(w, "hello %s, back to %s", grant.User.Username, returnTo)
		},
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
	srv := misskeytest.NewServer(t)
	app, _ := service(t, srv)
	alice, mallory := newVisitor(t), newVisitor(t)
	status, page, body := alice.get(app.URL + "/login?return_to=%2Fnotes%3Fa%3D1")
	if status != http.StatusSeeOther || !strings.HasPrefix(page, srv.URL+"/miauth/") {
		t.Fatalf("%d %s %s", status, page, body)
	}
	back := srv.Approve("alice", page)

	refused := func(what string, v visitor, address string) {
		t.Helper()
		if status, _, body := v.get(address); status != http.StatusTeapot || !strings.Contains(body, miauth.ErrUnknownLogin.Error()) {
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
	srv := misskeytest.NewServer(t)
	app, _ := service(t, srv)
	v := newVisitor(t)
	_, page, _ := v.get(app.URL + "/login")
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(u.Path, "/miauth/")
	if status, _, body := v.get(app.URL + "/callback?session=" + session); status != http.StatusTeapot || !strings.Contains(body, miauth.ErrNotGranted.Error()) || strings.Contains(body, session) {
		t.Errorf("%d %s", status, body)
	}
}

func TestWebReturnsToItself(t *testing.T) {
	srv := misskeytest.NewServer(t)
	app, _ := service(t, srv)
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "evil", "javascript:alert(1)", "/" + strings.Repeat("x", 3000)} {
		if status, location, _ := newVisitor(t).get(app.URL + "/login?return_to=" + url.QueryEscape(to)); status != http.StatusTeapot {
			t.Errorf("%q: %d %s", to, status, location)
		}
	}
}

// Without Failure there are small pages, in the language of the browser.
func TestWebPages(t *testing.T) {
	srv := misskeytest.NewServer(t)
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
	if status, _, _ := newVisitor(t).get(app.URL + "/login"); status != http.StatusBadGateway {
		t.Errorf("%d", status)
	}
}
