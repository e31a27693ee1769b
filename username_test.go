package misskey_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// An address in Username is refused before anything is sent; the server would say
// that there is no such user.
func TestAddressAsUsernameIsNotSent(t *testing.T) {
	mk, err := misskey.New("misskey.example", misskey.WithHTTPClient(&http.Client{Transport: noTransport{t}}))
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "misskey.FindUser") || !strings.Contains(err.Error(), "@alice") {
			t.Errorf("error %v", err)
		}
	}
	_, err = mk.UsersShow(t.Context(), gen.UsersShowRequest{Username: new("@alice")})
	check(err)
	_, err = mk.UsersFollowers(t.Context(), gen.UsersFollowersRequest{Username: new("@alice@other.example")})
	check(err)
	for _, err := range mk.UsersFollowingAll(t.Context(), gen.UsersFollowingRequest{Username: new("@alice")}) {
		check(err)
	}
}

type noTransport struct{ t *testing.T }

func (n noTransport) RoundTrip(*http.Request) (*http.Response, error) {
	n.t.Error("a request was sent")
	return nil, http.ErrHandlerTimeout
}
