package main

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// does runs the program and returns what it prints.
func does(t *testing.T, mk *misskey.Client, args ...string) string {
	t.Helper()
	var out strings.Builder
	if err := run(t.Context(), mk, &out, args); err != nil {
		t.Errorf("%q: %v", args, err)
	}
	return out.String()
}

func TestReports(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	root, alice := srv.Client("root"), srv.Client("alice")
	mallory, err := srv.Client("mallory").I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := alice.UsersReportAbuse(t.Context(), gen.UsersReportAbuseRequest{UserID: mallory.ID, Comment: "spam\x1b[2J"}); err != nil {
		t.Fatal(err)
	}
	list := does(t, root, "reports")
	id, rest, _ := strings.Cut(list, " ")
	if rest != "@mallory by @alice: \"spam\\x1b[2J\"\n" {
		t.Errorf("reports prints %q", list)
	}
	does(t, root, "resolve", id)
	if left := does(t, root, "reports"); left != "" {
		t.Errorf("after resolving there is still %q", left)
	}
}

func TestSuspend(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	mallory := srv.Client("mallory")
	does(t, srv.Client("root"), "suspend", "@mallory")
	if _, err := mallory.I(t.Context()); !errors.Is(err, gen.ErrYourAccountSuspended) {
		t.Errorf("the account is not suspended: %v", err)
	}
	does(t, srv.Client("root"), "unsuspend", "mallory")
	if _, err := mallory.I(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEmojisFromFiles(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	root, folder := srv.Client("root"), t.TempDir()
	args := []string{"emoji"}
	for i, name := range []string{"lantern", "anchor"} {
		path := filepath.Join(folder, name+".png")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8+i))), f.Close()); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	does(t, root, args...)
	all, err := root.Emojis(t.Context())
	if err != nil || len(all.Emojis) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestMistakes(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	for _, args := range [][]string{nil, {"suspend"}, {"reports", "x"}, {"frobnicate", "x"}, {"suspend", "nobody"}, {"emoji", "/nowhere.png"}} {
		if err := run(t.Context(), srv.Client("root"), new(strings.Builder), args); err == nil {
			t.Errorf("%q succeeds", args)
		}
	}
	if err := run(t.Context(), srv.Client("alice"), new(strings.Builder), []string{"reports"}); !errors.Is(err, gen.ErrRolePermissionDenied) {
		t.Errorf("anyone can read reports: %v", err)
	}
	if _, err := permissions(); err != nil {
		t.Error(err)
	}
}
