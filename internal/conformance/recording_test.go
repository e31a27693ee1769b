package conformance

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFolder(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			defer z.Close()
			_, err = z.Write([]byte(content))
		} else {
			_, err = f.WriteString(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write("b.jsonl.gz", exchange("ships/sink", `{}`, 204, `null`)+"\n")
	write("a.jsonl", exchange("ships/show", `{}`, 200, `{}`)+"\n\n"+exchange("ships/show", `{}`, 400, `{}`))
	write("stream.jsonl", `{"dir":"out","conn":"alice","frame":{}}`+"\n")
	write("notes.txt", "nothing")

	exchanges, skipped, err := ReadFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, e := range exchanges {
		sources = append(sources, e.Source)
	}
	if got := strings.Join(sources, " "); got != "a.jsonl:1 a.jsonl:3 b.jsonl.gz:1" {
		t.Errorf("read %s", got)
	}
	if len(skipped) != 1 || skipped[0] != "stream.jsonl" {
		t.Errorf("skipped %v", skipped)
	}

	write("c.jsonl", exchange("ships/sink", `{}`, 204, `null`)+"\n{\"endpoint\":\n")
	if _, _, err := ReadFolder(folder); err == nil || !strings.Contains(err.Error(), "c.jsonl:2") {
		t.Errorf("error %v, want one that names c.jsonl:2", err)
	}
	if _, _, err := ReadFolder(t.TempDir()); err == nil {
		t.Error("no error for a folder without recordings")
	}
	if _, err := Read(strings.NewReader(`{"frame":1}`), "x"); !errors.Is(err, ErrNotExchanges) {
		t.Errorf("error %v, want ErrNotExchanges", err)
	}
}

// Whatever a recording holds, replaying it does not panic.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(exchange("ships/show", `{"name":"x"}`, 200, goodShip)))
	f.Add([]byte(exchange("cargo/upload", `{"file":{"size":3}}`, 400, `{"error":"x"}`)))
	f.Add([]byte(exchange("harbor/x/check", `[]`, 200, `[1]`)))
	f.Add([]byte(`{"endpoint":"ships/show","method":"GET","status":200,"request":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		exchanges, err := Read(strings.NewReader(string(data)), "fuzz")
		if err != nil {
			return
		}
		for _, e := range exchanges {
			// The size of a file would be the size of the request.
			if len(e.Request) > 0 && strings.Contains(string(e.Request), "size") {
				return
			}
		}
		if _, err := Replay(t.Context(), fakeTarget(), exchanges); err != nil {
			t.Fatal(err)
		}
	})
}
