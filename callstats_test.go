package misskey_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestCallStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		mk := srv.Client("alice")
		ctx := t.Context()
		other := mk.As(srv.Token("bob")) // counts together with mk
		if _, err := other.Ping(ctx); err != nil {
			t.Fatal(err)
		}
		srv.Fail("i", gen.ErrRateLimitExceeded, 1)
		if _, err := mk.I(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "0"}); err == nil {
			t.Fatal("no error")
		}
		s := mk.CallStats()
		if s.WaitTime <= 0 || s.CallTime < s.WaitTime || s.CallTime > s.WaitTime+time.Minute {
			t.Errorf("%+v", s)
		}
		s.WaitTime, s.CallTime = 0, 0
		if want := (misskey.CallStats{Calls: 3, Failed: 1, Attempts: 4, Retries: 1, RateLimited: 1, Refused: 1}); s != want {
			t.Errorf("%+v, want %+v", s, want)
		}
		srv.Close()
		if _, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("x")}); err == nil {
			t.Error("no error")
		}
		if s := mk.CallStats(); s.NoResponse != 1 || s.Failed != 2 || s.Running != 0 {
			t.Errorf("%+v", s)
		}
	})
}
