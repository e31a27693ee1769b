package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"math/rand/v2"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/misskey-go/misskey/misskeytest"
)

const tourPage = "../../docs/cli.md"

// The tour in docs/cli.md is what a person sees who types it: its commands are
// run, in one shell, and print what the page says. UPDATE=1 writes it anew.
func TestTour(t *testing.T) {
	page, err := os.ReadFile(tourPage)
	if err != nil {
		t.Fatal(err)
	}
	if len(steps(string(page))) < 20 {
		t.Fatalf("%s has %d commands; does the test see them?", tourPage, len(steps(string(page))))
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/tour",
		Setup: func(env *testscript.Env) error {
			srv, err := misskeytest.Start(t.Context(), "", misskeytest.Options{})
			if err != nil {
				return err
			}
			env.Defer(srv.Close)
			w := &world{srv: srv, random: rand.New(rand.NewPCG(1, 1))}
			if err := w.populate(t.Context()); err != nil {
				return err
			}
			for name, content := range map[string]string{"alice.token": srv.Token("alice"), "bob.token": srv.Token("bob"), "moderator.token": srv.Token("moderator"), "cat.png": png} {
				if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(content), 0o600); err != nil {
					return err
				}
			}
			env.Values["host"] = strings.TrimPrefix(srv.URL, "http://")
			for name, value := range map[string]string{"MISSKEY_KEYRING": "off", "HOME": env.WorkDir, "LANG": "en_US.UTF-8", "COLUMNS": "80"} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"tour": func(ts *testscript.TestScript, _ bool, _ []string) { tour(ts, string(page)) },
		},
	})
}

// A step is a command of the page and what it prints.
type step struct{ command, output string }

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

func steps(page string) []step {
	var all []step
	for _, block := range consoleBlock.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				all = append(all, step{command: strings.TrimSpace(command)})
			} else if len(all) > 0 {
				all[len(all)-1].output += line
			}
		}
	}
	return all
}

const tourHost = "127.0.0.1:3000"

func tour(ts *testscript.TestScript, page string) {
	const mark = "=== end of step ==="
	host := ts.Value("host").(string)
	var script strings.Builder
	script.WriteString("exec 2>&1\n")
	for _, s := range steps(page) {
		fmt.Fprintf(&script, "%s\necho '%s'\n", strings.ReplaceAll(s.command, tourHost, host), mark)
	}
	ts.Check(ts.Exec("sh", "-c", script.String()))
	outputs := strings.Split(strings.NewReplacer(host, tourHost, ts.Getenv("HOME"), "/home/alice").Replace(ts.ReadFile("stdout")), mark+"\n")
	for i, s := range steps(page) {
		if i >= len(outputs) {
			ts.Fatalf("the shell ended before: %s", s.command)
		}
		if os.Getenv("UPDATE") == "" && same(outputs[i]) != same(s.output) {
			ts.Fatalf("$ %s\nprints\n%s\nand not, as %s says,\n%s\nUPDATE=1 writes the page anew", s.command, outputs[i], tourPage, s.output)
		}
	}
	if os.Getenv("UPDATE") != "" {
		ts.Check(os.WriteFile(tourPage, []byte(updated(page, outputs)), 0o600))
	}
}

// updated is the page with new outputs.
func updated(page string, outputs []string) string {
	i := 0
	return consoleBlock.ReplaceAllStringFunc(page, func(block string) string {
		var b strings.Builder
		b.WriteString("```console\n")
		for line := range strings.Lines(block) {
			if strings.HasPrefix(line, "$ ") {
				b.WriteString(line + outputs[i])
				i++
			}
		}
		return b.String() + "```"
	})
}

// same is an output without what differs from day to day.
func same(output string) string {
	for _, r := range []struct{ pattern, to string }{
		{`\b[0-9a-z]{4}[0-9a-z]{4}test[0-9a-z]{4}\b`, "ID"},
		{`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?`, "TIME"},
		{`\d{4}-\d\d-\d\d`, "DATE"},
		{`\b\d\d:\d\d\b`, "TIME"},
		{`files/[\w-]+`, "files/FILE"},
	} {
		output = regexp.MustCompile(r.pattern).ReplaceAllString(output, r.to)
	}
	return output
}
