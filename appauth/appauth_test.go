package appauth_test

import (
	"errors"
	"fmt"
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
	s, err := app.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if grant, err := s.Check(t.Context()); !errors.Is(err, appauth.ErrNotGranted) {
		t.Errorf("%v, %v", grant, err)
	}
	if back := srv.Approve("alice", s.URL()); back != "https://app.example/cb?token="+s.Token() {
		t.Errorf("back to %s", back)
	}
	grant, err := app.Resume(s.Token()).Check(t.Context())
	if err != nil || grant.User.Username != "alice" || len(grant.Token()) != 64 {
		t.Fatalf("%v, %v", grant, err)
	}
	if me, err := grant.Client().I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v, %v", me, err)
	}
	if _, err := s.Check(t.Context()); !errors.Is(err, gen.ErrNoSuchSession) || strings.Contains(err.Error(), s.Token()) {
		t.Errorf("after the session: %v", err)
	}
	for _, shown := range []string{fmt.Sprint(app, s, grant), fmt.Sprintf("%#v %+v %#v %#v", *app, *grant, *grant, s), fmt.Sprintf("%+v", struct {
		a appauth.App
		g appauth.Grant
		s *appauth.Session
	}{*app, *grant, s})} {
		for _, secret := range []string{app.Secret(), s.Token(), grant.Token()} {
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
	if _, err := app.Begin(t.Context()); !errors.Is(err, gen.ErrNoSuchApp) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("%v", err)
	}
	if _, err := appauth.Open(srv.URL, "x", ""); err == nil {
		t.Error("no secret is accepted")
	}
	if _, err := appauth.Create(t.Context(), "no instance at all", appauth.Options{}); err == nil {
		t.Error("no instance is accepted")
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		app := create(t, srv)
		begin := func() *appauth.Session {
			t.Helper()
			s, err := app.Begin(t.Context())
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
		if _, err := begin().Wait(t.Context()); !errors.Is(err, appauth.ErrNotGranted) {
			t.Errorf("%v", err)
		}
		srv.Close()
	})
}
