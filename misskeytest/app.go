package misskeytest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/google/uuid"

	"github.com/misskey-go/misskey/gen"
)

// An app is a program that users authorize in the way that was there before
// MiAuth.
type app struct {
	id, name, description, secret string
	owner                         *account // nil for nobody
	callback                      string
	permissions                   []string
}

func (a *app) key() string { return a.id }

// An appSession is a user's visit to the page that asks for consent to an app.
type appSession struct {
	id, token string
	app       *app
	user      *account // nil until somebody has consented
}

func (session *appSession) key() string { return session.id }

// packApp is what a caller sees of an app. Its secret is for its owner.
func (c *call) packApp(a *app, secret bool) object {
	packed := object{"id": a.id, "name": a.name, "callbackUrl": nil, "permission": append([]string{}, a.permissions...)}
	if a.callback != "" {
		packed["callbackUrl"] = a.callback
	}
	if secret {
		packed["secret"] = a.secret
	}
	if c.account != nil && !secret {
		packed["isAuthorized"] = c.s.tokenOfApp(a, c.account) != nil
	}
	return packed
}

// tokenOfApp returns the token that an app has of an account, or nil.
func (s *state) tokenOfApp(a *app, user *account) *appToken {
	return s.appTokens.find(func(t *appToken) bool { return t.app == a && t.owner == user })
}

// oldPermissions are how permissions were called before.
var oldPermissions = map[string]string{
	"account-read": "read:account", "account-write": "write:account", "note-write": "write:notes", "reaction-write": "write:reactions",
	"following-write": "write:following", "drive-read": "read:drive", "drive-write": "write:drive", "notification-read": "read:notifications",
	"notification-write": "write:notifications", "account/read": "read:account", "account/write": "write:account", "note/write": "write:note",
}

// createApp is the endpoint app/create.
func createApp(c *call) (any, error) {
	a := &app{
		id: c.s.newID(), name: c.text("name"), description: c.text("description"), secret: c.s.newToken(32),
		owner: c.account, callback: c.text("callbackUrl"),
	}
	asked, _ := c.params["permission"].([]any)
	for _, p := range asked {
		name := text(p)
		if now := oldPermissions[name]; now != "" {
			name = now
		}
		if !slices.Contains(a.permissions, name) {
			a.permissions = append(a.permissions, name)
		}
	}
	c.s.apps.add(a)
	return c.packApp(a, true), nil
}

// showApp is the endpoint app/show.
func showApp(c *call) (any, error) {
	a := c.s.apps.get(c.text("appId"))
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchApp)
	}
	packed := c.packApp(a, false)
	if c.account != nil && c.app == nil && a.owner == c.account {
		packed["secret"] = a.secret
	}
	return packed, nil
}

// ownApps is the endpoint my/apps.
func ownApps(c *call) (any, error) {
	all := c.s.apps.all(func(a *app) bool { return a.owner == c.account })
	return pack(span(c, all), func(a *app) any { return c.packApp(a, false) }), nil
}

// authorizedApps is the endpoint i/authorized-apps.
func authorizedApps(c *call) (any, error) {
	all := c.s.appTokens.all(func(t *appToken) bool { return t.owner == c.account && t.app != nil })
	if c.text("sort") == "desc" {
		slices.Reverse(all)
	}
	return pack(span(c, all), func(t *appToken) any { return c.packApp(t.app, false) }), nil
}

// startSession is the endpoint auth/session/generate.
func startSession(c *call) (any, error) {
	a := c.s.apps.find(func(a *app) bool { return a.secret == c.text("appSecret") })
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchApp)
	}
	session := &appSession{id: c.s.newID(), token: uuid.NewString(), app: a}
	c.s.appSessions.add(session)
	return object{"token": session.token, "url": c.s.URL + appPage + session.token}, nil
}

// appPage is where the page is that asks for consent to an app.
const appPage = "/auth/"

func (s *state) appSession(token string) *appSession {
	return s.appSessions.find(func(session *appSession) bool { return session.token == token })
}

// showSession is the endpoint auth/session/show.
func showSession(c *call) (any, error) {
	session := c.s.appSession(c.text("token"))
	if session == nil {
		return nil, c.refuse(gen.ErrNoSuchSession)
	}
	return object{"id": session.id, "app": c.packApp(session.app, false), "token": session.token}, nil
}

// acceptSession is the endpoint auth/accept, by which a user consents.
func acceptSession(c *call) (any, error) {
	session := c.s.appSession(c.text("token"))
	if session == nil {
		return nil, c.refuse(gen.ErrNoSuchSession)
	}
	c.s.acceptSession(session, c.account)
	return nil, nil
}

// acceptSession lets an app have a token of an account. It has one only.
func (s *Server) acceptSession(session *appSession, user *account) {
	session.user = user
	a := session.app
	if s.tokenOfApp(a, user) != nil {
		return
	}
	t := &appToken{owner: user, app: a, name: a.name, permissions: permitted(a.permissions)}
	s.addAppToken(t)
	sum := sha256.Sum256([]byte(t.token + a.secret))
	t.hash = hex.EncodeToString(sum[:])
}

// sessionToken is the endpoint auth/session/userkey, which ends the session.
func sessionToken(c *call) (any, error) {
	a := c.s.apps.find(func(a *app) bool { return a.secret == c.text("appSecret") })
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchApp)
	}
	session := c.s.appSession(c.text("token"))
	switch {
	case session == nil || session.app != a:
		return nil, c.refuse(gen.ErrNoSuchSession)
	case session.user == nil:
		return nil, c.refuse(gen.ErrPendingSession)
	}
	c.s.appSessions.remove(session.id)
	return object{"accessToken": c.s.tokenOfApp(a, session.user).token, "user": c.s.userDetailed(session.user, nil)}, nil
}
