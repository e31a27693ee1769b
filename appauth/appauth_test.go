package appauth_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/appauth"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func create(t *testing.T, srv *misskeytest.Server) *appauth.App {
	t.Helper()
	app, err := appauth.Create(t.Context(), srv.URL, appauth.Options{
		Name: "app", Callback: "https://app.example/cb", Permissions: []gen.Permission{gen.PermissionReadAccount},
		Client: []misskey.Option{misskey.WithHTTPClient(srv.HTTPClient())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestApp(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	made := create(t, srv)
	app, err := appauth.Open(srv.URL, made.ID, made.Secret())
	if err != nil {
		t.Fatal(err)
	}
	s, err := appauth.Start(t.Context(), srv.URL, appauth.Options{App: app})
	if err != nil {
		t.Fatal(err)
	}
	sessionToken := s.URL()[strings.LastIndex(s.URL(), "/")+1:]
	if grant, err := s.Check(t.Context()); !errors.Is(err, misskey.ErrNotGranted) {
		t.Errorf("%v, %v", grant, err)
	}
	if back := srv.Approve("alice", s.URL()); back != "https://app.example/cb?token="+sessionToken {
		t.Errorf("back to %s", back)
	}
	grant, err := s.Check(t.Context())
	if err != nil || grant.User.Username != "alice" || len(grant.Token()) != 64 {
		t.Fatalf("%v, %v", grant, err)
	}
	if me, err := grant.Client().I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v, %v", me, err)
	}
	if again, err := s.Check(t.Context()); err != nil || again != grant || s.App() != app {
		t.Errorf("%v, %v", again, err)
	}
	for _, shown := range []string{fmt.Sprint(app, s, grant), fmt.Sprintf("%#v %+v %#v %#v", *app, *grant, *grant, s), fmt.Sprintf("%+v", struct {
		a appauth.App
		g misskey.Grant
		s *appauth.Session
	}{*app, *grant, s})} {
		for _, secret := range []string{app.Secret(), sessionToken, grant.Token()} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s shows a secret", shown)
			}
		}
	}
}

func TestAppMistakes(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app, err := appauth.Open(srv.URL, "x", "wrong")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appauth.Start(t.Context(), srv.URL, appauth.Options{App: app}); !errors.Is(err, gen.ErrNoSuchApp) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
	if _, err := appauth.Open(srv.URL, "x", ""); err == nil {
		t.Error("no secret is accepted")
	}
	if _, err := appauth.Create(t.Context(), "no instance at all", appauth.Options{}); err == nil {
		t.Error("no instance is accepted")
	}
	if _, err := appauth.Start(t.Context(), "misskey.example", appauth.Options{App: app}); err == nil || !strings.Contains(err.Error(), "not of https://misskey.example") {
		t.Errorf("an app of another instance: %v", err)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		app := create(t, srv)
		begin := func() *appauth.Session {
			t.Helper()
			s, err := appauth.Start(t.Context(), srv.URL, appauth.Options{App: app, Client: []misskey.Option{misskey.WithHTTPClient(srv.HTTPClient())}})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := begin()
		time.AfterFunc(time.Minute, func() { srv.Approve("alice", s.URL()) })
		grant, err := s.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Wait(t.Context()); err != nil || again != grant {
			t.Errorf("%v, %v", again, err)
		}
		if _, err := begin().Wait(t.Context()); !errors.Is(err, misskey.ErrNotGranted) {
			t.Errorf("%v", err)
		}
		srv.Close()
	})
}

// A session that another process has ended says so, without its secrets.
func TestSessionIsOver(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	app := create(t, srv)
	s, err := appauth.Start(t.Context(), srv.URL, appauth.Options{App: app})
	if err != nil {
		t.Fatal(err)
	}
	token := s.URL()[strings.LastIndex(s.URL(), "/")+1:]
	srv.Approve("alice", s.URL())
	if _, err := srv.Client("").AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{AppSecret: app.Secret(), Token: token}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context()); !errors.Is(err, gen.ErrNoSuchSession) || strings.Contains(err.Error(), token) {
		t.Errorf("%v", err)
	}
}

// A response without a user or a token logs nobody in.
func TestGrantsThatAreNone(t *testing.T) {
	for name, response := range map[string]string{
		"no user":         `{"accessToken":"sesame"}`,
		"user without id": `{"accessToken":"sesame","user":{"username":"alice"}}`,
		"no token":        `{"user":{"id":"1","username":"alice"}}`,
		"empty token":     `{"accessToken":"","user":{"id":"1","username":"alice"}}`,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if strings.HasSuffix(r.URL.Path, "generate") {
				fmt.Fprintf(w, `{"token":"x","url":"http://%s/auth/x"}`, r.Host)
				return
			}
			fmt.Fprint(w, response)
		}))
		app, err := appauth.Open(srv.URL, "id", "secret")
		if err != nil {
			t.Fatal(err)
		}
		s, err := appauth.Start(t.Context(), srv.URL, appauth.Options{App: app})
		if err != nil {
			t.Fatal(err)
		}
		if grant, err := s.Check(t.Context()); err == nil || grant != nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v %v", name, grant, err)
		}
		srv.Close()
	}
}

func TestWeb(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mux := http.NewServeMux()
	service := httptest.NewServer(mux)
	defer service.Close()
	callback := service.URL + "/callback"
	app, err := appauth.Create(t.Context(), srv.URL, appauth.Options{Name: "app", Callback: callback, Permissions: []gen.Permission{gen.PermissionReadAccount}})
	if err != nil {
		t.Fatal(err)
	}
	web := &appauth.Web{
		Options:  appauth.Options{App: app, Callback: callback},
		Instance: func(*http.Request) (string, error) { return srv.URL, nil },
		Success: func(w http.ResponseWriter, _ *http.Request, grant *misskey.Grant, _ string) {
			fmt.Fprint(w, "hello ", grant.User.Username)
		},
		Logger: slog.New(slog.DiscardHandler),
	}
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
	_, page, _ := get(alice, service.URL+"/login")
	back := srv.Approve("alice", page)
	if status, _, body := get(visitor(), back); status != http.StatusBadRequest {
		t.Errorf("another browser: %d %s", status, body)
	}
	if status, _, body := get(alice, back); status != 200 || body != "hello alice" {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := get(alice, back); status != http.StatusBadRequest {
		t.Errorf("a second time: %d", status)
	}
	web.Instance = func(*http.Request) (string, error) { return "other.example", nil }
	if status, _, _ := get(visitor(), service.URL+"/login"); status != http.StatusBadRequest {
		t.Errorf("an instance that does not know the app: %d", status)
	}
}
