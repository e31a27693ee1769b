package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/bot"
	"github.com/misskey-go/misskey/stream"
)

var questions = []struct{ text, answer string }{
	{"What is the capital of Japan?", "Tokyo"},
	{"How many legs has a spider?", "8"},
	{"Which planet is the largest?", "Jupiter"},
}

// A game is where a player is in a thread.
type game struct {
	Player string // the id
	Asked  int    // how many questions were asked
	Right  int    // how many of them were answered
}

// newQuiz returns the bot.
func newQuiz(mk *misskey.Client, cursor stream.Cursor) *bot.Bot {
	b := bot.New(mk, bot.Options{Cursor: cursor})
	b.OnMessage(play)
	return b
}

// play takes an answer, if the thread has a game, and asks the next question.
func play(ctx context.Context, m *bot.Message) error {
	var g game
	playing, err := m.Conversation().Load(&g)
	if err != nil {
		return err
	}
	var say strings.Builder
	switch {
	case !playing:
		g = game{Player: m.From.ID}
	case m.From.ID != g.Player:
		return m.React(ctx, "🤫") // somebody else's game
	case strings.Contains(strings.ToLower(m.Text), strings.ToLower(questions[g.Asked-1].answer)):
		g.Right++
		say.WriteString("Right! ")
	default:
		fmt.Fprintf(&say, "No: %s. ", questions[g.Asked-1].answer)
	}
	if g.Asked == len(questions) {
		m.Conversation().Delete()
		return finish(ctx, m, g, say.String())
	}
	say.WriteString(questions[g.Asked].text)
	g.Asked++
	if err := m.Conversation().Save(g); err != nil {
		return err
	}
	_, err = m.Reply(ctx, say.String())
	return err
}

// finish says the score, and the best one of the player.
func finish(ctx context.Context, m *bot.Message, g game, say string) error {
	var best int
	if _, err := m.User().Load(&best); err != nil {
		return err
	}
	best = max(best, g.Right)
	if err := m.User().Save(best); err != nil {
		return err
	}
	_, err := m.Reply(ctx, fmt.Sprintf("%s%d of %d. Your best: %d.", say, g.Right, len(questions), best))
	return err
}
