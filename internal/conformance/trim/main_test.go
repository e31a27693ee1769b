package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/internal/conformance"
)

// What the program wrote once can be its input again.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	committed, err := conformance.ReadFile("../testdata/http.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	tour, err := conformance.ReadFile("../../../examples/tour/testdata/http.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := conformance.WriteFile(filepath.Join(folder, "all.jsonl"), append(tour, committed...)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "bench"), 0o755); err != nil {
		t.Fatal(err)
	}
	emojis := `{"emojis":[` + strings.Repeat(`{"name":"a"},`, 999) + `{"name":"b"}]}`
	if err := os.WriteFile(filepath.Join(folder, "bench", "emojis-2000.json"), []byte(emojis), 0o644); err != nil {
		t.Fatal(err)
	}

	out := t.TempDir()
	again := filepath.Join(out, "tour.jsonl")
	if err := run(folder, out, again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"http.jsonl.gz", "emojis.json.gz"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, error %v", name, info, err)
		}
	}
	want, err := os.ReadFile("../../../examples/tour/testdata/http.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("the recording of the tour is another one")
	}
}

func TestRunWithoutRecordings(t *testing.T) {
	out := t.TempDir()
	if err := run(t.TempDir(), out, filepath.Join(out, "tour.jsonl")); err == nil {
		t.Error("no error for a folder without recordings")
	}
	folder := t.TempDir()
	line := `{"endpoint":"ping","method":"POST","request":{},"status":200,"response":{"pong":1}}`
	if err := os.WriteFile(filepath.Join(folder, "a.jsonl"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(folder, out, filepath.Join(out, "tour.jsonl"))
	if err == nil || !strings.Contains(err.Error(), "examples/tour") {
		t.Errorf("error %v, want one that tells what examples/tour needs", err)
	}
	if files, _ := os.ReadDir(out); len(files) > 0 {
		t.Errorf("bad input left %v", files)
	}
}
