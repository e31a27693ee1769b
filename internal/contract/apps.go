package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// session makes an app that asks for permissions, and a session with it.
func (t *T) session(permissions ...gen.Permission) (*gen.App, string) {
	t.Helper()
	req := gen.AppCreateRequest{Name: "contract", Description: "of the contract suite", Permission: []string{}}
	for _, p := range permissions {
		req.Permission = append(req.Permission, string(p))
	}
	app, err := t.guest().AppCreate(t.Context(), req)
	t.ok(err)
	session, err := t.guest().AuthSessionGenerate(t.Context(), gen.AuthSessionGenerateRequest{AppSecret: *app.Secret})
	t.ok(err)
	if !strings.HasSuffix(session.URL, "/auth/"+session.Token) {
		t.Errorf("the page is at %s", session.URL)
	}
	return app, session.Token
}

var appCases = []testCase{
	{"an app gets a token that its secret is part of", func(t *T) {
		u := t.user()
		app, session := t.session(gen.PermissionReadAccount)
		key := gen.AuthSessionUserkeyRequest{AppSecret: *app.Secret, Token: session}
		_, err := t.guest().AuthSessionUserkey(t.Context(), key)
		t.refused(err, gen.ErrPendingSession, 400)
		shown, err := u.AuthSessionShow(t.Context(), gen.AuthSessionShowRequest{Token: session})
		t.ok(err)
		equal(t, "app", shown.App.ID, app.ID)
		equal(t, "authorized", *shown.App.IsAuthorized, false)
		t.ok(u.AuthAccept(t.Context(), gen.AuthAcceptRequest{Token: session}))
		res, err := t.guest().AuthSessionUserkey(t.Context(), key)
		t.ok(err)
		equal(t, "user", res.User.ID, u.id)
		sum := sha256.Sum256([]byte(res.AccessToken + *app.Secret))
		token := hex.EncodeToString(sum[:])
		me, err := u.As(token).I(t.Context())
		t.ok(err)
		equal(t, "who", me.ID, u.id)
		_, err = u.As(token).NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
		t.refused(err, gen.ErrPermissionDenied, 403)
		_, err = t.guest().AuthSessionUserkey(t.Context(), key)
		t.refused(err, gen.ErrIDAuthSessionUserkeyNoSuchSession, 400)
		all, err := u.IAuthorizedApps(t.Context(), gen.IAuthorizedAppsRequest{})
		t.ok(err)
		equal(t, "authorized apps", len(all), 1)
	}},
	{"an app has one token of an account", func(t *T) {
		u := t.user()
		app, session := t.session()
		token := func(session string) string {
			t.Helper()
			t.ok(u.AuthAccept(t.Context(), gen.AuthAcceptRequest{Token: session}))
			res, err := t.guest().AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{AppSecret: *app.Secret, Token: session})
			t.ok(err)
			return res.AccessToken
		}
		first := token(session)
		again, err := t.guest().AuthSessionGenerate(t.Context(), gen.AuthSessionGenerateRequest{AppSecret: *app.Secret})
		t.ok(err)
		equal(t, "the second token", token(again.Token), first)
	}},
	{"the secret of an app is for its owner", func(t *T) {
		u, v := t.user(), t.user()
		app, err := u.AppCreate(t.Context(), gen.AppCreateRequest{Name: "mine", Description: "", Permission: []string{"account-read", "read:account"}})
		t.ok(err)
		equal(t, "permissions", strings.Join(app.Permission, " "), "read:account")
		shown, err := v.AppShow(t.Context(), gen.AppShowRequest{AppID: app.ID})
		t.ok(err)
		equal(t, "secret for others", shown.Secret, nil)
		shown, err = u.AppShow(t.Context(), gen.AppShowRequest{AppID: app.ID})
		t.ok(err)
		equal(t, "secret for the owner", *shown.Secret, *app.Secret)
		own, err := u.MyApps(t.Context(), gen.MyAppsRequest{})
		t.ok(err)
		equal(t, "own", len(own), 1)
	}},
	{"apps and sessions that there are not", func(t *T) {
		u := t.user()
		app, _ := t.session()
		_, err := u.AppShow(t.Context(), gen.AppShowRequest{AppID: "0"})
		t.refused(err, gen.ErrIDAppShowNoSuchApp, 400)
		_, err = u.AuthSessionGenerate(t.Context(), gen.AuthSessionGenerateRequest{AppSecret: "nope"})
		t.refused(err, gen.ErrIDAuthSessionGenerateNoSuchApp, 400)
		_, err = u.AuthSessionShow(t.Context(), gen.AuthSessionShowRequest{Token: "nope"})
		t.refused(err, gen.ErrIDAuthSessionShowNoSuchSession, 400)
		_, err = u.AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{AppSecret: "nope", Token: "nope"})
		t.refused(err, gen.ErrIDAuthSessionUserkeyNoSuchApp, 400)
		_, err = u.AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{AppSecret: *app.Secret, Token: "nope"})
		t.refused(err, gen.ErrIDAuthSessionUserkeyNoSuchSession, 400)
		t.refused(u.AuthAccept(t.Context(), gen.AuthAcceptRequest{Token: "nope"}), gen.ErrIDAuthAcceptNoSuchSession, 400)
	}},
}
