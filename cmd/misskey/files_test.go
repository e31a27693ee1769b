package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A name that a stranger chose is that of a file in the folder, on any system.
func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"cat.jpg":                "cat.jpg",
		"猫.jpg":                  "猫.jpg",
		"../../etc/passwd":       "passwd",
		`..\..\windows\evil.exe`: "evil.exe",
		"/etc/passwd":            "passwd",
		`C:\autoexec.bat`:        "autoexec.bat",
		"C:evil":                 "C_evil",
		"..":                     "file-9abc",
		".":                      "file-9abc",
		"":                       "file-9abc",
		"a/":                     "file-9abc",
		"a\x00b.txt":             "a_b.txt",
		"a\nb":                   "a_b",
		"\x1b[2J.txt":            "_[2J.txt",
		"gnp.\u202eexe":          "gnp._exe",
		".bashrc":                "_.bashrc",
		"-rf":                    "_-rf",
		"con":                    "_con",
		"NUL.txt":                "_NUL.txt",
		"com1.tar.gz":            "_com1.tar.gz",
		"com¹":                   "_com¹",
		"aux .txt":               "_aux .txt",
		"console.log":            "console.log",
		"trailing. . ":           "trailing",
		"\xff\xfe":               "_",
		"a:b?c*|<>\"":            "a_b_c_____",
	} {
		if got := safeName(name, "9abc"); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	long := safeName(strings.Repeat("長", 300)+".jpeg", "9")
	if len(long) > 200 || !strings.HasSuffix(long, ".jpeg") || !utf8.ValidString(long) {
		t.Errorf("a long name becomes %q", long)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a", "..", "con.txt", "\x00", "a/../b", ".\u202e.", strings.Repeat(".", 300)} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, id string) {
		got := safeName(name, id)
		if got == "" || got != filepath.Base(got) || !filepath.IsLocal(got) || strings.ContainsAny(got, "/\\:\x00") || len(got) > 255 ||
			strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") || strings.ContainsFunc(got, obeyed) {
			t.Errorf("%q of %q becomes %q", name, id, got)
		}
	})
}

// put puts a file into the drive of alice.
func put(t *testing.T, srv *misskeytest.Server, name, content string) *gen.DriveFile {
	t.Helper()
	file, err := srv.Client("alice").Upload(t.Context(), misskey.File{Name: name, Body: strings.NewReader(content)})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A download stays in its folder whatever the file is called, overwrites nothing,
// and leaves nothing behind that is not complete.
func TestDownload(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	file := put(t, srv, "haiku.txt", "old pond")
	top := t.TempDir()
	folder := filepath.Join(top, "in", "it")
	for _, want := range []string{"haiku.txt", "haiku (2).txt"} {
		if out, stderr, status := command(t, srv, "download", file.ID, "-o", folder); status != 0 || filepath.Base(strings.TrimSpace(out)) != want {
			t.Fatalf("status %d, %s %s", status, out, stderr)
		}
		if got := readText(t, filepath.Join(folder, want)); got != "old pond" {
			t.Errorf("%s has %q", want, got)
		}
	}
	for _, name := range []string{"../../escaped", "/escaped", `..\escaped`, "\x00", "..", "CON"} {
		hostile := *file
		hostile.Name = name
		srv.Answer("drive/files/show", hostile)
		if _, stderr, status := command(t, srv, "download", file.ID, "-o", folder); status != 0 {
			t.Errorf("%q: %s", name, stderr)
		}
	}
	hostile := *file
	hostile.URL = srv.URL + "/files/missing"
	srv.Answer("drive/files/show", hostile)
	if _, _, status := command(t, srv, "download", file.ID, "-o", folder); status != 1 {
		t.Errorf("a file that is not there: status %d", status)
	}
	for dir, want := range map[string]int{top: 1, filepath.Join(top, "in"): 1, folder: 8} {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != want {
			t.Errorf("%s has %v, want %d entries; %v", dir, entries, want, err)
		}
	}
}

func TestUpload(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	top := filepath.Join(t.TempDir(), "photos")
	for name, text := range map[string]string{"a.txt": "a", "sub/b.txt": "b", "sub/deep/c.txt": "c"} {
		path := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, stderr, status := command(t, srv, "upload", top); status != 2 || !strings.Contains(stderr, "-r") {
		t.Errorf("a folder without -r: status %d, %s", status, stderr)
	}
	for range 2 { // the folders are there the second time, and the files, too
		out, stderr, status := command(t, srv, "upload", "-r", "--dedupe", "--folder", "archive/2026", top)
		if status != 0 || strings.Count(out, "\n") != 3 {
			t.Fatalf("status %d, %s %s", status, out, stderr)
		}
	}
	if n := len(srv.Requests("drive/files/create")); n != 3 {
		t.Errorf("%d files were sent, want 3", n)
	}
	if n := len(srv.Requests("drive/folders/create")); n != 5 { // archive, 2026, photos, sub, deep
		t.Errorf("%d folders were made, want 5", n)
	}
	if _, _, status := command(t, srv, "upload", filepath.Join(top, "missing")); status != 1 {
		t.Errorf("a file that is not there: status %d", status)
	}
}

// An export that was interrupted anywhere ends up as if it had not been, and a
// second one adds what is new.
func TestExportGoesOn(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, folder := srv.Client("alice"), filepath.Join(t.TempDir(), "export")
	file := put(t, srv, "haiku.txt", "old pond")
	for i := range 120 { // two pages
		if _, err := alice.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new(fmt.Sprint("note <", i, ">"))}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := alice.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("with a file"), FileIDs: []string{file.ID}}); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		t.Fatal(err)
	}
	args := []string{"export", "notes", "following", "drive", "blocks", "--files", "-o", folder}
	if out, stderr, status := command(t, srv, args...); status != 0 || out != "notes: 121 new items\nfollowing: 1 new item\nblocks: 0 new items\ndrive: 1 new item\n" {
		t.Fatalf("status %d, %s %s", status, out, stderr)
	}
	path := filepath.Join(folder, "notes.jsonl")
	whole := readText(t, path)
	for i, line := range strings.Split(strings.TrimSpace(whole), "\n") {
		var note gen.Note
		if err := json.Unmarshal([]byte(line), &note); err != nil || i < 120 && *note.Text != fmt.Sprint("note <", i, ">") {
			t.Fatalf("line %d is %s; %v", i, line, err)
		}
	}
	saved := filepath.Join(folder, "files", file.ID+"-haiku.txt")
	if got := readText(t, saved); got != "old pond" {
		t.Errorf("the file has %q", got)
	}
	for _, size := range []int{0, 1, len(whole) / 2, len(whole) - 1, len(whole)} {
		if err := os.WriteFile(path, []byte(whole[:size]), 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(saved)
		if err := os.WriteFile(saved, nil, 0o600); err != nil { // as an interruption leaves it
			t.Fatal(err)
		}
		if _, stderr, status := command(t, srv, args...); status != 0 {
			t.Fatal(stderr)
		}
		if again := readText(t, path); again != whole {
			t.Errorf("cut after %d bytes, it has %d bytes, not %d", size, len(again), len(whole))
		}
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, status := command(t, srv, args...); status != 1 || readText(t, path) != "{}\n" {
		t.Error("a file that is not an export was written to")
	}
	if _, _, status := command(t, srv, "export", "everything"); status != 2 {
		t.Errorf("status %d", status)
	}
	if _, _, status := command(t, srv, "export", "blocks", "--user", "bob", "-o", folder); status != 2 {
		t.Errorf("status %d", status)
	}
}
