package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/misskeytest"
)

// Approving in the browser stores an account, and logging out forgets it.
func TestLoginInBrowser(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "alice"})
	t.Setenv("MISSKEY_URL", "")
	t.Setenv("MISSKEY_TOKEN", "")
	t.Setenv("MISSKEY_KEYRING", "off")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("AppData", t.TempDir())
	misskey := func(args ...string) (string, int) {
		var out bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(""), &out, &out)
		return out.String(), status
	}
	openBrowser = func(page string) error {
		go func() {
			resp, err := http.Get(srv.Approve("alice", page))
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}()
		return nil
	}
	defer func() { openBrowser = nil }()
	if out, status := misskey("whoami"); status != exitNoLogin {
		t.Errorf("before the login: status %d, %s", status, out)
	}
	if out, status := misskey("login", srv.URL); status != 0 {
		t.Fatalf("status %d, %s", status, out)
	}
	if out, status := misskey("whoami"); status != 0 || !strings.Contains(out, "alice") {
		t.Errorf("after the login: status %d, %s", status, out)
	}
	if strings.Contains(must(misskey("accounts")), srv.Token("alice")) {
		t.Error("accounts shows a token")
	}
	if out, status := misskey("logout"); status != 0 {
		t.Errorf("status %d, %s", status, out)
	}
	if out, status := misskey("whoami"); status != exitNoLogin {
		t.Errorf("after the logout: status %d, %s", status, out)
	}
}

func must(out string, _ int) string { return out }
