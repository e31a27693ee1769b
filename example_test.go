package misskey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

const token = "a9Xk2"

var ctx = context.Background()

// serve starts an instance that shows what it is sent and answers what it is
// told to, the first time, the second time, and so on.
func serve(answers ...string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(strings.TrimSpace(r.Method + " " + r.URL.RequestURI() + " " + string(body)))
		answer := answers[0]
		answers = answers[1:]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case answer == "":
			w.WriteHeader(http.StatusNoContent)
		case strings.Contains(answer, "RATE_LIMIT"):
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case strings.HasPrefix(answer, `{"error"`):
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, answer)
	}))
}

// client returns a client of an instance that serve has started.
func client(srv *httptest.Server) *misskey.Client {
	mk, err := misskey.New(srv.URL, misskey.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	return mk
}

func Example() {
	srv := serve(`{"createdNote": {"id": "9abcdefghi", "text": "hello"}}`)
	defer srv.Close()
	os.Setenv("MISSKEY_URL", srv.URL) // misskey.example, for instance
	os.Setenv("MISSKEY_TOKEN", token)

	mk, err := misskey.New(os.Getenv("MISSKEY_URL"), misskey.WithToken(os.Getenv("MISSKEY_TOKEN")))
	if err != nil {
		log.Fatal(err)
	}
	res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("posted", res.CreatedNote.ID)
	// Output:
	// POST /api/notes/create {"i":"a9Xk2","text":"hello"}
	// posted 9abcdefghi
}

// Optional parameters are pointers; new makes one of a value.
func ExampleClient_notesCreate() {
	srv := serve(`{"createdNote": {"id": "9abcdefghi", "text": "hello", "visibility": "home"}}`)
	defer srv.Close()
	mk := client(srv)

	res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello"), Visibility: new(gen.NoteVisibilityHome)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*res.CreatedNote.Text, res.CreatedNote.Visibility)
	// Output:
	// POST /api/notes/create {"i":"a9Xk2","text":"hello","visibility":"home"}
	// hello home
}

// Where null and absent differ, a parameter has three states: null clears, a
// value sets, and what is left out stays as it is. An empty list is sent, too.
func ExampleClient_iUpdate() {
	srv := serve(`{"id": "9alice", "username": "alice", "name": null, "description": "gopher"}`)
	defer srv.Close()
	mk := client(srv)

	me, err := mk.IUpdate(ctx, gen.IUpdateRequest{
		Name:        gen.Null[string](),
		Description: gen.Value("gopher"),
		MutedWords:  []gen.MutedWord{},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.Username, me.Name == nil, *me.Description)
	// Output:
	// POST /api/i/update {"i":"a9Xk2","description":"gopher","mutedWords":[],"name":null}
	// alice true gopher
}

// The code says what went wrong, and *misskey.Error gives the details. That the
// server asks to wait is reported only where the client does not wait itself: an
// hour is too long.
func ExampleError() {
	srv := serve(
		`{"error": {"code": "NO_SUCH_NOTE", "id": "24fcbfc6-2e37-42b6-8388-c29b3861a08d", "message": "-", "kind": "client"}}`,
		`{"error": {"code": "RATE_LIMIT_EXCEEDED", "id": "d5826d14-3982-4d2e-8011-b9e9f02499ef", "message": "-", "kind": "client"}}`,
	)
	defer srv.Close()
	mk := client(srv)

	for range 2 {
		_, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9abcdefghi"})
		switch {
		case errors.Is(err, gen.ErrNoSuchNote):
			fmt.Println("there is no such note")
		case errors.Is(err, gen.ErrRateLimitExceeded):
			e, _ := errors.AsType[*misskey.Error](err)
			fmt.Printf("%s: retry in %v\n", e.Endpoint, e.RetryAfter)
		}
	}
	// Output:
	// POST /api/notes/show {"i":"a9Xk2","noteId":"9abcdefghi"}
	// there is no such note
	// POST /api/notes/show {"i":"a9Xk2","noteId":"9abcdefghi"}
	// notes/show: retry in 1h0m0s
}

// A list is ranged over, page after page, until its end or a break.
func ExampleClient_notesTimelineAll() {
	srv := serve(`[{"id": "9c", "text": "third"}, {"id": "9b", "text": "second"}]`, `[{"id": "9a", "text": "first"}]`, `[]`)
	defer srv.Close()
	mk := client(srv)

	for note, err := range mk.NotesTimelineAll(ctx, gen.NotesTimelineRequest{Limit: new(2)}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(*note.Text)
	}
	// Output:
	// POST /api/notes/timeline {"i":"a9Xk2","limit":2}
	// third
	// second
	// POST /api/notes/timeline {"i":"a9Xk2","limit":2,"untilId":"9b"}
	// first
	// POST /api/notes/timeline {"i":"a9Xk2","limit":2,"untilId":"9a"}
}

// An endpoint of a fork, or of a version of Misskey that is younger than this
// module, is called by its name.
func ExampleClient_usersShow() {
	srv := serve(`{"id": "9abcdefghi", "username": "alice"}`, `[{"id": "9abcdefghi", "username": "alice"}]`)
	defer srv.Close()
	mk := client(srv)

	user, err := mk.UsersShow(ctx, gen.UsersShowRequest{Username: new("alice")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID)

	users, err := mk.UsersShowMany(ctx, gen.UsersShowManyRequest{UserIDs: []string{"9abcdefghi", "9abcdefghj"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(users)) // those that there are

	// Output:
	// POST /api/users/show {"i":"a9Xk2","username":"alice"}
	// 9abcdefghi
	// POST /api/users/show {"i":"a9Xk2","userIds":["9abcdefghi","9abcdefghj"]}
	// 1
}

func ExampleClient_iNotifications() {
	srv := serve(`[
		{"id": "9a", "createdAt": "2026-11-27T12:00:00Z", "type": "mention", "userId": "9u", "user": {"username": "bob"}, "note": {"text": "hello, @alice"}},
		{"id": "9b", "createdAt": "2026-11-27T11:00:00Z", "type": "reaction:grouped", "note": {"text": "hi"}, "reactions": [{"reaction": "👍"}, {"reaction": "🎉"}]},
		{"id": "9c", "createdAt": "2026-11-27T10:00:00Z", "type": "waved", "hands": 2}
	]`)
	defer srv.Close()

	notifications, err := client(srv).INotificationsGrouped(ctx, gen.INotificationsGroupedRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range notifications {
		switch c := n.Content().(type) {
		case *gen.MentionNotification:
			fmt.Printf("@%s mentions: %s\n", c.User.Username, *c.Note.Text)
		case *gen.ReactionGroupedNotification:
			fmt.Printf("%d reactions to: %s\n", len(c.Reactions), *c.Note.Text)
		case *gen.UnknownNotification: // of a fork, or of a later version
			fmt.Printf("%s: %s\n", c.Type, c.JSON)
		}
	}

	// Output:
	// POST /api/i/notifications-grouped {"i":"a9Xk2"}
	// @bob mentions: hello, @alice
	// 2 reactions to: hi
	// waved: {"id": "9c", "createdAt": "2026-11-27T10:00:00Z", "type": "waved", "hands": 2}
}

func ExampleCall() {
	srv := serve(`{"purrs": 3}`)
	defer srv.Close()
	mk := client(srv)

	type answer struct {
		Purrs int `json:"purrs"`
	}
	res, err := misskey.Call[answer](ctx, mk, "fork/purr", map[string]any{"loud": true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Purrs)
	// Output:
	// POST /api/fork/purr {"i":"a9Xk2","loud":true}
	// 3
}

// As makes a client for another account, on the same connections.
func ExampleClient_As() {
	srv := serve(`{"id": "9bob", "username": "bob"}`)
	defer srv.Close()
	mk := client(srv)

	bob, err := mk.As("b7Rm4").I(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bob.Username)
	// Output:
	// POST /api/i {"i":"b7Rm4"}
	// bob
}

// An option of a call changes that call only. Answers to GET can be cached.
func ExampleGET() {
	srv := serve(`{"emojis": []}`)
	defer srv.Close()
	mk, err := misskey.New(srv.URL)
	if err != nil {
		log.Fatal(err)
	}

	res, err := mk.Emojis(ctx, misskey.GET())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(res.Emojis))
	// Output:
	// GET /api/emojis
	// 0
}

// A request editor sees every request before it is sent; as an option of a call
// it sees that of the call.
func ExampleWithRequestEditor() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("X-Trace"))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer srv.Close()
	trace := func(_ context.Context, req *http.Request) error {
		req.Header.Set("X-Trace", "42")
		return nil
	}
	mk, err := misskey.New(srv.URL, misskey.WithToken(token), misskey.WithRequestEditor(trace))
	if err != nil {
		log.Fatal(err)
	}

	if err := mk.NotesDelete(ctx, gen.NotesDeleteRequest{NoteID: "9abcdefghi"}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 42
}

// The reactions of a note are keys in several forms.
func ExampleParseReaction() {
	heart, err := misskey.ParseReaction("❤️") // with a variation selector, as keyboards send it
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"❤", ":lantern@.:", ":anchor@127.0.0.2:"} { // of note.Reactions
		r, err := misskey.ParseReaction(key)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s name=%s host=%q heart=%v\n", r, r.Name(), r.Host(), r.Same(heart))
	}
	// Output:
	// ❤ name=❤ host="" heart=true
	// :lantern@.: name=lantern host="" heart=false
	// :anchor@127.0.0.2: name=anchor host="127.0.0.2" heart=false
}
