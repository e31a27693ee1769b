package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// exported are the texts of the notes of an export, in order.
func exported(t *testing.T, folder string) (texts []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "notes.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var note gen.Note
		if err := json.Unmarshal(line, &note); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, *note.Text)
	}
	return texts
}

func post(t *testing.T, mk *misskey.Client, note gen.NotesCreateRequest) {
	t.Helper()
	if _, err := mk.NotesCreate(t.Context(), note); err != nil {
		t.Fatal(err)
	}
}

func TestExport(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk, folder := srv.Client("alice"), filepath.Join(t.TempDir(), "export")
	var want []string
	for i := range 250 { // three pages
		want = append(want, fmt.Sprint("note ", i))
		post(t, mk, gen.NotesCreateRequest{Text: &want[i]})
	}
	post(t, srv.Client("bob"), gen.NotesCreateRequest{Text: new("not hers")})
	if _, err := mk.Upload(t.Context(), misskey.File{Name: "../../haiku.txt", Body: strings.NewReader("old pond")}); err == nil {
		t.Fatal("the server takes a path for a name")
	}
	file, err := mk.Upload(t.Context(), misskey.File{Name: "haiku.txt", Body: strings.NewReader("old pond")})
	if err != nil {
		t.Fatal(err)
	}
	post(t, mk, gen.NotesCreateRequest{Text: new("with a file"), FileIDs: []string{file.ID}})
	want = append(want, "with a file")

	if err := export(t.Context(), mk, "alice", folder); err != nil {
		t.Fatal(err)
	}
	if got := exported(t, folder); !slices.Equal(got, want) {
		t.Errorf("%d notes, want %d: %q", len(got), len(want), got)
	}
	if data, err := os.ReadFile(filepath.Join(folder, "files", file.ID)); err != nil || string(data) != "old pond" {
		t.Errorf("%q, %v", data, err)
	}

	// A second export adds what is new.
	post(t, mk, gen.NotesCreateRequest{Text: new("later")})
	if err := export(t.Context(), mk, "alice", folder); err != nil {
		t.Fatal(err)
	}
	if got := exported(t, folder); !slices.Equal(got, append(want, "later")) {
		t.Errorf("%q", got)
	}
}

// An export that is interrupted anywhere is as if it had not been.
func TestExportGoesOn(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk, folder := srv.Client("alice"), t.TempDir()
	var want []string
	for i := range 150 {
		want = append(want, fmt.Sprint("note ", i))
		post(t, mk, gen.NotesCreateRequest{Text: &want[i]})
	}
	if err := export(t.Context(), mk, "alice", folder); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "notes.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, len(whole) / 2, len(whole) - 1, len(whole)} {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := export(t.Context(), mk, "alice", folder); err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("cut after %d bytes, it has %d bytes, not %d; %v", size, len(again), len(whole), err)
		}
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := export(t.Context(), mk, "alice", folder); err == nil {
		t.Error("a file that is not an export was written to")
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := export(canceled, mk, "alice", folder); err == nil {
		t.Error("nothing stops it")
	}
}
