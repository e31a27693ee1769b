// Package appauth gets tokens in the way that Misskey had before MiAuth and still
// has: an app is made with the instance, its user approves of it on a page, and
// the token is made of what the app gets and of its secret. It is for servers and
// forks too old for package miauth, which is simpler.
//
// A program with a terminal logs its user in with [Login]:
//
//	grant, err := appauth.Login(ctx, "misskey.example", appauth.Options{
//		Name:        "mycli",
//		Permissions: []gen.Permission{gen.PermissionReadAccount},
//	})
//
// That makes an app each time. Programs that log in more than once make one for an
// instance with [Create], keep its ID and secret, get it back with [Open], and hand
// it over as [Options].App. A web service uses [Web]. Other programs begin a
// [Session] with [Start], show its [Session.URL] and ask with [Session.Check] or
// [Session.Wait]. Packages miauth and oauth have the same functions, and return the
// same grants and errors.
package appauth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// DefaultTimeout is how long [Session.Wait] and [Login] wait for a user.
const DefaultTimeout = login.DefaultTimeout

// Options say who asks, and for what.
type Options struct {
	// App is an app that was made before. Without it [Start] and [Login] make one
	// of the name, the description, the callback and the permissions here.
	App *App

	// Name and Description are what the page of the instance says of the app.
	Name, Description string

	// Callback is where the browser goes after the user has approved. Misskey
	// appends "?token=" and the token of the session to it, whatever it has in
	// it already. It may be empty.
	Callback string

	// Permissions are those of all tokens of the app.
	Permissions []gen.Permission

	// Timeout is how long to wait for the user; [DefaultTimeout] if it is 0.
	Timeout time.Duration

	// Client are options of the client that talks to the instance, such as
	// misskey.WithUserAgent.
	Client []misskey.Option

	// OpenBrowser opens a URL in the browser of the user, for [Login]. Without
	// it the browser of the system is used, if there is one.
	OpenBrowser func(url string) error

	// Output is where [Login] prints the URL, for users without a browser on this
	// machine. Nil means the standard error.
	Output io.Writer
}

// An App is a program that an instance knows. Printing it does not show its
// secret.
type App struct {
	// ID names the app; see the endpoint app/show.
	ID string

	// Instance is the address of the instance that has made the app.
	Instance string

	// Permissions are those of all tokens of the app. [Open] leaves them nil: the
	// program knows them, or asks app/show.
	Permissions []gen.Permission

	secret secret.Text
	mk     *misskey.Client
}

// Secret returns what the tokens of the app are made with. Anyone who has it and
// the token of a session can fetch the user's token.
func (a *App) Secret() string { return a.secret.Reveal() }

// String names the app.
func (a App) String() string { return "app " + a.ID }

// GoString is String, so that %#v does not show the secret.
func (a App) GoString() string { return a.String() }

// LogValue is what package slog logs.
func (a App) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Create makes an app with an instance, which is given as for misskey.New.
func Create(ctx context.Context, instance string, opts Options) (*App, error) {
	mk, err := misskey.New(instance, opts.Client...)
	if err != nil {
		return nil, fmt.Errorf("appauth: %w", err)
	}
	req := gen.AppCreateRequest{Name: opts.Name, Description: opts.Description, Permission: []string{}}
	if opts.Callback != "" {
		req.CallbackURL = &opts.Callback
	}
	for _, p := range opts.Permissions {
		req.Permission = append(req.Permission, string(p))
	}
	res, err := mk.AppCreate(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("appauth: making the app: %w", login.Explain(mk.BaseURL(), err))
	}
	if res.Secret == nil || *res.Secret == "" {
		return nil, errors.New("appauth: the instance has made the app, but sends no secret")
	}
	return &App{ID: res.ID, Instance: mk.BaseURL(), Permissions: slices.Clone(opts.Permissions), secret: secret.New(*res.Secret), mk: mk}, nil
}

// Open returns an app that was made before.
func Open(instance, id, appSecret string, opts ...misskey.Option) (*App, error) {
	if appSecret == "" {
		return nil, errors.New("appauth: the secret of the app is empty")
	}
	mk, err := misskey.New(instance, opts...)
	if err != nil {
		return nil, fmt.Errorf("appauth: %w", err)
	}
	return &App{ID: id, Instance: mk.BaseURL(), secret: secret.New(appSecret), mk: mk}, nil
}

// A Session is one attempt to get a token. It can be used by several goroutines
// at once.
type Session struct {
	app     *App
	token   secret.Text
	url     secret.Text // has the token in it
	options Options
	keeper  *login.Keeper
}

