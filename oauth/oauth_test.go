package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
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

// app serves the page of an app.
func app(t *testing.T) oauth.Options {
	t.Helper()
	var document oauth.Document
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { document.ServeHTTP(w, r) }))
	t.Cleanup(page.Close)
	document = oauth.Document{ID: page.URL + "/", Name: "App", Callbacks: []string{page.URL + "/callback?a=1", "http://127.0.0.1:" + freePort(t) + "/callback"}}
	if err := document.Check(); err != nil {
		t.Fatal(err)
	}
	return oauth.Options{
		ID: document.ID, Callback: document.Callbacks[0],
		Permissions: []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes},
	}
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func start(t *testing.T, srv *misskeytest.Server, opts oauth.Options) *oauth.Session {
	t.Helper()
	s, err := oauth.Start(t.Context(), srv.URL, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
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

func TestSession(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	server, err := oauth.Discover(t.Context(), srv.URL)
	if err != nil || server.Issuer != srv.URL || len(server.Permissions) != len(gen.Permissions()) {
		t.Errorf("%v, %v", server, err)
	}
	opts := app(t)
	s := start(t, srv, opts)
	back := srv.Approve("alice", s.URL())
	if !strings.HasPrefix(back, opts.Callback+"&code=") {
		t.Fatalf("back to %s", back)
	}
	grant, err := s.Finish(t.Context(), query(t, back))
	if err != nil || !slices.Equal(grant.Permissions, opts.Permissions) || grant.User.Username != "alice" || grant.Instance != srv.URL {
		t.Fatalf("%v, %v", grant, err)
	}
	shown := fmt.Sprintf("%v %+v %#v %v %#v %+v", grant, *grant, *grant, s, s, *s)
	page := query(t, s.URL())
	for _, secret := range []string{grant.Token(), page.Get("state")} {
		if strings.Contains(shown, secret) {
			t.Errorf("%s shows a secret", shown)
		}
	}

	// A code that is used again would end the token: the grant is kept instead.
	again, err := s.Finish(t.Context(), query(t, back))
	if err != nil || again != grant {
		t.Errorf("%v, %v", again, err)
	}
	if me, err := grant.Client().I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v, %v", me, err)
	}
}

// The token of a program that may not read the account does not say whose it is.
func TestWithoutReadAccount(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := app(t)
	opts.Permissions = []gen.Permission{gen.PermissionWriteNotes}
	s := start(t, srv, opts)
	grant, err := s.Finish(t.Context(), query(t, srv.Approve("alice", s.URL())))
	if err != nil || grant.User != nil || grant.String() != "grant of "+srv.URL {
		t.Fatalf("%v, %v", grant, err)
	}
	if _, err := grant.Client().NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err != nil {
		t.Error(err)
	}
}

func TestSessionFails(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := app(t)
	s := start(t, srv, opts)
	_, err := s.Finish(t.Context(), query(t, srv.Deny(s.URL())))
	if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Code != "access_denied" || !strings.Contains(err.Error(), "has denied") || !errors.Is(err, misskey.ErrNotGranted) {
		t.Errorf("denied: %v", err)
	}

	s = start(t, srv, opts)
	back := query(t, srv.Approve("alice", s.URL()))
	srv.Advance(5 * time.Minute)
	_, err = s.Finish(t.Context(), back)
	if e, ok := errors.AsType[*oauth.Error](err); !ok || e.Code != "invalid_grant" || errors.Is(err, misskey.ErrNotGranted) || strings.Contains(err.Error(), back.Get("code")) {
		t.Errorf("an old code: %v", err)
	}

	s = start(t, srv, opts)
	back = query(t, srv.Approve("alice", s.URL()))
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
		if _, err := s.Finish(t.Context(), other); !errors.Is(err, misskey.ErrUnknownLogin) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Finish(t.Context(), url.Values{"state": back["state"]}); err == nil {
		t.Error("a callback with nothing is accepted")
	}
	if _, err := s.Finish(t.Context(), back); err != nil {
		t.Errorf("what was refused before it was sent has used up the code: %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	good := oauth.Options{ID: "https://app.example/", Callback: "https://app.example/cb", Permissions: []gen.Permission{gen.PermissionReadAccount}}
	if _, err := oauth.Start(t.Context(), srv.URL, good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*oauth.Options){
		"plain http":         func(o *oauth.Options) { o.ID = "http://app.example/" },
		"no path":            func(o *oauth.Options) { o.ID = "https://app.example" },
		"a fragment":         func(o *oauth.Options) { o.ID += "#x" },
		"a user":             func(o *oauth.Options) { o.ID = "https://me@app.example/" },
		"dots":               func(o *oauth.Options) { o.ID += "../x" },
		"no domain":          func(o *oauth.Options) { o.ID = "https://intranet/" },
		"no callback":        func(o *oauth.Options) { o.Callback = "" },
		"no permissions":     func(o *oauth.Options) { o.Permissions = nil },
		"unknown permission": func(o *oauth.Options) { o.Permissions = []gen.Permission{"read:acount"} },
		"negative timeout":   func(o *oauth.Options) { o.Timeout = -1 },
	} {
		opts := good
		change(&opts)
		if s, err := oauth.Start(t.Context(), srv.URL, opts); err == nil {
			t.Errorf("%s: %v", what, s)
		}
	}
	for _, callback := range []string{"https://app.example/cb", "http://127.0.0.1/cb", "http://192.0.2.1:80/cb", "http://127.0.0.1:80/cb?a=1"} {
		opts := good
		opts.Callback = callback
		if _, err := oauth.Login(t.Context(), srv.URL, opts); err == nil || !strings.Contains(err.Error(), "address of this machine") {
			t.Errorf("%s: %v", callback, err)
		}
	}
	if err := (oauth.Document{ID: good.ID}).Check(); err == nil {
		t.Error("a document without callbacks is accepted")
	}
}

// local returns options with the callback that is an address of this machine.
func local(t *testing.T) oauth.Options {
	t.Helper()
	opts := app(t)
	resp, err := http.Get(opts.ID)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, link := range resp.Header.Values("Link") {
		address, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if strings.HasPrefix(address, "http://127.0.0.1:") && !strings.Contains(address, "?") {
			opts.Callback = address
		}
	}
	return opts
}

func TestLogin(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := local(t)
	pages := make(chan string, 1)
	opts.OpenBrowser = func(page string) error {
		go func() {
			resp, err := http.Get(opts.Callback + "?state=other&code=x") // of somebody who knows the port
			if err == nil {
				resp.Body.Close()
			}
			if err != nil || resp.StatusCode != http.StatusBadRequest {
				t.Errorf("%v %v", resp, err)
			}
			resp, err = http.Get(srv.Approve("alice", page))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			pages <- string(body)
		}()
		return nil
	}
	grant, err := oauth.Login(t.Context(), srv.URL, opts)
	if err != nil || grant.User.Username != "alice" {
		t.Fatalf("%v, %v", grant, err)
	}
	if page := <-pages; !strings.Contains(page, "Welcome, @alice") {
		t.Errorf("%s", page)
	}
}

// Login ends when the user denies, in time, and with its context.
func TestLoginEnds(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := local(t)
	opts.OpenBrowser = func(page string) error {
		go func() {
			if resp, err := http.Get(srv.Deny(page)); err == nil {
				resp.Body.Close()
			}
		}()
		return nil
	}
	if _, err := oauth.Login(t.Context(), srv.URL, opts); !errors.Is(err, misskey.ErrNotGranted) || !strings.Contains(err.Error(), "denied") {
		t.Errorf("%v", err)
	}
	opts.OpenBrowser, opts.Timeout = func(string) error { return nil }, 50*time.Millisecond
	if _, err := oauth.Login(t.Context(), srv.URL, opts); !errors.Is(err, misskey.ErrNotGranted) || !strings.Contains(err.Error(), "not come back") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opts.OpenBrowser, opts.Timeout = func(string) error { cancel(); return nil }, 0
	if _, err := oauth.Login(ctx, srv.URL, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	// Without a browser the address is printed, and another browser of this machine
	// may come back.
	printed := new(strings.Builder)
	opts.OpenBrowser, opts.Timeout, opts.Output = func(string) error { return errors.New("none") }, 50*time.Millisecond, printed
	if _, err := oauth.Login(t.Context(), srv.URL, opts); !errors.Is(err, misskey.ErrNotGranted) || !strings.Contains(printed.String(), srv.URL+"/oauth/authorize?") {
		t.Errorf("%v\n%s", err, printed)
	}
}

func TestWeb(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mux := http.NewServeMux()
	service := httptest.NewServer(mux)
	defer service.Close()
	callback := service.URL + "/callback"
	web := &oauth.Web{
		Options:  oauth.Options{ID: service.URL + "/", Callback: callback, Permissions: []gen.Permission{gen.PermissionReadAccount}},
		Instance: func(*http.Request) (string, error) { return srv.URL, nil },
		Success: func(w http.ResponseWriter, _ *http.Request, grant *misskey.Grant, returnTo string) {
			fmt.Fprint(w, "hello ", grant.User.Username, returnTo)
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	mux.Handle("/{$}", oauth.Document{ID: service.URL + "/", Callbacks: []string{callback}})
	mux.Handle("/login", web.Start())
	mux.Handle("/callback", web.Callback())
	get := func(client *http.Client, address string) (int, string, string) {
		t.Helper()
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, resp.Header.Get("Location"), string(body)
	}
	visitor := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	alice := visitor()
	_, page, _ := get(alice, service.URL+"/login?return_to=/notes")
	back := srv.Approve("alice", page)
	if status, _, body := get(visitor(), back); status != http.StatusBadRequest {
		t.Errorf("another browser: %d %s", status, body)
	}
	if status, _, body := get(alice, back); status != 200 || body != "hello alice/notes" {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := get(alice, back); status != http.StatusBadRequest {
		t.Errorf("a second time: %d", status)
	}
	_, page, _ = get(alice, service.URL+"/login")
	if status, _, body := get(alice, srv.Deny(page)); status != http.StatusForbidden {
		t.Errorf("denied: %d %s", status, body)
	}
	web.Instance = func(*http.Request) (string, error) { return "not a host", nil }
	if status, _, _ := get(visitor(), service.URL+"/login"); status != http.StatusBadRequest {
		t.Errorf("something that is not an instance: %d", status)
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
	d := oauth.Document{ID: "https://app.example/", Name: "<App>", Logo: "https://app.example/l.png", Callbacks: []string{"https://app.example/cb?a=1&b=2"}}
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
			s, err := oauth.Start(t.Context(), srv.URL, oauth.Options{ID: "https://app.example/", Callback: "https://app.example/", Permissions: []gen.Permission{gen.PermissionReadAccount}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Finish(t.Context(), url.Values{"state": query(t, s.URL())["state"], "code": {"the-secret-code-0042"}})
			if err == nil || code != "the-secret-code-0042" || verifier == "" {
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
	s := start(t, srv, app(t))
	grant, err := s.Finish(t.Context(), query(t, srv.Approve("alice", s.URL())))
	if err != nil {
		t.Fatal(err)
	}
	held := struct {
		grant misskey.Grant
		more  struct{ grant *misskey.Grant }
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
