package main

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/internal/browser"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestLogin(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	var out bytes.Buffer
	err := login(t.Context(), &out, srv.URL, miauth.Options{OpenBrowser: func(page string) error {
		go func() {
			resp, err := http.Get(srv.Approve("alice", page))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
		}()
		return nil
	}})
	if err != nil || !strings.Contains(out.String(), "You are @alice, with 0 notes.") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// A user approves in a browser, and reads that the window can be closed.
func TestLoginInBrowser(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "bob"})
	tab := browser.New(t, "en")
	var out bytes.Buffer
	said := make(chan string, 1)
	err := login(t.Context(), &out, srv.URL, miauth.Options{OpenBrowser: func(page string) error {
		go func() {
			tab.Open(page)
			tab.Choose("#user", "bob")
			tab.Click("button[value=approve]")
			said <- tab.Text("main[role=status]")
		}()
		return nil
	}})
	if err != nil || !strings.Contains(out.String(), "You are @bob") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if text := <-said; !strings.Contains(text, "Welcome, @bob") || !strings.Contains(text, "You can close this window.") {
		t.Errorf("the page says %q", text)
	}
}

// A user who denies sees that on the page of the instance. The program does not: it
// waits until its time is over.
func TestDenyInBrowser(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "bob"})
	tab := browser.New(t, "ja")
	var out bytes.Buffer
	const patience = 4 * time.Second
	said := make(chan string, 1)
	start := time.Now()
	err := login(t.Context(), &out, srv.URL, miauth.Options{Timeout: patience, OpenBrowser: func(page string) error {
		go func() {
			tab.Open(page)
			tab.Click("button[value=deny]")
			tab.Text("p[role=status]")
			said <- tab.Text("h1")
		}()
		return nil
	}})
	if !errors.Is(err, misskey.ErrNotGranted) || time.Since(start) < patience {
		t.Errorf("after %v: %v\n%s", time.Since(start), err, out.String())
	}
	if text := <-said; text != "拒否しました" {
		t.Errorf("the page says %q", text)
	}
}
