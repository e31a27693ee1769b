// Command quiz is a bot that holds a conversation: whoever mentions it gets three
// questions, one after the other, and then a score.
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go run ./examples/quiz
//
// Each thread is a game of its own, so that many can play at once. The games are in
// the file quiz.cursor: they go on after a restart. The token needs the permissions
// read:account, read:notifications, write:notes and write:reactions.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err == nil {
		err = newQuiz(mk, stream.NewFileCursor("quiz.cursor")).Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quiz:", err)
		os.Exit(1)
	}
}
