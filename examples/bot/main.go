// Command bot is a bot that answers anyone who mentions it: it rolls dice.
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/bot
//
// The token is that of the bot's account; it needs the permissions read:account,
// read:notifications, write:notes and write:reactions. Mention the bot with something
// like "2d6", and it answers with what two dice show. The file bot.cursor keeps how
// far it has come, so that it goes on there after a restart. Its test runs it on an
// instance inside the test process.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bot:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	instance, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
	if instance == "" || token == "" {
		return fmt.Errorf("set MISSKEY_URL and MISSKEY_TOKEN to an instance and to the token of the bot's account there")
	}
	mk, err := misskey.New(instance, misskey.WithToken(token), misskey.WithLogger(slog.Default()))
	if err != nil {
		return err
	}
	return newBot(mk, stream.NewFileCursor("bot.cursor")).Run(ctx)
}
