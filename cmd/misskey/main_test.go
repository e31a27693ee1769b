package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/misskey-go/misskey/misskeytest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"misskey": main})
}

// Each script has an instance of its own at $INSTANCE, with the tokens of alice,
// bob and a moderator in $ALICE, $BOB and $MODERATOR, and in files such as
// alice.token. There is no keyring, and nobody is logged in.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			srv, err := misskeytest.Start(t.Context(), "", misskeytest.Options{})
			if err != nil {
				return err
			}
			env.Defer(srv.Close)
			srv.AddUser(misskeytest.User{Username: "moderator", Moderator: true})
			for _, name := range []string{"alice", "bob", "moderator"} {
				if err := os.WriteFile(filepath.Join(env.WorkDir, name+".token"), []byte(srv.Token(name)+"\n"), 0o600); err != nil {
					return err
				}
			}
			config := env.WorkDir + string(os.PathSeparator) + "config"
			for name, value := range map[string]string{
				"INSTANCE": srv.URL, "HOST": strings.TrimPrefix(srv.URL, "http://"),
				"ALICE": srv.Token("alice"), "BOB": srv.Token("bob"), "MODERATOR": srv.Token("moderator"),
				"ALICEID": srv.UserID("alice"), "BOBID": srv.UserID("bob"),
				"MISSKEY_KEYRING": "off", "HOME": env.WorkDir, "USERPROFILE": env.WorkDir,
				"XDG_CONFIG_HOME": config, "APPDATA": config, "LANG": "en_US.UTF-8",
			} {
				env.Setenv(name, value)
			}
			env.Values["server"] = srv
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// status N COMMAND... runs a command, which has to exit with N.
			"status": status,
			// mode FILE MODE checks the mode of a file.
			"mode": mode,
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE MODE")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := info.Mode().String(); got != args[1] {
		ts.Fatalf("the mode is %s, want %s", got, args[1])
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}
