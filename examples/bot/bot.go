package main

import (
	"context"
	"errors"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/bot"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// newBot returns a bot that rolls dice for anyone who mentions it, also for those who
// did while it was not running. Cursor keeps how far it has come.
func newBot(mk *misskey.Client, cursor stream.Cursor) *bot.Bot {
	b := bot.New(mk, bot.Options{Cursor: cursor})
	b.OnMessage(func(ctx context.Context, m *bot.Message) error {
		if m.Text == "" {
			return m.React(ctx, "❓")
		}
		_, err := m.Reply(ctx, roll(m.Text))
		if errors.Is(err, gen.ErrNoSuchReplyTarget) || errors.Is(err, gen.ErrYouHaveBeenBlocked) {
			return nil // no reply is wanted any more
		}
		return err
	})
	return b
}
