package misskeytest

import (
	"net"
	"net/http"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// defaultPassword is that of accounts that were made without one.
const defaultPassword = "password"

// checkPassword refuses a password that is not the caller's.
func (c *call) checkPassword(param string) error {
	if c.text(param) != c.account.password {
		return internalError("incorrect password")
	}
	return nil
}

// changePassword is the endpoint i/change-password.
func changePassword(c *call) (any, error) {
	if err := c.checkPassword("currentPassword"); err != nil {
		return nil, err
	}
	c.account.password = c.text("newPassword")
	return nil, nil
}

// regenerateOwnToken is the endpoint i/regenerate-token. Those of apps stay.
func regenerateOwnToken(c *call) (any, error) {
	if err := c.checkPassword("password"); err != nil {
		return nil, err
	}
	delete(c.s.tokens, c.account.token)
	c.account.token = c.s.newToken(16)
	c.s.tokens[c.account.token] = c.account
	c.s.publishMain(c.account, "myTokenRegenerated", nil)
	return nil, nil
}

// resetPassword is the endpoint admin/reset-password.
func resetPassword(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	switch {
	case a == nil:
		return nil, c.refuseSince("2026.7.0", gen.ErrNoSuchUser)
	case !c.s.since("2026.7.0") && a.isRoot():
		return nil, internalError("cannot reset password of root")
	case c.s.since("2026.7.0") && a.administrator && a != c.account:
		return nil, c.refuseSince("2026.7.0", gen.ErrAccessDenied)
	}
	a.password = c.s.newToken(8)
	return object{"password": a.password}, nil
}

// unsetMFA is the endpoint admin/unset-mfa. Nobody has a second factor here.
func unsetMFA(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	switch {
	case a == nil:
		return nil, c.refuse(gen.ErrNoSuchUser)
	case a.administrator && a != c.account:
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	return nil, nil
}

// removeKey is the endpoint i/2fa/remove-key. Nobody has a key, which does not
// matter to it.
func removeKey(c *call) (any, error) {
	if c.text("password") != c.account.password {
		return nil, c.refuse(gen.ErrIncorrectPassword)
	}
	return object{}, nil
}

// updateKey is the endpoint i/2fa/update-key.
func updateKey(c *call) (any, error) { return nil, c.refuse(gen.ErrNoSuchKey) }

// A signinError is one of the route signin-flow, which has an id and nothing
// else.
type signinError struct {
	status int
	id     string
}

func (e *signinError) Error() string { return http.StatusText(e.status) }

func (e *signinError) write(w http.ResponseWriter) {
	writeJSON(w, e.status, object{"error": object{"id": e.id}})
}

// The errors of the route signin-flow.
var (
	errNoSuchUser        = &signinError{http.StatusNotFound, "6cc579cc-885d-43d8-95c2-b8c7fc963280"}
	errIncorrectPassword = &signinError{http.StatusForbidden, "932c904e-9460-45b7-9ce6-7ed33be7eb2c"}
	errCannotSignIn      = &signinError{http.StatusForbidden, "e03a5f46-d309-4865-9b69-56282d94e1eb"}
)

// signIn is the route signin-flow, which gives an account's own token for its
// password.
func signIn(c *call) (any, error) {
	a := c.s.named(c.text("username"))
	password, given := c.params["password"].(string)
	switch {
	case a == nil:
		return nil, errNoSuchUser
	case a.suspended:
		return nil, errCannotSignIn
	case !given:
		return object{"finished": false, "next": "captcha"}, nil
	case password != a.password:
		return nil, errIncorrectPassword
	}
	ip, _, _ := net.SplitHostPort(c.request.RemoteAddr)
	headers := object{"host": c.request.Host}
	for name := range c.request.Header {
		headers[strings.ToLower(name)] = c.request.Header.Get(name)
	}
	id := c.s.newID()
	c.s.publishMain(a, "signin", object{"id": id, "createdAt": createdAt(id), "ip": ip, "headers": headers, "success": true})
	c.s.notify(a, nil, "login", nil)
	return object{"finished": true, "id": a.id, "i": a.token}, nil
}
