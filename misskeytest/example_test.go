package misskeytest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// greet is what is to be tested: it answers who mentions it.
func greet(ctx context.Context, mk *misskey.Client) error {
	notes, err := mk.NotesMentions(ctx, gen.NotesMentionsRequest{})
	if err != nil {
		return err
	}
	for _, n := range notes {
		_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("Hello, @" + n.User.Username), ReplyID: &n.ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// Tests use NewServer(t, Options{}) instead of Start.
func ExampleStart() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	bot, alice := srv.Client("bot"), srv.Client("alice")
	if _, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@bot, are you there?")}); err != nil {
		log.Fatal(err)
	}
	if err := greet(ctx, bot); err != nil {
		log.Fatal(err)
	}
	answers, err := alice.NotesMentions(ctx, gen.NotesMentionsRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range answers {
		fmt.Printf("%s: %s\n", n.User.Username, *n.Text)
	}
	// Output: bot: Hello, @alice
}

func ExampleServer_Fail() {
	srv, err := misskeytest.Start(context.Background(), "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Fail("notes/mentions", gen.ErrInternalError, 1)
	err = greet(context.Background(), srv.Client("bot"))
	fmt.Println(errors.Is(err, gen.ErrInternalError))
	// Output: true
}

// A test decides what an endpoint responds with. The bot under test translates
// notes, which needs a service that no test should call.
func ExampleServer_Answer() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Answer("notes/translate", func(req gen.NotesTranslateRequest) (*gen.NotesTranslateResponse, error) {
		if req.TargetLang != "en" {
			return nil, gen.ErrUnavailable
		}
		return &gen.NotesTranslateResponse{SourceLang: "ja", Text: "Good morning"}, nil
	})

	mk := srv.Client("alice")
	res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("おはよう")})
	if err != nil {
		log.Fatal(err)
	}
	for _, lang := range []string{"en", "fr"} {
		translation, err := mk.NotesTranslate(ctx, gen.NotesTranslateRequest{NoteID: res.CreatedNote.ID, TargetLang: lang})
		if errors.Is(err, gen.ErrUnavailable) {
			fmt.Println(lang + ": there is no translation")
			continue
		}
		fmt.Println(lang + ": " + translation.Text)
	}
	// Output:
	// en: Good morning
	// fr: there is no translation
}

// A value is the response to all calls, also of an endpoint that only a fork has.
func ExampleServer_Answer_fork() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	srv.Answer("fork/fortune", map[string]string{"text": "great luck"})

	fortune, err := misskey.Call[struct{ Text string }](ctx, srv.Client("alice"), "fork/fortune", nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fortune.Text)
	// Output: great luck
}

// An account of another server mentions one of this server.
func ExampleServer_Client_otherServer() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	bot, bob := srv.Client("bot"), srv.Client("bob@remote.example")
	if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{
		Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{srv.UserID("bot")},
	}); err != nil {
		log.Fatal(err)
	}
	notes, err := bot.NotesMentions(ctx, gen.NotesMentionsRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range notes {
		fmt.Printf("%s@%s: %s\n", n.User.Username, *n.User.Host, *n.Text)
	}
	// Output: bob@remote.example: psst
}
