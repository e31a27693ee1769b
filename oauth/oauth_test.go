package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/oauth"
)

// client serves the page of a client.
func client(t *testing.T) oauth.Client {
	t.Helper()
	var document oauth.Document
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { document.ServeHTTP(w, r) }))
	t.Cleanup(app.Close)
	document = oauth.Document{ID: app.URL + "/", Name: "App", RedirectURLs: []string{app.URL + "/callback?a=1"}}
	if err := document.Check(); err != nil {
		t.Fatal(err)
	}
	return oauth.Client{
		ID: document.ID, RedirectURL: document.RedirectURLs[0],
		Permissions: []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes},
	}
}

func discover(t *testing.T, srv *misskeytest.Server) *oauth.Server {
	t.Helper()
	s, err := oauth.Discover(t.Context(), srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func begin(t *testing.T, s *oauth.Server, c oauth.Client) oauth.Login {
	t.Helper()
	l, err := s.Begin(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// query is what a callback gets.
func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestLogin(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	s, c := discover(t, srv), client(t)
	if s.Issuer != srv.URL || len(s.Permissions) != len(gen.Permissions()) {
		t.Errorf("%s with %d permissions", s.Issuer, len(s.Permissions))
	}
	l := begin(t, s, c)
	back := srv.Approve("alice", l.URL)
	if !strings.HasPrefix(back, c.RedirectURL+"&code=") {
		t.Fatalf("back to %s", back)
	}
	grant, err := s.Finish(t.Context(), l, query(t, back))
	if err != nil || !slices.Equal(grant.Permissions, c.Permissions) {
		t.Fatalf("%v, %v", grant, err)
	}
	mk := grant.Client()
	if me, err := mk.I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v, %v", me, err)
	}
	shown := fmt.Sprintf("%v %+v %#v %v %#v", grant, *grant, *grant, l, l)
	for _, secret := range []string{grant.Token(), l.State, l.Verifier} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s shows a secret", shown)
		}
	}

	// A code that is used again ends the token that came of it.
	_, err = s.Finish(t.Context(), l, query(t, back))
	if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Code != "invalid_grant" || strings.Contains(err.Error(), query(t, back).Get("code")) {
		t.Errorf("%v", err)
	}
	srv.Expect("i", gen.ErrAuthenticationFailed)
	if _, err := mk.I(t.Context()); !errors.Is(err, gen.ErrAuthenticationFailed) {
		t.Errorf("%v", err)
	}
}

func TestLoginFails(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	s, c := discover(t, srv), client(t)
	l := begin(t, s, c)
	_, err := s.Finish(t.Context(), l, query(t, srv.Deny(l.URL)))
	if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Code != "access_denied" || !strings.Contains(err.Error(), "has denied") {
		t.Errorf("denied: %v", err)
	}

	l = begin(t, s, c)
	back := query(t, srv.Approve("alice", l.URL))
	srv.Advance(5 * time.Minute)
	_, err = s.Finish(t.Context(), l, back)
	if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Code != "invalid_grant" {
		t.Errorf("an old code: %v", err)
	}

	l = begin(t, s, c)
	back = query(t, srv.Approve("alice", l.URL))
	for what, change := range map[string]func(url.Values){
		"another state":  func(q url.Values) { q.Set("state", "x") },
		"no state":       func(q url.Values) { q.Del("state") },
		"another server": func(q url.Values) { q.Set("iss", "https://other.example") },
	} {
		other := url.Values{}
		for name, values := range back {
			other[name] = slices.Clone(values)
		}
		change(other)
		if _, err := s.Finish(t.Context(), l, other); !errors.Is(err, oauth.ErrOtherLogin) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Finish(t.Context(), oauth.Login{}, url.Values{}); !errors.Is(err, oauth.ErrOtherLogin) {
		t.Errorf("no login: %v", err)
	}
	if _, err := s.Finish(t.Context(), l, url.Values{"state": {l.State}}); err == nil {
		t.Error("a callback with nothing is accepted")
	}
	if _, err := s.Finish(t.Context(), l, back); err != nil {
		t.Errorf("what was refused before it was sent has used up the code: %v", err)
	}
}

func TestBadClients(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	s := discover(t, srv)
	good := oauth.Client{ID: "https://app.example/", RedirectURL: "https://app.example/cb", Permissions: []gen.Permission{gen.PermissionReadAccount}}
	if _, err := s.Begin(good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*oauth.Client){
		"plain http":         func(c *oauth.Client) { c.ID = "http://app.example/" },
		"no path":            func(c *oauth.Client) { c.ID = "https://app.example" },
		"a fragment":         func(c *oauth.Client) { c.ID += "#x" },
		"a user":             func(c *oauth.Client) { c.ID = "https://me@app.example/" },
		"dots":               func(c *oauth.Client) { c.ID += "../x" },
		"no domain":          func(c *oauth.Client) { c.ID = "https://intranet/" },
		"no redirect":        func(c *oauth.Client) { c.RedirectURL = "" },
		"no permissions":     func(c *oauth.Client) { c.Permissions = nil },
		"unknown permission": func(c *oauth.Client) { c.Permissions = []gen.Permission{"read:acount"} },
	} {
		c := good
		change(&c)
		if l, err := s.Begin(c); err == nil {
			t.Errorf("%s: %v", what, l)
		}
	}
	if err := (oauth.Document{ID: good.ID}).Check(); err == nil {
		t.Error("a document without redirects is accepted")
	}
}

func TestDiscoverFails(t *testing.T) {
	const good = `{"issuer":"$self","authorization_endpoint":"$self/a","token_endpoint":"$self/t","code_challenge_methods_supported":["S256"]}`
	for what, tt := range map[string]struct{ kind, body, want string }{
		"a page":         {"text/html", "<html>", "before 2023.9"},
		"no JSON":        {"application/json", "{", "cannot be read"},
		"too much":       {"application/json", strings.Repeat(" ", 1<<20+1), "too large"},
		"another token":  {"application/json", strings.Replace(good, "$self/t", "https://evil.example/t", 1), "not on the instance"},
		"another issuer": {"application/json", strings.Replace(good, `"issuer":"$self"`, `"issuer":"https://evil.example"`, 1), "not on the instance"},
		"no S256":        {"application/json", strings.Replace(good, "S256", "plain", 1), "S256"},
		"all is well":    {"application/json", good, ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", tt.kind)
			io.WriteString(w, strings.ReplaceAll(tt.body, "$self", "http://"+r.Host))
		}))
		_, err := oauth.Discover(t.Context(), server.URL)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", what, err)
		}
		server.Close()
	}
	if _, err := oauth.Discover(t.Context(), "no instance"); err == nil {
		t.Error("no instance is accepted")
	}
}

