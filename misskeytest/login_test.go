package misskeytest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A browser of a user, which follows no redirect.
type browser struct {
	t      *testing.T
	client http.Client
}

func newBrowser(t *testing.T, srv *misskeytest.Server) browser {
	b := browser{t: t, client: *srv.HTTPClient()}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// answer is the status, where it redirects to, and the body.
func (b browser) do(r *http.Request, err error) (int, string, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

func (b browser) get(url string) (int, string, string) {
	b.t.Helper()
	return b.do(http.NewRequest(http.MethodGet, url, nil))
}

func (b browser) post(url string, pairs ...string) (int, string, string) {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(form(pairs...)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r, err)
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func TestMiAuthPage(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice"})
	b := newBrowser(t, srv)
	page := srv.URL + "/miauth/SID?" + form("name", "My <App>", "callback", "https://app.example/cb", "permission", "read:account,write:notes,nonsense")
	status, _, body := b.get(page)
	for _, want := range []string{"My &lt;App&gt;", "https://app.example", "read:account", "write:notes", "Alice (@alice)", `lang="en"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%d: no %s in %s", status, want, body)
		}
	}
	if strings.Contains(body, "<code>nonsense") || strings.Contains(body, srv.Token("alice")) {
		t.Errorf("%s", body)
	}
	r, err := http.NewRequest(http.MethodGet, page, nil)
	r.Header.Set("Accept-Language", "ja,en;q=0.5")
	if _, _, body := b.do(r, err); !strings.Contains(body, `lang="ja"`) || !strings.Contains(body, "許可する") {
		t.Errorf("%s", body)
	}
	if status, _, body := b.post(page, "decision", "deny", "user", "alice"); status != 200 || !strings.Contains(body, "Denied") {
		t.Errorf("%d %s", status, body)
	}
	mk := srv.Client("")
	if res, err := mk.MiAuthCheck(t.Context(), "SID"); err != nil || res.OK {
		t.Errorf("%+v %v", res, err)
	}
	if status, to, body := b.post(page, "decision", "approve", "user", "alice"); status != 302 || to != "https://app.example/cb?session=SID" {
		t.Errorf("%d %s %s", status, to, body)
	}
	res, err := mk.MiAuthCheck(t.Context(), "SID")
	if err != nil || !res.OK || res.User.Username != "alice" {
		t.Fatalf("%+v %v", res, err)
	}
	if _, err := mk.As(*res.Token).NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err != nil {
		t.Error(err)
	}
	if status, _, body := b.post(srv.URL+"/miauth/S2?callback=javascript:alert(1)", "decision", "approve", "user", "alice"); status != 400 {
		t.Errorf("%d %s", status, body)
	}
}

func TestApprove(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("")
	if to := srv.Approve("alice", "plain-session"); to != "" {
		t.Errorf("to %s", to)
	}
	if res, err := mk.MiAuthCheck(t.Context(), "plain-session"); err != nil || !res.OK {
		t.Errorf("%+v %v", res, err)
	}
	if to := srv.Approve("alice", srv.URL+"/miauth/S?callback=myapp%3A%2F%2Fcb"); to != "myapp://cb?session=S" {
		t.Errorf("to %s", to)
	}
	if to := srv.Deny(srv.URL + "/miauth/S2"); to != "" {
		t.Errorf("to %s", to)
	}
}

// The way of the time before MiAuth.
func TestAppAuthorization(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk, b := srv.Client(""), newBrowser(t, srv)
	app, err := mk.AppCreate(t.Context(), gen.AppCreateRequest{Name: "App", Description: "", Permission: []string{"account-read", "write:notes"}, CallbackURL: new("https://app.example/cb")})
	if err != nil {
		t.Fatal(err)
	}
	session, err := mk.AuthSessionGenerate(t.Context(), gen.AuthSessionGenerateRequest{AppSecret: *app.Secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, body := b.get(session.URL); !strings.Contains(body, "App asks") || !strings.Contains(body, "read:account") {
		t.Errorf("%s", body)
	}
	srv.Client("alice")
	if status, to, _ := b.post(session.URL, "decision", "approve", "user", "alice"); status != 302 || to != "https://app.example/cb?token="+session.Token {
		t.Errorf("%d %s", status, to)
	}
	key, err := mk.AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{AppSecret: *app.Secret, Token: session.Token})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(key.AccessToken + *app.Secret))
	for _, token := range []string{hex.EncodeToString(sum[:]), strings.ToUpper(hex.EncodeToString(sum[:])), key.AccessToken} {
		if me, err := mk.As(token).I(t.Context()); err != nil || me.Username != "alice" {
			t.Errorf("%v %v", me, err)
		}
	}
	if status, _, body := b.get(srv.URL + "/auth/nope"); status != 404 {
		t.Errorf("%d %s", status, body)
	}
}

// An application of OAuth 2 whose page lists where it may be called back.
func oauthApp(t *testing.T, kind, body string) *httptest.Server {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, strings.ReplaceAll(body, "$self", "http://"+r.Host))
	}))
	t.Cleanup(app.Close)
	return app
}

const oauthPage = `<!DOCTYPE html><html><head><meta charset=utf-8><link rel="redirect_uri" href="/cb"></head>
<body><div class="h-app"><img class="u-logo" src="/logo.png"><a href="/" class="u-url p-name">Page App</a></div></body></html>`

func TestOAuth(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	b := newBrowser(t, srv)
	_, _, body := b.get(srv.URL + "/.well-known/oauth-authorization-server")
	var metadata struct {
		Issuer string   `json:"issuer"`
		Scopes []string `json:"scopes_supported"`
	}
	if err := json.Unmarshal([]byte(body), &metadata); err != nil || metadata.Issuer != srv.URL || len(metadata.Scopes) != len(gen.Permissions()) {
		t.Errorf("%v: %d scopes in %s", err, len(metadata.Scopes), body)
	}
	app := oauthApp(t, "text/html", oauthPage)
	verifier := strings.Repeat("verifier", 8)
	sum := sha256.Sum256([]byte(verifier))
	request := func(pairs ...string) string {
		all := []string{
			"response_type", "code", "client_id", app.URL + "/", "redirect_uri", app.URL + "/cb", "scope", "read:account nonsense write:notes",
			"state", "st", "code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256",
		}
		return srv.URL + "/oauth/authorize?" + form(append(all, pairs...)...)
	}
	status, _, body := b.get(request())
	if status != 200 || !strings.Contains(body, "Page App") || !strings.Contains(body, `content="read:account write:notes"`) {
		t.Fatalf("%d %s", status, body)
	}
	_, rest, _ := strings.Cut(body, `name="transaction_id" value="`)
	transaction, _, _ := strings.Cut(rest, `"`)
	status, to, body := b.post(srv.URL+"/oauth/decision", "transaction_id", transaction, "login_token", srv.Token("alice"))
	u, err := url.Parse(to)
	if status != 302 || err != nil || !strings.HasPrefix(to, app.URL+"/cb?code=") || u.Query().Get("state") != "st" || u.Query().Get("iss") != srv.URL {
		t.Fatalf("%d %s %s", status, to, body)
	}
	exchange := func(code, verifier string) (int, string) {
		t.Helper()
		status, _, body := b.post(srv.URL+"/oauth/token", "grant_type", "authorization_code", "code", code, "client_id", app.URL+"/",
			"redirect_uri", app.URL+"/cb", "code_verifier", verifier)
		return status, body
	}
	code := u.Query().Get("code")
	status, body = exchange(code, verifier)
	var token struct {
		AccessToken string `json:"access_token"`
		Scope       string `json:"scope"`
	}
	if err := json.Unmarshal([]byte(body), &token); err != nil || status != 200 || token.Scope != "read:account write:notes" || len(token.AccessToken) != 128 {
		t.Fatalf("%d %s", status, body)
	}
	mk := srv.ClientWithToken(token.AccessToken)
	if me, err := mk.I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v", err)
	}
	if status, body := exchange(code, verifier); status != 403 || !strings.Contains(body, "invalid_grant") {
		t.Errorf("again: %d %s", status, body)
	}
	srv.Expect("i", gen.ErrAuthenticationFailed)
	if _, err := mk.I(t.Context()); err == nil {
		t.Error("who uses a code twice keeps the token")
	}

	fresh := func() string {
		t.Helper()
		u, err := url.Parse(srv.Approve("alice", request()))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("code")
	}
	code = fresh()
	if status, _ := exchange(code, "wrong"); status != 403 {
		t.Errorf("a wrong verifier: %d", status)
	}
	if status, _ := exchange(code, verifier); status != 403 {
		t.Errorf("a code that a wrong verifier has used up: %d", status)
	}
	code = fresh()
	srv.Advance(5 * time.Minute)
	if status, _ := exchange(code, verifier); status != 403 {
		t.Errorf("an old code: %d", status)
	}
	if to := srv.Deny(request()); !strings.HasPrefix(to, app.URL+"/cb?error=access_denied&state=st&iss=") {
		t.Errorf("denied: %s", to)
	}

	for _, tt := range []struct {
		what   string
		url    string
		status int
		body   string
	}{
		{"no client", srv.URL + "/oauth/authorize?response_type=code", 400, "invalid_request"},
		{"another response", request("response_type", "token"), 501, "unsupported_response_type"},
		{"another redirect", request("redirect_uri", app.URL+"/other"), 400, "invalid_request"},
		{"plain http", request("client_id", "http://app.example/"), 400, "HTTPS"},
		{"no page", request("client_id", "http://127.0.0.1:1/"), 400, "Failed to fetch"},
		{"no scope", request("scope", "nonsense"), 302, "error=invalid_scope"},
		{"no PKCE", request("code_challenge", ""), 302, "error=invalid_request"},
		{"elsewhere", srv.URL + "/oauth/nope", 404, "UNKNOWN_OAUTH_ENDPOINT"},
	} {
		status, to, body := b.get(tt.url)
		if status != tt.status || !strings.Contains(to+body, tt.body) {
			t.Errorf("%s: %d %s %s", tt.what, status, to, body)
		}
	}
}

func TestOAuthClientDocument(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	b := newBrowser(t, srv)
	for _, tt := range []struct {
		document string
		status   int
	}{
		{`{"client_id":"$self/app","client_uri":"$self/","client_name":"Document App","redirect_uris":["$self/cb"]}`, 200},
		{`{"client_id":"$self/other","client_uri":"$self/","redirect_uris":["$self/cb"]}`, 400},
		{`{"client_id":"$self/app","client_uri":"https://other.example/","redirect_uris":["$self/cb"]}`, 400},
	} {
		app := oauthApp(t, "application/json", tt.document)
		status, _, body := b.get(srv.URL + "/oauth/authorize?" + form("response_type", "code", "client_id", app.URL+"/app",
			"redirect_uri", app.URL+"/cb", "scope", "read:account", "code_challenge", "x", "code_challenge_method", "S256"))
		if status != tt.status || status == 200 && !strings.Contains(body, "Document App") {
			t.Errorf("%s: %d %s", tt.document, status, body)
		}
	}
}
