package misskeytest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A notification reports to an account that something has happened.
type notification struct {
	id   string
	kind string
	from *account // nil where nobody has caused it
	note *note
	more object // what else belongs to it
}

func (n *notification) key() string { return n.id }

// notify notifies an account of something that another has done. Nobody is notified of
// what they did themselves, or those whom they mute.
func (s *Server) notify(to, from *account, kind string, more object) {
	s.notifyOf(to, from, kind, nil, more)
}

func (s *Server) notifyOf(to, from *account, kind string, about *note, more object) {
	if to == from || s.mutes.between(to, from, s.now()) != nil {
		return
	}
	n := &notification{id: s.newID(), kind: kind, from: from, note: about, more: more}
	to.notifications.add(n)
	s.publishMain(to, "notification", s.packNotification(n, to))
	unread := func() {
		if strings.Compare(n.id, to.read) > 0 && to.notifications.get(n.id) == n {
			s.publishMain(to, "unreadNotification", s.packNotification(n, to))
		}
	}
	if kind == "test" {
		unread()
	} else {
		s.later(unreadDelay, unread)
	}
}

// unreadDelay is how long Misskey waits for a notification to be read before it
// says that it has not been.
const unreadDelay = 2 * time.Second

// unread returns how many notifications have not been read.
func (a *account) unread() int {
	return a.notifications.count(func(n *notification) bool { return strings.Compare(n.id, a.read) > 0 })
}

// readAll marks all notifications of an account as read. That is published where there
// was something to read, and with always where there is a notification at all.
func (s *Server) readAll(a *account, always bool) {
	n := len(a.notifications.items)
	if n == 0 {
		return
	}
	publish := always || a.unread() > 0
	a.read = a.notifications.items[n-1].id
	if publish {
		s.publishMain(a, "readAllNotifications", nil)
	}
}

// listNotifications is the endpoint i/notifications.
func listNotifications(c *call) (any, error) {
	page := c.notifications(c.cursor())
	return pack(page, func(n *notification) any { return c.s.packNotification(n, c.account) }), nil
}

// extraNotifications is how many more than a page has are looked at for groups.
const extraNotifications = 100

// groupNotifications is the endpoint i/notifications-grouped: reactions to the
// same note that follow each other are one, and so are its renotes.
func groupNotifications(c *call) (any, error) {
	at := c.cursor()
	limit := at.limit
	at.limit += extraNotifications
	var groups [][]*notification
	for _, n := range c.notifications(at) {
		if i := len(groups) - 1; i >= 0 && groups[i][0].groupsWith(n) {
			groups[i] = append(groups[i], n)
			continue
		}
		groups = append(groups, []*notification{n})
	}
	return pack(groups[:min(len(groups), limit)], func(group []*notification) any { return c.s.packGroup(group, c.account) }), nil
}

// groupsWith reports whether two notifications that follow each other are shown
// as one.
func (n *notification) groupsWith(o *notification) bool {
	switch {
	case n.kind != o.kind:
		return false
	case n.kind == "reaction":
		return n.note == o.note
	}
	return n.kind == "renote" && n.note.renoteID == o.note.renoteID
}

// packGroup is a group of notifications, which has the id of the oldest and the
// time of the youngest.
func (s *Server) packGroup(group []*notification, to *account) object {
	first := group[0]
	if len(group) == 1 {
		return s.packNotification(first, to)
	}
	packed := object{"id": group[len(group)-1].id, "createdAt": createdAt(first.id), "type": first.kind + ":grouped"}
	if first.kind == "reaction" {
		packed["note"] = s.packNote(first.note, to)
		packed["reactions"] = pack(group, func(n *notification) any {
			return object{"user": s.userLite(n.from), "reaction": n.more["reaction"]}
		})
		return packed
	}
	if of := s.notes.get(first.note.renoteID); of != nil {
		packed["note"] = s.packNote(of, to)
	}
	packed["users"] = pack(group, func(n *notification) any { return s.userLite(n.from) })
	return packed
}

// notifications returns a page of those of the caller, and marks all as read if
// that is wanted.
func (c *call) notifications(at cursor) []*notification {
	include, only := c.params["includeTypes"].([]any)
	exclude, _ := c.params["excludeTypes"].([]any)
	if only && len(include) == 0 {
		return nil
	}
	page := c.account.notifications.page(at, func(n *notification) bool {
		if n.note != nil && c.s.notes.get(n.note.id) == nil {
			return false // it has been deleted
		}
		return (!only || slices.Contains(include, any(n.kind))) && !slices.Contains(exclude, any(n.kind))
	})
	if c.flag("markAsRead") {
		c.s.readAll(c.account, false)
	}
	return page
}

func (s *Server) packNotification(n *notification, to *account) object {
	packed := object{"id": n.id, "createdAt": createdAt(n.id), "type": n.kind}
	if n.from != nil {
		packed["userId"], packed["user"] = n.from.id, s.userLite(n.from)
	}
	if n.note != nil {
		packed["note"] = s.packNote(n.note, to)
	}
	maps.Copy(packed, n.more)
	return packed
}

// readNotifications is the endpoint notifications/mark-all-as-read.
func readNotifications(c *call) (any, error) {
	c.s.readAll(c.account, true)
	return nil, nil
}

// flushNotifications is the endpoint notifications/flush.
func flushNotifications(c *call) (any, error) {
	c.account.notifications.items = nil
	c.s.publishMain(c.account, "notificationFlushed", nil)
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