func TestDocument(t *testing.T) {
	d := oauth.Document{ID: "https://app.example/", Name: "<App>", Logo: "https://app.example/l.png", RedirectURLs: []string{"https://app.example/cb?a=1&b=2"}}
	get := func(accept string) (string, http.Header) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		d.ServeHTTP(w, r)
		return w.Body.String(), w.Header()
	}
	body, header := get("text/html")
	for _, want := range []string{`<link rel="redirect_uri" href="https://app.example/cb?a=1&amp;b=2">`, `class="h-app"`, "&lt;App&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if header.Get("Link") != `<https://app.example/cb?a=1&b=2>; rel="redirect_uri"` {
		t.Errorf("%v", header)
	}
	if body, _ := get("application/json"); !strings.Contains(body, `"client_id":"https://app.example/","client_uri":"https://app.example/","client_name":"\u003cApp\u003e"`) {
		t.Errorf("%s", body)
	}
}

// Whatever a server repeats, neither the code nor the verifier is in the error,
// and the token is not printed by what holds the grant.
func TestSecretsAreNowhere(t *testing.T) {
	for name, body := range map[string]string{
		"error":       `{"error":"%s","error_description":"%s"}`,
		"description": `{"error":"invalid_grant","error_description":"%s %s"}`,
		"page":        `<title>%s %s</title>`,
		"no JSON":     `{%s %s`,
	} {
		for _, spell := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return fmt.Sprintf(`\u%04x%s`, s[0], s[1:]) },
		} {
			var code, verifier string
			mux := http.NewServeMux()
			srv := httptest.NewServer(mux)
			defer srv.Close()
			mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q,"scopes_supported":["read:account"],"code_challenge_methods_supported":["S256"]}`, srv.URL, srv.URL+"/authorize", srv.URL+"/token")
			})
			mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
				code, verifier = r.FormValue("code"), r.FormValue("code_verifier")
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(400)
				fmt.Fprintf(w, body, spell(code), spell(verifier))
			})
			s, err := oauth.Discover(t.Context(), srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			l, err := s.Begin(oauth.Client{ID: "https://app.example/", RedirectURL: "https://app.example/", Permissions: []gen.Permission{gen.PermissionReadAccount}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Finish(t.Context(), l, url.Values{"state": {l.State}, "code": {"the-secret-code-0042"}})
			if err == nil || code != "the-secret-code-0042" || verifier != l.Verifier {
				t.Fatalf("%v, code %s", err, code)
			}
			shown := fmt.Sprintf("%v %+v %#v", err, err, err)
			if e, ok := errors.AsType[*oauth.Error](err); ok {
				shown += fmt.Sprintf("%#v", *e)
			}
			if strings.Contains(shown, code[1:]) || strings.Contains(shown, verifier[1:]) {
				t.Errorf("%s: %s", name, shown)
			}
		}
	}
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	s, c := discover(t, srv), client(t)
	l := begin(t, s, c)
	grant, err := s.Finish(t.Context(), l, query(t, srv.Approve("alice", l.URL)))
	if err != nil {
		t.Fatal(err)
	}
	held := struct {
		grant oauth.Grant
		more  struct{ grant *oauth.Grant }
	}{grant: *grant}
	held.more.grant = grant
	if shown := fmt.Sprintf("%v %+v %#v", held, held, held); strings.Contains(shown, grant.Token()) {
		t.Errorf("%s shows the token", shown)
	}
}

// A server that accepts connections and then says nothing does not keep Discover
// for ever.
func TestDiscoverEnds(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	_, err := oauth.Discover(context.Background(), srv.URL, misskey.WithStallTimeout(50*time.Millisecond))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}
