package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// An upload is what the flags of upload say.
type upload struct {
	folder    string
	recursive bool
	dedupe    bool
	alt       string
	sensitive bool
}

func (a *app) uploadCommand() *cobra.Command {
	var u upload
	cmd := &cobra.Command{
		Use:   "upload FILE...",
		Short: "Upload files to the drive",
		Long:  "Upload files to the drive, and print where they are",
		Example: `misskey upload cat.jpg --alt "a cat on a mat"
misskey upload -r photos --folder archive/2026 --dedupe`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.upload(cmd.Context(), u, args) },
	}
	cmd.Flags().StringVar(&u.folder, "folder", "", "into the `FOLDER` of the drive, such as a/b; made if missing")
	cmd.Flags().BoolVarP(&u.recursive, "recursive", "r", false, "upload folders, with what is in them")
	cmd.Flags().BoolVar(&u.dedupe, "dedupe", false, "send nothing that the drive has already")
	cmd.Flags().StringVar(&u.alt, "alt", "", "what the file shows, in `TEXT`")
	cmd.Flags().BoolVar(&u.sensitive, "sensitive", false, "hide it behind a warning")
	return cmd
}

func (a *app) upload(ctx context.Context, u upload, names []string) error {
	type job struct{ file, folder string }
	var jobs []job
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			jobs = append(jobs, job{name, u.folder})
			continue
		}
		if !u.recursive {
			return usagef("%s is a folder: -r uploads what is in it", name)
		}
		top, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		err = filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() { // links may lead anywhere
				return err
			}
			below, err := filepath.Rel(name, filepath.Dir(file))
			jobs = append(jobs, job{file, path.Join(u.folder, filepath.Base(top), filepath.ToSlash(below))})
			return err
		})
		if err != nil {
			return err
		}
	}
	if u.alt != "" && len(jobs) != 1 {
		return usagef("--alt describes one file, and there are %d", len(jobs))
	}
	s, err := a.connect(ctx, false)
	if err != nil {
		return err
	}
	folders := map[string]string{"": "", ".": ""}
	for _, job := range jobs {
		id, err := driveFolder(ctx, s, folders, job.folder)
		if err != nil {
			return err
		}
		if err := a.uploadFile(ctx, s, u, job.file, id); err != nil {
			return fmt.Errorf("%s: %w", job.file, err)
		}
	}
	return nil
}

func (a *app) uploadFile(ctx context.Context, s *session, u upload, name, folder string) error {
	f, err := openFile(name)
	if err != nil {
		return err
	}
	bar := a.progress(filepath.Base(name))
	var body json.RawMessage
	stored, err := s.Upload(ctx, misskey.File{
		Name: filepath.Base(name), Body: f, FolderID: folder, Comment: u.alt, IsSensitive: u.sensitive,
		FindDuplicate: u.dedupe, Progress: bar.at,
	}, misskey.Raw(&body))
	bar.end()
	if err != nil {
		return err
	}
	if a.json {
		if u.dedupe { // the response is a list if there was such a file
			if body, err = json.Marshal(stored); err != nil {
				return err
			}
		}
		return a.printJSON(body)
	}
	_, err = fmt.Fprintln(a.out, oneLine(stored.URL))
	return err
}

// driveFolder returns the id of a folder of the drive, and makes it if it is not
// there. It remembers them.
func driveFolder(ctx context.Context, s *session, known map[string]string, folder string) (string, error) {
	folder = strings.Trim(path.Clean(folder), "/")
	if id, ok := known[folder]; ok {
		return id, nil
	}
	parent, err := driveFolder(ctx, s, known, path.Dir(folder))
	if err != nil {
		return "", err
	}
	params := map[string]any{"name": path.Base(folder), "parentId": nil}
	if parent != "" {
		params["parentId"] = parent
	}
	found, err := misskey.Call[[]gen.DriveFolder](ctx, s.Client, "drive/folders/find", params, misskey.ReadOnly())
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		made, err := misskey.Call[gen.DriveFolder](ctx, s.Client, "drive/folders/create", params)
		if err != nil {
			return "", err
		}
		found = append(found, made)
	}
	known[folder] = found[0].ID
	return found[0].ID, nil
}

// A progress is a line on the standard error of a terminal.
type progress struct {
	w    io.Writer // nil for none
	name string
	last time.Time
}

func (a *app) progress(name string) *progress {
	if a.quiet || a.json || !isTerminal(a.err) {
		return &progress{}
	}
	return &progress{w: a.err, name: clip(oneLine(name), 30)}
}

func (p *progress) at(done, total int64) {
	if p.w == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	text := size(done)
	if total > 0 {
		const blocks = 20
		n := int(min(done, total) * blocks / total)
		text = fmt.Sprintf("%s%s %3d%%  %s", strings.Repeat("█", n), strings.Repeat("░", blocks-n), min(done, total)*100/total, size(total))
	}
	fmt.Fprintf(p.w, "\r%s  %s\x1b[K", p.name, text)
}

