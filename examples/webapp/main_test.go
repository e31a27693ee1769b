package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/internal/browser"
	"github.com/misskey-go/misskey/misskeytest"
)

// serve starts the service and an instance with two accounts.
func serve(t *testing.T) (self string, srv *misskeytest.Server) {
	t.Helper()
	srv = misskeytest.NewServer(t, misskeytest.Options{})
	srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice Archer"})
	srv.AddUser(misskeytest.User{Username: "bob"})
	service := httptest.NewUnstartedServer(nil)
	self = "http://" + service.Listener.Addr().String()
	service.Config.Handler = newApp(self, srv.URL)
	service.Start()
	t.Cleanup(service.Close)
	return self, srv
}

func TestLogInAndOut(t *testing.T) {
	self, _ := serve(t)
	tab := browser.New(t, "en")
	tab.Open(self)
	if text := tab.Text("body"); !strings.Contains(text, "Who am I?") {
		t.Errorf("%q", text)
	}
	tab.Click("form[action='/login'] button")
	tab.Text("#user") // is there
	if text := tab.Text("h1"); !strings.Contains(text, "misskey-go web example asks") {
		t.Errorf("%q", text)
	}
	tab.Choose("#user", "bob")
	tab.Click("button[value=approve]")
	if who := tab.Text("#who"); who != "@bob" {
		t.Errorf("%q", who)
	}
	if at := tab.Address(); at != self+"/" {
		t.Errorf("the address is %s", at)
	}
	tab.Click("form[action='/logout'] button")
	if text := tab.Text("form[action='/login'] button"); text != "Log in" {
		t.Errorf("%q", text)
	}
}

// A user who denies sees that, and has not logged in.
func TestDeny(t *testing.T) {
	self, _ := serve(t)
	tab := browser.New(t, "en")
	tab.Open(self)
	tab.Click("form[action='/login'] button")
	tab.Click("button[value=deny]")
	tab.Text("p[role=status]") // is there
	if text := tab.Text("h1"); !strings.Contains(text, "Denied") {
		t.Errorf("%q", text)
	}
	tab.Open(self)
	if text := tab.Text("body"); !strings.Contains(text, "Who am I?") {
		t.Errorf("%q", text)
	}
}

// The back button leads to the page of consent. To approve there once more makes
// a token of a login that is over.
func TestBackButton(t *testing.T) {
	self, _ := serve(t)
	tab := browser.New(t, "en")
	tab.Open(self)
	tab.Click("form[action='/login'] button")
	tab.Choose("#user", "alice")
	tab.Click("button[value=approve]")
	if who := tab.Text("#who"); who != "@alice" {
		t.Errorf("%q", who)
	}
	tab.Back()
	tab.Text("#user")
	tab.Choose("#user", "bob")
	tab.Click("button[value=approve]")
	if text := tab.Text("main[role=status]"); !strings.Contains(text, "another login") {
		t.Errorf("%q", text)
	}
	tab.Open(self)
	if who := tab.Text("#who"); who != "@alice" {
		t.Errorf("%q", who)
	}
}

// A callback counts once, and only for the browser that has begun the login.
func TestCallbacks(t *testing.T) {
	self, srv := serve(t)
	tab := browser.New(t, "en")
	tab.Open(self)
	tab.Click("form[action='/login'] button")
	tab.Text("#user")
	callback := srv.Approve("alice", tab.Address())

	other := browser.New(t, "en")
	for _, address := range []string{callback, self + "/callback?session=other", self + "/callback"} {
		other.Open(address)
		if text := other.Text("main[role=status]"); !strings.Contains(text, "another login") {
			t.Errorf("%q", text)
		}
	}
	tab.Open(callback)
	if who := tab.Text("#who"); who != "@alice" {
		t.Errorf("%q", who)
	}
	tab.Open(callback)
	if text := tab.Text("main[role=status]"); !strings.Contains(text, "another login") {
		t.Errorf("%q", text)
	}
}

// A callback without a grant says so.
func TestCallbackWithoutGrant(t *testing.T) {
	self, _ := serve(t)
	tab := browser.New(t, "en")
	tab.Open(self)
	tab.Click("form[action='/login'] button")
	tab.Text("#user")
	address := tab.Address()
	session, _, _ := strings.Cut(address[strings.LastIndex(address[:strings.Index(address, "?")], "/")+1:], "?")
	tab.Open(self + "/callback?session=" + session)
	if text := tab.Text("main[role=status]"); !strings.Contains(text, "does not say that you have approved") {
		t.Errorf("%q", text)
	}
}

// The cookies go by https only, or to this machine.
func TestCookieIsSecure(t *testing.T) {
	w := httptest.NewRecorder()
	(&app{}).logOut(w, httptest.NewRequest("POST", "/logout", nil))
	c := w.Result().Cookies()[0]
	if c.Name != "session" || !c.Secure || !c.HttpOnly {
		t.Errorf("%s", c)
	}
}
