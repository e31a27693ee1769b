package misskeytest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"image"
	_ "image/gif"  // so that the sizes of pictures are known
	_ "image/jpeg" // the same
	_ "image/png"  // the same
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/misskey-go/misskey/gen"
)

// A driveFile is a file that an account has uploaded.
type driveFile struct {
	id        string
	owner     *account
	title     string // what the owner calls it
	comment   any
	kind      string // the media type
	md5       string
	sensitive bool
	folder    string // id, empty for the root
	data      []byte
}

func (f *driveFile) key() string { return f.id }

// name is that of the file in its URL.
func (f *driveFile) name() string { return f.id + path.Ext(f.title) }

// A folder holds files and folders.
type folder struct {
	id, title, parent string // parent is empty at the root
	owner             *account
}

func (f *folder) key() string { return f.id }

// blankPNG is a picture of one transparent point, the avatar of who has none.
var blankPNG, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")

// serveFile serves the content of a file.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	s.mu.Lock()
	f := s.files.get(strings.TrimSuffix(name, path.Ext(name)))
	s.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	http.ServeContent(w, r, "", timeOf(f.id), bytes.NewReader(f.data))
}

func (s *Server) packFile(f *driveFile) object {
	url := s.URL + "/files/" + f.name()
	packed := object{
		"id": f.id, "createdAt": createdAt(f.id), "name": f.title, "type": f.kind, "md5": f.md5, "size": len(f.data),
		"isSensitive": f.sensitive, "blurhash": nil, "properties": object{}, "url": url, "thumbnailUrl": nil,
		"comment": f.comment, "folderId": nil, "folder": nil, "userId": nil, "user": nil,
	}
	if f.folder != "" {
		packed["folderId"] = f.folder
	}
	if strings.HasPrefix(f.kind, "image/") {
		packed["thumbnailUrl"] = url
		if size, _, err := image.DecodeConfig(bytes.NewReader(f.data)); err == nil {
			packed["properties"] = object{"width": size.Width, "height": size.Height}
		}
	}
	return packed
}

// ownFile is how a file is shown in lists.
func (s *Server) ownFile(f *driveFile) any {
	packed := s.packFile(f)
	packed["userId"] = f.owner.id
	return packed
}

func packFolder(f *folder) object {
	packed := object{"id": f.id, "createdAt": createdAt(f.id), "name": f.title, "parentId": nil}
	if f.parent != "" {
		packed["parentId"] = f.parent
	}
	return packed
}

// validFileName reports whether a file may be called that.
func validFileName(name string) bool {
	return strings.TrimSpace(name) != "" && len(utf16.Encode([]rune(name))) <= 200 &&
		!strings.ContainsAny(name, `\/`) && !strings.Contains(name, "..")
}

// drawing finds SVG, which has no signature.
var drawing = regexp.MustCompile(`(?is)^\s*(<\?xml[^>]*>\s*)?(<!--.{0,1000}?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg[\s>]`)

// mediaType looks at the content of a file. Where that has no signature, or is a
// picture that cannot be read, three ends of its name say that it is text;
// nothing else does.
func mediaType(data []byte, name string) string {
	if drawing.Match(data) {
		return "image/svg+xml"
	}
	kind, _, _ := mime.ParseMediaType(http.DetectContentType(data))
	switch kind {
	case "image/png", "image/gif", "image/jpeg":
		if _, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
			return kind
		}
		return "application/octet-stream"
	}
	if !strings.HasPrefix(kind, "text/") && kind != "application/octet-stream" {
		return kind
	}
	switch path.Ext(name) {
	case ".txt":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}

// extended is the name of a file with an end that fits its type.
func extended(name, kind string) string {
	end, has := extensions[kind], strings.ToLower(nameEnd.FindString(name))
	switch {
	case has == "" && end == "":
		return name + ".unknown"
	case end == "", has == end, end == ".jpg" && has == ".jpeg":
		return name
	}
	return name + end
}

// nameEnd is what ends the name of a file.
var nameEnd = regexp.MustCompile(`\.[0-9a-zA-Z]+$`)