// Start begins a session with an instance, which is given as for misskey.New. It
// makes an app unless there is one in the options.
func Start(ctx context.Context, instance string, opts Options) (*Session, error) {
	if opts.Timeout < 0 {
		return nil, fmt.Errorf("appauth: the timeout is negative: %v", opts.Timeout)
	}
	app := opts.App
	if app == nil {
		var err error
		if app, err = Create(ctx, instance, opts); err != nil {
			return nil, err
		}
	} else if mk, err := misskey.New(instance, opts.Client...); err != nil {
		return nil, fmt.Errorf("appauth: %w", err)
	} else if mk.BaseURL() != app.Instance {
		return nil, fmt.Errorf("appauth: the app is one of %s, not of %s", app.Instance, mk.BaseURL())
	}
	res, err := app.mk.AuthSessionGenerate(ctx, gen.AuthSessionGenerateRequest{AppSecret: app.Secret()})
	if err != nil {
		return nil, fmt.Errorf("appauth: beginning a session: %w", login.Hide(login.Explain(app.Instance, err), app.Secret()))
	}
	return app.session(res.Token, res.URL, opts), nil
}

func (a *App) session(token, url string, opts Options) *Session {
	return &Session{app: a, token: secret.New(token), url: secret.New(url), options: opts, keeper: login.NewKeeper()}
}

// App returns the app that asks, for the next session.
func (s *Session) App() *App { return s.app }

// URL returns the page for the user to open. Show it to the user alone.
func (s *Session) URL() string { return s.url.Reveal() }

// String does not show the session, which is a secret.
func (s *Session) String() string { return "session of " + s.app.String() }

// Check asks the instance once. It returns [misskey.ErrNotGranted] where the user
// has not approved yet or has denied, and an error that is gen.ErrNoSuchSession
// where the session has ended, which the first grant does. After that it returns the
// same grant and does not ask any more.
func (s *Session) Check(ctx context.Context) (*misskey.Grant, error) {
	grant, err := s.keeper.Get(ctx, s.ask)
	if err != nil && err != misskey.ErrNotGranted {
		err = fmt.Errorf("appauth: %w", err)
	}
	return grant, err
}

func (s *Session) ask(ctx context.Context) (*misskey.Grant, error) {
	res, err := s.app.mk.AuthSessionUserkey(ctx, gen.AuthSessionUserkeyRequest{AppSecret: s.app.Secret(), Token: s.token.Reveal()}, misskey.NoRetry())
	switch {
	case errors.Is(err, gen.ErrPendingSession):
		return nil, misskey.ErrNotGranted
	case err != nil:
		return nil, fmt.Errorf("asking for the token: %w", login.Hide(login.Explain(s.app.Instance, err), s.app.Secret(), s.token.Reveal()))
	case res.AccessToken == "":
		return nil, errors.New("the instance sends no token; begin anew")
	}
	return login.Grant(s.app.mk, tokenOf(res.AccessToken, s.app.Secret()), &res.User.UserLite, s.app.Permissions)
}

// tokenOf is what an instance takes for the token of an app.
func tokenOf(accessToken, secret string) string {
	sum := sha256.Sum256([]byte(accessToken + secret))
	return hex.EncodeToString(sum[:])
}

// Wait asks until the user has approved, every few seconds. It ends with a grant,
// with the context, after the time that [Options] set, or with an error of the
// instance that waiting does not mend. The error after that time wraps
// [misskey.ErrNotGranted].
func (s *Session) Wait(ctx context.Context) (*misskey.Grant, error) { return s.wait(ctx, nil) }

func (s *Session) wait(ctx context.Context, wake <-chan struct{}) (*misskey.Grant, error) {
	return login.Poll(ctx, login.Timeout(s.options.Timeout), wake, s.Check, "the page was not answered, or the user denied")
}

// Login logs in the user of a program with a terminal. It opens the page of the
// instance in the browser, or prints its URL where there is none, and ends when the
// user has approved. It ends without a token as [Session.Wait] does.
func Login(ctx context.Context, instance string, opts Options) (*misskey.Grant, error) {
	s, err := Start(ctx, instance, opts)
	if err != nil {
		return nil, err
	}
	terminal := login.Terminal{
		Name: "appauth", Open: opts.OpenBrowser, Output: opts.Output,
		Page: func(string) string { return s.URL() },
		Wait: s.wait,
	}
	return terminal.Login(ctx)
}
