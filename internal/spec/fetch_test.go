package spec

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zeros is an endless document.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestFetchFile(t *testing.T) {
	t.Chdir(t.TempDir())
	const doc = `{"openapi":"3.1.0"}`
	for name, data := range map[string][]byte{
		"doc.json":    []byte(doc),
		"doc.json.gz": zipped(t, []byte(doc)),
		"no-suffix":   zipped(t, []byte(doc)),
		// Looks like an instance, but is here.
		"misskey.example": []byte(doc),
	} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		got, _, err := Fetch(t.Context(), name, nil)
		if err != nil || string(got) != doc {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, stdin := range map[string][]byte{"plain": []byte(doc), "gzip": zipped(t, []byte(doc))} {
		got, _, err := Fetch(t.Context(), "-", bytes.NewReader(stdin))
		if err != nil || string(got) != doc {
			t.Errorf("standard input, %s: %q, %v", name, got, err)
		}
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("broken.gz", zipped(t, []byte(strings.Repeat("x", 100)))[:20], 0o644); err != nil {
		t.Fatal(err)
	}
	bomb := io.LimitReader(zeros{}, maxDocument+1)
	unpacked, err := io.ReadAll(bomb)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		src   string
		stdin io.Reader
		want  string
	}{
		{"", nil, "no source"},
		{"missing.json", nil, "missing.json: there is no such file"},
		{"missing.json.gz", nil, "no such file"},
		{"dir/missing", nil, "no such file"},
		{"nonsense", nil, "not the name of an instance like misskey.example"},
		{".", nil, "directory"},
		{"broken.gz", nil, "unpacking broken.gz: unexpected EOF"},
		{"-", zeros{}, "more than 64 MiB"},
		{"-", bytes.NewReader(zipped(t, unpacked)), "more than 64 MiB"},
		{"ftp://misskey.example", nil, "ftp"},
		{"https://", nil, "no host"},
		{"https://a:b@misskey.example", nil, "a:xxxxx@misskey.example: holds a password"},
		{"https://misskey.example/@user", nil, "expected the address of an instance"},
		{"https://mis skey.example", nil, "expected the address of an instance"},
	} {
		_, _, err := Fetch(t.Context(), test.src, test.stdin)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.src, err, test.want)
		}
	}
}

func TestFetchInstance(t *testing.T) {
	const doc = `{"openapi":"3.1.0"}`
	var other *httptest.Server
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api.json", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, doc) })
	mux.HandleFunc("GET /packed.json.gz", func(w http.ResponseWriter, _ *http.Request) { w.Write(zipped(t, []byte(doc))) })
	mux.HandleFunc("GET /moved.json", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/api.json", http.StatusFound) })
	mux.HandleFunc("GET /away.json", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/api.json", http.StatusFound)
	})
	mux.HandleFunc("GET /circle.json", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle.json", http.StatusFound) })
	mux.HandleFunc("GET /large.json", func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, io.LimitReader(zeros{}, maxDocument+1)) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	other = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another origin was asked") }))
	defer other.Close()

	for _, path := range []string{"", "/", "/api", "/api/", "/api.json", "/moved.json", "/packed.json.gz"} {
		got, _, err := Fetch(t.Context(), srv.URL+path, nil)
		if err != nil || string(got) != doc {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	for path, want := range map[string]string{
		"/missing.json": "404 Not Found: is a Misskey instance there?",
		"/away.json":    "redirects to " + other.URL + "/api.json",
		"/circle.json":  "in circles",
		"/large.json":   "more than 64 MiB",
	} {
		_, _, err := Fetch(t.Context(), srv.URL+path, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		} else if strings.Count(err.Error(), srv.URL) != 1 {
			t.Errorf("%s: the message does not name the address once: %v", path, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Fetch(ctx, srv.URL, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fetch: %v", err)
	}
}

// An instance is asked twice, and the first response counts.
func TestFetchTwice(t *testing.T) {
	answers := []string{"first", "second"}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/same.json" {
			io.WriteString(w, "same")
			return
		}
		if len(answers) == 0 {
			http.Error(w, "asked too often", http.StatusTooManyRequests)
			return
		}
		io.WriteString(w, answers[0])
		answers = answers[1:]
	}))
	defer srv.Close()
	if got, notes, err := Fetch(t.Context(), srv.URL+"/same.json", nil); err != nil || string(got) != "same" || len(notes) > 0 {
		t.Errorf("the same twice: %q, %v, %v", got, notes, err)
	}
	got, notes, err := Fetch(t.Context(), srv.URL, nil)
	if err != nil || string(got) != "first" || len(notes) != 1 || !strings.Contains(notes[0].Text, "two documents") {
		t.Errorf("two documents: %q, %v, %v", got, notes, err)
	}
}

func TestIsHost(t *testing.T) {
	for _, host := range []string{"misskey.example", "a.b.example:8443", "localhost", "localhost:3000", "127.0.0.1", "127.0.0.1:3000", "[::1]:3000", "xn--q9jyb4c.example"} {
		if !isHost(host) {
			t.Errorf("%s is not taken for a host", host)
		}
	}
	for _, name := range []string{"misskey", "api.json", "api.yaml", "api.json.gz", "../api", "a b.example", "-a.example", "", ".", "a..b"} {
		if isHost(name) {
			t.Errorf("%s is taken for a host", name)
		}
	}
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "api.yaml")
	write := func(data string) bool {
		t.Helper()
		changed, err := WriteFile(name, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != data {
			t.Errorf("the file holds %q, %v", got, err)
		}
		return changed
	}
	stat := func(name string) os.FileInfo {
		t.Helper()
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	if !write("one") || stat(name).Mode().Perm() != 0o644 {
		t.Error("a new file is not reported, or not readable")
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	before := stat(name)
	if write("one") || !os.SameFile(before, stat(name)) || before.ModTime() != stat(name).ModTime() {
		t.Error("a file was touched that holds the data already")
	}
	if !write("two") || stat(name).Mode().Perm() != 0o600 {
		t.Error("the change is not reported, or the permissions are lost")
	}
	link := filepath.Join(filepath.Dir(name), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	target := name
	name = link
	if !write("three") || stat(link).Mode()&os.ModeSymlink == 0 || stat(target).Size() != 5 {
		t.Error("the link was replaced, not the file it leads to")
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(target), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := WriteFile(filepath.Dir(target), nil); err == nil {
		t.Error("a directory was replaced")
	}
	if _, err := WriteFile(filepath.Join(target, "below"), nil); err == nil {
		t.Error("a file was written below a file")
	}
}
