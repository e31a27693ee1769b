package login

import (
	"context"
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
	"time"

	"github.com/misskey-go/misskey"
)

// A Web is what the web handlers of the ways to log in have in common. Theirs
// document the fields of the same names.
type Web struct {
	// Name is that of the package, for errors and cookies.
	Name string

	// Callback is the URL that browsers come back to.
	Callback string

	// Param is the parameter of callbacks that names the login.
	Param string

	// Begin begins a login. It returns what to keep, and the page of the
	// instance. The error is the fault of the request.
	Begin func(ctx context.Context, instance string) (Pending, string, error)

	// Finish ends it, with the query of the callback.
	Finish func(ctx context.Context, p Pending, query url.Values) (*misskey.Grant, error)

	Instance func(r *http.Request) (string, error)
	Success  func(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, returnTo string)
	Failure  func(w http.ResponseWriter, r *http.Request, err error)
	Key      []byte
	Keys     *Keys
	Logger   *slog.Logger
}

const (
	// loginLife is how long a login may take.
	loginLife = 10 * time.Minute

	// maxPending is how many logins a browser may have begun at once. Beyond, the
	// oldest are over: servers refuse requests with too many bytes of cookies.
	maxPending = 3

	// maxReturnTo is how long the parameter return_to may be; it is in the cookie.
	maxReturnTo = 1000

	returnToParam = "return_to"
)

// ServeStart begins a login, by GET or POST: it sends the browser to the page of
// the instance.
func (web *Web) ServeStart(w http.ResponseWriter, r *http.Request) {
	if !only(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	if err := web.start(w, r); err != nil {
		web.fail(w, r, err)
	}
}

// only responds with 405 to other methods than those that are given. A HEAD, with
// which programs check links, neither begins nor ends a login.
func only(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	return false
}

func (web *Web) start(w http.ResponseWriter, r *http.Request) error {
	if web.Instance == nil || web.Success == nil || web.Callback == "" {
		return fmt.Errorf("%s: Web needs Instance, Success and Options.Callback", web.Name)
	}
	seal, err := web.seal()
	if err != nil {
		return err
	}
	returnTo := r.FormValue(returnToParam)
	if returnTo != "" && !isLocalPath(returnTo) {
		return fmt.Errorf("%w: %s has to be a path of this service, of at most %d bytes", misskey.ErrBadLogin, returnToParam, maxReturnTo)
	}
	instance, err := web.Instance(r)
	if err != nil {
		return fmt.Errorf("%w: %w", misskey.ErrBadLogin, err)
	}
	pending, page, err := web.Begin(r.Context(), instance)
	if err != nil {
		return err
	}
	web.forgetOldest(w, r, seal)
	name := web.cookieName(pending.ID)
	pending.ReturnTo, pending.Expires = returnTo, time.Now().Add(loginLife).Unix()
	value, err := seal.seal(name, pending)
	if err != nil {
		return fmt.Errorf("%s: keeping the login: %w", web.Name, err)
	}
	http.SetCookie(w, web.cookie(name, value, int(loginLife.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, page, http.StatusSeeOther)
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

// ServeCallback serves the address to which the browser comes back, by GET.
func (web *Web) ServeCallback(w http.ResponseWriter, r *http.Request) {
	if !only(w, r, http.MethodGet) {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address has a secret in it
	grant, returnTo, err := web.finish(w, r)
	if err != nil {
		web.fail(w, r, err)
		return
	}
	web.Success(w, r, grant, returnTo)
}

func (web *Web) finish(w http.ResponseWriter, r *http.Request) (grant *misskey.Grant, returnTo string, err error) {
	seal, err := web.seal()
	if err != nil {
		return nil, "", err
	}
	query := r.URL.Query()
	id := query.Get(web.Param)
	name := web.cookieName(id)
	cookie, err := r.Cookie(name)
	if err != nil || id == "" {
		return nil, "", misskey.ErrUnknownLogin
	}
	http.SetCookie(w, web.cookie(name, "", -1))
	pending, ok := seal.open(name, cookie.Value)
	if !ok || time.Now().Unix() >= pending.Expires || !Same(pending.ID, id) {
		return nil, "", misskey.ErrUnknownLogin
	}
	grant, err = web.Finish(r.Context(), pending, query)
	return grant, pending.ReturnTo, err
}

// Same compares secrets in a time that does not depend on them.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (web *Web) fail(w http.ResponseWriter, r *http.Request, err error) {
	logger := web.Logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.LogAttrs(r.Context(), slog.LevelWarn, web.Name+": a login has failed", slog.Any("error", err))
	if web.Failure != nil {
		web.Failure(w, r, err)
		return
	}
	words := wordsFor(r)
	switch {
	case errors.Is(err, misskey.ErrBadLogin):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.BadRequest)
	case errors.Is(err, misskey.ErrUnknownLogin):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.OtherSession)
	case errors.Is(err, misskey.ErrNotGranted):
		writePage(w, http.StatusForbidden, words.Lang, words.Failed, words.NotGranted)
	default:
		writePage(w, http.StatusBadGateway, words.Lang, words.Failed, words.Unreachable)
	}
}

// seal returns what encrypts the cookies.
func (web *Web) seal() (*sealer, error) {
	sealer, err := web.Keys.with(web.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", web.Name, err)
	}
	return sealer, nil
}

// secure reports whether browsers come by https.
func (web *Web) secure() bool {
	u, err := url.Parse(web.Callback)
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
		return "__Host-" + web.Name + "-"
	}
	return web.Name + "-"
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
