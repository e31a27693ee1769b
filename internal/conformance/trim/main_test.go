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
	committed, err := conformance.ReadFile("../testdata/http-2026.7.0.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := conformance.WriteFile(filepath.Join(folder, "all.jsonl"), committed); err != nil {
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
	if err := run(folder, out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"http-2026.7.0.jsonl.gz", "emojis.json.gz"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, error %v", name, info, err)
		}
	}
	again, err := conformance.ReadFile(filepath.Join(out, "http-2026.7.0.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if len(again) < len(committed)*99/100 { // some are alike but for what was taken out
		t.Errorf("%d exchanges became %d", len(committed), len(again))
	}
}

func TestRunWithoutRecordings(t *testing.T) {
	out := t.TempDir()
	if err := run(t.TempDir(), out); err == nil {
		t.Error("no error for a folder without recordings")
	}
	if files, _ := os.ReadDir(out); len(files) > 0 {
		t.Errorf("bad input left %v", files)
	}
}
