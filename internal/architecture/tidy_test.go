package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A program that uses the library fetches few modules: go mod tidy reads the
// tests of every package that a program reaches, internal ones included, and
// fetches what those tests import. None of them may import the generator.
func TestTidyOfConsumer(t *testing.T) {
	const imports = `package main

import (
	_ "github.com/misskey-go/misskey"
	_ "github.com/misskey-go/misskey/appauth"
	_ "github.com/misskey-go/misskey/gen"
	_ "github.com/misskey-go/misskey/miauth"
	_ "github.com/misskey-go/misskey/stream"
)

func main() {}
`
	// What misskey, miauth and stream link, and what misskeytest needs for the
	// tests of those packages.
	allowed := []string{
		"github.com/coder/websocket",
		"github.com/google/uuid",
		"github.com/santhosh-tekuri/jsonschema/v6",
		"golang.org/x/text",
	}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir, cache := t.TempDir(), t.TempDir()
	writeFiles(t, dir, map[string]string{
		"go.mod":  strings.ReplaceAll(consumerMod, "%ROOT%", quotePath(top)),
		"main.go": imports,
	})
	// The module cache of this machine serves as proxy, so that the test needs
	// no network where this module has been built.
	local := "file://" + filepath.ToSlash(filepath.Join(goLines(t, "env", "GOMODCACHE")[0], "cache", "download"))
	err = goIn(t, dir, []string{
		"GOMODCACHE=" + cache,
		"GOFLAGS=-mod=mod -modcacherw",
		"GOPROXY=" + local + "," + goLines(t, "env", "GOPROXY")[0],
		"GOSUMDB=off",
	}, "mod", "tidy")
	if err != nil {
		t.Fatal(err)
	}
	var fetched []string
	downloads := os.DirFS(filepath.Join(cache, "cache", "download"))
	err = fs.WalkDir(downloads, ".", func(path string, _ fs.DirEntry, err error) error {
		if name, _, found := strings.Cut(path, "/@v/"); found && strings.HasSuffix(path, ".zip") {
			fetched = append(fetched, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("go mod tidy fetches %q", fetched)
	if len(fetched) == 0 {
		t.Error("go mod tidy fetched nothing, so this test sees nothing")
	}
	for _, name := range fetched {
		if !slices.Contains(allowed, name) {
			t.Errorf("go mod tidy of a program fetches %s: which test of a package that it reaches imports that?", name)
		}
	}
}
