package misskeytest

import (
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// An announcement is a message of the moderators to everybody, or to one account.
type announcement struct {
	id        string
	updated   time.Time // zero if never
	archived  bool
	recipient *account // nil for everybody
	readers   map[*account]bool

	// facts are the parameters of admin/announcements/create and update.
	facts object
}

func (n *announcement) key() string { return n.id }

// concerns reports whether an announcement is for an account, or for everybody.
func (n *announcement) concerns(a *account) bool {
	if n.recipient != nil {
		return n.recipient == a
	}
	return n.facts["forExistingUsers"] != true || a != nil && a.id < n.id
}

func (n *announcement) pack() object {
	packed := object{"id": n.id, "createdAt": createdAt(n.id), "updatedAt": nil}
	if !n.updated.IsZero() {
		packed["updatedAt"] = stamp(n.updated)
	}
	for _, name := range []string{"title", "text", "imageUrl", "icon", "display", "needConfirmationToRead", "silence"} {
		packed[name] = n.facts[name]
	}
	return packed
}

// packFor is what a reader sees, who may be nil.
func (n *announcement) packFor(reader *account) object {
	packed := n.pack()
	packed["forYou"] = reader != nil && n.recipient == reader
	if reader != nil {
		packed["isRead"] = n.readers[reader]
	}
	return packed
}

// unreadAnnouncements are those that an account has not read.
func (s *Server) unreadAnnouncements(a *account) []any {
	all := s.announcements.all(func(n *announcement) bool {
		return !n.archived && n.concerns(a) && !n.readers[a] && n.facts["silence"] != true
	})
	slices.Reverse(all)
	return pack(all, func(n *announcement) any {
		packed := n.pack()
		packed["isActive"], packed["forExistingUsers"], packed["userId"] = true, n.facts["forExistingUsers"], nil
		if n.recipient != nil {
			packed["userId"] = n.recipient.id
		}
		return packed
	})
}

// createAnnouncement is the endpoint admin/announcements/create.
func createAnnouncement(c *call) (any, error) {
	n := &announcement{id: c.s.newID(), facts: c.params, readers: map[*account]bool{}}
	if id := c.text("userId"); id != "" {
		if n.recipient = c.s.accounts.get(id); n.recipient == nil {
			return nil, internalError("there is no such account")
		}
	}
	if n.facts["imageUrl"] == "" {
		n.facts["imageUrl"] = nil
	}
	c.s.announcements.add(n)
	packed := n.packFor(nil)
	if n.recipient != nil {
		c.s.publishMain(n.recipient, "announcementCreated", object{"announcement": packed})
	} else {
		c.s.broadcast("announcementCreated", object{"announcement": packed})
	}
	return packed, nil
}

// announcement returns one by the parameter that names it.
func (c *call) announcement(param string) (*announcement, error) {
	if n := c.s.announcements.get(c.text(param)); n != nil {
		return n, nil
	}
	return nil, c.refuse(gen.ErrNoSuchAnnouncement)
}

// updateAnnouncement is the endpoint admin/announcements/update.
func updateAnnouncement(c *call) (any, error) {
	n, err := c.announcement("id")
	if err != nil {
		return nil, err
	}
	for name, v := range c.params {
		n.facts[name] = v
	}
	if active, ok := c.params["isActive"].(bool); ok {
		n.archived = !active
	}
	n.updated = c.s.now()
	return nil, nil
}

// deleteAnnouncement is the endpoint admin/announcements/delete.
func deleteAnnouncement(c *call) (any, error) {
	n, err := c.announcement("id")
	if err != nil {
		return nil, err
	}
	c.s.announcements.remove(n.id)
	return nil, nil
}

// manageAnnouncements is the endpoint admin/announcements/list, of those for
// everybody or, with a userId, for one account.
func manageAnnouncements(c *call) (any, error) {
	of, status := c.s.accounts.get(c.text("userId")), c.text("status")
	page := c.s.announcements.page(c.cursor(), func(n *announcement) bool {
		return n.recipient == of && (status == "all" || n.archived == (status == "archived"))
	})
	return pack(page, func(n *announcement) any {
		packed := n.pack()
		packed["isActive"], packed["forExistingUsers"], packed["reads"] = !n.archived, n.facts["forExistingUsers"], len(n.readers)
		packed["userId"] = nil
		if n.recipient != nil {
			packed["userId"] = n.recipient.id
		}
		return packed
	}), nil
}

// listAnnouncements is the endpoint announcements.
func listAnnouncements(c *call) (any, error) {
	page := c.s.announcements.page(c.cursor(), func(n *announcement) bool {
		active, ok := c.params["isActive"].(bool)
		return n.concerns(c.account) && (!ok || active != n.archived)
	})
	return pack(page, func(n *announcement) any { return n.packFor(c.account) }), nil
}

// showAnnouncement is the endpoint announcements/show.
func showAnnouncement(c *call) (any, error) {
	n, err := c.announcement("announcementId")
	if err != nil {
		return nil, err
	}
	if n.recipient != nil && n.recipient != c.account {
		return nil, c.refuse(gen.ErrNoSuchAnnouncement)
	}
	return n.packFor(c.account), nil
}

// readAnnouncement is the endpoint i/read-announcement, which does not mind where
// there is none.
func readAnnouncement(c *call) (any, error) {
	n := c.s.announcements.get(c.text("announcementId"))
	if n == nil || !n.concerns(c.account) || n.readers[c.account] {
		return nil, nil
	}
	n.readers[c.account] = true
	if len(c.s.unreadAnnouncements(c.account)) == 0 {
		c.s.publishMain(c.account, "readAllAnnouncements", nil)
	}
	return nil, nil
}
