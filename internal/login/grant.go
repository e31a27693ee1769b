package login

import (
	"context"
	"errors"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A Keeper asks for a grant, one at a time, and keeps the first.
type Keeper struct {
	free  chan struct{} // holds one while nobody asks
	grant *misskey.Grant
}

// NewKeeper returns a keeper without a grant.
func NewKeeper() *Keeper {
	k := &Keeper{free: make(chan struct{}, 1)}
	k.free <- struct{}{}
	return k
}

// Get returns the grant that is kept, or asks for one.
func (k *Keeper) Get(ctx context.Context, ask func(context.Context) (*misskey.Grant, error)) (*misskey.Grant, error) {
	select {
	case <-k.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { k.free <- struct{}{} }()
	if k.grant != nil {
		return k.grant, nil
	}
	grant, err := ask(ctx)
	if err == nil {
		k.grant = grant
	}
	return grant, err
}

// Grant returns a grant of what an instance has sent, if that can be one.
func Grant(mk *misskey.Client, token string, user *gen.UserLite, permissions []gen.Permission) (*misskey.Grant, error) {
	if err := CheckToken(token); err != nil {
		return nil, err
	}
	if user == nil || user.ID == "" {
		return nil, errors.New("the instance has sent a token, but does not say whose it is; nobody is logged in")
	}
	return misskey.NewGrant(mk, token, user, permissions...), nil
}

// CheckToken reports whether what an instance has sent can be a token. One with a
// line end in it would be refused later, or worse.
func CheckToken(token string) error {
	switch {
	case token == "":
		return errors.New("the instance reports that the user has approved, but sends no token; begin anew")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the instance has sent a token with characters in it that no token has; begin anew")
	}
	return nil
}
