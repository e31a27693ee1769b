package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/gif"
	imagepng "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/misskeytest"
)

// asRoot runs the command for the administrator.
func asRoot(t *testing.T, srv *misskeytest.Server, args ...string) (out, stderr string, status int) {
	t.Helper()
	t.Setenv("MISSKEY_URL", srv.URL)
	t.Setenv("MISSKEY_TOKEN", srv.Token("root"))
	var o, e bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return o.String(), e.String(), status
}

// A part is a file of an archive.
type part struct{ name, content string }

func archive(t *testing.T, parts ...part) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "emoji.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func meta(t *testing.T, records ...emojiRecord) part {
	t.Helper()
	data, err := json.Marshal(emojiArchive{MetaVersion: 2, Emojis: records})
	if err != nil {
		t.Fatal(err)
	}
	return part{"meta.json", string(data)}
}

func record(name, file string) emojiRecord {
	return emojiRecord{Downloaded: true, FileName: file, Emoji: emojiInfo{Name: name, Aliases: []string{"alias"}}}
}

// Pictures of one pixel.
var png, animation = picture()

func picture() (png, animation string) {
	img := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black})
	var p, g bytes.Buffer
	if err := errors.Join(imagepng.Encode(&p, img), gif.Encode(&g, img, nil)); err != nil {
		panic(err)
	}
	return p.String(), g.String()
}

// What one instance exports another imports, once.
func TestEmojiExportAndImport(t *testing.T) {
	from := misskeytest.NewServer(t, misskeytest.Options{})
	made := archive(t, meta(t, record("blobcat", "blobcat.png"), record("party", "party.gif"), emojiRecord{Emoji: emojiInfo{Name: "lost"}}), part{"blobcat.png", png}, part{"party.gif", animation})
	if out, stderr, status := asRoot(t, from, "emoji", "import", made, "--dry-run"); status != 0 || out != "would import :blobcat:\nwould import :party:\n" {
		t.Fatalf("status %d, %s %s", status, out, stderr)
	}
	if n := len(from.Requests("drive/files/create")); n != 0 {
		t.Errorf("a dry run uploads %d files", n)
	}
	if out, stderr, status := asRoot(t, from, "emoji", "import", made); status != 0 || strings.Count(out, "imported") != 2 {
		t.Fatalf("status %d, %s %s", status, out, stderr)
	}
	if out, stderr, status := asRoot(t, from, "emoji", "import", made); status != 0 || out != "" || strings.Count(stderr, "is there already") != 2 {
		t.Fatalf("once more: status %d, %s %s", status, out, stderr)
	}
	out, _, _ := asRoot(t, from, "emoji", "list", "blob")
	if !strings.HasPrefix(out, ":blobcat:") || strings.Contains(out, "party") {
		t.Errorf("the list is %q", out)
	}
	exported := filepath.Join(t.TempDir(), "out.zip")
	if out, stderr, status := asRoot(t, from, "emoji", "export", exported); status != 0 || !strings.Contains(out, "2 emojis") {
		t.Fatalf("status %d, %s %s", status, out, stderr)
	}
	to := misskeytest.NewServer(t, misskeytest.Options{})
	if out, stderr, status := asRoot(t, to, "emoji", "import", exported); status != 0 || strings.Count(out, "imported") != 2 {
		t.Fatalf("status %d, %s %s", status, out, stderr)
	}
	if out, _, _ := asRoot(t, to, "emoji", "list", "--json"); !strings.Contains(out, `"aliases":["alias"]`) {
		t.Errorf("the aliases are lost: %s", out)
	}
	// Those who may not manage emoji export them, too, and import none.
	if _, stderr, status := command(t, from, "emoji", "export", exported); status != 0 {
		t.Error(stderr)
	}
	if _, _, status := command(t, to, "emoji", "import", archive(t, meta(t, record("new", "new.png")), part{"new.png", png})); status != 1 {
		t.Errorf("status %d", status)
	}
}

// Nothing of an archive is imported that has anything wrong in it.
func TestHostileArchives(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	bomb := strings.Repeat("\x00", maxEmojiSize+1)
	good := record("good", "good.png")
	file := part{"good.png", png}
	for what, parts := range map[string][]part{
		"no meta.json":     {file},
		"broken meta.json": {{"meta.json", "{"}, file},
		"wrong types":      {{"meta.json", `{"emojis": "x"}`}, file},
		"a path":           {meta(t, good, record("bad", "../../bad.png")), file, {"../../bad.png", png}},
		"an absolute path": {meta(t, good, record("bad", "/bad.png")), file, {"/bad.png", png}},
		"a Windows path":   {meta(t, good, record("bad", `..\bad.png`)), file, {`..\bad.png`, png}},
		"a missing file":   {meta(t, good, record("bad", "bad.png")), file},
		"a strange name":   {meta(t, good, record("bad:\x1b[2J", "bad.png")), file, {"bad.png", png}},
		"an empty name":    {meta(t, good, record("", "bad.png")), file, {"bad.png", png}},
		"a bomb":           {meta(t, good, record("bad", "bad.png")), file, {"bad.png", bomb}},
		"a large meta":     {{"meta.json", strings.Repeat(" ", maxEmojiMeta+1)}, file},
		"a name twice":     {meta(t, good, record("good", "bad.png")), file, {"bad.png", png}},
		"a file twice":     {meta(t, good), file, file},
	} {
		out, stderr, status := asRoot(t, srv, "emoji", "import", archive(t, parts...))
		if status != 1 || out != "" || !strings.Contains(stderr, "nothing is imported") || obeyedIn(stderr) != "" {
			t.Errorf("an archive with %s: status %d, %s %s", what, status, out, stderr)
		}
	}
	notZip := filepath.Join(t.TempDir(), "not.zip")
	if err := os.WriteFile(notZip, []byte("PK\x03\x04 not"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, status := asRoot(t, srv, "emoji", "import", notZip); status != 1 {
		t.Errorf("a file that is not an archive: status %d", status)
	}
	if n := len(srv.Requests("admin/emoji/add")) + len(srv.Requests("drive/files/create")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func FuzzReadEmojiArchive(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("meta.json")
	w.Write([]byte(`{"emojis":[{"downloaded":true,"fileName":"a.png","emoji":{"name":"a"}}]}`))
	w, _ = z.Create("a.png")
	w.Write([]byte(png))
	z.Close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		records, files, err := readEmojiArchive(r)
		if err != nil {
			return
		}
		for _, r := range records {
			if files[r.FileName] == nil || !emojiName.MatchString(r.Emoji.Name) {
				t.Errorf("it has the record %+v", r)
			}
		}
	})
}
