package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/appauth"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/oauth"
)

// clientOptions are those of clients like root, but without a token.
func (t *T) clientOptions() []misskey.Option {
	return []misskey.Option{misskey.WithHTTPClient(t.root.HTTPClient()), misskey.WithPlainHTTP(), misskey.WithStrict()}
}

// signIn signs in with a password. Real instances take one attempt a second and
// ten an hour from an address, whatever comes of them: after that the case is
// skipped, because neither the suite nor the instance is to blame.
func (t *T) signIn(username, password string) (*gen.SigninFlowResponse, error) {
	t.Helper()
	for attempt := range 2 {
		res, err := t.guest().SigninFlow(t.Context(), gen.SigninFlowRequest{Username: username, Password: &password}, misskey.NoRetry())
		if !errors.Is(err, gen.ErrorID("22d05606-fbcf-421a-a2db-b32610dcfd1b")) {
			return res, err
		}
		if attempt == 0 {
			time.Sleep(1100 * time.Millisecond)
		}
	}
	t.Skip("the instance lets nobody sign in from here for now: it takes ten attempts an hour")
	return nil, nil
}

var loginCases = []testCase{
	{"nobody signs in who is not there", func(t *T) {
		_, err := t.signIn("nobody_at_all", "contract")
		t.refused(err, gen.ErrorID("6cc579cc-885d-43d8-95c2-b8c7fc963280"), 404)
	}},
	{"an account signs in with its password", func(t *T) {
		u := t.user()
		res, err := t.signIn(u.username, "contract")
		t.ok(err)
		me, err := u.As(*res.I).I(t.Context())
		t.ok(err)
		equal(t, "who", me.ID, u.id)
	}},
	{"an account does not sign in with a wrong password", func(t *T) {
		_, err := t.signIn(t.user().username, "wrong")
		t.refused(err, gen.ErrorID("932c904e-9460-45b7-9ce6-7ed33be7eb2c"), 403)
	}},
	{"an account that is suspended does not sign in", func(t *T) {
		u := t.user()
		t.ok(t.root.AdminSuspendUser(t.Context(), gen.AdminSuspendUserRequest{UserID: u.id}))
		_, err := t.signIn(u.username, "contract")
		t.refused(err, gen.ErrorID("e03a5f46-d309-4865-9b69-56282d94e1eb"), 403)
	}},
	{"package miauth gets a token that a user has approved of", func(t *T) {
		u := t.user()
		permissions := []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes}
		s, err := miauth.Start(t.Context(), t.root.BaseURL(), miauth.Options{Name: "contract", Permissions: permissions, Client: t.clientOptions()})
		t.ok(err)
		if _, err := s.Check(t.Context()); !errors.Is(err, misskey.ErrNotGranted) {
			t.Fatalf("before: %v", err)
		}
		page, _, _ := strings.Cut(s.URL(), "?")
		id := page[strings.LastIndex(page, "/")+1:]
		// What the page of the instance does when the user approves.
		_, err = u.MiAuthGenToken(t.Context(), gen.MiAuthGenTokenRequest{Session: &id, Name: new("contract"), Permission: []string{"read:account", "write:notes"}})
		t.ok(err)
		grant, err := s.Wait(t.Context())
		t.ok(err)
		equal(t, "user", grant.User.ID, u.id)
		n := t.text(user{Client: grant.Client()}, "by an app")
		equal(t, "author", n.UserID, u.id)
		again, err := s.Check(t.Context())
		t.ok(err)
		equal(t, "again", again, grant)
	}},
	{"package appauth gets a token that a user has approved of", func(t *T) {
		u := t.user()
		app, err := appauth.Create(t.Context(), t.root.BaseURL(), appauth.Options{
			Name: "contract", Permissions: []gen.Permission{gen.PermissionReadAccount}, Client: t.clientOptions(),
		})
		t.ok(err)
		s, err := appauth.Start(t.Context(), t.root.BaseURL(), appauth.Options{App: app, Client: t.clientOptions()})
		t.ok(err)
		if _, err := s.Check(t.Context()); !errors.Is(err, misskey.ErrNotGranted) {
			t.Fatalf("before: %v", err)
		}
		t.ok(u.AuthAccept(t.Context(), gen.AuthAcceptRequest{Token: s.URL()[strings.LastIndex(s.URL(), "/")+1:]}))
		grant, err := s.Wait(t.Context())
		t.ok(err)
		me, err := grant.Client().I(t.Context())
		t.ok(err)
		equal(t, "user", me.ID, u.id)
	}},
	{"package oauth finds the endpoints of OAuth", func(t *T) {
		s, err := oauth.Discover(t.Context(), t.root.BaseURL(), t.clientOptions()...)
		t.ok(err)
		permissions := gen.Permissions()
		if !t.since("2026.7.0") {
			permissions = slices.DeleteFunc(permissions, func(p gen.Permission) bool { return p == gen.PermissionWriteAdminUnsetMFA })
		}
		for _, p := range permissions {
			if !slices.Contains(s.Permissions, p) {
				t.Errorf("the instance does not grant %s", p)
			}
		}
		equal(t, "permissions", len(s.Permissions), len(permissions))
		session, err := oauth.Start(t.Context(), t.root.BaseURL(), oauth.Options{
			ID: "https://app.example/", Callback: "https://app.example/cb", Permissions: []gen.Permission{gen.PermissionReadAccount}, Client: t.clientOptions(),
		})
		t.ok(err)
		if !strings.HasPrefix(session.URL(), s.Issuer+"/oauth/authorize?") {
			t.Errorf("the page is at another place")
		}
	}},
	{"a token is known not to suffice before it is sent", func(t *T) {
		u := t.user()
		token := t.app(u, gen.PermissionReadAccount)
		mk, err := misskey.New(t.root.BaseURL(), append(t.clientOptions(), misskey.WithToken(token), misskey.WithPermissions(gen.PermissionReadAccount))...)
		t.ok(err)
		_, err = mk.I(t.Context())
		t.ok(err)
		_, unsent := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
		_, sent := u.As(token).NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
		for _, err := range []error{unsent, sent} {
			if !errors.Is(err, gen.ErrPermissionDenied) {
				t.Errorf("%v", err)
			}
		}
		_, err = mk.IApps(context.Background(), gen.IAppsRequest{})
		if !errors.Is(err, gen.ErrAccessDenied) {
			t.Errorf("%v", err)
		}
	}},
}
