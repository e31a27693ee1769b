package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// interval is how often the bot looks for mentions.
const interval = 10 * time.Second

// run answers mentions that come from now on, until the context ends or
// something fails that waiting does not help against.
func run(ctx context.Context, mk *misskey.Client, log *slog.Logger) error {
	since, err := newest(ctx, mk)
	if err != nil {
		return err
	}
	log.Info("waiting for mentions")
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		for note, err := range mk.NotesMentionsAll(ctx, since) { // with SinceID from old to new
			if err != nil {
				log.Warn("looking for mentions", "err", err)
				break // until the next time
			}
			if err := answer(ctx, mk, log, &note); err != nil {
				return err
			}
			since.SinceID, since.SinceDate = &note.ID, nil
		}
	}
}

// newest returns parameters that find what mentions the bot from now on.
func newest(ctx context.Context, mk *misskey.Client) (gen.NotesMentionsRequest, error) {
	notes, err := mk.NotesMentions(ctx, gen.NotesMentionsRequest{Limit: new(int64(1))})
	switch {
	case err != nil:
		return gen.NotesMentionsRequest{}, err
	case len(notes) == 0:
		return gen.NotesMentionsRequest{SinceDate: new(time.Now().UnixMilli())}, nil
	}
	return gen.NotesMentionsRequest{SinceID: &notes[0].ID}, nil
}

// answer replies to a note that mentions the bot, to those who could see that.
func answer(ctx context.Context, mk *misskey.Client, log *slog.Logger, note *gen.Note) error {
	if note.User.IsBot || note.Text == nil {
		return nil // two bots would never stop talking
	}
	reply := gen.NotesCreateRequest{Text: new(roll(*note.Text)), ReplyID: &note.ID, CW: note.CW, Visibility: &note.Visibility}
	if note.Visibility == gen.NoteVisibilitySpecified {
		reply.VisibleUserIDs = []string{note.UserID}
	}
	_, err := mk.NotesCreate(ctx, reply)
	switch {
	case errors.Is(err, gen.ErrNoSuchReplyTarget), errors.Is(err, gen.ErrYouHaveBeenBlocked):
		log.Info("no answer wanted any more", "note", note.ID)
		return nil
	case err != nil:
		return err
	}
	log.Info("answered", "note", note.ID, "to", note.User.Username)
	return nil
}
