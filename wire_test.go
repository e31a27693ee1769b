package misskey_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

const wireToken = "Sesame-Token-0042"

// wireClient returns a client of a handler, and what it writes.
func wireClient(t *testing.T, handler http.HandlerFunc, opts ...misskey.Option) (*misskey.Client, *bytes.Buffer) {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	out := new(bytes.Buffer)
	mk, err := misskey.New(srv.URL, append([]misskey.Option{misskey.WithToken(wireToken), misskey.WithWire(out), misskey.WithRetry(misskey.RetryPolicy{Attempts: 1})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return mk, out
}

// respond returns a handler that sends a body.
func respond(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func hasToken(s string) bool { return strings.Contains(strings.ToLower(s), "sesame") }

func TestWireShowsACall(t *testing.T) {
	mk, out := wireClient(t, respond(200, "application/json; charset=utf-8", `{"createdNote":{"id":"9abc","text":"hello"}}`))
	if _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("hello")}); err != nil {
		t.Fatal(err)
	}
	want := `→ 1 POST notes/create
{
  "i": "[secret]",
  "text": "hello"
}
← 1 200 OK, application/json, 44 bytes, TIME
{
  "createdNote": {
    "id": "9abc",
    "text": "hello"
  }
}
`
	if got := regexp.MustCompile(`\d+m?s\n`).ReplaceAllString(out.String(), "TIME\n"); got != want {
		t.Errorf("got\n%s", got)
	}
}

// Wherever the token is sent, and whatever the server repeats, it is not written.
func TestWireHidesTheToken(t *testing.T) {
	note := respond(200, "application/json", `{"id":"9abc"}`)
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		opts    []misskey.Option
		call    func(mk *misskey.Client) error
		want    string // in what is written
	}{
		"in the header": {note, []misskey.Option{misskey.WithBearer(wireToken)}, nil, "POST notes/show (Authorization: [secret])"},
		"by GET": {note, nil, func(mk *misskey.Client) error {
			_, err := mk.UsersFeaturedNotes(t.Context(), gen.UsersFeaturedNotesRequest{UserID: "9abc"}, misskey.GETWithToken())
			return err
		}, "GET users/featured-notes?userId=9abc (Authorization: [secret])"},
		"in the query": {note, nil, func(mk *misskey.Client) error {
			_, err := mk.UsersFeaturedNotes(t.Context(), gen.UsersFeaturedNotesRequest{UserID: "9abc"}, misskey.GETWithToken(), misskey.QueryTokenEditor(wireToken))
			return err
		}, "i=[secret]"},
		"in a form": {respond(200, "application/json", `{"id":"9file"}`), nil, func(mk *misskey.Client) error {
			_, err := mk.Upload(t.Context(), misskey.File{Name: "cat.webp", Body: strings.NewReader("picture"), Comment: "a cat"})
			return err
		}, `"i": "[secret]"`},
		"of another account": {note, nil, func(mk *misskey.Client) error {
			_, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"}, misskey.TokenEditor("Sesame-Other"))
			return err
		}, `"i": "[secret]"`},
		"repeated by an error": {respond(400, "application/json",
			`{"error":{"code":"INVALID_PARAM","message":"Sesame-Token-0042 is wrong","info":{"\u0053esame-Token-0042":"sesame-token-0042"}}}`), nil, nil, "INVALID_PARAM"},
		"repeated by a page": {respond(502, "text/html", "<html>Sesame-Token-0042"), nil, nil, "not shown"},
		"repeated as JSON":   {respond(200, "text/html", `"Sesame-Token-0042"`), nil, nil, "[secret]"},
		"repeated and cut":   {respond(200, "application/json", `{"x":"Sesame-Token-0042","y":"Sesame-Tok`), nil, nil, "the rest is not JSON"},
		"of the response":    {respond(200, "application/json", `{"id":"9abc","token":"Sesame-New"}`), nil, nil, `"token": "[secret]"`},
		"in the type":        {respond(200, `Sesame-Token-0042/Sesame-Token-0042`, `{}`), nil, nil, "← 1 200 OK"},
		"where it is redirected to": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://other.example/Sesame-Token-0042?i=Sesame-Token-0042", http.StatusTemporaryRedirect)
		}, nil, nil, "307 Temporary Redirect, https://other.example/…"},
		"compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, `{"id":"9abc","token":"Sesame-New"}`)
			z.Close()
		}, nil, nil, `"id": "9abc"`},
		"in a path": {respond(200, "application/json", `{"ok":false,"x":"Sesame-Session"}`), nil, func(mk *misskey.Client) error {
			_, err := mk.MiAuthCheck(t.Context(), "Sesame-Session")
			return err
		}, "POST miauth/{session}/check"},
		"parameters": {respond(204, "", ""), nil, func(mk *misskey.Client) error {
			return mk.IChangePassword(t.Context(), gen.IChangePasswordRequest{CurrentPassword: "Sesame-Old", NewPassword: "Sesame-New", Token: new("Sesame")})
		}, `"newPassword": "[secret]"`},
		"of an app": {respond(200, "application/json", `{"token":"Sesame-S","url":"https://x.example/auth/Sesame-S"}`), nil, func(mk *misskey.Client) error {
			_, err := mk.AuthSessionGenerate(t.Context(), gen.AuthSessionGenerateRequest{AppSecret: "Sesame-App"})
			return err
		}, `"url": "[secret]"`},
		"no response": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, nil, "← 1 no response after"},
	} {
		t.Run(name, func(t *testing.T) {
			mk, out := wireClient(t, tt.handler, tt.opts...)
			call := tt.call
			if call == nil {
				call = func(mk *misskey.Client) error {
					_, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"})
					return err
				}
			}
			_ = call(mk) // many fail
			if hasToken(out.String()) || !strings.Contains(out.String(), tt.want) {
				t.Errorf("want %s in\n%s", tt.want, out)
			}
		})
	}
}