func (p *progress) end() {
	if p.w != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// size is a number of bytes for a person.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

func (a *app) downloadCommand() *cobra.Command {
	var folder string
	var notes bool
	cmd := &cobra.Command{
		Use:   "download ID...",
		Short: "Download files of the drive, or those of notes",
		Long: `Download files of the drive, or with --note those of notes. They keep their
names, without what is not fit for one here. No file is overwritten.`,
		Example: `misskey download 9abcdefghi
misskey download --note https://misskey.example/notes/9abcdefghi -o pictures`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.download(cmd.Context(), folder, notes, args) },
	}
	cmd.Flags().StringVarP(&folder, "output", "o", ".", "the `FOLDER` to write to")
	cmd.Flags().BoolVar(&notes, "note", false, "the IDs are those of notes, or their URLs")
	return cmd
}

func (a *app) download(ctx context.Context, folder string, notes bool, ids []string) error {
	s, err := a.connect(ctx, notes)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, id := range ids {
		var files []gen.DriveFile
		if notes {
			if id, err = noteID(ctx, s, id); err != nil {
				return err
			}
			note, err := s.NotesShow(ctx, gen.NotesShowRequest{NoteID: id})
			if err != nil {
				return err
			}
			if files = note.Files; len(files) == 0 {
				a.note("%s has no files.", id)
			}
		} else {
			file, err := misskey.Call[gen.DriveFile](ctx, s.Client, "drive/files/show", map[string]string{"fileId": id}, misskey.ReadOnly())
			if err != nil {
				return err
			}
			files = []gen.DriveFile{file}
		}
		for i := range files {
			name, err := a.save(ctx, s, &files[i], folder, safeName(files[i].Name, files[i].ID))
			if err != nil {
				return err
			}
			if a.json {
				line, _ := json.Marshal(map[string]string{"id": files[i].ID, "file": name})
				err = a.printJSON(line)
			} else {
				_, err = fmt.Fprintln(a.out, name)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// save downloads a file to a name that is free in a folder. It is there when it is
// complete.
func (a *app) save(ctx context.Context, s *session, file *gen.DriveFile, folder, name string) (saved string, err error) {
	content, err := s.Download(ctx, file)
	if err != nil {
		return "", err
	}
	defer content.Close()
	target, err := reserve(folder, name)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.Remove(target)
		}
	}()
	part, err := os.CreateTemp(folder, ".misskey-*.part")
	if err != nil {
		return "", err
	}
	defer os.Remove(part.Name())
	bar := a.progress(name)
	_, err = io.Copy(io.MultiWriter(part, &counter{bar: bar, total: file.Size}), content)
	bar.end()
	if err = errors.Join(err, part.Close()); err != nil {
		return "", fmt.Errorf("downloading %s: %w", name, err)
	}
	// The mode is that which the user gives to new files, and not 0600.
	if info, err := os.Stat(target); err == nil {
		_ = os.Chmod(part.Name(), info.Mode())
	}
	return target, os.Rename(part.Name(), target)
}

// A counter shows how many bytes went through it.
type counter struct {
	bar         *progress
	done, total int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.done += int64(len(p))
	c.bar.at(c.done, c.total)
	return len(p), nil
}

// reserve makes an empty file with a name that no other file has.
func reserve(folder, name string) (string, error) {
	ext := filepath.Ext(name)
	for i := 1; ; i++ {
		numbered := name
		if i > 1 {
			numbered = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), i, ext)
		}
		target := filepath.Join(folder, numbered)
		f, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err == nil {
			return target, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) || i == 1000 {
			return "", err
		}
	}
}

// safeName makes of a name that a stranger chose one for a file in a folder, on
// any system: without a path, without what terminals and shells obey, not hidden,
// not the name of a device.
func safeName(name, id string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if obeyed(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(name, " ")
	name = strings.TrimRight(name, ". ")
	const longest = 180 // bytes; file systems have 255
	if len(name) > longest {
		ext := filepath.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		cut := longest - len(ext)
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + ext
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
		name = "_" + name
	}
	if base, _, _ := strings.Cut(name, "."); slices.Contains(devices, strings.ToUpper(strings.TrimSpace(base))) {
		name = "_" + name
	}
	if name == "" || !filepath.IsLocal(name) {
		name = "file"
		if id != "" {
			name = safeName("file-"+id, "")
		}
	}
	return name
}

// devices are names that Windows gives to devices, in every folder.
var devices = strings.Fields("CON PRN AUX NUL CONIN$ CONOUT$ COM0 COM1 COM2 COM3 COM4 COM5 COM6 COM7 COM8 COM9 COM¹ COM² COM³ LPT0 LPT1 LPT2 LPT3 LPT4 LPT5 LPT6 LPT7 LPT8 LPT9 LPT¹ LPT² LPT³")
