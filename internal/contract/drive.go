package contract

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// picture is a PNG of one point.
var picture = func() string {
	data, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
	if err != nil {
		panic(err)
	}
	return string(data)
}()

// pictureFile is picture as a file.
func pictureFile() gen.File { return gen.File{Name: "a.png", Body: strings.NewReader(picture)} }

// upload puts a file into an account's drive.
func (t *T) upload(u user, name, content string) *gen.DriveFile {
	t.Helper()
	f, err := u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: name, Body: strings.NewReader(content)}})
	t.ok(err)
	return f
}

var driveCases = []testCase{
	{"a file is what was uploaded", func(t *T) {
		u := t.user()
		f := t.upload(u, "a.txt", "content of "+u.username)
		equal(t, "name", f.Name, "a.txt")
		equal(t, "type", f.Type, "text/plain")
		equal(t, "size", f.Size, int64(len("content of "+u.username)))
		equal(t, "comment", f.Comment, nil)
		equal(t, "folder", f.FolderID, nil)
		equal(t, "owner", f.UserID, nil)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL, nil)
		t.ok(err)
		resp, err := u.HTTPClient().Do(r)
		t.ok(err)
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		t.ok(err)
		equal(t, "content", string(data), "content of "+u.username)
	}},
	{"fields of an upload", func(t *T) {
		u := t.user()
		f, err := u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{
			File: gen.File{Name: "a.txt", Body: strings.NewReader("x")}, Name: new("b.txt"), Comment: new("words"), IsSensitive: new(true),
		})
		t.ok(err)
		equal(t, "name", f.Name, "b.txt")
		equal(t, "comment", *f.Comment, "words")
		equal(t, "sensitive", f.IsSensitive, true)
	}},
	{"pictures have a size", func(t *T) {
		u := t.user()
		f := t.upload(u, "a.png", picture)
		equal(t, "type", f.Type, "image/png")
		equal(t, "width", *f.Properties.Width, 1)
	}},
	{"the same content is the same file, unless one insists", func(t *T) {
		u := t.user()
		a, b := t.upload(u, "a.txt", "same"), t.upload(u, "b.txt", "same")
		equal(t, "id", b.ID, a.ID)
		equal(t, "name", b.Name, "a.txt")
		c, err := u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: "c.txt", Body: strings.NewReader("same")}, Force: new(true)})
		t.ok(err)
		if c.ID == a.ID {
			t.Error("it is the same also by force")
		}
		found, err := u.DriveFilesFindByHash(t.Context(), gen.DriveFilesFindByHashRequest{MD5: a.MD5})
		t.ok(err)
		equal(t, "files", len(found), 2)
	}},
	{"files are renamed, moved and deleted", func(t *T) {
		u := t.user()
		folder, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{Name: new("pictures")})
		t.ok(err)
		f := t.upload(u, "a.txt", "x")
		f, err = u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, Name: new("b.txt"), FolderID: gen.Value(folder.ID), Comment: gen.Value("c")})
		t.ok(err)
		equal(t, "name", f.Name, "b.txt")
		equal(t, "folder", *f.FolderID, folder.ID)
		f, err = u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, Comment: gen.Null[string]()})
		t.ok(err)
		equal(t, "comment", f.Comment, nil)
		equal(t, "folder", *f.FolderID, folder.ID)
		shown, err := u.DriveFilesShow(t.Context(), gen.DriveFilesShowRequest{FileID: &f.ID})
		t.ok(err)
		equal(t, "folder", shown.Folder.Name, "pictures")
		f, err = u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, FolderID: gen.Null[string]()})
		t.ok(err)
		equal(t, "folder", f.FolderID, nil)
		t.ok(u.DriveFilesDelete(t.Context(), gen.DriveFilesDeleteRequest{FileID: f.ID}))
		t.becomesRefused("showing the file", gen.ErrIDDriveFilesShowNoSuchFile, 400, func() error {
			_, err := u.DriveFilesShow(t.Context(), gen.DriveFilesShowRequest{FileID: &f.ID})
			return err
		})
	}},
	{"files are moved together, and to the root without a folder", func(t *T) {
		u := t.user()
		folder, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{Name: new("pictures")})
		t.ok(err)
		a, b := t.upload(u, "a.txt", "a of "+u.username), t.upload(u, "b.txt", "b of "+u.username)
		inside := func() int {
			files, err := u.DriveFiles(t.Context(), gen.DriveFilesRequest{FolderID: &folder.ID})
			t.ok(err)
			return len(files)
		}
		t.ok(u.DriveFilesMoveBulk(t.Context(), gen.DriveFilesMoveBulkRequest{FileIDs: []string{a.ID, b.ID}, FolderID: &folder.ID}))
		becomes(t, "files inside", 2, inside)
		t.ok(u.DriveFilesMoveBulk(t.Context(), gen.DriveFilesMoveBulkRequest{FileIDs: []string{a.ID}}))
		becomes(t, "files inside", 1, inside)
		t.refused(u.DriveFilesMoveBulk(t.Context(), gen.DriveFilesMoveBulkRequest{FileIDs: []string{a.ID}, FolderID: new("0")}), gen.ErrInternalError, 500)
	}},
	{"what a file is, its content says, or three ends of its name", func(t *T) {
		u := t.user()
		for name, kind := range map[string]string{
			"a.txt": "text/plain", "a.csv": "text/csv", "a.json": "application/json",
			"a.md": "", "a.html": "", "a.go": "", "a.bin": "", "a.png": "", "a": "",
		} {
			f, err := u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: name, Body: strings.NewReader("content of " + name)}})
			if kind == "" {
				t.refused(err, gen.ErrUnallowedFileType, 400)
				continue
			}
			t.ok(err)
			equal(t, name, f.Type, kind)
		}
		f := t.upload(u, "drawing", `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)
		equal(t, "a drawing", f.Type, "image/svg+xml")
		equal(t, "its name", f.Name, "drawing.svg")
		equal(t, "a picture by another name", t.upload(u, "a.txt", picture).Name, "a.txt.png")
	}},
	{"files of others", func(t *T) {
		u, v := t.user(), t.user()
		f := t.upload(u, "a.txt", "x")
		_, err := v.DriveFilesShow(t.Context(), gen.DriveFilesShowRequest{FileID: &f.ID})
		t.refused(err, gen.ErrIDDriveFilesShowAccessDenied, 400)
		t.refused(v.DriveFilesDelete(t.Context(), gen.DriveFilesDeleteRequest{FileID: f.ID}), gen.ErrAccessDenied, 400)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{FileIDs: []string{f.ID}})
		t.refused(err, gen.ErrNoSuchFile, 400)
	}},
	{"names that files cannot have", func(t *T) {
		u := t.user()
		f := t.upload(u, "a.txt", "x")
		_, err := u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, Name: new("a/b")})
		t.refused(err, gen.ErrInvalidFileName, 400)
		_, err = u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: "x", Body: strings.NewReader("y")}, Name: new("..")})
		t.refused(err, gen.ErrIDDriveFilesCreateInvalidFileName, 400)
	}},
	{"folders hold folders, but not themselves", func(t *T) {
		u := t.user()
		outer, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{Name: new("outer")})
		t.ok(err)
		inner, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{ParentID: &outer.ID})
		t.ok(err)
		equal(t, "name", inner.Name, "Untitled")
		equal(t, "parent", *inner.ParentID, outer.ID)
		_, err = u.DriveFoldersUpdate(t.Context(), gen.DriveFoldersUpdateRequest{FolderID: outer.ID, ParentID: gen.Value(inner.ID)})
		t.refused(err, gen.ErrRecursiveNesting, 400)
		t.refused(u.DriveFoldersDelete(t.Context(), gen.DriveFoldersDeleteRequest{FolderID: outer.ID}), gen.ErrHasChildFilesOrFolders, 400)
		shown, err := u.DriveFoldersShow(t.Context(), gen.DriveFoldersShowRequest{FolderID: inner.ID})
		t.ok(err)
		equal(t, "parent", shown.Parent.Name, "outer")
		inner, err = u.DriveFoldersUpdate(t.Context(), gen.DriveFoldersUpdateRequest{FolderID: inner.ID, ParentID: gen.Null[string]()})
		t.ok(err)
		equal(t, "parent", inner.ParentID, nil)
		becomes(t, "folders", 2, func() int {
			folders, err := u.DriveFolders(t.Context(), gen.DriveFoldersRequest{})
			t.ok(err)
			return len(folders)
		})
		t.ok(u.DriveFoldersDelete(t.Context(), gen.DriveFoldersDeleteRequest{FolderID: outer.ID}))
		t.refused(u.DriveFoldersDelete(t.Context(), gen.DriveFoldersDeleteRequest{FolderID: outer.ID}), gen.ErrNoSuchFolder, 400)
	}},
	{"folders that there are not", func(t *T) {
		u := t.user()
		_, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{ParentID: new("0")})
		t.refused(err, gen.ErrIDDriveFoldersCreateNoSuchFolder, 400)
		f := t.upload(u, "a.txt", "x")
		_, err = u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, FolderID: gen.Value("0")})
		t.refused(err, gen.ErrIDDriveFilesUpdateNoSuchFolder, 400)
	}},
	{"the drive is used", func(t *T) {
		u := t.user()
		t.upload(u, "a.txt", "12345")
		drive, err := u.Drive(t.Context())
		t.ok(err)
		equal(t, "usage", drive.Usage, 5)
		files, err := u.DriveFiles(t.Context(), gen.DriveFilesRequest{})
		t.ok(err)
		equal(t, "files", len(files), 1)
		equal(t, "owner", *files[0].UserID, u.id)
	}},
}
