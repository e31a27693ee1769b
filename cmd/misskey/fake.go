package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func (a *app) fakeCommand() *cobra.Command {
	var port int
	var every time.Duration
	var limits bool
	cmd := &cobra.Command{
		Use:   "fake",
		Short: "Run an instance for those who develop a client, in any language",
		Long: `Run an instance on this machine, for those who develop a client in any language.
There are people, notes, and events that keep coming. Everything is in memory,
and gone when the command ends. Requests that Misskey would refuse are refused.`,
		Example: `misskey fake
misskey fake --port 3000 --every 1s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.fake(cmd.Context(), port, every, limits)
		},
	}
	cmd.Flags().IntVar(&port, "port", 3000, "listen on `PORT` of this machine; 0 for any")
	cmd.Flags().DurationVar(&every, "every", 5*time.Second, "`HOW LONG` until the next event; 0 for none")
	cmd.Flags().BoolVar(&limits, "limits", false, "refuse calls that are too many, as in production")
	return cmd
}

func (a *app) fake(ctx context.Context, port int, every time.Duration, limits bool) error {
	if every < 0 {
		return usagef("--every is %v; it cannot be negative", every)
	}
	srv, err := misskeytest.Start(ctx, net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), misskeytest.Options{RateLimits: limits})
	if err != nil {
		return fmt.Errorf("%w; --port 0 takes any port that is free", err)
	}
	defer srv.Close()
	w := &world{srv: srv, random: rand.New(rand.NewPCG(1, 1))}
	if err := w.populate(ctx); err != nil {
		return err
	}
	if err := a.printFake(srv); err != nil {
		return err
	}
	if every == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := w.event(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// fakePeople live on the instance.
var fakePeople = []misskeytest.User{
	{Username: "alice", Name: "Alice"},
	{Username: "bob", Name: "Bob :blobcat:"},
	{Username: "carol", Name: "キャロル", Cat: true},
	{Username: "dave", Name: "Dave", Locked: true},
	{Username: "robot", Name: "A robot", Bot: true},
	{Username: "erin", Host: "remote.example", Name: "Erin"},
	{Username: "moderator", Name: "A moderator", Moderator: true},
}

var fakeTexts = []string{
	"Good morning",
	"おはようございます",
	"**MFM** can be *italic*, ~~gone~~, `code`, and $[tada celebrated] :blobcat:",
	"Tea or coffee? #breakfast",
	"A link: https://misskey-hub.net",
	"> quoted\nand answered",
	"Does anyone know how to peel a mango?",
	"It rains in Kyoto. #weather",
	"<center>in the middle</center>",
}

var fakeReactions = []string{"👍", "❤", "🎉", ":blobcat:"}

// A world is an instance on which something happens.
type world struct {
	srv    *misskeytest.Server
	random *rand.Rand
	last   string // the id of a note
}

// populate lets people follow each other and post.
func (w *world) populate(ctx context.Context) error {
	w.srv.AddEmoji("blobcat")
	for _, u := range fakePeople {
		w.srv.AddUser(u)
	}
	alice := w.srv.Client("alice")
	for _, name := range []string{"bob", "carol", "robot", "erin@remote.example"} {
		if _, err := alice.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: w.srv.UserID(name)}); err != nil {
			return err
		}
	}
	for i, text := range fakeTexts {
		if err := w.post(ctx, w.person(i), text); err != nil {
			return err
		}
	}
	_, err := w.srv.Client("bob").NotesCreate(ctx, gen.NotesCreateRequest{
		Text: new("Which one? @alice"), CW: new("a poll"),
		Poll: &gen.PollInput{Choices: []string{"tea", "coffee", "water"}},
	})
	return err
}

// person is one of those whom alice follows, or herself.
func (w *world) person(i int) string {
	return []string{"bob", "carol", "alice", "erin@remote.example", "robot"}[i%5]
}

func (w *world) post(ctx context.Context, name, text string) error {
	res, err := w.srv.Client(name).NotesCreate(ctx, gen.NotesCreateRequest{Text: &text})
	if err == nil {
		w.last = res.CreatedNote.ID
	}
	return err
}

// event lets something happen.
func (w *world) event(ctx context.Context) error {
	name := w.person(w.random.IntN(5))
	text := fakeTexts[w.random.IntN(len(fakeTexts))]
	switch w.random.IntN(6) {
	case 0:
		_, err := w.srv.Client("carol").NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@alice " + text)})
		return err
	case 1:
		list, err := w.srv.Client("alice").UsersNotes(ctx, gen.UsersNotesRequest{UserID: w.srv.UserID("alice"), Limit: new(1)})
		if err != nil || len(list) == 0 {
			return err
		}
		// A second reaction of the same account is refused, which does not matter.
		_ = w.srv.Client("bob").NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{
			NoteID: list[0].ID, Reaction: fakeReactions[w.random.IntN(len(fakeReactions))],
		})
		return nil
	case 2:
		_, err := w.srv.Client("bob").NotesCreate(ctx, gen.NotesCreateRequest{RenoteID: &w.last})
		return err
	}
	return w.post(ctx, name, text)
}

// printFake prints where the instance is and who can log in. These are tokens of
// nothing but this instance, so that they may be seen.
func (a *app) printFake(srv *misskeytest.Server) error {
	names := []string{"alice", "bob", "carol", "moderator", "root"}
	if a.json {
		tokens := map[string]string{}
		for _, name := range names {
			tokens[name] = srv.Token(name)
		}
		data, err := json.Marshal(map[string]any{"url": srv.URL, "tokens": tokens})
		if err != nil {
			return err
		}
		return a.printJSON(data)
	}
	fmt.Fprintf(a.out, "Misskey is at %s until you press Ctrl-C.\n\n", srv.URL)
	for _, name := range names {
		fmt.Fprintf(a.out, "  %-10s %s\n", name, srv.Token(name))
	}
	_, err := fmt.Fprintf(a.out, `
In another terminal:

  misskey login %[1]s --token    # and paste a token
  curl %[1]s/api/i -d '{"i": "%[2]s"}' -H 'Content-Type: application/json'
`, srv.URL, srv.Token("alice"))
	return err
}
