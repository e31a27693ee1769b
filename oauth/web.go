package oauth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/internal/login"
)

// A Web logs in the users of a web service. Mount [Web.Start] where the link or
// the form "log in" goes, and [Web.Callback] at the path of Options.Callback:
//
//	web := &oauth.Web{
//		Options:  oauth.Options{ID: "https://service.example/", Callback: "https://service.example/callback", Permissions: …},
//		Instance: func(*http.Request) (string, error) { return "misskey.example", nil },
//		Success:  func(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, returnTo string) { … },
//	}
//	mux.Handle("/login", web.Start())
//	mux.Handle("/callback", web.Callback())
//
// A login is kept in a cookie of the browser that began it, encrypted and signed.
// So the service keeps nothing, and however many logins others begin, this one
// goes on. A callback from another browser, with another login or a second time
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
	Success func(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, returnTo string)

	// Failure responds when a login has failed. Without it there is a small page.
	// The error is [misskey.ErrBadLogin], [misskey.ErrNotGranted],
	// [misskey.ErrUnknownLogin], or about the instance.
	Failure func(w http.ResponseWriter, r *http.Request, err error)

	// Key encrypts the cookies. It has 32 random bytes, which all processes of a
	// service share and nobody else knows. Without it each process makes one of
	// its own, and a login ends with the process in which it began.
	Key []byte

	// Logger logs logins that fail; slog.Default if it is nil.
	Logger *slog.Logger

	keys login.Keys
}

// Start returns the handler that begins a login, by GET or POST: it sends the
// browser to the page of the instance. Its parameter return_to, if any, is handed
// to Success; it has to be a path of the service.
func (web *Web) Start() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { web.common().ServeStart(w, r) })
}

// Callback returns the handler to which the browser comes back, by GET.
func (web *Web) Callback() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { web.common().ServeCallback(w, r) })
}

func (web *Web) common() *login.Web {
	return &login.Web{
		Name: "oauth", Callback: web.Options.Callback, Param: "state", Begin: web.begin, Finish: web.finish,
		Instance: web.Instance, Success: web.Success, Failure: web.Failure, Key: web.Key, Keys: &web.keys, Logger: web.Logger,
	}
}

func (web *Web) begin(ctx context.Context, instance string) (login.Pending, string, error) {
	if _, err := misskey.New(instance, web.Options.Client...); err != nil {
		return login.Pending{}, "", fmt.Errorf("%w: %w", misskey.ErrBadLogin, err)
	}
	s, err := Start(ctx, instance, web.Options)
	if err != nil {
		return login.Pending{}, "", err
	}
	return login.Pending{ID: s.state.Reveal(), Proof: s.verifier.Reveal(), Instance: s.server.mk.BaseURL()}, s.URL(), nil
}

func (web *Web) finish(ctx context.Context, p login.Pending, query url.Values) (*misskey.Grant, error) {
	server, err := Discover(ctx, p.Instance, web.Options.Client...)
	if err != nil {
		return nil, err
	}
	s, err := server.session(web.Options, p.ID, p.Proof)
	if err != nil {
		return nil, err
	}
	return s.Finish(ctx, query)
}
