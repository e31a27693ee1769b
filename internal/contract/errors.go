package contract

import (
	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// guest is a client without a token.
func (t *T) guest() *misskey.Client {
	t.Helper()
	mk, err := misskey.New(t.root.BaseURL(), misskey.WithHTTPClient(t.root.HTTPClient()), misskey.WithPlainHTTP())
	t.ok(err)
	return mk
}

var errorCases = []testCase{
	{"without a token", func(t *T) {
		_, err := t.guest().I(t.Context())
		t.refused(err, gen.ErrCredentialRequired, 401)
	}},
	{"with a wrong one", func(t *T) {
		_, err := t.root.As("0123456789abcdef").Ping(t.Context())
		t.refused(err, gen.ErrAuthenticationFailed, 401)
	}},
	{"with an app's, which lacks the permission", func(t *T) {
		u := t.user()
		_, err := u.As(t.app(u)).I(t.Context())
		t.refused(err, gen.ErrPermissionDenied, 403)
	}},
	{"with an app's, where apps may not", func(t *T) {
		u := t.user()
		_, err := u.As(t.app(u, gen.PermissionReadAccount)).IApps(t.Context(), gen.IAppsRequest{})
		t.refused(err, gen.ErrAccessDenied, 400)
	}},
	{"with an account's that has no role", func(t *T) {
		u := t.user()
		_, err := u.AdminMeta(t.Context())
		t.refused(err, gen.ErrRolePermissionDenied, 403)
		_, err = u.AdminAccountsCreate(t.Context(), gen.AdminAccountsCreateRequest{Username: "x", Password: "x"})
		t.refused(err, gen.ErrIDAdminAccountsCreateAccessDenied, 400)
	}},
	{"an endpoint that there is not", func(t *T) {
		_, err := misskey.Call[struct{}](t.Context(), t.root, "contract/nope", nil)
		t.refused(err, gen.ErrUnknownAPIEndpoint, 404)
		_, err = misskey.Call[struct{}](t.Context(), t.root, "contract/nope", nil, misskey.GET())
		t.refused(err, gen.ErrIDUnknownAPIEndpoint, 404)
	}},
	{"which endpoints there are", func(t *T) {
		for _, mk := range []*misskey.Client{t.root, t.guest()} {
			ok, err := mk.Supports(t.Context(), gen.OpNotesCreate)
			t.ok(err)
			if !ok {
				t.Error("no notes/create")
			}
			ok, err = mk.Supports(t.Context(), &api.Operation{Endpoint: "contract/nope"})
			t.ok(err)
			if ok {
				t.Error("contract/nope")
			}
		}
	}},
	{"a parameter that is wrong", func(t *T) {
		_, err := t.root.Notes(t.Context(), gen.NotesRequest{Limit: new(101)})
		t.refused(err, gen.ErrInvalidParam, 400)
		_, err = t.root.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "a/b"})
		t.refused(err, gen.ErrInvalidParam, 400)
		_, err = t.root.NotesCreate(t.Context(), gen.NotesCreateRequest{})
		t.refused(err, gen.ErrInvalidParam, 400)
	}},
	{"GET", func(t *T) {
		_, err := t.guest().GetOnlineUsersCount(t.Context(), misskey.GET())
		t.ok(err)
	}},
}
