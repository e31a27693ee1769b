package misskeytest

import "github.com/misskey-go/misskey/gen"

// A userList is some accounts whose notes somebody reads together.
type userList struct {
	id, name string
	owner    *account
	public   bool
	members  list[*member]
}

func (l *userList) key() string { return l.id }

// A member is an account on a list.
type member struct {
	id          string
	user        *account
	withReplies bool
}

func (m *member) key() string { return m.id }

func (l *userList) member(a *account) *member {
	return l.members.find(func(m *member) bool { return m.user == a })
}

func packList(l *userList) object {
	ids := []any{}
	for _, m := range l.members.items {
		ids = append(ids, m.user.id)
	}
	return object{"id": l.id, "createdAt": createdAt(l.id), "name": l.name, "isPublic": l.public, "userIds": ids}
}

// ownList returns a list of the caller, by the parameter listId.
func (c *call) ownList() (*userList, error) {
	if l := c.s.userLists.get(c.text("listId")); l != nil && l.owner == c.account {
		return l, nil
	}
	return nil, c.refuse(gen.ErrNoSuchList)
}

// readableList returns a list that the caller may see, and with forPublic one of
// those that anybody may.
func (c *call) readableList() (*userList, error) {
	l := c.s.userLists.get(c.text("listId"))
	if l != nil && (c.flag("forPublic") && l.public || !c.flag("forPublic") && c.account != nil && l.owner == c.account) {
		return l, nil
	}
	return nil, c.refuse(gen.ErrNoSuchList)
}

// createList is the endpoint users/lists/create.
func createList(c *call) (any, error) {
	if c.s.userLists.count(func(l *userList) bool { return l.owner == c.account }) >= c.policy("userListLimit") {
		return nil, c.refuse(gen.ErrTooManyUserlists)
	}
	l := &userList{id: c.s.newID(), name: c.text("name"), owner: c.account}
	c.s.userLists.add(l)
	return packList(l), nil
}

// showLists is the endpoint users/lists/list: one's own, or what others show.
func showLists(c *call) (any, error) {
	owner, public := c.account, false
	if id := c.text("userId"); id != "" {
		if owner = c.s.accounts.get(id); owner == nil {
			return nil, c.refuse(gen.ErrNoSuchUser)
		}
		public = true
	} else if owner == nil {
		e, _ := c.op.find(string(gen.ErrInvalidParam))
		return nil, &e
	}
	all := []any{}
	for _, l := range c.s.userLists.items {
		if l.owner == owner && (l.public || !public) {
			all = append(all, packList(l))
		}
	}
	return all, nil
}

// showList is the endpoint users/lists/show.
func showList(c *call) (any, error) {
	l, err := c.readableList()
	if err != nil {
		return nil, err
	}
	packed := packList(l)
	if c.flag("forPublic") {
		packed["likedCount"], packed["isLiked"] = 0, false
	}
	return packed, nil
}

// updateList is the endpoint users/lists/update.
func updateList(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	public, changed := c.params["isPublic"].(bool)
	if changed {
		l.public = public
	}
	if name := c.text("name"); name != "" {
		l.name = name
	} else if !changed {
		return nil, internalError("there is nothing to update")
	}
	return packList(l), nil
}

// deleteList is the endpoint users/lists/delete.
func deleteList(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	c.s.userLists.remove(l.id)
	return nil, nil
}

// pushMember is the endpoint users/lists/push.
func pushMember(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	a := c.s.accounts.get(c.text("userId"))
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	if err := c.blocked(a); err != nil {
		return nil, err
	}
	if l.member(a) != nil {
		return nil, c.refuse(gen.ErrAlreadyAdded)
	}
	l.members.add(&member{id: c.s.newID(), user: a})
	c.s.publish(topic{channel: "userList", key: l.id}, "userAdded", c.s.userLite(a))
	return nil, nil
}

// pullMember is the endpoint users/lists/pull, which does not mind where the
// account is not on the list.
func pullMember(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	a := c.s.accounts.get(c.text("userId"))
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	if m := l.member(a); m != nil {
		l.members.remove(m.id)
		c.s.publish(topic{channel: "userList", key: l.id}, "userRemoved", c.s.userLite(a))
	}
	return nil, nil
}

// showMembers is the endpoint users/lists/get-memberships.
func showMembers(c *call) (any, error) {
	l, err := c.readableList()
	if err != nil {
		return nil, err
	}
	page := l.members.page(c.cursor(), func(*member) bool { return true })
	return pack(page, func(m *member) any {
		return object{"id": m.id, "createdAt": createdAt(m.id), "userId": m.user.id, "user": c.s.userLite(m.user), "withReplies": m.withReplies}
	}), nil
}

// updateMember is the endpoint users/lists/update-membership.
func updateMember(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	a := c.s.accounts.get(c.text("userId"))
	if a == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	m := l.member(a)
	withReplies, ok := c.params["withReplies"].(bool)
	if m == nil || !ok {
		return nil, internalError("there is nothing to update")
	}
	m.withReplies = withReplies
	return nil, nil
}

// listTimeline is the endpoint notes/user-list-timeline.
func listTimeline(c *call) (any, error) {
	l, err := c.ownList()
	if err != nil {
		return nil, err
	}
	return c.notes(func(n *note) bool {
		m := l.member(n.author)
		return m != nil && n.channel == nil && (m.withReplies || !isReplyToOthers(n, c.account)) && c.shown(n)
	})
}
