// Package appauth gets tokens in the way that Misskey had before MiAuth and still
// has: an app is made with the instance, its user approves of it on a page, and
// the token is made of what the app gets and of its secret. It is for servers and
// forks too old for package miauth, which is simpler.
//
//	app, err := appauth.Create(ctx, "misskey.example", appauth.Options{
//		Name:        "mycli",
//		Permissions: []gen.Permission{gen.PermissionReadAccount},
//	})
//	…
//	session, err := app.Begin(ctx)
//	…
//	fmt.Println("Open", session.URL())
//	grant, err := session.Wait(ctx)
//
// An app is made once for an instance: keep its ID and secret, and use it again
// with [Open].
package appauth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// DefaultTimeout is how long [Session.Wait] waits for a user.
const DefaultTimeout = 5 * time.Minute

// Options say what an app is.
type Options struct {
	// Name and Description are what the page of the instance says of the app.
	Name, Description string

	// Callback is where the browser goes after the user has approved. Misskey
	// appends "?token=" and the token of the session to it, whatever it has in
	// it already. It may be empty.
	Callback string

	// Permissions are those of all tokens of the app.
	Permissions []gen.Permission

	// Client are options of the client that talks to the instance.
	Client []misskey.Option
}

// An App is a program that an instance knows. Printing it does not show its
// secret.
type App struct {
	// ID names the app; see the endpoint app/show.
	ID string

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

// LogValue is what package slog tells of it.
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
		return nil, errors.New("appauth: the instance has made the app, but tells no secret")
	}
	return &App{ID: res.ID, secret: secret.New(*res.Secret), mk: mk}, nil
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
	return &App{ID: id, secret: secret.New(appSecret), mk: mk}, nil
}

// A Session is one attempt to get a token. It can be used by several goroutines
// at once.
type Session struct {
	app   *App
	token secret.Text
	url   secret.Text // has the token in it

	checking chan struct{} // holds one while nobody asks
	grant    *Grant        // guarded by checking
}

// Begin begins a session.
func (a *App) Begin(ctx context.Context) (*Session, error) {
	res, err := a.mk.AuthSessionGenerate(ctx, gen.AuthSessionGenerateRequest{AppSecret: a.Secret()})
	if err != nil {
		return nil, fmt.Errorf("appauth: beginning a session: %w", login.Hide(login.Explain(a.mk.BaseURL(), err), a.Secret()))
	}
	return a.session(res.Token, res.URL), nil
}

// Resume continues a session by its token, as a web service does whose callback
// has been called with it.
func (a *App) Resume(token string) *Session { return a.session(token, "") }

func (a *App) session(token, url string) *Session {
	s := &Session{app: a, token: secret.New(token), url: secret.New(url), checking: make(chan struct{}, 1)}
	s.checking <- struct{}{}
	return s
}

// URL is the page for the user to open; empty after [App.Resume].
func (s *Session) URL() string { return s.url.Reveal() }

// Token is that of the session, which the callback gets. It is a secret.
func (s *Session) Token() string { return s.token.Reveal() }

// String does not tell the session.
func (s *Session) String() string { return "session of " + s.app.String() }

// A Grant is what a user has approved of. Printing it does not show the token.
type Grant struct {
	// User is whose token it is, as anybody sees that account.
	User gen.UserDetailed

	token secret.Text
	mk    *misskey.Client
}

// Token returns the token, for misskey.WithToken. It is a method and no field, so
// that nothing that holds a grant prints it.
func (g *Grant) Token() string { return g.token.Reveal() }

// Client returns a client with the token, of the instance that granted it.
func (g *Grant) Client() *misskey.Client { return g.mk.As(g.Token()) }

// String names the account.
func (g Grant) String() string { return "app grant of @" + g.User.Username }

// GoString is String, so that %#v does not show the token.
func (g Grant) GoString() string { return g.String() }

// LogValue is what package slog tells of it.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// ErrNotGranted says that the user has not approved, or not yet.
var ErrNotGranted = errors.New("appauth: not granted")

// Check asks the instance once. It returns [ErrNotGranted] where the user has not
// approved yet or has denied, and an error that is gen.ErrNoSuchSession where the
// session has ended, which the first grant does. After that it returns the same
// grant and does not ask any more.
func (s *Session) Check(ctx context.Context) (*Grant, error) {
	select {
	case <-s.checking:
	case <-ctx.Done():
		return nil, fmt.Errorf("appauth: %w", ctx.Err())
	}
	defer func() { s.checking <- struct{}{} }()
	if s.grant != nil {
		return s.grant, nil
	}
	res, err := s.app.mk.AuthSessionUserkey(ctx, gen.AuthSessionUserkeyRequest{AppSecret: s.app.Secret(), Token: s.Token()}, misskey.NoRetry())
	switch {
	case errors.Is(err, gen.ErrPendingSession):
		return nil, ErrNotGranted
	case err != nil:
		return nil, fmt.Errorf("appauth: asking for the token: %w", login.Hide(login.Explain(s.app.mk.BaseURL(), err), s.app.Secret(), s.Token()))
	case res.AccessToken == "":
		return nil, errors.New("appauth: the instance sends no token; begin anew")
	}
	if err := login.CheckUser(res.User.ID); err != nil {
		return nil, fmt.Errorf("appauth: %w", err)
	}
	s.grant = &Grant{token: secret.New(tokenOf(res.AccessToken, s.app.Secret())), User: res.User, mk: s.app.mk}
	return s.grant, nil
}

// tokenOf is what an instance takes for the token of an app.
func tokenOf(accessToken, secret string) string {
	sum := sha256.Sum256([]byte(accessToken + secret))
	return hex.EncodeToString(sum[:])
}

// Wait asks until the user has approved, every few seconds. It ends with a grant,
// with the context, after [DefaultTimeout] with an error that is
// [ErrNotGranted], or with an error of the instance that waiting does not mend.
func (s *Session) Wait(ctx context.Context) (*Grant, error) {
	return login.Poll(ctx, DefaultTimeout, nil, s.Check, ErrNotGranted, "the page was not answered, or the user denied")
}
