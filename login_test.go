package misskey_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// However a grant is printed, also within something else, its token is not shown.
func TestGrantHidesItsToken(t *testing.T) {
	mk, err := misskey.New("misskey.example")
	if err != nil {
		t.Fatal(err)
	}
	grant := misskey.NewGrant(mk, "sesame", &gen.UserLite{Username: "alice"}, gen.PermissionReadAccount)
	held := struct {
		grant misskey.Grant
		more  []*misskey.Grant
	}{*grant, []*misskey.Grant{grant}}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "grant", grant, "value", *grant)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", grant, grant, grant, grant), fmt.Sprintf("%v %+v %#v", held, held, held), logged.String()} {
		if strings.Contains(shown, "sesame") {
			t.Error(shown)
		}
	}
	if got := grant.String(); got != "grant of @alice at https://misskey.example" {
		t.Error(got)
	}
	if grant.Token() != "sesame" || grant.Client().BaseURL() != grant.Instance {
		t.Errorf("%q %s", grant.Token(), grant.Client())
	}
}
