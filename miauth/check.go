package miauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// A Grant is what a user has approved of. Printing it does not show the token.
type Grant struct {
	// User is whose token it is, as anybody sees that account.
	User *gen.UserDetailed

	token secret.Text
	mk    *misskey.Client
}

// Token returns the token, for misskey.WithToken. It is a method and no field, so
// that nothing that holds a grant prints it.
func (g *Grant) Token() string { return g.token.Reveal() }

// Client returns a client with the token, of the instance that granted it.
func (g *Grant) Client() *misskey.Client { return g.mk.As(g.Token()) }

// String names the account.
func (g Grant) String() string {
	if g.User == nil {
		return "no miauth grant"
	}
	return "miauth grant of @" + g.User.Username
}

// GoString is String, so that %#v does not show the token.
func (g Grant) GoString() string { return g.String() }

// LogValue is what package slog tells of it.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// Check asks the instance once. It returns [ErrNotGranted] where the user has not
// approved yet, has denied, or where the token was fetched by somebody else:
// Misskey does not tell these apart. After the first grant it returns the same
// grant and does not ask any more.
//
// The instance hands the token out once, with the first answer that says so. If
// that answer is lost on its way, so is the token: begin a new session then.
func (s *Session) Check(ctx context.Context) (*Grant, error) {
	select {
	case <-s.checking:
	case <-ctx.Done():
		return nil, fmt.Errorf("miauth: %w", ctx.Err())
	}
	defer func() { s.checking <- struct{}{} }()
	if s.grant != nil {
		return s.grant, nil
	}
	res, err := s.mk.MiAuthCheck(ctx, s.id.Reveal(), misskey.NoRetry())
	switch {
	case err != nil:
		return nil, fmt.Errorf("miauth: asking for the token: %w", login.Explain(s.mk.BaseURL(), err))
	case !res.OK:
		return nil, ErrNotGranted
	}
	grant := &Grant{User: res.User, mk: s.mk}
	if res.Token != nil {
		grant.token = secret.New(*res.Token)
	}
	if err := login.CheckToken(grant.Token()); err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	if grant.User == nil {
		grant.User = &gen.UserDetailed{}
	}
	if err := login.CheckUser(grant.User.ID); err != nil {
		return nil, fmt.Errorf("miauth: %w", err)
	}
	s.grant = grant
	return s.grant, nil
}

// Wait asks until the user has approved, every few seconds. It ends with a grant,
// with the context, after the time that [Options] set, or with an error of the
// instance that waiting does not mend. The error after that time wraps
// [ErrNotGranted]; a user who denies tells nobody, so that it also comes then.
func (s *Session) Wait(ctx context.Context) (*Grant, error) { return s.wait(ctx, nil) }

func (s *Session) wait(ctx context.Context, wake <-chan struct{}) (*Grant, error) {
	grant, err := login.Poll(ctx, s.options.timeout(), wake, s.Check, ErrNotGranted,
		"the page was not answered, the user denied, the instance does not know the session, or the token was fetched already")
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil, fmt.Errorf("miauth: waiting for the user: %w", err)
	}
	return grant, err
}
