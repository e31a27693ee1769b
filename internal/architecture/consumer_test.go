package architecture

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const consumerMod = `module example.com/consumer

go 1.26

require github.com/misskey-go/misskey v0.0.0

replace github.com/misskey-go/misskey => %ROOT%
`

const consumerMain = `package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func main() {
	mk, err := misskey.New("misskey.example")
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9abc"})
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, gen.ErrNoSuchNote))
}
`

// A program that uses the library links little more than the standard library,
// and its go.mod stays short: what the generator needs stays with us.
func TestConsumer(t *testing.T) {
	const mostLinked = 3
	dir := t.TempDir()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{
		"go.mod":  strings.ReplaceAll(consumerMod, "%ROOT%", quotePath(top)),
		"main.go": consumerMain,
	})

	if err := goIn(t, dir, nil, "mod", "tidy"); err != nil {
		t.Logf("with the module proxy: %v", err)
		if err := goIn(t, dir, []string{"GOPROXY=off"}, "mod", "tidy"); err != nil {
			t.Fatalf("from the module cache alone: %v", err)
		}
	}
	binary := filepath.Join(dir, "consumer.exe")
	if err := goIn(t, dir, []string{"GOPROXY=off"}, "build", "-o", binary, "."); err != nil {
		t.Fatal(err)
	}

	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, dep := range info.Deps {
		if dep.Path != module {
			linked = append(linked, dep.Path)
		}
	}
	t.Logf("links %d modules of others: %q", len(linked), linked)
	if len(linked) > mostLinked {
		t.Errorf("a program links %d modules of others, more than %d: %q", len(linked), mostLinked, linked)
	}

	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^(require )?\s*\S+ v\d.*$`).FindAllString(string(mod), -1)
	t.Logf("requires %d modules", len(required))
	if want := 1 + len(linked); len(required) != want {
		t.Errorf("its go.mod has %d requirements, not the %d that it links:\n%s", len(required), want, mod)
	}

	out, err := exec.CommandContext(t.Context(), binary).CombinedOutput()
	if err != nil || string(bytes.TrimSpace(out)) != "true false" {
		t.Errorf("the program says %q, %v", out, err)
	}
}

// writeFiles writes the files of a module.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// quotePath quotes a folder whose name has a space in it, as go.mod wants.
func quotePath(path string) string {
	if strings.ContainsAny(path, " \t") {
		return "\"" + path + "\""
	}
	return path
}

// goIn runs the go command in another module.
func goIn(t *testing.T, dir string, env []string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
