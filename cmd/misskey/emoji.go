package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// Limits of an archive of emoji: what is larger is refused, whatever its headers
// say.
const (
	maxEmojis     = 10_000
	maxEmojiSize  = 10 << 20
	maxEmojiMeta  = 16 << 20
	maxEmojiTotal = 1 << 30
)

var (
	emojiName     = regexp.MustCompile(`^[a-zA-Z0-9_]{1,100}$`)
	emojiFileName = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9_.]{0,120}$`)
)

// An emojiArchive is the file meta.json in an archive of emoji, as Misskey writes
// and reads it.
type emojiArchive struct {
	MetaVersion int           `json:"metaVersion"`
	Host        string        `json:"host"`
	ExportedAt  time.Time     `json:"exportedAt"`
	Emojis      []emojiRecord `json:"emojis"`
}

type emojiRecord struct {
	Downloaded bool      `json:"downloaded"`
	FileName   string    `json:"fileName"`
	Emoji      emojiInfo `json:"emoji"`
}

type emojiInfo struct {
	Name        string   `json:"name"`
	Category    *string  `json:"category"`
	Aliases     []string `json:"aliases"`
	License     *string  `json:"license"`
	LocalOnly   bool     `json:"localOnly"`
	IsSensitive bool     `json:"isSensitive"`
	URL         string   `json:"-"`
}

func (a *app) emojiCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "emoji", Short: "List, export and import custom emoji", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(a.emojiListCommand(), a.emojiExportCommand(), a.emojiImportCommand())
	return cmd
}

func (a *app) emojiListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list [WORD]",
		Short:   "List the custom emoji, those with a word in them",
		Example: "misskey emoji list cat",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.connect(cmd.Context(), true)
			if err != nil {
				return err
			}
			all, err := misskey.Call[struct {
				Emojis []item[gen.EmojiSimple] `json:"emojis"`
			}](cmd.Context(), s.Client, "emojis", map[string]any{}, misskey.ReadOnly())
			if err != nil {
				return err
			}
			for _, it := range all.Emojis {
				e := it.value
				category := ""
				if e.Category != nil {
					category = oneLine(*e.Category)
				}
				line := pad(":"+oneLine(e.Name)+":", 24) + " " + pad(category, 16) + " " + oneLine(strings.Join(e.Aliases, " "))
				if len(args) == 1 && !strings.Contains(strings.ToLower(line), strings.ToLower(args[0])) {
					continue
				}
				if a.json {
					err = a.printJSON(it.raw)
				} else {
					_, err = fmt.Fprintln(a.out, strings.TrimRight(line, " "))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *app) emojiExportCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "export FILE.zip",
		Short:   "Export the custom emoji, to import them elsewhere",
		Long:    "Export the custom emoji to an archive as Misskey's own, to import it elsewhere",
		Example: "misskey emoji export emoji.zip",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.emojiExport(cmd.Context(), args[0]) },
	}
}

func (a *app) emojiExport(ctx context.Context, name string) error {
	s, err := a.connect(ctx, true)
	if err != nil {
		return err
	}
	emojis, err := a.emojis(ctx, s)
	if err != nil {
		return err
	}
	host, err := url.Parse(s.BaseURL())
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(name), ".misskey-*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	defer part.Close()
	archive := emojiArchive{MetaVersion: 2, Host: host.Host, ExportedAt: time.Now().UTC(), Emojis: []emojiRecord{}}
	z := zip.NewWriter(part)
	bar := a.progress("emoji")
	seen := map[string]bool{}
	for i, e := range emojis {
		bar.at(int64(i), int64(len(emojis)))
		if !emojiName.MatchString(e.Name) || seen[e.Name] {
			a.note("left out: an emoji with the name %q", e.Name)
			continue
		}
		seen[e.Name] = true
		content, err := fetchEmoji(ctx, s, e)
		if err != nil {
			bar.end()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			a.note("left out :%s:: %v", e.Name, err)
			archive.Emojis = append(archive.Emojis, emojiRecord{Emoji: e})
			continue
		}
		record := emojiRecord{Downloaded: true, FileName: e.Name + extension(content), Emoji: e}
		w, err := z.CreateHeader(&zip.FileHeader{Name: record.FileName, Method: zip.Store}) // pictures are compressed
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			return err
		}
		archive.Emojis = append(archive.Emojis, record)
	}
	bar.end()
	data, err := json.MarshalIndent(archive, "", "  ")
	if err != nil {
		return err
	}
	w, err := z.Create("meta.json")
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, z.Close(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), name); err != nil {
		return err
	}
	return a.done(nil, "Exported %s to %s.", counted(len(seen), "emoji"), name)
}

// emojis returns all custom emoji, with their licenses where the account may see
// those.
func (a *app) emojis(ctx context.Context, s *session) ([]emojiInfo, error) {
	var all []emojiInfo
	for e, err := range s.AdminEmojiListAll(ctx, gen.AdminEmojiListRequest{Limit: new(100)}) {
		if e, ok := errors.AsType[*misskey.Error](err); ok && e.Code != "" && len(all) == 0 {
			return publicEmojis(ctx, s) // for those who may not manage them
		}
		if err != nil {
			return nil, err
		}
		all = append(all, emojiInfo{e.Name, e.Category, e.Aliases, e.License, e.LocalOnly, e.IsSensitive, e.URL})
	}
	return all, nil
}

func publicEmojis(ctx context.Context, s *session) ([]emojiInfo, error) {
	list, err := s.Emojis(ctx)
	if err != nil {
		return nil, err
	}
	var all []emojiInfo
	for _, e := range list.Emojis {
		all = append(all, emojiInfo{Name: e.Name, Category: e.Category, Aliases: e.Aliases, LocalOnly: is(e.LocalOnly), IsSensitive: is(e.IsSensitive), URL: e.URL})
	}
	return all, nil
}

func fetchEmoji(ctx context.Context, s *session, e emojiInfo) ([]byte, error) {
	body, err := s.Download(ctx, &gen.DriveFile{ID: e.Name, Name: e.Name, URL: e.URL})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxEmojiSize+1))
	if err == nil && len(content) > maxEmojiSize {
		err = fmt.Errorf("it has more than %s", size(maxEmojiSize))
	}
	return content, err
}

// extension is that of a picture.
func extension(content []byte) string {
	switch http.DetectContentType(content) {
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	case "image/webp":
		return ".webp"
	case "image/jpeg":
		return ".jpg"
	}
	if len(content) > 12 && string(content[4:8]) == "ftyp" {
		return ".avif"
	}
	if bytes.Contains(content[:min(len(content), 1024)], []byte("<svg")) {
		return ".svg"
	}
	return ".bin"
}

func (a *app) emojiImportCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "import FILE.zip",
		Short: "Import custom emoji from an archive",
		Long: `Import custom emoji from an archive, as Misskey or emoji export makes it.
