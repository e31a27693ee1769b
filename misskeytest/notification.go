package misskeytest

import (
	"maps"
	"slices"
	"strings"
)

// A notification tells an account that something has happened.
type notification struct {
	id   string
	kind string
	from *account // nil where nobody has caused it
	note *note
	more object // what else there is to tell
}

func (n *notification) key() string { return n.id }

// notify tells an account of something that another has done. Nobody is told of
// what they did themselves, or those whom they mute.
func (s *Server) notify(to, from *account, kind string, more object) {
	s.notifyOf(to, from, kind, nil, more)
}

func (s *Server) notifyOf(to, from *account, kind string, about *note, more object) {
	if to == from || s.mutes.between(to, from, s.now()) != nil {
		return
	}
	to.notifications.add(&notification{id: s.newID(), kind: kind, from: from, note: about, more: more})
}

// unread returns how many notifications have not been read.
func (a *account) unread() int {
	return a.notifications.count(func(n *notification) bool { return strings.Compare(n.id, a.read) > 0 })
}

func (a *account) readAll() {
	if n := len(a.notifications.items); n > 0 {
		a.read = a.notifications.items[n-1].id
	}
}

// listNotifications is the endpoint i/notifications.
func listNotifications(c *call) (any, error) {
	include, only := c.params["includeTypes"].([]any)
	exclude, _ := c.params["excludeTypes"].([]any)
	if only && len(include) == 0 {
		return []any{}, nil
	}
	page := c.account.notifications.page(c.cursor(), func(n *notification) bool {
		if n.note != nil && c.s.notes.get(n.note.id) == nil {
			return false // it has been deleted
		}
		return (!only || slices.Contains(include, any(n.kind))) && !slices.Contains(exclude, any(n.kind))
	})
	if c.flag("markAsRead") {
		c.account.readAll()
	}
	return pack(page, func(n *notification) any { return c.packNotification(n) }), nil
}

func (c *call) packNotification(n *notification) object {
	packed := object{"id": n.id, "createdAt": createdAt(n.id), "type": n.kind}
	if n.from != nil {
		packed["userId"], packed["user"] = n.from.id, c.s.userLite(n.from)
	}
	if n.note != nil {
		packed["note"] = c.s.packNote(n.note, c.account)
	}
	maps.Copy(packed, n.more)
	return packed
}

// readNotifications is the endpoint notifications/mark-all-as-read.
func readNotifications(c *call) (any, error) {
	c.account.readAll()
	return nil, nil
}

// flushNotifications is the endpoint notifications/flush.
func flushNotifications(c *call) (any, error) {
	c.account.notifications.items = nil
	return nil, nil
}

// createNotification is the endpoint notifications/create, by which an app
// notifies its user.
func createNotification(c *call) (any, error) {
	header, icon := c.params["header"], c.params["icon"]
	if c.app != nil {
		if header == nil {
			header = c.app.name
		}
		if icon == nil {
			icon = c.app.icon
		}
	}
	c.s.notify(c.account, nil, "app", object{"body": c.params["body"], "header": header, "icon": icon})
	return nil, nil
}

// testNotification is the endpoint notifications/test-notification.
func testNotification(c *call) (any, error) {
	c.s.notify(c.account, nil, "test", nil)
	return nil, nil
}
