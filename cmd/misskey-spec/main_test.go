package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"misskey-spec": main})
}

// fixtures of the importer, which each script finds in its directory.
const fixtures = "../../internal/spec/testdata/import"

// Each script finds an instance at $INSTANCE, which serves the fixture, and the
// folder of this module in $MODULE.
func TestScripts(t *testing.T) {
	served, err := os.ReadFile(filepath.Join(fixtures, "served.json"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(served)
	})
	var requests atomic.Int64
	mux.HandleFunc("GET /changing.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(served)
		if requests.Add(1)%2 == 0 {
			io.WriteString(w, " ")
		}
	})
	mux.HandleFunc("GET /page.json", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<!DOCTYPE html><title>An app</title>")
	})
	mux.HandleFunc("GET /cut.json", func(w http.ResponseWriter, _ *http.Request) { w.Write(served[:len(served)/2]) })
	mux.HandleFunc("GET /away.json", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.example/api.json", http.StatusMovedPermanently)
	})
	instance := httptest.NewServer(mux)
	t.Cleanup(instance.Close) // the scripts outlive this function

	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "env", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var goEnv map[string]string
	if err := json.Unmarshal(out, &goEnv); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("INSTANCE", instance.URL)
			// What a script that runs the go command needs, without the network.
			env.Setenv("MODULE", module)
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOTOOLCHAIN"} {
				env.Setenv(name, goEnv[name])
			}
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOFLAGS", "")
			for _, name := range []string{"served.json", "trimmed.json", "want.yaml"} {
				data, err := os.ReadFile(filepath.Join(fixtures, name))
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(env.WorkDir, name), data, 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// The exit status distinguishes wrong arguments from failures, and only asked-for help
// goes to stdout.
func TestRun(t *testing.T) {
	for _, test := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, 2, "", "usage: misskey-spec COMMAND"},
		{[]string{"help"}, 0, "usage: misskey-spec COMMAND", ""},
		{[]string{"-h"}, 0, "usage: misskey-spec COMMAND", ""},
		{[]string{"inport"}, 2, "", `there is no command "inport"`},
		{[]string{"import"}, 2, "", "usage: misskey-spec import [-o FILE] [-lenient] SRC"},
		{[]string{"import", "-h"}, 0, "", "usage: misskey-spec import [-o FILE] [-lenient] SRC"},
		{[]string{"import", "a", "b"}, 2, "", "usage: misskey-spec import"},
		{[]string{"import", "-x", "a"}, 2, "", "flag provided but not defined: -x"},
		{[]string{"import", ""}, 1, "", "misskey-spec import: no source is given"},
		{[]string{"diff"}, 2, "", "usage: misskey-spec diff [arguments] OLD NEW"},
		{[]string{"diff", "-h"}, 0, "", "exit status is 1 if there is"},
		{[]string{"diff", "missing.json", "b.json"}, 2, "", "misskey-spec diff: missing.json: there is no such file"},
		{[]string{"check", "-spec", "missing.yaml"}, 2, "", "misskey-spec check: open missing.yaml"},
		{[]string{"import", "-"}, 1, "", "misskey-spec import: standard input: the document is empty"},
	} {
		var stdout, stderr strings.Builder
		status := run(t.Context(), test.args, strings.NewReader(""), &stdout, &stderr)
		if status != test.status {
			t.Errorf("%q: status %d, want %d", test.args, status, test.status)
		}
		for _, out := range []struct{ name, got, want string }{
			{"stdout", stdout.String(), test.stdout},
			{"stderr", stderr.String(), test.stderr},
		} {
			if !strings.Contains(out.got, out.want) || out.want == "" && out.got != "" {
				t.Errorf("%q: %s is %q, want %q", test.args, out.name, out.got, out.want)
			}
		}
	}
}
