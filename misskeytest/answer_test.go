package misskeytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestAnswer(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("alice")

	t.Run("a value is the response", func(t *testing.T) {
		srv.Answer("hashtags/trend", []gen.HashtagTrend{{Tag: "tides", UsersCount: 3, Chart: []int{}}})
		trend, err := mk.HashtagsTrend(t.Context())
		if err != nil || len(trend) != 1 || trend[0].Tag != "tides" {
			t.Errorf("%+v, %v", trend, err)
		}
	})
	t.Run("nil is a response without a body", func(t *testing.T) {
		srv.Answer("notes/translate", nil)
		n := write(t, mk, "おはよう")
		if res, err := mk.NotesTranslate(t.Context(), gen.NotesTranslateRequest{NoteID: n.ID, TargetLang: "en"}); res != nil || err != nil {
			t.Errorf("%+v, %v", res, err)
		}
	})
	t.Run("a function gets the parameters", func(t *testing.T) {
		srv.Answer("notes/translate", func(req gen.NotesTranslateRequest) *gen.NotesTranslateResponse {
			return &gen.NotesTranslateResponse{SourceLang: "ja", Text: "to " + req.TargetLang}
		})
		n := write(t, mk, "おはよう")
		res, err := mk.NotesTranslate(t.Context(), gen.NotesTranslateRequest{NoteID: n.ID, TargetLang: "en"})
		if err != nil || res.Text != "to en" {
			t.Errorf("%+v, %v", res, err)
		}
	})
	t.Run("a function gets the request", func(t *testing.T) {
		srv.Answer("get-avatar-decorations", func(r misskeytest.Request) (any, error) {
			if r.Endpoint != "get-avatar-decorations" || r.Method != "POST" {
				t.Errorf("%+v", r)
			}
			return []any{map[string]string{"name": r.Username}}, nil
		})
		all, err := mk.GetAvatarDecorations(t.Context())
		if err != nil || len(all) != 1 || all[0].Name != "alice" {
			t.Errorf("%+v, %v", all, err)
		}
	})
	t.Run("a function fails as Fail does", func(t *testing.T) {
		for _, want := range []error{gen.ErrNoSuchNote, gen.ErrIDNotesShowNoSuchNote, &misskey.Error{Status: 502}} {
			srv.Answer("notes/show", func() (any, error) { return nil, want })
			_, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"}, misskey.NoRetry())
			e, ok := errors.AsType[*misskey.Error](err)
			if full, broken := errors.AsType[*misskey.Error](want); !ok || broken && e.Status != full.Status || !broken && !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		srv.Answer("notes/show", func() (any, error) { return gen.Note{ID: "9abc"}, misskeytest.ErrUnanswered })
		if _, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"}, misskey.NoRetry()); err == nil {
			t.Error("the connection was not cut")
		}
	})
	t.Run("an endpoint that the document does not have", func(t *testing.T) {
		srv.Answer("fork/fortune", func() string { return "great luck" })
		for _, mk := range []*misskey.Client{mk, srv.Client("")} {
			fortune, err := misskey.Call[string](t.Context(), mk, "fork/fortune", nil)
			if err != nil || fortune != "great luck" {
				t.Errorf("%q, %v", fortune, err)
			}
		}
	})
	t.Run("a function may use the server", func(t *testing.T) {
		srv.Answer("ap/get", func() (any, error) {
			_ = srv.Now()
			notes, err := srv.Client("bob").UsersNotes(context.Background(), gen.UsersNotesRequest{UserID: srv.UserID("bob")})
			return map[string]int{"notes": len(notes)}, err
		})
		if _, err := misskey.Call[json.RawMessage](t.Context(), srv.Client("root"), "ap/get", map[string]string{"uri": "https://remote.example/"}); err != nil {
			t.Error(err)
		}
	})
	t.Run("calls come one after the other", func(t *testing.T) {
		calls := 0 // is not guarded
		srv.Answer("ping", func() any { calls++; return map[string]int{"pong": calls} })
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _, _ = mk.Ping(t.Context()) })
		}
		all.Wait()
		if calls != 8 {
			t.Errorf("%d calls", calls)
		}
	})
	t.Run("the checks before it stay", func(t *testing.T) {
		srv.Answer("i", func() (any, error) { t.Error("it was called"); return nil, nil })
		if _, err := srv.Client("").I(t.Context()); !errors.Is(err, gen.ErrCredentialRequired) {
			t.Error(err)
		}
	})
}

// write posts a note of some words.
func write(t *testing.T, mk *misskey.Client, words string) *gen.Note {
	t.Helper()
	return post(t, mk, gen.NotesCreateRequest{Text: &words})
}

// hostOf is the host of a server in addresses of accounts.
func hostOf(srv *misskeytest.Server) string { return strings.TrimPrefix(srv.URL, "http://") }

// A fatalRecorder is a test that ends without ending.
type fatalRecorder struct {
	recorder
	fatal []string
}

func (r *fatalRecorder) Fatal(args ...any) {
	for _, a := range args {
		if err, ok := a.(error); ok {
			r.fatal = append(r.fatal, err.Error())
		}
	}
}

func TestAnswerRefusesWhatMakesNoSense(t *testing.T) {
	tb := &fatalRecorder{recorder: recorder{TB: t}}
	srv := misskeytest.NewServer(tb, misskeytest.Options{})
	for _, answer := range []any{
		func() {}, func(a, b int) int { return 0 }, func(...int) int { return 0 }, func() (int, int) { return 0, 0 }, (func() int)(nil), make(chan int),
	} {
		before := len(tb.fatal)
		srv.Answer("ping", answer)
		if len(tb.fatal) != before+1 || !strings.Contains(tb.fatal[before], "ping") {
			t.Errorf("%T: %q", answer, tb.fatal[before:])
		}
	}
	srv.Answer("ping", func() (any, error) { return nil, errors.New("what") })
	if _, err := srv.Client("alice").Ping(t.Context()); !errors.Is(err, gen.ErrInternalError) {
		t.Error(err)
	}
	srv.Answer("ping", func(int) any { return nil })
	if _, err := srv.Client("alice").Ping(t.Context()); !errors.Is(err, gen.ErrInternalError) {
		t.Error(err)
	}
	if len(tb.errors) != 2 || !strings.Contains(tb.errors[0], "what") || !strings.Contains(tb.errors[1], "int") {
		t.Errorf("%q", tb.errors)
	}
}

func TestFailMadeUp(t *testing.T) {
	tb := &recorder{TB: t}
	srv := misskeytest.NewServer(tb, misskeytest.Options{FailMadeUp: true})
	mk := srv.Client("alice")
	_, _ = mk.Ping(t.Context())
	_, _ = mk.I(t.Context())
	if len(tb.errors) > 0 {
		t.Errorf("endpoints with state: %q", tb.errors)
	}
	_, _ = mk.HashtagsTrend(t.Context())
	if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], "hashtags/trend") || !strings.Contains(tb.errors[0], "srv.Answer(") {
		t.Errorf("an endpoint without: %q", tb.errors)
	}
	srv.Answer("hashtags/trend", []any{})
	_, _ = mk.HashtagsTrend(t.Context())
	if len(tb.errors) != 1 {
		t.Errorf("a response of the test: %q", tb.errors)
	}
}
