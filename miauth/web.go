package miauth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
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
// A login is kept in a cookie of the browser that began it, encrypted and signed.
// So the service keeps nothing, and however many logins others begin, this one
// goes on. A callback from another browser, with another session or a second time
// is refused.
type Web struct {
	// Options say who asks and for what. Callback is required: the address at
	// which Callback is mounted. If it is https, the cookies are for https and
	// for this host only (Secure, and the prefix __Host-).
	Options Options

	// Instance returns the instance with which a request to Start is to log in.
	// The service sends requests to it: where users name it, make sure that it is
	// not an address inside your own network. An error is the fault of the
	// request: the browser gets status 400.
	Instance func(r *http.Request) (string, error)

	// Success gets the grant of the user who has logged in, and what the
	// parameter return_to of Start was: a path of the service, or empty. It begins
	// the session of the service and responds.
	Success func(w http.ResponseWriter, r *http.Request, grant *Grant, returnTo string)

	// Failure responds when a login has failed. Without it there is a small page.
	// The error is [ErrBadRequest], [ErrNotGranted], [ErrUnknownLogin], or about
	// the instance.
	Failure func(w http.ResponseWriter, r *http.Request, err error)

	// Key encrypts the cookies. It has 32 random bytes, which all processes of a
	// service share and nobody else knows. Without it each process makes one of
	// its own, and a login ends with the process in which it began.
	Key []byte

	// Logger logs logins that fail; slog.Default if it is nil.
	Logger *slog.Logger

	once   sync.Once
	sealer *sealer
	err    error // why there is no sealer
}

// Errors of a [Web].
var (
	// ErrUnknownLogin says that this browser has not begun the login of a
	// callback, or that it is over or was called back before.
	ErrUnknownLogin = errors.New("miauth: this browser has not begun such a login, or it is over; start again")

	// ErrBadRequest says that a request to Start cannot begin a login: the
	// instance cannot be one, or return_to is not a path of the service.
	ErrBadRequest = errors.New("miauth: the request cannot begin a login")
)

const (
	// loginLife is how long a login may take.
	loginLife = 10 * time.Minute

	// maxPending is how many logins a browser may have begun at once. Beyond, the
	// oldest are over: servers refuse requests with too many bytes of cookies.
	maxPending = 3

	// maxReturnTo is how long the parameter return_to may be; it is in the cookie.
	maxReturnTo = 1000

	cookiePrefix  = "miauth-"
	returnToParam = "return_to"
)

// Start returns the handler that begins a login, by GET or POST: it sends the
// browser to the page of the instance. Its parameter return_to, if any, is handed
// to Success; it has to be a path of the service.
func (web *Web) Start() http.Handler {
	return web.only(func(w http.ResponseWriter, r *http.Request) {
		if err := web.start(w, r); err != nil {
			web.fail(w, r, err)
		}
	}, http.MethodGet, http.MethodPost)
}

// only responds to other methods than those that are given with 405. A HEAD, with
// which programs check links, neither begins nor ends a login.
func (web *Web) only(h http.HandlerFunc, methods ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		h(w, r)
	})
}

func (web *Web) start(w http.ResponseWriter, r *http.Request) error {
	if web.Instance == nil || web.Success == nil || web.Options.Callback == "" {
		return errors.New("miauth: Web needs Instance, Success and Options.Callback")
	}
	if err := web.Options.check(); err != nil { // is not the fault of the request
		return fmt.Errorf("miauth: %w", err)
	}
	seal, err := web.seal()
	if err != nil {
		return err
	}
	returnTo := r.FormValue(returnToParam)
	if returnTo != "" && !isLocalPath(returnTo) {
		return fmt.Errorf("%w: %s has to be a path of this service, of at most %d bytes", ErrBadRequest, returnToParam, maxReturnTo)
	}
	instance, err := web.Instance(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	s, err := New(instance, web.Options)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadRequest, err)
	}
	web.forgetOldest(w, r, seal)
	name := web.cookieName(s.id.Reveal())
	value, err := seal.seal(name, pendingLogin{Session: s.id.Reveal(), Instance: s.mk.BaseURL(), ReturnTo: returnTo, Expires: time.Now().Add(loginLife).Unix()})
	if err != nil {
		return fmt.Errorf("miauth: keeping the login: %w", err)
	}
	http.SetCookie(w, web.cookie(name, value, int(loginLife.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, s.URL(), http.StatusSeeOther)
	return nil
}

// forgetOldest makes room for one more login in the cookies of a browser.
func (web *Web) forgetOldest(w http.ResponseWriter, r *http.Request, seal *sealer) {
	type pending struct {
		name    string
		expires int64
	}
	var all []pending
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, web.cookiePrefix()) {
			login, _ := seal.open(c.Name, c.Value) // one that cannot be read has expired long ago
			all = append(all, pending{c.Name, login.Expires})
		}
	}
	slices.SortStableFunc(all, func(a, b pending) int { return int(a.expires - b.expires) })
	for i := 0; i <= len(all)-maxPending; i++ {
		http.SetCookie(w, web.cookie(all[i].name, "", -1))
	}
}