// extensions are the ends of the names of files.
var extensions = map[string]string{
	"application/json": ".json", "audio/mpeg": ".mp3", "audio/wave": ".wav", "image/gif": ".gif", "image/jpeg": ".jpg",
	"image/png": ".png", "image/svg+xml": ".svg", "image/webp": ".webp", "text/csv": ".csv", "text/plain": ".txt",
	"video/mp4": ".mp4", "video/webm": ".webm",
}

// createFile is the endpoint drive/files/create.
func createFile(c *call) (any, error) {
	f, err := c.store(c.file)
	if err != nil {
		return nil, err
	}
	return c.s.packFile(f), nil
}

// store puts a file into the drive of the caller, with what the parameters say
// of it, or returns the one with the same content that is there.
func (c *call) store(file *upload) (*driveFile, error) {
	name := strings.TrimSpace(c.text("name"))
	if name == "" {
		name = strings.TrimSpace(file.name)
	}
	kind := mediaType(file.data, name)
	if name == "" || name == "blob" {
		name = "untitled"
	} else if !validFileName(name) {
		return nil, c.refuse(gen.ErrInvalidFileName)
	}
	sum := md5.Sum(file.data)
	f := &driveFile{
		owner: c.account, title: extended(name, kind), comment: c.params["comment"], kind: kind, md5: hex.EncodeToString(sum[:]),
		sensitive: c.flag("isSensitive") || c.account.flag("alwaysMarkNsfw"), folder: c.text("folderId"), data: file.data,
	}
	if f.folder != "" && c.folder(f.folder) == nil {
		return nil, errInternal.with(nil)
	}
	if !c.flag("force") {
		if old := c.s.files.find(func(o *driveFile) bool { return o.owner == c.account && o.md5 == f.md5 }); old != nil {
			return old, nil
		}
	}
	if !c.account.moderator {
		switch {
		case len(f.data) > c.policy("maxFileSizeMb")<<20:
			return nil, c.refuse(gen.ErrMaxFileSizeExceeded)
		case c.usage()+len(f.data) > c.policy("driveCapacityMb")<<20:
			return nil, c.refuse(gen.ErrNoFreeSpace)
		case !c.uploadable(f):
			return nil, c.refuse(gen.ErrUnallowedFileType)
		}
	}
	f.id = c.s.newID()
	c.s.files.add(f)
	packed := c.s.packFile(f)
	c.s.publishMain(f.owner, "driveFileCreated", packed)
	c.s.publishDrive(f.owner, "fileCreated", packed)
	return f, nil
}

// publishDrive sends an event to the drive channel of an account.
func (s *Server) publishDrive(owner *account, event string, body any) {
	s.publish(topic{channel: "drive", account: owner}, event, body)
}

// uploadable reports whether the caller may upload files of the type of one.
func (c *call) uploadable(f *driveFile) bool {
	kinds, _ := c.s.policyOf(c.account, "uploadableFileTypes").([]any)
	return slices.ContainsFunc(kinds, func(kind any) bool { return text(kind) == "*/*" || text(kind) != "" && ofKind(f, text(kind)) })
}

// usage is how much the caller has uploaded.
func (c *call) usage() (n int) {
	for _, f := range c.s.files.items {
		if f.owner == c.account {
			n += len(f.data)
		}
	}
	return n
}

// folder returns a folder of the caller, or nil.
func (c *call) folder(id string) *folder {
	if f := c.s.folders.get(id); f != nil && f.owner == c.account {
		return f
	}
	return nil
}

