package miauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Web logs in the users of a web service. Mount [Web.Start] where the link or
// the form "log in" goes, and [Web.Callback] at the path of Options.Callback:
//
//	web := &miauth.Web{
//		Options:  miauth.Options{Name: "My service", Callback: "https://service.example/callback", Permissions: …},
//		Instance: func(*http.Request) (string, error) { return "misskey.example", nil },
//		Success:  func(w http.ResponseWriter, r *http.Request, grant *miauth.Grant, returnTo string) { … },
//	}
//	mux.Handle("/login", web.Start())
//	mux.Handle("/callback", web.Callback())
//
// A login belongs to the browser that began it, by a cookie: a callback that
// comes from elsewhere, with another session or a second time is refused.
type Web struct {
	// Options say who asks and for what. Callback is required: the address at
	// which Callback is mounted. With https its cookies are for https only.
	Options Options

	// Instance tells with which instance a request to Start is to log in. The
	// service sends requests to it: where users name it, make sure that it is
	// no address inside your own network.
	Instance func(r *http.Request) (string, error)

	// Success gets who has logged in, and what the parameter return_to of Start
	// was: a path of the service, or empty. It begins the session of the
	// service and answers.
	Success func(w http.ResponseWriter, r *http.Request, grant *Grant, returnTo string)

	// Failure answers where a login has failed. Without it there is a small
	// page. The error is [ErrNotGranted], [ErrUnknownLogin], or tells of the
	// instance.
	Failure func(w http.ResponseWriter, r *http.Request, err error)

	// Store keeps the logins that are going on; without it they are in memory,
	// which will do for a service of one process.
	Store Store

	memory memoryStore
}

// ErrUnknownLogin says that a callback is of no login that this browser has
// begun, or of one that is over or was called back before.
var ErrUnknownLogin = errors.New("miauth: this browser has begun no such login, or it is over; start again")

// loginLife is how long a login may take.
const loginLife = 10 * time.Minute

const (
	cookiePrefix  = "miauth-"
	maxReturnTo   = 2000
	returnToParam = "return_to"
)

// Start returns the handler that begins a login: it sends the browser to the page
// of the instance. Its parameter return_to, if any, is handed to Success; it has
// to be a path of the service.
func (web *Web) Start() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := web.start(w, r); err != nil {
			web.fail(w, r, err)
		}
	})
}

func (web *Web) start(w http.ResponseWriter, r *http.Request) error {
	if web.Instance == nil || web.Success == nil || web.Options.Callback == "" {
		return errors.New("miauth: Web needs Instance, Success and Options.Callback")
	}
	returnTo := r.FormValue(returnToParam)
	if returnTo != "" && !isLocalPath(returnTo) {
		return fmt.Errorf("miauth: %s has to be a path of this service", returnToParam)
	}
	instance, err := web.Instance(r)
	if err != nil {
		return fmt.Errorf("miauth: %w", err)
	}
	s, err := New(instance, web.Options)
	if err != nil {
		return err
	}
	browser := rand.Text()
	login := PendingLogin{Session: s.id, Instance: instance, ReturnTo: returnTo, Expires: time.Now().Add(loginLife)}
	if err := web.store().Put(r.Context(), keyOf(browser), login); err != nil {
		return fmt.Errorf("miauth: keeping the login: %w", err)
	}
	http.SetCookie(w, web.cookie(s.id, browser, int(loginLife.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, s.URL(), http.StatusSeeOther)
	return nil
}

// Callback returns the handler to which the browser comes back.
func (web *Web) Callback() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer") // the address has the session in it
		grant, returnTo, err := web.finish(w, r)
		if err != nil {
			web.fail(w, r, err)
			return
		}
		web.Success(w, r, grant, returnTo)
	})
}

func (web *Web) finish(w http.ResponseWriter, r *http.Request) (grant *Grant, returnTo string, err error) {
	session := r.URL.Query().Get("session")
	cookie, err := r.Cookie(cookieName(session))
	if err != nil || session == "" {
		return nil, "", ErrUnknownLogin
	}
	http.SetCookie(w, web.cookie(session, "", -1))
	login, ok, err := web.store().Take(r.Context(), keyOf(cookie.Value))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("miauth: looking for the login: %w", err)
	case !ok, !time.Now().Before(login.Expires), subtle.ConstantTimeCompare([]byte(login.Session), []byte(session)) != 1:
		return nil, "", ErrUnknownLogin
	}
	s, err := resume(login.Instance, login.Session, web.Options)
	if err != nil {
		return nil, "", err
	}
	grant, err = s.Check(r.Context())
	return grant, login.ReturnTo, err
}

func (web *Web) fail(w http.ResponseWriter, r *http.Request, err error) {
	if web.Failure != nil {
		web.Failure(w, r, err)
		return
	}
	words := wordsFor(r)
	switch {
	case errors.Is(err, ErrUnknownLogin):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.OtherSession)
	case errors.Is(err, ErrNotGranted):
		writePage(w, http.StatusForbidden, words.Lang, words.Failed, words.NotGranted)
	default:
		writePage(w, http.StatusBadGateway, words.Lang, words.Failed, words.Unreachable)
	}
}

func (web *Web) store() Store {
	if web.Store != nil {
		return web.Store
	}
	return &web.memory
}

// cookie binds a login to a browser. A page of another site cannot read it, but
// the callback, which comes from the instance, brings it along.
func (web *Web) cookie(session, value string, maxAge int) *http.Cookie {
	u, err := url.Parse(web.Options.Callback)
	return &http.Cookie{
		Name: cookieName(session), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: err == nil && u.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
}

// cookieName tells the logins of one browser apart, without telling the session.
func cookieName(session string) string {
	sum := sha256.Sum256([]byte(session))
	return cookiePrefix + hex.EncodeToString(sum[:8])
}

// keyOf is what a login is kept under, so that who reads the store cannot be the
// browser.
func keyOf(browser string) string {
	sum := sha256.Sum256([]byte(browser))
	return hex.EncodeToString(sum[:])
}

// isLocalPath reports whether a redirect to s stays within a service, also for
// browsers that take \ for /.
func isLocalPath(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxReturnTo && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\\t\r\n") &&
		u.Host == "" && u.Scheme == ""
}

// A PendingLogin is a login that is going on. Its session is a secret.
type PendingLogin struct {
	Session  string
	Instance string
	ReturnTo string
	Expires  time.Time
}

// A Store keeps logins while their users are at the page of the instance. It can
// forget those that have expired. Its methods are called by several goroutines at
// once.
type Store interface {
	// Put keeps a login under a key.
	Put(ctx context.Context, key string, login PendingLogin) error

	// Take returns the login under a key and forgets it, both in one step, so
	// that it is there once. ok is false where there is none.
	Take(ctx context.Context, key string) (login PendingLogin, ok bool, err error)
}
