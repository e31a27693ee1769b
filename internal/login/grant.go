package login

import (
	"errors"
	"strings"
)

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

// CheckUser reports whether an instance has said whose token it is.
func CheckUser(id string) error {
	if id == "" {
		return errors.New("the instance has sent a token, but does not say whose it is; nobody is logged in")
	}
	return nil
}
