package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// run answers mentions and replies that come from now on, also those that come
// while the stream is interrupted, until the context ends or something fails that
// waiting does not help against.
func run(ctx context.Context, mk *misskey.Client, log *slog.Logger) error {
	me, err := mk.I(ctx)
	if err != nil {
		return err
	}
	st := stream.New(mk, stream.Options{}, stream.Main{})
	for event, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
		switch event := event.(type) {
		case *stream.Connected:
			log.Info("waiting for mentions")
		case *stream.Disconnected:
			log.Warn("the connection has ended", "err", event.Err)
		case *stream.Reconnected:
			log.Info("connected again", "filled", event.Filled)
		case *stream.Mention: // also of replies, and also of what was missed
			if err := answer(ctx, mk, log, &event.Note, me.ID); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// answer replies to a note that mentions the bot, whose id is me, for those who
// could see the note.
func answer(ctx context.Context, mk *misskey.Client, log *slog.Logger, note *gen.Note, me string) error {
	if note.User.IsBot || note.Text == nil {
		return nil // two bots would never stop talking
	}
	reply := misskey.ReplyTo(note, me)
	reply.Text = new(roll(*note.Text))
	_, err := mk.NotesCreate(ctx, reply)
	switch {
	case errors.Is(err, gen.ErrNoSuchReplyTarget), errors.Is(err, gen.ErrYouHaveBeenBlocked):
		log.Info("no answer wanted any more", "note", note.ID)
		return nil
	case err != nil:
		return err
	}
	log.Info("answered", "note", note)
	return nil
}
