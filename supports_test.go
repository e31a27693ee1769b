package misskey_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestSupports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		defer srv.Close()
		alice := srv.Client("alice")
		other := alice.As(srv.Token("bob"))
		ask := func(mk *misskey.Client, op *api.Operation, want bool, times int) {
			t.Helper()
			if got, err := mk.Supports(t.Context(), op); err != nil || got != want {
				t.Errorf("%s: %v, %v", op.Endpoint, got, err)
			}
			if n := len(srv.Requests("endpoints")); n != times {
				t.Errorf("asked %d times, want %d", n, times)
			}
		}
		srv.Fail("endpoints", gen.ErrInternalError, 1)
		if ok, err := alice.Supports(t.Context(), gen.OpNotesCreate); ok || !errors.Is(err, gen.ErrInternalError) {
			t.Errorf("%v, %v", ok, err)
		}
		ask(alice, gen.OpNotesCreate, true, 2)
		ask(other, &api.Operation{Endpoint: "fork/cats"}, false, 2)
		time.Sleep(59 * time.Minute)
		ask(alice, gen.OpNotesShow, true, 2)
		time.Sleep(2 * time.Minute)
		ask(other, gen.OpNotesShow, true, 3)
		for _, op := range gen.Operations() {
			ok, err := alice.Supports(t.Context(), op)
			if ok == (err != nil) {
				t.Errorf("%s: %v, %v", op.Endpoint, ok, err)
			}
		}
		ask(alice, gen.OpNotesShow, true, 3)
		if _, err := alice.Supports(t.Context(), gen.OpSignup); err == nil {
			t.Error("signup is reported as supported or not")
		}
	})
}
