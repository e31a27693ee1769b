package miauth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

// fetch gets a page as a browser does.
func fetch(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(body)
}

func TestLogin(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := options(srv)
	opened := make(chan struct{})
	opts.OpenBrowser = func(page string) error {
		go func() {
			defer close(opened)
			back, err := url.Parse(page)
			if err != nil {
				t.Error(err)
				return
			}
			callback := back.Query().Get("callback")
			// Others, who know the port but not the session.
			for _, wrong := range []string{callback, callback + "?session=other", strings.Replace(callback, "/callback", "/", 1)} {
				if status, _ := fetch(t, wrong); status < 400 {
					t.Errorf("%s: %d", wrong, status)
				}
			}
			_, session, _ := strings.Cut(back.Path, "/miauth/")
			if status, body := fetch(t, callback+"?session="+session); status != http.StatusForbidden || !strings.Contains(body, "does not say that you have approved") {
				t.Errorf("without a grant: %d %s", status, body)
			}
			if status, body := fetch(t, srv.Approve("alice", page)); status != 200 || !strings.Contains(body, "@alice") || !strings.Contains(body, "close this window") {
				t.Errorf("%d %s", status, body)
			}
		}()
		return nil
	}
	grant, err := miauth.Login(t.Context(), srv.URL, opts)
	if err != nil || grant.User.Username != "alice" {
		t.Fatalf("%v, %v", grant, err)
	}
	<-opened
	if me, err := grant.Client().I(t.Context()); err != nil || me.Username != "alice" {
		t.Errorf("%v, %v", me, err)
	}
}

// Without a browser the page is printed, without a callback to this machine,
// which the browser of another cannot reach.
func TestLoginWithoutBrowser(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	for what, open := range map[string]func(string) error{
		"over SSH": nil, "a browser that fails": func(string) error { return errors.New("no display") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Setenv("SSH_CONNECTION", "yes")
			opts := options(srv)
			opts.OpenBrowser = open
			output, printed := io.Pipe()
			opts.Output = printed
			go func() {
				var text bytes.Buffer
				io.Copy(&text, output)
				for line := range strings.Lines(text.String()) {
					if page := strings.TrimSpace(line); strings.HasPrefix(page, "http") {
						if strings.Contains(page, "callback") {
							t.Errorf("%s", page)
						}
						srv.Approve("alice", page)
					}
				}
			}()
			opts.Output = closing{printed}
			grant, err := miauth.Login(t.Context(), srv.URL, opts)
			if err != nil || grant.User.Username != "alice" {
				t.Errorf("%v, %v", grant, err)
			}
		})
	}
}

// closing closes a pipe after what is written at once.
type closing struct{ *io.PipeWriter }

func (c closing) Write(p []byte) (int, error) {
	n, err := c.PipeWriter.Write(p)
	c.Close()
	return n, err
}

func TestLoginEnds(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	opts := options(srv)
	var callback string
	opts.OpenBrowser = func(page string) error {
		u, err := url.Parse(page)
		callback = u.Query().Get("callback")
		return err
	}
	opts.Timeout = 50 * time.Millisecond
	if _, err := miauth.Login(t.Context(), srv.URL, opts); !errors.Is(err, misskey.ErrNotGranted) {
		t.Errorf("%v", err)
	}
	if resp, err := http.Get(callback); err == nil {
		resp.Body.Close()
		t.Error("the callback is still answered")
	}
	ctx, cancel := context.WithCancel(t.Context())
	opts.Timeout = 0
	opts.OpenBrowser = func(string) error { cancel(); return nil } // Ctrl-C
	if _, err := miauth.Login(ctx, srv.URL, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	opts.OpenBrowser = func(string) error { t.Error("the browser opens for an instance that is not there"); return nil }
	srv.Close()
	if _, err := miauth.Login(t.Context(), srv.URL, opts); err == nil {
		t.Error("no error")
	}
}
