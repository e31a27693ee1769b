// Command poster posts a note, at once or later.
//
//	poster -text "Good morning" -image sunrise.jpg -alt "The sun over a bay"
//	poster -text "Which one?" -poll "tea,coffee" -for 24h -cw drinks
//	poster -text "Happy new year" -at 2027-01-01T00:00:00+09:00
//
// The environment variables MISSKEY_URL and MISSKEY_TOKEN have the instance and a
// token with the permissions write:notes and write:drive, and for -at write:account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A post is what to post. Parts that are zero are left out.
type post struct {
	text, cw, image, alt, poll string
	lasts                      time.Duration // of the poll
	at                         time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var p post
	flag.StringVar(&p.text, "text", "", "the `TEXT`")
	flag.StringVar(&p.cw, "cw", "", "a content warning, the `TEXT` that hides the rest")
	flag.StringVar(&p.image, "image", "", "a `FILE` to attach")
	flag.StringVar(&p.alt, "alt", "", "a `TEXT` for those who cannot see the image")
	flag.StringVar(&p.poll, "poll", "", "`CHOICES` of a poll, with commas between them")
	flag.DurationVar(&p.lasts, "for", 0, "how `LONG` one can vote")
	flag.TextVar(&p.at, "at", time.Time{}, "the `TIME` to post at, as 2027-01-01T00:00:00+09:00")
	flag.Parse()
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err == nil {
		err = send(ctx, mk, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "poster:", err)
		os.Exit(1)
	}
}

// send posts a note, or leaves it with the server for later.
func send(ctx context.Context, mk *misskey.Client, p post) error {
	if p.image != "" && p.alt == "" {
		return errors.New("say with -alt what the image shows")
	}
	note := gen.NotesCreateRequest{Text: &p.text}
	if p.cw != "" {
		note.CW = &p.cw
	}
	if p.poll != "" {
		note.Poll = &gen.PollInput{Choices: strings.Split(p.poll, ",")}
		if p.lasts > 0 {
			note.Poll.ExpiredAfter = new(gen.InMilliseconds(p.lasts))
		}
	}
	if p.image != "" {
		picture, err := os.Open(p.image)
		if err != nil {
			return err
		}
		// Upload closes the file.
		file, err := mk.Upload(ctx, misskey.File{Name: filepath.Base(p.image), Body: picture, Comment: p.alt})
		if err != nil {
			return err
		}
		note.FileIDs = []string{file.ID}
	}
	if p.at.IsZero() {
		_, err := mk.NotesCreate(ctx, note)
		return err
	}
	_, err := mk.NotesDraftsCreate(ctx, gen.NotesDraftsCreateRequest{
		Text: note.Text, CW: note.CW, Poll: note.Poll, FileIDs: note.FileIDs,
		IsActuallyScheduled: new(true), ScheduledAt: new(gen.At(p.at)),
	})
	return err
}