// ownedFile returns a file of the caller, by the parameter fileId or url.
func (c *call) ownedFile() (*driveFile, error) {
	f := c.s.files.get(c.text("fileId"))
	if url := c.text("url"); f == nil && url != "" {
		f = c.s.files.find(func(f *driveFile) bool { return c.s.URL+"/files/"+f.name() == url })
	}
	switch {
	case f == nil:
		return nil, c.refuse(gen.ErrNoSuchFile)
	case f.owner != c.account && !c.account.moderator:
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	return f, nil
}

// showDrive is the endpoint drive.
func showDrive(c *call) (any, error) {
	return object{"capacity": c.policy("driveCapacityMb") << 20, "usage": c.usage()}, nil
}

// showFile is the endpoint drive/files/show.
func showFile(c *call) (any, error) {
	f, err := c.ownedFile()
	if err != nil {
		return nil, err
	}
	packed := c.s.packFile(f)
	packed["userId"], packed["user"] = f.owner.id, c.s.userLite(f.owner)
	if in := c.s.folders.get(f.folder); in != nil {
		packed["folder"] = c.s.folderDetail(in)
	}
	return packed, nil
}

// updateFile is the endpoint drive/files/update: a folder that is null is the
// root, one that is absent stays.
func updateFile(c *call) (any, error) {
	f, err := c.ownedFile()
	if err != nil {
		return nil, err
	}
	name, renamed := c.params["name"].(string)
	if renamed && !validFileName(name) {
		return nil, c.refuse(gen.ErrInvalidFileName)
	}
	target, moved := c.params["folderId"]
	if target != nil && c.folder(text(target)) == nil {
		return nil, c.refuse(gen.ErrNoSuchFolder)
	}
	comment, commented := c.params["comment"]
	sensitive, marked := c.params["isSensitive"].(bool)
	if !renamed && !moved && !commented && !marked {
		return nil, internalError("there is nothing to update")
	}
	if renamed {
		f.title = name
	}
	if moved {
		f.folder = text(target)
	}
	if commented {
		f.comment = comment
	}
	if marked {
		f.sensitive = sensitive
	}
	packed := c.s.packFile(f)
	c.s.publishDrive(f.owner, "fileUpdated", packed)
	return packed, nil
}

// deleteFile is the endpoint drive/files/delete. Notes lose the file, too.
func deleteFile(c *call) (any, error) {
	f, err := c.ownedFile()
	if err != nil {
		return nil, err
	}
	c.s.files.remove(f.id)
	c.s.publishDrive(f.owner, "fileDeleted", f.id)
	for _, n := range c.s.notes.items {
		n.files = slices.DeleteFunc(n.files, func(o *driveFile) bool { return o == f })
	}
	return nil, nil
}

// moveFiles is the endpoint drive/files/move-bulk. Without a folder the files go
// to the root.
func moveFiles(c *call) (any, error) {
	target := c.text("folderId")
	if target != "" && c.folder(target) == nil {
		return nil, internalError("there is no such folder")
	}
	ids, _ := c.params["fileIds"].([]any)
	for _, id := range ids {
		if f := c.s.files.get(text(id)); f != nil && f.owner == c.account {
			f.folder = target
		}
	}
	return nil, nil
}

// listFiles is the endpoint drive/files.
func listFiles(c *call) (any, error) {
	in, kind := c.text("folderId"), c.text("type")
	page := c.s.files.page(c.cursor(), func(f *driveFile) bool {
		return f.owner == c.account && f.folder == in && ofKind(f, kind)
	})
	return pack(page, c.s.ownFile), nil
}

// streamFiles is the endpoint drive/stream: the files of all folders.
func streamFiles(c *call) (any, error) {
	page := c.s.files.page(c.cursor(), func(f *driveFile) bool {
		return f.owner == c.account && ofKind(f, c.text("type"))
	})
	return pack(page, c.s.ownFile), nil
}

// ofKind reports whether a file has a media type, which may end in /*.
func ofKind(f *driveFile, kind string) bool {
	if prefix, ok := strings.CutSuffix(kind, "/*"); ok {
		return strings.HasPrefix(f.kind, prefix+"/")
	}
	return kind == "" || f.kind == kind
}

// findFiles is the endpoint drive/files/find.
func findFiles(c *call) (any, error) {
	return c.matchingFiles(func(f *driveFile) bool {
		return f.title == c.text("name") && f.folder == c.text("folderId")
	}), nil
}

// findByHash is the endpoint drive/files/find-by-hash.
func findByHash(c *call) (any, error) {
	return c.matchingFiles(func(f *driveFile) bool { return f.md5 == c.text("md5") }), nil
}

func (c *call) matchingFiles(want func(*driveFile) bool) []any {
	return pack(c.s.files.page(cursor{limit: 1 << 30}, func(f *driveFile) bool {
		return f.owner == c.account && want(f)
	}), c.s.ownFile)
}

// fileExists is the endpoint drive/files/check-existence.
func fileExists(c *call) (any, error) {
	return len(c.matchingFiles(func(f *driveFile) bool { return f.md5 == c.text("md5") })) > 0, nil
}

// attachedNotes is the endpoint drive/files/attached-notes.
func attachedNotes(c *call) (any, error) {
	f := c.s.files.get(c.text("fileId"))
	if f == nil || f.owner != c.account {
		return nil, c.refuse(gen.ErrNoSuchFile)
	}
	return c.notes(func(n *note) bool { return slices.Contains(n.files, f) })
}

// createFolder is the endpoint drive/folders/create.
func createFolder(c *call) (any, error) {
	f := &folder{title: c.text("name"), parent: c.text("parentId"), owner: c.account}
	if f.parent != "" && c.folder(f.parent) == nil {
		return nil, c.refuse(gen.ErrNoSuchFolder)
	}
	f.id = c.s.newID()
	c.s.folders.add(f)
	c.s.publishDrive(f.owner, "folderCreated", packFolder(f))
	return packFolder(f), nil
}

// showFolder is the endpoint drive/folders/show.
func showFolder(c *call) (any, error) {
	f := c.folder(c.text("folderId"))
	if f == nil {
		return nil, c.refuse(gen.ErrNoSuchFolder)
	}
	return c.s.folderDetail(f), nil
}

// folderDetail is a folder with what is in it and what it is in.
func (s *Server) folderDetail(f *folder) object {
	packed := packFolder(f)
	packed["foldersCount"] = s.folders.count(func(o *folder) bool { return o.parent == f.id })
	packed["filesCount"] = s.files.count(func(o *driveFile) bool { return o.folder == f.id })
	if parent := s.folders.get(f.parent); parent != nil {
		packed["parent"] = s.folderDetail(parent)
	}
	return packed
}

// updateFolder is the endpoint drive/folders/update: a parent that is null is the
// root, one that is absent stays.
func updateFolder(c *call) (any, error) {
	f := c.folder(c.text("folderId"))
	if f == nil {
		return nil, c.refuse(gen.ErrNoSuchFolder)
	}
	target, moved := c.params["parentId"]
	if target != nil {
		parent := c.folder(text(target))
		if parent == nil {
			return nil, c.refuse(gen.ErrNoSuchParentFolder)
		}
		for ; parent != nil; parent = c.s.folders.get(parent.parent) {
			if parent == f {
				return nil, c.refuse(gen.ErrRecursiveNesting)
			}
		}
	}
	if name := c.text("name"); name != "" {
		f.title = name
	}
	if moved {
		f.parent = text(target)
	}
	c.s.publishDrive(f.owner, "folderUpdated", packFolder(f))
	return packFolder(f), nil
}

// deleteFolder is the endpoint drive/folders/delete, for one that is empty.
func deleteFolder(c *call) (any, error) {
	f := c.folder(c.text("folderId"))
	if f == nil {
		return nil, c.refuse(gen.ErrNoSuchFolder)
	}
	if c.s.folders.find(func(o *folder) bool { return o.parent == f.id }) != nil ||
		c.s.files.find(func(o *driveFile) bool { return o.folder == f.id }) != nil {
		return nil, c.refuse(gen.ErrHasChildFilesOrFolders)
	}
	c.s.folders.remove(f.id)
	c.s.publishDrive(f.owner, "folderDeleted", f.id)
	return nil, nil
}

// listFolders is the endpoint drive/folders.
func listFolders(c *call) (any, error) {
	page := c.s.folders.page(c.cursor(), func(f *folder) bool {
		return f.owner == c.account && f.parent == c.text("folderId")
	})
	return pack(page, func(f *folder) any { return packFolder(f) }), nil
}

// findFolders is the endpoint drive/folders/find.
func findFolders(c *call) (any, error) {
	page := c.s.folders.page(cursor{limit: 1 << 30}, func(f *folder) bool {
		return f.owner == c.account && f.title == c.text("name") && f.parent == c.text("parentId")
	})
	return pack(page, func(f *folder) any { return packFolder(f) }), nil
}
