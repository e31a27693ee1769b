package misskey

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/secret"
)

// Errors of logins. Packages miauth, oauth and appauth return the same ones.
var (
	// ErrNotGranted reports that there is no token: the user has denied, or has not
	// approved yet, or not in time. MiAuth and appauth do not distinguish these,
	// because the instance does not report a denial.
	ErrNotGranted = errors.New("misskey: the login is not granted")

	// ErrUnknownLogin reports that a callback does not belong to this login: the
	// browser has not begun it, it is over, or it was called back before.
	ErrUnknownLogin = errors.New("misskey: this browser has not begun such a login, or it is over; start again")

	// ErrBadLogin reports that a request cannot begin a login, because it names
	// something that is not an instance, or a page that the web service does not
	// have.
	ErrBadLogin = errors.New("misskey: the request cannot begin a login")
)

// A Grant is the result of a login: a token, and what is known about it. Packages
// miauth, oauth and appauth return grants. Printing a grant does not show the token.
type Grant struct {
	// Instance is the address of the instance, as [Client.BaseURL] returns it.
	Instance string

	// User is the account that the token belongs to. Only package oauth leaves it
	// nil, and only where read:account is not among the permissions.
	User *gen.UserLite

	// Permissions are those of the token; nil where they are not known.
	Permissions []api.Permission

	token secret.Text
	mk    *Client
}

// NewGrant returns a grant for the instance of mk. Logins make theirs with it, and
// so do tests of programs that are handed one.
func NewGrant(mk *Client, token string, user *gen.UserLite, permissions ...api.Permission) *Grant {
	return &Grant{Instance: mk.BaseURL(), User: user, Permissions: slices.Clone(permissions), token: secret.New(token), mk: mk}
}

// Token returns the token, for [WithToken]. It is a method rather than a field, so
// that printing a struct that holds the grant does not show it.
func (g *Grant) Token() string { return g.token.Reveal() }

// Client returns a client with the token.
func (g *Grant) Client() *Client { return g.mk.As(g.Token()) }

// String names the account and the instance.
func (g Grant) String() string {
	if g.User == nil {
		return "grant of " + g.Instance
	}
	return fmt.Sprintf("grant of @%s at %s", g.User.Username, g.Instance)
}

// GoString is String, so that %#v does not show the token.
func (g Grant) GoString() string { return g.String() }

// LogValue is what package slog logs.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }
