package login

import (
	"context"
	"errors"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func TestCheckToken(t *testing.T) {
	for token, ok := range map[string]bool{"sesame": true, "": false, "sesame\n": false, "ses ame": false, "ごま": false} {
		if err := CheckToken(token); (err == nil) != ok {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// What has no token, or does not say whose it is, is not a grant.
func TestGrant(t *testing.T) {
	mk, err := misskey.New("misskey.example")
	if err != nil {
		t.Fatal(err)
	}
	alice := &gen.UserLite{ID: "1", Username: "alice"}
	if g, err := Grant(mk, "sesame", alice, nil); err != nil || g.Token() != "sesame" || g.User != alice || g.Instance != "https://misskey.example" {
		t.Errorf("%v, %v", g, err)
	}
	for name, f := range map[string]func() (*misskey.Grant, error){
		"no token": func() (*misskey.Grant, error) { return Grant(mk, "", alice, nil) },
		"no user":  func() (*misskey.Grant, error) { return Grant(mk, "sesame", nil, nil) },
		"no id":    func() (*misskey.Grant, error) { return Grant(mk, "sesame", &gen.UserLite{Username: "alice"}, nil) },
	} {
		if g, err := f(); err == nil {
			t.Errorf("%s: %v", name, g)
		}
	}
}

// One asks at a time, and the first grant is kept; a caller that gives up does not
// wait.
func TestKeeper(t *testing.T) {
	mk, err := misskey.New("misskey.example")
	if err != nil {
		t.Fatal(err)
	}
	k := NewKeeper()
	asking, release := make(chan bool), make(chan bool)
	done := make(chan *misskey.Grant)
	go func() {
		g, _ := k.Get(t.Context(), func(context.Context) (*misskey.Grant, error) {
			close(asking)
			<-release
			return misskey.NewGrant(mk, "sesame", nil), nil
		})
		done <- g
	}()
	<-asking
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Get(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(release)
	first := <-done
	again, err := k.Get(t.Context(), func(context.Context) (*misskey.Grant, error) {
		t.Error("asked again")
		return nil, nil
	})
	if err != nil || again != first {
		t.Errorf("%v, %v", again, err)
	}
	k = NewKeeper()
	if _, err := k.Get(t.Context(), func(context.Context) (*misskey.Grant, error) { return nil, misskey.ErrNotGranted }); err != misskey.ErrNotGranted {
		t.Error(err)
	}
}
