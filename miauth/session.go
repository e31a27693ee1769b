package miauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// A Session is one attempt to get a token. It can be used by several goroutines
// at once.
type Session struct {
	id      secret.Text
	mk      *misskey.Client
	options Options
	keeper  *login.Keeper
}

// Start begins a session with an instance, which is given as for misskey.New.
// Nothing is sent before [Session.Check].
func Start(_ context.Context, instance string, opts Options) (*Session, error) {
	return resume(instance, uuid.NewString(), opts)
}

// resume continues a session whose id is known.
func resume(instance, id string, opts Options) (*Session, error) {
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	mk, err := misskey.New(instance, opts.Client...)
	if err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	return &Session{id: secret.New(id), mk: mk, options: opts, keeper: login.NewKeeper()}, nil
}

// URL returns the page for the user to open. Anyone who knows it can fetch the
// token: show it to the user alone.
func (s *Session) URL() string { return s.urlWith(s.options.Callback) }

func (s *Session) urlWith(callback string) string {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			// Once more, because the page decodes twice; only where it matters.
			query.Set(name, strings.ReplaceAll(value, "%", "%25"))
		}
	}
	set("name", s.options.Name)
	set("icon", s.options.Icon)
	set("callback", callback)
	var permissions []string
	for _, p := range s.options.Permissions {
		permissions = append(permissions, string(p))
	}
	set("permission", strings.Join(permissions, ","))
	address := s.mk.BaseURL() + "/miauth/" + s.id.Reveal()
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

// String does not show the session, which is a secret.
func (s *Session) String() string { return "miauth session with " + s.mk.BaseURL() }

// Check asks the instance once. It returns [misskey.ErrNotGranted] where the user
// has not approved yet, has denied, or where somebody else has fetched the token:
// Misskey does not distinguish these. After the first grant it returns the same
// grant and does not ask any more.
//
// The instance hands the token out once, with the first response that has it. If
// that response is lost on its way, so is the token: begin a new session then.
func (s *Session) Check(ctx context.Context) (*misskey.Grant, error) {
	grant, err := s.keeper.Get(ctx, s.ask)
	if err != nil && err != misskey.ErrNotGranted {
		err = fmt.Errorf("miauth: %w", err)
	}
	return grant, err
}

func (s *Session) ask(ctx context.Context) (*misskey.Grant, error) {
	res, err := s.mk.MiAuthCheck(ctx, s.id.Reveal(), misskey.NoRetry())
	switch {
	case err != nil:
		return nil, fmt.Errorf("asking for the token: %w", login.Explain(s.mk.BaseURL(), err))
	case !res.OK:
		return nil, misskey.ErrNotGranted
	}
	var token string
	if res.Token != nil {
		token = *res.Token
	}
	if res.User == nil {
		return login.Grant(s.mk, token, nil, nil)
	}
	return login.Grant(s.mk, token, &res.User.UserLite, s.options.Permissions)
}

// Wait asks until the user has approved, every few seconds. It ends with a grant,
// with the context, after the time that [Options] set, or with an error of the
// instance that waiting does not mend. The error after that time wraps
// [misskey.ErrNotGranted]. The instance does not report a denial, so that Wait ends
// in the same way then.
func (s *Session) Wait(ctx context.Context) (*misskey.Grant, error) { return s.wait(ctx, nil) }

func (s *Session) wait(ctx context.Context, wake <-chan struct{}) (*misskey.Grant, error) {
	return login.Poll(ctx, login.Timeout(s.options.Timeout), wake, s.Check,
		"the page was not answered, the user denied, the instance does not know the session, or the token was fetched already")
}

// Login logs in the user of a program with a terminal. It opens the page of the
// instance in the browser, which comes back to an address on this machine, and
// ends when the user has approved. Where there is no browser, over SSH for
// instance, it prints the URL of the page, which can be opened on another
// machine. It ends without a token as [Session.Wait] does.
func Login(ctx context.Context, instance string, opts Options) (*misskey.Grant, error) {
	if opts.Callback != "" {
		return nil, errors.New("miauth: Login has a callback of its own: leave it out")
	}
	s, err := Start(ctx, instance, opts)
	if err != nil {
		return nil, err
	}
	// A mistake in the name of the instance shows before a browser opens.
	if _, err := s.Check(ctx); !errors.Is(err, misskey.ErrNotGranted) {
		return nil, err
	}
	terminal := login.Terminal{
		Name: "miauth", Open: opts.OpenBrowser, Output: opts.Output, Address: "127.0.0.1:0", Path: "/callback",
		Page:   s.urlWith,
		Mine:   func(query url.Values) bool { return login.Same(query.Get("session"), s.id.Reveal()) },
		Finish: func(ctx context.Context, _ url.Values) (*misskey.Grant, error) { return s.Check(ctx) },
		Wait:   s.wait,
	}
	return terminal.Login(ctx)
}
