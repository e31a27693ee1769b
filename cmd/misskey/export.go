package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// exports are what can be exported: a list, each of whose items has an id.
var exports = []struct {
	name, endpoint string
	user           bool // of any user
	params         map[string]any
}{
	{"notes", "users/notes", true, map[string]any{"withReplies": true, "withChannelNotes": true}},
	{"following", "users/following", true, nil},
	{"followers", "users/followers", true, nil},
	{"reactions", "users/reactions", true, nil},
	{"favorites", "i/favorites", false, nil},
	{"mutes", "mute/list", false, nil},
	{"blocks", "blocking/list", false, nil},
	{"drive", "drive/stream", false, nil},
}

func exportNames() (names []string) {
	for _, e := range exports {
		names = append(names, e.name)
	}
	return names
}

func (a *app) exportCommand() *cobra.Command {
	var folder, user string
	var files bool
	cmd := &cobra.Command{
		Use:   "export WHAT...",
		Short: "Export notes, follows and the like",
		Long: `Export to files of JSON, an item a line, oldest first. Run again, it goes on
where it was interrupted, and adds what is new. WHAT is one or more of
` + strings.Join(exportNames(), ", ") + `.`,
		Example: `misskey export notes following
misskey export notes --user @alice --files -o alice
jq -r .text < export/notes.jsonl`,
		Args:      cobra.MatchAll(cobra.MinimumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: exportNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.export(cmd.Context(), args, folder, user, files)
		},
	}
	cmd.Flags().StringVarP(&folder, "output", "o", "export", "the `FOLDER` to write to")
	cmd.Flags().StringVar(&user, "user", "", "what `USER` has, and not the account itself")
	cmd.Flags().BoolVar(&files, "files", false, "also the files, of notes, favorites and the drive")
	return cmd
}

func (a *app) export(ctx context.Context, names []string, folder, user string, files bool) error {
	s, err := a.connect(ctx, false)
	if err != nil {
		return err
	}
	var id string
	if user != "" {
		u, err := findUser(ctx, s, user)
		if err != nil {
			return err
		}
		id = u.value.ID
	} else {
		me, err := s.I(ctx)
		if err != nil {
			return err
		}
		id = me.ID
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, e := range exports {
		for _, name := range names {
			if name != e.name {
				continue
			}
			params := map[string]any{"limit": 100}
			for key, value := range e.params {
				params[key] = value
			}
			if e.user {
				params["userId"] = id
			} else if user != "" {
				return usagef("%s are those of the account itself: leave out --user", name)
			}
			n, err := a.exportList(ctx, s, e.endpoint, params, filepath.Join(folder, name+".jsonl"), files)
			if err != nil {
				return fmt.Errorf("exporting %s: %w", name, err)
			}
			if err := a.done(nil, "%s: %s", name, counted(n, "new item")); err != nil {
				return err
			}
		}
	}
	return nil
}

// An exported item is what of it matters here.
type exported struct {
	ID    string          `json:"id"`
	URL   string          `json:"url"`
	Type  string          `json:"type"`
	Files []gen.DriveFile `json:"files"`
	Note  *struct {
		Files []gen.DriveFile `json:"files"`
	} `json:"note"`
}

// exportList adds the items to a file that it does not have yet.
func (a *app) exportList(ctx context.Context, s *session, endpoint string, params map[string]any, path string, files bool) (n int, err error) {
	// Another export to the same file waits for this one.
	out, err := lockedfile.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	defer out.Close() // each line was written, or has failed
	last, err := resume(out)
	if err != nil {
		return 0, err
	}
	params["sinceId"] = last // with a lower end only, the oldest item comes first
	for it, err := range misskey.Pages[item[exported]](ctx, s.Client, endpoint, params) {
		if err != nil {
			return n, err
		}
		if it.value.ID == "" {
			return n, errors.New("the server sent an item without an id")
		}
		if files {
			if err := a.exportFiles(ctx, s, it, filepath.Join(filepath.Dir(path), "files")); err != nil {
				return n, err
			}
		}
		var line bytes.Buffer
		if err := json.Compact(&line, it.raw); err != nil {
			return n, err
		}
		line.WriteByte('\n')
		if _, err := out.Write(line.Bytes()); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// resume returns the id of the last item, or "0", which is before all ids, and puts
// what is written next behind it. A line that was not finished is removed.
func resume(file io.ReadWriteSeeker) (last string, err error) {
	last, end := "0", int64(0)
	for r := bufio.NewReader(file); ; {
		line, err := r.ReadBytes('\n')
		var it exported
		switch {
		case err == io.EOF:
			_, err = file.Seek(end, io.SeekStart)
			if f, ok := file.(interface{ Truncate(int64) error }); ok && err == nil {
				err = f.Truncate(end)
			}
			return last, err
		case err != nil:
			return "", err
		case json.Unmarshal(line, &it) != nil || it.ID == "":
			return "", errors.New("the file that is there has a line that is not of an export: move it away")
		}
		last, end = it.ID, end+int64(len(line))
	}
}

// exportFiles downloads the files of an item which are not there yet.
func (a *app) exportFiles(ctx context.Context, s *session, it item[exported], folder string) error {
	files := it.value.Files
	if it.value.Note != nil {
		files = append(files, it.value.Note.Files...)
	}
	if strings.Contains(it.value.Type, "/") && it.value.URL != "" { // a file of the drive
		var file gen.DriveFile
		if err := json.Unmarshal(it.raw, &file); err != nil {
			return err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for i := range files {
		name := safeName(files[i].ID+"-"+filepath.Base(safeName(files[i].Name, "")), "")
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.Size() > 0 {
			continue
		} else if err == nil { // reserved before an interruption, or empty
			os.Remove(filepath.Join(folder, name))
		}
		_, err := a.save(ctx, s, &files[i], folder, name)
		if e, ok := errors.AsType[*misskey.Error](err); ok && e.Status < 500 {
			a.note("%s is gone.", name) // as those of other servers are after a while
		} else if err != nil {
			return err
		}
	}
	return nil
}