Emoji whose names are there already are left as they are, so that an import can
be run again. The account has to manage emoji.`,
		Example: "misskey emoji import emoji.zip --dry-run",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.emojiImport(cmd.Context(), args[0], dryRun) },
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be imported")
	return cmd
}

func (a *app) emojiImport(ctx context.Context, name string, dryRun bool) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer z.Close()
	records, files, err := readEmojiArchive(&z.Reader)
	if err != nil {
		return fmt.Errorf("%s: %w; nothing is imported", name, err)
	}
	s, err := a.connect(ctx, false)
	if err != nil {
		return err
	}
	there, err := publicEmojis(ctx, s)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, e := range there {
		known[e.Name] = true
	}
	added := 0
	for _, record := range records {
		if known[record.Emoji.Name] {
			a.note(":%s: is there already", record.Emoji.Name)
			continue
		}
		if !dryRun {
			if err := addEmoji(ctx, s, record, files[record.FileName]); err != nil {
				return fmt.Errorf(":%s:, after %s were imported: %w", record.Emoji.Name, counted(added, "emoji"), err)
			}
		}
		added++
		if err := a.emojiDone(record.Emoji.Name, dryRun); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) emojiDone(name string, dryRun bool) error {
	body, err := json.Marshal(map[string]any{"name": name, "imported": !dryRun})
	if err != nil {
		return err
	}
	if dryRun {
		return a.done(body, "would import :%s:", name)
	}
	return a.done(body, "imported :%s:", name)
}

// readEmojiArchive reads an archive and checks all of it. It returns nothing from an
// archive with a fault, and writes nothing.
func readEmojiArchive(z *zip.Reader) ([]emojiRecord, map[string]*zip.File, error) {
	if len(z.File) > maxEmojis+1 {
		return nil, nil, fmt.Errorf("it has %d files; there may be %d", len(z.File), maxEmojis)
	}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		if files[f.Name] != nil {
			return nil, nil, fmt.Errorf("it has the file %q twice", f.Name)
		}
		files[f.Name] = f
	}
	meta := files["meta.json"]
	if meta == nil {
		return nil, nil, errors.New("it has no meta.json, so that it is not an archive of emoji")
	}
	data, err := unzip(meta, maxEmojiMeta)
	if err != nil {
		return nil, nil, err
	}
	var archive emojiArchive
	if err := json.Unmarshal(data, &archive); err != nil {
		return nil, nil, fmt.Errorf("meta.json: %w", err)
	}
	if len(archive.Emojis) > maxEmojis {
		return nil, nil, fmt.Errorf("it has %d emoji; there may be %d", len(archive.Emojis), maxEmojis)
	}
	seen := map[string]bool{}
	var records []emojiRecord
	var total int64
	for _, r := range archive.Emojis {
		if !r.Downloaded {
			continue
		}
		switch f := files[r.FileName]; {
		case !emojiName.MatchString(r.Emoji.Name):
			return nil, nil, fmt.Errorf("%q is not a name for an emoji: letters, digits and _ are", r.Emoji.Name)
		case seen[r.Emoji.Name]:
			return nil, nil, fmt.Errorf("it has :%s: twice", r.Emoji.Name)
		case !emojiFileName.MatchString(r.FileName) || path.Base(r.FileName) != r.FileName:
			return nil, nil, fmt.Errorf("the file of :%s: has the name %q, which it cannot have", r.Emoji.Name, r.FileName)
		case f == nil:
			return nil, nil, fmt.Errorf("the file %s of :%s: is not in it", r.FileName, r.Emoji.Name)
		default:
			// Headers lie, and parts of an archive can be used many times over.
			content, err := unzip(f, maxEmojiSize)
			if err != nil {
				return nil, nil, err
			}
			if total += int64(len(content)); total > maxEmojiTotal {
				return nil, nil, fmt.Errorf("its files have more than %s", size(maxEmojiTotal))
			}
		}
		seen[r.Emoji.Name] = true
		records = append(records, r)
	}
	return records, files, nil
}

// unzip reads a file of an archive, at most a limit, whatever its header says.
func unzip(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it has more than %s", size(limit))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return data, nil
}

func addEmoji(ctx context.Context, s *session, record emojiRecord, f *zip.File) error {
	content, err := unzip(f, maxEmojiSize)
	if err != nil {
		return err
	}
	// Force: each emoji has a file of its own, so that deleting one deletes no other.
	file, err := s.Upload(ctx, misskey.File{Name: record.FileName, Body: bytes.NewReader(content), Force: true})
	if err != nil {
		return err
	}
	e := record.Emoji
	_, err = misskey.Call[struct{}](ctx, s.Client, "admin/emoji/add", map[string]any{
		"name": e.Name, "fileId": file.ID, "category": e.Category, "aliases": append([]string{}, e.Aliases...),
		"license": e.License, "localOnly": e.LocalOnly, "isSensitive": e.IsSensitive,
	})
	if err != nil && ctx.Err() == nil {
		_ = s.DriveFilesDelete(ctx, gen.DriveFilesDeleteRequest{FileID: file.ID}) // which nothing uses
	}
	return err
}
