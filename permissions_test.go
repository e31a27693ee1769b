package misskey_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestPermissionsFor(t *testing.T) {
	got, err := misskey.PermissionsFor(gen.OpNotesCreate, gen.OpNotesTimeline, gen.OpNotesDelete, gen.OpPing)
	want := []gen.Permission{gen.PermissionReadAccount, gen.PermissionWriteNotes}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if got, err := misskey.PermissionsFor(); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
	_, err = misskey.PermissionsFor(gen.OpNotesCreate, gen.OpIApps, gen.OpIRevokeToken)
	if err == nil || !strings.Contains(err.Error(), "i/apps refuses") || !strings.Contains(err.Error(), "i/revoke-token refuses") {
		t.Errorf("%v", err)
	}
}

// What a token is known not to suffice for is not sent.
func TestWithPermissions(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	permissions := []gen.Permission{gen.PermissionReadAccount}
	mk, err := misskey.New(srv.URL, misskey.WithToken(srv.AppToken("alice", permissions...)), misskey.WithPermissions(permissions...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mk.I(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := mk.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
	e, ok := errors.AsType[*misskey.Error](err)
	if !ok || !errors.Is(err, gen.ErrPermissionDenied) || e.Status != 0 || !strings.Contains(err.Error(), "write:notes") {
		t.Errorf("%v", err)
	}
	if _, err := mk.IApps(t.Context(), gen.IAppsRequest{}); !errors.Is(err, gen.ErrAccessDenied) || strings.Contains(err.Error(), "HTTP") {
		t.Errorf("%v", err)
	}
	if n := len(srv.Requests("")); n != 2 {
		t.Errorf("%d calls were sent: %+v", n, srv.Requests(""))
	}
	if _, err := mk.As(srv.Token("alice")).NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err != nil {
		t.Errorf("with another token: %v", err)
	}
}

func ExamplePermissionsFor() {
	permissions, err := misskey.PermissionsFor(gen.OpINotifications, gen.OpNotesCreate)
	fmt.Println(permissions, err)
	// Output: [read:notifications write:notes] <nil>
}

// A mistake of the program is an error.
func TestPermissionsForNil(t *testing.T) {
	var op *api.Operation
	for _, r := range []misskey.Requirement{nil, op} {
		if got, err := misskey.PermissionsFor(gen.OpI, r); err == nil || !strings.Contains(err.Error(), "requirement 2 is nil") {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// An app revokes its own token where the instance lets it, which it does since
// 2026.9; an older one refuses that itself.
func TestWithPermissionsRevokesItself(t *testing.T) {
	for version, allowed := range map[string]bool{"2026.7.0": false, "2026.9.0": true} {
		srv := misskeytest.NewServer(t, misskeytest.Options{Version: version})
		token := srv.AppToken("alice", gen.PermissionReadAccount)
		mk, err := misskey.New(srv.URL, misskey.WithToken(token), misskey.WithPermissions(gen.PermissionReadAccount))
		if err != nil {
			t.Fatal(err)
		}
		err = mk.IRevokeToken(t.Context(), gen.IRevokeTokenRequest{Token: &token})
		var refused *misskey.Error
		switch {
		case allowed && err != nil:
			t.Errorf("%s: %v", version, err)
		case !allowed && (!errors.As(err, &refused) || refused.Code != gen.ErrAccessDenied || refused.Status == 0):
			t.Errorf("%s: %v, want a refusal by the instance", version, err)
		}
	}
}
