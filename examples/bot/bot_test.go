package main

import (
	"context"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// startBot runs the bot until the test ends.
func startBot(t *testing.T, srv *misskeytest.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- newBot(srv.Client("bot"), &stream.MemoryCursor{}).Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
}

// post posts as alice, and gives the bot the time to answer.
func post(t *testing.T, srv *misskeytest.Server, note gen.NotesCreateRequest) gen.Note {
	t.Helper()
	res, err := srv.Client("alice").NotesCreate(t.Context(), note)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return res.CreatedNote
}

// answers are the replies to a note.
func answers(t *testing.T, srv *misskeytest.Server, to gen.Note) []gen.Note {
	t.Helper()
	notes, err := srv.Client("alice").NotesReplies(t.Context(), gen.NotesRepliesRequest{NoteID: to.ID})
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func TestBot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		early := post(t, srv, gen.NotesCreateRequest{Text: new("@bot 1d6")})
		startBot(t, srv)

		note := post(t, srv, gen.NotesCreateRequest{Text: new("@bot 2d6, please")})
		replies := answers(t, srv, note)
		if len(replies) != 1 || !regexp.MustCompile(`^2d6: \d+$`).MatchString(*replies[0].Text) {
			t.Fatalf("%+v", replies)
		}
		bot, err := srv.Client("bot").I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		secret := post(t, srv, gen.NotesCreateRequest{ // a mention alone would not let the bot see it
			Text: new("@bot and now?"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{bot.ID},
		})
		replies = answers(t, srv, secret)
		if len(replies) != 1 || replies[0].Visibility != gen.NoteVisibilitySpecified {
			t.Errorf("%+v", replies)
		}
		hidden := post(t, srv, gen.NotesCreateRequest{
			Text: new("about @bot, not to it"), Visibility: new(gen.NoteVisibilitySpecified),
		})
		if replies := answers(t, srv, hidden); len(replies) != 0 {
			t.Errorf("a note that the bot cannot see is answered: %+v", replies)
		}
		if late := answers(t, srv, early); len(late) != 0 {
			t.Errorf("what was there before the bot is answered: %+v", late)
		}
	})
}

// The bot gets over what goes wrong, and answers once even so.
func TestBotInBadWeather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		startBot(t, srv)
		srv.Fail("notes/create", gen.ErrRateLimitExceeded, 2) // alice waits, too
		srv.Fail("i/notifications", misskeytest.ErrDropped, 1)
		first := post(t, srv, gen.NotesCreateRequest{Text: new("@bot 1d6")})
		srv.Restart(func() { time.Sleep(time.Minute) }) // the bot is not back at once
		second := post(t, srv, gen.NotesCreateRequest{Text: new("@bot 1d6")})
		for _, note := range []gen.Note{first, second} {
			if replies := answers(t, srv, note); len(replies) != 1 {
				t.Errorf("%d replies to %s", len(replies), note.ID)
			}
		}
	})
}

// Bots are not answered.
func TestBotAmongBots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		srv.AddUser(misskeytest.User{Username: "alice", Bot: true})
		startBot(t, srv)
		if replies := answers(t, srv, post(t, srv, gen.NotesCreateRequest{Text: new("@bot 1d6")})); len(replies) != 0 {
			t.Errorf("%+v", replies)
		}
	})
}

func TestRoll(t *testing.T) {
	for text, want := range map[string]string{
		"1d1":          `^1d1: 1$`,
		"@bot 99d1 !":  `^99d1: 99$`,
		"3d0":          `no such dice`,
		"what's this?": `^Ask me`,
	} {
		if got := roll(text); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("roll(%q) = %q, want %s", text, got, want)
		}
	}
}