// Callback returns the handler to which the browser comes back, by GET.
func (web *Web) Callback() http.Handler {
	return web.only(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer") // the address has the session in it
		grant, returnTo, err := web.finish(w, r)
		if err != nil {
			web.fail(w, r, err)
			return
		}
		web.Success(w, r, grant, returnTo)
	}, http.MethodGet)
}

func (web *Web) finish(w http.ResponseWriter, r *http.Request) (grant *Grant, returnTo string, err error) {
	seal, err := web.seal()
	if err != nil {
		return nil, "", err
	}
	session := r.URL.Query().Get("session")
	name := web.cookieName(session)
	cookie, err := r.Cookie(name)
	if err != nil || session == "" {
		return nil, "", ErrUnknownLogin
	}
	http.SetCookie(w, web.cookie(name, "", -1))
	login, ok := seal.open(name, cookie.Value)
	if !ok || time.Now().Unix() >= login.Expires || subtle.ConstantTimeCompare([]byte(login.Session), []byte(session)) != 1 {
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
	logger := web.Logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.LogAttrs(r.Context(), slog.LevelWarn, "miauth: a login has failed", slog.Any("error", err))
	if web.Failure != nil {
		web.Failure(w, r, err)
		return
	}
	words := wordsFor(r)
	switch {
	case errors.Is(err, ErrBadRequest):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.BadRequest)
	case errors.Is(err, ErrUnknownLogin):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.OtherSession)
	case errors.Is(err, ErrNotGranted):
		writePage(w, http.StatusForbidden, words.Lang, words.Failed, words.NotGranted)
	default:
		writePage(w, http.StatusBadGateway, words.Lang, words.Failed, words.Unreachable)
	}
}

// seal returns what encrypts the cookies.
func (web *Web) seal() (*sealer, error) {
	web.once.Do(func() {
		key := web.Key
		if key == nil {
			key = make([]byte, keyLength)
			rand.Read(key) // never fails
		}
		web.sealer, web.err = newSealer(key)
	})
	return web.sealer, web.err
}

// secure reports whether browsers come by https.
func (web *Web) secure() bool {
	u, err := url.Parse(web.Options.Callback)
	return err == nil && strings.EqualFold(u.Scheme, "https")
}

// cookie binds a login to a browser. A page of another site cannot read it, but
// the callback, which comes from the instance, brings it along.
func (web *Web) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: web.secure(), SameSite: http.SameSiteLaxMode}
}

// cookiePrefix is how the names of the cookies begin. Neither another host of the
// same domain nor a page without https can set one with __Host-.
func (web *Web) cookiePrefix() string {
	if web.secure() {
		return "__Host-" + cookiePrefix
	}
	return cookiePrefix
}

// cookieName tells the logins of one browser apart, without telling the session.
func (web *Web) cookieName(session string) string {
	sum := sha256.Sum256([]byte(session))
	return web.cookiePrefix() + hex.EncodeToString(sum[:8])
}

// isLocalPath reports whether a redirect to s stays within a service, also for
// browsers that take \ for /.
func isLocalPath(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxReturnTo && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\\t\r\n") &&
		u.Host == "" && u.Scheme == ""
}
