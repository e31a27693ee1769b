// Command exporter writes all notes of a user to a folder: notes.jsonl has a note a
// line, oldest first, and files has what is attached to them. Run again, it goes on
// where it was interrupted, and adds what has been posted since.
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/exporter -user alice
//
// The token needs the permission read:account.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	user, out := flag.String("user", "", "the `NAME` of a user"), flag.String("out", "export", "the `FOLDER` to write to")
	flag.Parse()
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err == nil {
		err = export(ctx, mk, *user, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "exporter:", err)
		os.Exit(1)
	}
}

// export adds the notes that the folder does not have yet.
func export(ctx context.Context, mk *misskey.Client, username, folder string) error {
	user, err := misskey.Call[gen.UserDetailed](ctx, mk, "users/show", map[string]string{"username": username})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, "files"), 0o700); err != nil {
		return err
	}
	notes, err := os.OpenFile(filepath.Join(folder, "notes.jsonl"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer notes.Close() // each line was written, or has failed
	last, err := resume(notes)
	if err != nil {
		return err
	}
	// With a lower end only, the oldest note comes first.
	for note, err := range mk.UsersNotesAll(ctx, gen.UsersNotesRequest{
		UserID: user.ID, SinceID: &last, WithReplies: new(true), WithChannelNotes: new(true),
	}) {
		if err != nil {
			return err
		}
		// A note is in the list once its files are there.
		for _, file := range note.Files {
			if err := save(ctx, mk, &file, filepath.Join(folder, "files")); err != nil {
				return err
			}
		}
		if err := json.NewEncoder(notes).Encode(note); err != nil {
			return err
		}
	}
	return nil
}

// resume returns the id of the last note, or "0", which is before all ids, and puts
// what is written next behind it. A line that was not finished is removed.
func resume(notes *os.File) (last string, err error) {
	last, end := "0", int64(0)
	for r := bufio.NewReader(notes); ; {
		line, err := r.ReadBytes('\n')
		var note struct{ ID string }
		switch {
		case err == io.EOF:
			_, err = notes.Seek(end, io.SeekStart)
			return last, errors.Join(err, notes.Truncate(end))
		case err != nil || json.Unmarshal(line, &note) != nil || note.ID == "":
			return "", fmt.Errorf("%s has a line that is not a note: move it away", notes.Name())
		}
		last, end = note.ID, end+int64(len(line))
	}
}

// save downloads a file, unless it is there. It is called by its id: what people
// call their files is not always a name for one here.
func save(ctx context.Context, mk *misskey.Client, file *gen.DriveFile, folder string) error {
	path := filepath.Join(folder, filepath.Base(file.ID))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	content, err := mk.Download(ctx, file) // not Verified: of pictures there may be a version for the web
	if e, ok := errors.AsType[*misskey.Error](err); ok && e.Status < 500 {
		return nil // it is gone, as those of other servers are after a while
	} else if err != nil {
		return err
	}
	defer content.Close()
	part, err := os.Create(path + ".part")
	if err == nil {
		_, err = io.Copy(part, content)
	}
	if err := errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}
