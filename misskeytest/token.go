package misskeytest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// An appToken is a token with permissions of its own.
type appToken struct {
	id, token         string
	owner             *account
	session           string // of MiAuth, until it has been fetched
	app               *app   // of the time before MiAuth
	hash              string // what is accepted instead; empty for none
	name, description any
	icon              any
	permissions       map[string]bool
}

func (t *appToken) key() string { return t.id }

const tokenLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// newToken returns a token of n letters. Accounts have 16 of them, apps 32.
func (s *state) newToken(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(tokenLetters[rand.IntN(len(tokenLetters))])
	}
	return b.String()
}

// Token returns an account's own token, which may do everything. The account
// comes into being if there is none of that name.
func (s *Server) Token(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ensure(username).token
}

// UserID returns the id of an account, which comes into being if there is none of
// that name.
func (s *Server) UserID(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ensure(username).id
}

// AppToken returns a token that may do what its permissions say, as apps get
// them. The account comes into being if there is none of that name.
func (s *Server) AppToken(username string, permissions ...gen.Permission) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &appToken{owner: s.ensure(username), permissions: permitted(permissions)}
	s.addAppToken(t)
	return t.token
}

// permitted is what a token may do.
func permitted[P ~string](permissions []P) map[string]bool {
	all := map[string]bool{}
	for _, p := range permissions {
		all[string(p)] = true
	}
	return all
}

func (s *Server) addAppToken(t *appToken) { s.addTokenOf(t, 32) }

// addTokenOf adds a token of n letters.
func (s *Server) addTokenOf(t *appToken, n int) {
	t.id, t.token = s.newID(), s.newToken(n)
	s.appTokens.add(t)
}

// authenticate finds out who calls. Only the length shows what kind of token
// it is.
func (c *call) authenticate(token string) bool {
	if len(token) == 16 {
		c.account = c.s.tokens[token]
	} else if t := c.s.appTokens.find(func(t *appToken) bool {
		return t.token == token || t.hash != "" && t.hash == strings.ToLower(token)
	}); t != nil {
		c.account, c.app = t.owner, t
	}
	return c.account != nil
}

// generateToken is the endpoint miauth/gen-token, by which a user approves of an
// app.
func generateToken(c *call) (any, error) {
	var permissions []string
	asked, _ := c.params["permission"].([]any)
	for _, p := range asked {
		permissions = append(permissions, text(p))
	}
	t := &appToken{
		owner: c.account, session: c.text("session"), name: c.params["name"],
		description: c.params["description"], icon: c.params["iconUrl"], permissions: permitted(permissions),
	}
	if len(t.session) > 128 || len(text(t.name)) > 128 {
		return nil, internalError("the session or the name is too long")
	}
	c.s.addAppToken(t)
	c.s.notify(c.account, nil, "createToken", nil)
	return object{"token": t.token}, nil
}

// checkSession is the route miauth/{session}/check, by which an app gets its
// token, once.
func checkSession(c *call) (any, error) {
	t := c.s.appTokens.find(func(t *appToken) bool { return t.session != "" && t.session == c.argument })
	if t == nil {
		return object{"ok": false}, nil
	}
	for _, other := range c.s.appTokens.items { // of one session one token is given out
		if other.session == c.argument {
			other.session = ""
		}
	}
	return object{"ok": true, "token": t.token, "user": c.s.userDetailed(t.owner, nil)}, nil
}

// listApps is the endpoint i/apps.
func listApps(c *call) (any, error) {
	apps := []any{}
	for _, t := range c.s.appTokens.items {
		if t.owner != c.account {
			continue
		}
		apps = append(apps, object{
			"id": t.id, "createdAt": createdAt(t.id), "lastUsedAt": createdAt(t.id), "name": t.name,
			"permission": slices.Sorted(maps.Keys(t.permissions)), "iconUrl": t.icon, "description": t.description,
		})
	}
	if sort := c.text("sort"); strings.HasPrefix(sort, "+") {
		slices.Reverse(apps)
	}
	return apps, nil
}

// revokesItself reports whether an app revokes the token that it calls with, which
// it may since 2026.9.0.
func (c *call) revokesItself(fields object) bool {
	return c.op.endpoint == "i/revoke-token" && c.s.since("2026.9.0") &&
		(fields["token"] == c.app.token || fields["tokenId"] == c.app.id)
}

// revokeToken is the endpoint i/revoke-token, which does not mind where there is
// none.
func revokeToken(c *call) (any, error) {
	t := c.s.appTokens.find(func(t *appToken) bool {
		return t.owner == c.account && (t.id == c.text("tokenId") || t.token == c.text("token"))
	})
	if t != nil {
		c.s.appTokens.remove(t.id)
	}
	return nil, nil
}
