package misskeyjs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// misskey-js finds at both what it expects.
func TestMisskeyJS(t *testing.T) {
	wanted := os.Getenv("MISSKEY_TEST_NPM")
	if wanted == "" {
		t.Skip("set MISSKEY_TEST_NPM=1 to install misskey-js from npm and drive it")
	}
	dir, err := install(t)
	switch {
	case err != nil && wanted == "required":
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
	t.Run("misskeytest", func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{})
		srv.Expect("notes/timeline", gen.ErrInvalidParam)
		srv.Expect("i", gen.ErrAuthenticationFailed)
		drive(t, dir, srv.URL, srv.Token("alice"), srv.Token("bob"))
	})
	t.Run("instance", func(t *testing.T) {
		url, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
		if url == "" || token == "" {
			t.Skip("no instance: set MISSKEY_URL and MISSKEY_TOKEN, the account root's own token")
		}
		root, err := misskey.New(url, misskey.WithToken(token), misskey.WithPlainHTTP())
		if err != nil {
			t.Fatal(err)
		}
		drive(t, dir, url, account(t, root), account(t, root))
	})
}

// install puts the packages of npm next to a copy of the script. It fails where
// there is no Node.js or no way to the packages.
func install(t *testing.T) (dir string, err error) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", err
		}
	}
	dir = t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "drive.mjs"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, run(t, dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
}

func drive(t *testing.T, dir, url, alice, bob string) {
	t.Helper()
	if err := run(t, dir, "node", "drive.mjs", url, alice, bob); err != nil {
		t.Error(err)
	}
}

// run runs a program, which may take minutes on a slow machine. Its error has
// what the program wrote.
func run(t *testing.T, dir, program string, args ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, args[0], err, out)
	}
	t.Logf("%s", out)
	return nil
}

// account makes an account, which is deleted in the end, and returns its token.
func account(t *testing.T, root *misskey.Client) (token string) {
	t.Helper()
	made, err := misskey.Call[struct{ ID, Token string }](t.Context(), root, "admin/accounts/create",
		map[string]string{"username": fmt.Sprintf("js%d", rand.IntN(1_000_000_000)), "password": "misskeyjs"}, misskey.NoRetry())
	if err != nil {
		t.Fatalf("making an account: %v", err)
	}
	t.Cleanup(func() {
		if err := root.AdminAccountsDelete(context.Background(), gen.AdminAccountsDeleteRequest{UserID: made.ID}); err != nil {
			t.Errorf("the account %s is still there, delete it by hand: %v", made.ID, err)
		}
	})
	return made.Token
}
