package main

import (
	"crypto/rand"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// An app is the web service. Who has logged in is in memory, and gone when it
// ends.
type app struct {
	mu       sync.Mutex
	sessions map[string]*misskey.Client // by the value of the cookie
}

const sessionCookie = "webapp-session"

// newApp returns a service at an address, whose users are those of an instance.
func newApp(self, instance string) http.Handler {
	a := &app{sessions: map[string]*misskey.Client{}}
	web := &miauth.Web{
		Options: miauth.Options{
			Name:        "misskey-go web example",
			Callback:    self + "/callback",
			Permissions: []gen.Permission{gen.PermissionReadAccount},
		},
		Instance: func(*http.Request) (string, error) { return instance, nil },
		Success:  a.logIn,
		Failure:  a.failed,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.Handle("POST /login", web.Start())
	mux.Handle("GET /callback", web.Callback())
	mux.HandleFunc("POST /logout", a.logOut)
	// Forms of other sites do not log anybody in or out.
	return http.NewCrossOriginProtection().Handler(mux)
}

// logIn remembers who has logged in. The token stays here; the browser gets a
// cookie that means nothing to others.
func (a *app) logIn(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, _ string) {
	id := rand.Text()
	a.mu.Lock()
	a.sessions[id] = grant.Client()
	a.mu.Unlock()
	http.SetCookie(w, cookie(id, 0))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// cookie is that of a session. Browsers send it by https only, or to this machine.
func cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (a *app) logOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		a.mu.Lock()
		delete(a.sessions, c.Value)
		a.mu.Unlock()
	}
	http.SetCookie(w, cookie("", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// home says who has logged in, or lets one do so.
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	var mk *misskey.Client
	if c, err := r.Cookie(sessionCookie); err == nil {
		a.mu.Lock()
		mk = a.sessions[c.Value]
		a.mu.Unlock()
	}
	if mk == nil {
		write(w, r, http.StatusOK, page{})
		return
	}
	me, err := mk.I(r.Context())
	switch {
	case errors.Is(err, gen.ErrAuthenticationFailed): // it has been revoked
		a.logOut(w, r)
	case err != nil:
		write(w, r, http.StatusBadGateway, page{Problem: func(w words) string { return w.Unreachable }})
	default:
		write(w, r, http.StatusOK, page{Me: me})
	}
}

func (a *app) failed(w http.ResponseWriter, r *http.Request, err error) {
	status, problem := http.StatusBadGateway, func(w words) string { return w.Unreachable }
	switch {
	case errors.Is(err, misskey.ErrBadLogin):
		status, problem = http.StatusBadRequest, func(w words) string { return w.BadRequest }
	case errors.Is(err, misskey.ErrUnknownLogin):
		status, problem = http.StatusBadRequest, func(w words) string { return w.OtherLogin }
	case errors.Is(err, misskey.ErrNotGranted):
		status, problem = http.StatusForbidden, func(w words) string { return w.NotGranted }
	}
	write(w, r, status, page{Problem: problem})
}

// A page is what the template shows.
type page struct {
	Me      *gen.MeDetailed
	Problem func(words) string
	Words   words
	Said    string
}

func write(w http.ResponseWriter, r *http.Request, status int, p page) {
	p.Words = english
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "ja") {
		p.Words = japanese
	}
	if p.Problem != nil {
		p.Said = p.Problem(p.Words)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src *; frame-ancestors 'none'; base-uri 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p) // the browser has gone, or it has not
}

// words are what pages say.
type words struct {
	Lang, Title, Intro, LogIn, LogOut, Notes, Followers, Unreachable, OtherLogin, NotGranted, BadRequest string
}

var english = words{
	Lang: "en", Title: "Who am I?", Intro: "Log in with your account of Misskey to see who you are.",
	LogIn: "Log in", LogOut: "Log out", Notes: "notes", Followers: "followers",
	Unreachable: "The instance could not be asked. Try again later.",
	OtherLogin:  "This page is of a login that this browser has not begun, or that is over. Log in again.",
	NotGranted:  "The instance does not say that you have approved. Log in again.",
	BadRequest:  "The link to this page is wrong. Log in again.",
}

var japanese = words{
	Lang: "ja", Title: "私は誰？", Intro: "Misskeyのアカウントでログインすると、自分が誰か分かります。",
	LogIn: "ログイン", LogOut: "ログアウト", Notes: "ノート", Followers: "フォロワー",
	Unreachable: "サーバーに確認できませんでした。しばらくしてからやり直してください。",
	OtherLogin:  "このブラウザで始めたログインではないか、すでに終わっています。もう一度ログインしてください。",
	NotGranted:  "許可が確認できませんでした。もう一度ログインしてください。",
	BadRequest:  "リンクが間違っています。もう一度ログインしてください。",
}
