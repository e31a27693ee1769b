package miauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

// options are those of an app that talks to a server of the test.
func options(srv *misskeytest.Server) miauth.Options {
	return miauth.Options{
		Name:        "app",
		Permissions: []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes},
		Client:      []misskey.Option{misskey.WithHTTPClient(srv.HTTPClient())},
	}
}

func begin(t *testing.T, srv *misskeytest.Server) *miauth.Session {
	t.Helper()
	s, err := miauth.Start(t.Context(), srv.URL, options(srv))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sessionOf is the id of a session.
func sessionOf(s *miauth.Session) string {
	id, _, _ := strings.Cut(s.URL()[strings.LastIndex(s.URL(), "/")+1:], "?")
	return id
}

func TestURL(t *testing.T) {
	s, err := miauth.Start(t.Context(), "misskey.example", miauth.Options{
		Name: "100% & more", Icon: "https://app.example/i.png", Callback: "myapp://cb",
		Permissions: []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes},
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "misskey.example" || !strings.HasPrefix(u.Path, "/miauth/") || len(u.Path) != len("/miauth/")+36 ||
		q.Get("name") != "100%25 & more" || q.Get("icon") != "https://app.example/i.png" || q.Get("callback") != "myapp://cb" ||
		q.Get("permission") != "read:account,write:notes" {
		t.Errorf("%s", s.URL())
	}
	again, err := miauth.Start(t.Context(), "misskey.example", miauth.Options{})
	if err != nil || again.URL() == s.URL() || strings.Contains(again.URL(), "?") {
		t.Errorf("%v, %v", again.URL(), err)
	}
}

func TestBadOptions(t *testing.T) {
	for what, opts := range map[string]miauth.Options{
		"permission":    {Permissions: []gen.Permission{"read:acount"}},
		"separator":     {Permissions: []gen.Permission{"read:account,write:notes"}, AnyPermission: true},
		"name":          {Name: strings.Repeat("x", 129)},
		"scheme":        {Callback: "JavaScript:alert(1)"},
		"relative":      {Callback: "/callback"},
		"timeout":       {Timeout: -1},
		"not granted":   {Permissions: []gen.Permission{gen.PermissionReadAdminSystemWebhook}},
		"client option": {Client: []misskey.Option{misskey.WithToken("")}},
	} {
		if s, err := miauth.Start(t.Context(), "misskey.example", opts); err == nil {
			t.Errorf("%s: %v", what, s)
		}
	}
	if _, err := miauth.Start(t.Context(), "misskey.example", miauth.Options{Permissions: []gen.Permission{"read:fork"}, AnyPermission: true}); err != nil {
		t.Error(err)
	}
	if _, err := miauth.Start(t.Context(), "http://misskey.example", miauth.Options{}); err == nil {
		t.Error("plain http is accepted")
	}
	if _, err := miauth.Login(t.Context(), "misskey.example", miauth.Options{Callback: "https://app.example/"}); err == nil {
		t.Error("Login accepts another callback")
	}
}

func TestCheck(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	s := begin(t, srv)
	if grant, err := s.Check(t.Context()); !errors.Is(err, misskey.ErrNotGranted) || grant != nil {
		t.Errorf("%v, %v", grant, err)
	}
	srv.Approve("alice", s.URL())
	grant, err := s.Check(t.Context())
	if err != nil || grant.User.Username != "alice" {
		t.Fatalf("%v, %v", grant, err)
	}
	again, err := s.Check(t.Context())
	if err != nil || again != grant {
		t.Errorf("the second time: %v, %v", again, err)
	}
	if n := len(srv.Requests("")); n != 2 {
		t.Errorf("%d calls", n)
	}
	mk := grant.Client()
	if _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err != nil {
		t.Error(err)
	}
	held := struct {
		grant   misskey.Grant
		session miauth.Session
	}{*grant, *s}
	for _, shown := range []string{
		fmt.Sprint(grant), fmt.Sprintf("%+v", *grant), fmt.Sprintf("%#v", grant), fmt.Sprint(s), fmt.Sprintf("%v", *grant),
		fmt.Sprintf("%#v", s), fmt.Sprintf("%#v", *s), fmt.Sprintf("%+v", *s), fmt.Sprintf("%v %+v %#v", held, held, held),
	} {
		if strings.Contains(shown, grant.Token()) || strings.Contains(shown, sessionOf(s)) {
			t.Errorf("%s shows a secret", shown)
		}
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		s := begin(t, srv)
		time.AfterFunc(time.Minute, func() { srv.Approve("alice", s.URL()) })
		start := time.Now()
		grant, err := s.Wait(t.Context())
		if err != nil || grant.User.Username != "alice" {
			t.Fatalf("%v, %v", grant, err)
		}
		if took := time.Since(start); took < time.Minute || took > time.Minute+5*time.Second {
			t.Errorf("it took %v", took)
		}
		srv.Close()
	})
}

// What passes is waited out, but not at first, when it may be the instance that is
// wrong.
func TestWaitGetsOverFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		s := begin(t, srv)
		time.AfterFunc(3*time.Second, func() {
			srv.Fail("", &misskey.Error{Status: 503}, 2)
			srv.Fail("", misskeytest.ErrDropped, 2)
		})
		time.AfterFunc(30*time.Second, func() { srv.Approve("alice", s.URL()) })
		if _, err := s.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		srv.Fail("", &misskey.Error{Status: 503}, 1)
		if _, err := begin(t, srv).Wait(t.Context()); err == nil {
			t.Error("an instance that is down at first is waited for")
		}
		srv.Close()
	})
}