// Of large bodies the beginning is written, and of files nothing.
func TestWireIsBounded(t *testing.T) {
	mk, out := wireClient(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"9abc","text":"%s"}`, strings.Repeat("x", 10<<20))
	})
	_, err := mk.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{
		File: gen.File{Name: "sesame\x1b.bin", Body: io.LimitReader(zeros{}, 10<<20)},
	})
	if err == nil {
		t.Error("a name with a control character is sent")
	}
	if _, err := mk.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: "x.bin", Body: io.LimitReader(zeros{}, 100<<20)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new(strings.Repeat("y", 10<<20))}); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 10_000 || !strings.Contains(out.String(), `"file": "(x.bin: a file, not shown)"`) || !strings.Contains(out.String(), "10485783 bytes in all") {
		t.Errorf("%d bytes: %.2000s", out.Len(), out)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A writer that fails makes no call fail.
func TestWireThatFails(t *testing.T) {
	mk, _ := wireClient(t, respond(200, "application/json", `{"id":"9abc"}`), misskey.WithWire(failing{}))
	if _, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"}); err != nil {
		t.Error(err)
	}
	mk, _ = wireClient(t, respond(200, "application/json", `{"id":"9abc"}`), misskey.WithWire(nil))
	if _, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"}); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// Calls that run at the same time do not mix what they write, also from clients
// that share a writer.
func TestWireOfConcurrentCalls(t *testing.T) {
	mk, out := wireClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // the token as well
	})
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			_, _ = mk.As("Sesame-Other").NotesShow(t.Context(), gen.NotesShowRequest{NoteID: fmt.Sprintf("note%d", n)})
		})
	}
	wg.Wait()
	shown := regexp.MustCompile(`(?m)^[→←] (\d+) .*\n\{\n  "i": "\[secret\]",\n  "noteId": "(note\d+)"\n\}$`).FindAllStringSubmatch(out.String(), -1)
	notes := map[string]string{}
	for _, m := range shown {
		if note := notes[m[1]]; note != "" && note != m[2] {
			t.Errorf("exchange %s is of %s and of %s", m[1], note, m[2])
		}
		notes[m[1]] = m[2]
	}
	if len(shown) != 100 || len(notes) != 50 || hasToken(out.String()) {
		t.Errorf("%d blocks of %d exchanges in\n%.1000s", len(shown), len(notes), out)
	}
}

// Programs write to os.Stderr, mostly.
func ExampleWithWire() {
	srv := serve(`{"id": "9abcdefghi", "text": "hello"}`)
	defer srv.Close()
	var seen bytes.Buffer
	mk, err := misskey.New(srv.URL, misskey.WithToken(token), misskey.WithWire(&seen))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9abcdefghi"}); err != nil {
		fmt.Println(err)
		return
	}
	request, response, _ := strings.Cut(seen.String(), "← ")
	_, body, _ := strings.Cut(response, "\n") // without the time that it took
	fmt.Print(request, body)
	// Output:
	// POST /api/notes/show {"i":"a9Xk2","noteId":"9abcdefghi"}
	// → 1 POST notes/show
	// {
	//   "i": "[secret]",
	//   "noteId": "9abcdefghi"
	// }
	// {
	//   "id": "9abcdefghi",
	//   "text": "hello"
	// }
}