func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		start := time.Now()
		_, err := begin(t, srv).Wait(t.Context())
		if !errors.Is(err, misskey.ErrNotGranted) || time.Since(start) != miauth.DefaultTimeout {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		for _, cause := range []string{"not answered", "denied", "does not know", "fetched already", "5m0s"} {
			if !strings.Contains(err.Error(), cause) {
				t.Errorf("%q does not say %q", err, cause)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := begin(t, srv).Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, misskey.ErrNotGranted) {
			t.Errorf("%v", err)
		}
		srv.Close()
	})
}

// Errors say what is wrong with an instance, and never the session.
func TestBadInstances(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "<html>%s</html>", r.URL) // which quotes the session
	}))
	defer page.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = nil
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct{ what, instance, want string }{
		{"a page", page.URL, "does not seem to be a Misskey instance"},
		{"a certificate that nobody trusts", secure.URL, "may not be"},
		{"nothing there", gone.URL, "refused"},
	} {
		s, err := miauth.Start(t.Context(), tt.instance, miauth.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Wait(t.Context())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), sessionOf(s)) || errors.Is(err, misskey.ErrNotGranted) {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
}

// A response without a user, or with a token that cannot be one, logs nobody in.
func TestGrantsThatAreNone(t *testing.T) {
	for name, response := range map[string]string{
		"no user":           `{"ok":true,"token":"sesame"}`,
		"null user":         `{"ok":true,"token":"sesame","user":null}`,
		"user without id":   `{"ok":true,"token":"sesame","user":{"username":"alice"}}`,
		"user with no id":   `{"ok":true,"token":"sesame","user":{"id":"","username":"alice"}}`,
		"no token":          `{"ok":true,"user":{"id":"1","username":"alice"}}`,
		"empty token":       `{"ok":true,"token":"","user":{"id":"1","username":"alice"}}`,
		"line end":          `{"ok":true,"token":"sesame\nX-Evil: 1","user":{"id":"1","username":"alice"}}`,
		"carriage return":   `{"ok":true,"token":"sesame\r","user":{"id":"1","username":"alice"}}`,
		"not even ASCII":    `{"ok":true,"token":"ごま","user":{"id":"1","username":"alice"}}`,
		"null in the token": `{"ok":true,"token":"sesame\u0000","user":{"id":"1","username":"alice"}}`,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, response)
		}))
		s, err := miauth.Start(t.Context(), srv.URL, miauth.Options{Name: "test"})
		if err != nil {
			t.Fatal(err)
		}
		grant, err := s.Check(t.Context())
		if err == nil || grant != nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v %v", name, grant, err)
		}
		srv.Close()
	}
}
