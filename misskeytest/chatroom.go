package misskeytest

import (
	"slices"

	"github.com/misskey-go/misskey/gen"
)

// A chatRoom is where several accounts chat.
type chatRoom struct {
	id, name, description string
	owner                 *account
	members               list[*chatMember]     // without the owner
	invitations           list[*chatInvitation] // that have not been accepted
}

func (r *chatRoom) key() string { return r.id }

// A chatMember is an account in a room.
type chatMember struct {
	id    string
	user  *account
	muted bool
}

func (m *chatMember) key() string { return m.id }

// A chatInvitation asks an account into a room.
type chatInvitation struct {
	id      string
	user    *account
	ignored bool
}

func (i *chatInvitation) key() string { return i.id }

// has reports whether an account is in a room.
func (r *chatRoom) has(a *account) bool { return r.owner == a || r.member(a) != nil }

func (r *chatRoom) member(a *account) *chatMember {
	return r.members.find(func(m *chatMember) bool { return m.user == a })
}

func (r *chatRoom) invitation(a *account) *chatInvitation {
	return r.invitations.find(func(i *chatInvitation) bool { return i.user == a })
}

// listeners are those who are to hear what somebody writes.
func (r *chatRoom) listeners(writer *account) (all []*account) {
	for _, m := range r.members.items {
		if m.user != writer && !m.muted {
			all = append(all, m.user)
		}
	}
	if r.owner != writer {
		all = append(all, r.owner)
	}
	return all
}

func (s *Server) packRoom(r *chatRoom, viewer *account) object {
	m, i := r.member(viewer), r.invitation(viewer)
	return object{
		"id": r.id, "createdAt": createdAt(r.id), "name": r.name, "description": r.description,
		"ownerId": r.owner.id, "owner": s.userLite(r.owner),
		"isMuted": m != nil && m.muted, "invitationExists": i != nil,
	}
}

func (s *Server) packInvitation(r *chatRoom, i *chatInvitation, viewer *account) object {
	return object{
		"id": i.id, "createdAt": createdAt(i.id), "roomId": r.id, "room": s.packRoom(r, viewer),
		"userId": i.user.id, "user": s.userLite(i.user),
	}
}

func packMembership(r *chatRoom, m *chatMember) object {
	return object{"id": m.id, "createdAt": createdAt(m.id), "userId": m.user.id, "roomId": r.id}
}

// roomWhere returns a room that a test passes, by the parameter roomId.
func (c *call) roomWhere(is func(*chatRoom) bool) (*chatRoom, error) {
	if r := c.s.rooms.get(c.text("roomId")); r != nil && is(r) {
		return r, nil
	}
	return nil, c.refuse(gen.ErrNoSuchRoom)
}

// joinedRoom returns a room in which the caller is.
func (c *call) joinedRoom() (*chatRoom, error) {
	return c.roomWhere(func(r *chatRoom) bool { return r.has(c.account) })
}

// ownRoom returns a room that the caller owns.
func (c *call) ownRoom() (*chatRoom, error) {
	return c.roomWhere(func(r *chatRoom) bool { return r.owner == c.account })
}

// createRoom is the endpoint chat/rooms/create.
func createRoom(c *call) (any, error) {
	r := &chatRoom{id: c.s.newID(), name: c.text("name"), description: c.text("description"), owner: c.account}
	c.s.rooms.add(r)
	return c.s.packRoom(r, c.account), nil
}

// updateRoom is the endpoint chat/rooms/update.
func updateRoom(c *call) (any, error) {
	r, err := c.ownRoom()
	if err != nil {
		return nil, err
	}
	if name, ok := c.params["name"].(string); ok {
		r.name = name
	}
	if description, ok := c.params["description"].(string); ok {
		r.description = description
	}
	return c.s.packRoom(r, c.account), nil
}

// deleteRoom is the endpoint chat/rooms/delete.
func deleteRoom(c *call) (any, error) {
	r, err := c.roomWhere(func(r *chatRoom) bool { return r.owner == c.account || c.account.moderator })
	if err != nil {
		return nil, err
	}
	c.s.removeRoom(r)
	return nil, nil
}

func (s *Server) removeRoom(r *chatRoom) {
	s.rooms.remove(r.id)
	s.messages.removeAll(func(m *chatMessage) bool { return m.room == r })
	for at := range s.unreadChats {
		if at.other == r.id {
			delete(s.unreadChats, at)
		}
	}
}

// showRoom is the endpoint chat/rooms/show.
func showRoom(c *call) (any, error) {
	r, err := c.roomWhere(func(*chatRoom) bool { return true })
	if err != nil {
		return nil, err
	}
	return c.s.packRoom(r, c.account), nil
}

// ownedRooms is the endpoint chat/rooms/owned.
func ownedRooms(c *call) (any, error) {
	page := c.s.rooms.page(c.cursor(), func(r *chatRoom) bool { return r.owner == c.account })
	return pack(page, func(r *chatRoom) any { return c.s.packRoom(r, c.account) }), nil
}

// roomMembers is the endpoint chat/rooms/members.
func roomMembers(c *call) (any, error) {
	r, err := c.joinedRoom()
	if err != nil {
		return nil, err
	}
	page := r.members.page(c.cursor(), func(*chatMember) bool { return true })
	return pack(page, func(m *chatMember) any {
		packed := packMembership(r, m)
		packed["user"] = c.s.userLite(m.user)
		return packed
	}), nil
}

// inRoom is something of a room, such as a membership.
type inRoom[T interface{ key() string }] struct {
	room *chatRoom
	item T
}

func (i inRoom[T]) key() string { return i.item.key() }

// across returns what is wanted of all rooms, in the order of its ids.
func across[T interface{ key() string }](s *Server, items func(*chatRoom) []T, want func(T) bool) *list[inRoom[T]] {
	var all list[inRoom[T]]
	for _, r := range s.rooms.items {
		for _, item := range items(r) {
			if want(item) {
				all.add(inRoom[T]{r, item})
			}
		}
	}
	slices.SortFunc(all.items, func(a, b inRoom[T]) int {
		if a.key() < b.key() {
			return -1
		}
		return 1
	})
	return &all
}

// joinedRooms is the endpoint chat/rooms/joining.
func joinedRooms(c *call) (any, error) {
	mine := across(c.s, func(r *chatRoom) []*chatMember { return r.members.items }, func(m *chatMember) bool { return m.user == c.account })
	page := mine.page(c.cursor(), func(inRoom[*chatMember]) bool { return true })
	return pack(page, func(m inRoom[*chatMember]) any {
		packed := packMembership(m.room, m.item)
		packed["room"] = c.s.packRoom(m.room, c.account)
		return packed
	}), nil
}

// invite is the endpoint chat/rooms/invitations/create.
func invite(c *call) (any, error) {
	r, err := c.ownRoom()
	if err != nil {
		return nil, err
	}
	guest := c.s.accounts.get(c.text("userId"))
	switch {
	case guest == c.account:
		return nil, internalError("yourself")
	case guest == nil:
		return nil, internalError("there is no such account")
	case r.has(guest):
		return nil, internalError("already member")
	case r.invitation(guest) != nil:
		return nil, internalError("already invited")
	}
	i := &chatInvitation{id: c.s.newID(), user: guest}
	r.invitations.add(i)
	c.s.notify(guest, c.account, "chatRoomInvitationReceived", object{"invitation": c.s.packInvitation(r, i, guest)})
	return c.s.packInvitation(r, i, c.account), nil
}

// sentInvitations is the endpoint chat/rooms/invitations/outbox.
func sentInvitations(c *call) (any, error) {
	r, err := c.ownRoom()
	if err != nil {
		return nil, err
	}
	page := r.invitations.page(c.cursor(), func(*chatInvitation) bool { return true })
	return pack(page, func(i *chatInvitation) any { return c.s.packInvitation(r, i, c.account) }), nil
}

// receivedInvitations is the endpoint chat/rooms/invitations/inbox.
func receivedInvitations(c *call) (any, error) {
	mine := across(c.s, func(r *chatRoom) []*chatInvitation { return r.invitations.items },
		func(i *chatInvitation) bool { return i.user == c.account && !i.ignored })
	page := mine.page(c.cursor(), func(inRoom[*chatInvitation]) bool { return true })
	return pack(page, func(i inRoom[*chatInvitation]) any { return c.s.packInvitation(i.room, i.item, c.account) }), nil
}

// invited returns a room and the caller's invitation into it.
func (c *call) invited() (*chatRoom, *chatInvitation, error) {
	if r := c.s.rooms.get(c.text("roomId")); r != nil {
		if i := r.invitation(c.account); i != nil {
			return r, i, nil
		}
	}
	return nil, nil, internalError("there is no such invitation")
}

// ignoreInvitation is the endpoint chat/rooms/invitations/ignore.
func ignoreInvitation(c *call) (any, error) {
	_, i, err := c.invited()
	if err != nil {
		return nil, err
	}
	i.ignored = true
	return nil, nil
}

// joinRoom is the endpoint chat/rooms/join.
func joinRoom(c *call) (any, error) {
	r, i, err := c.invited()
	if err != nil {
		return nil, err
	}
	r.invitations.remove(i.id)
	r.members.add(&chatMember{id: c.s.newID(), user: c.account})
	return nil, nil
}

// membership returns a room and the caller's place in it.
func (c *call) membership() (*chatRoom, *chatMember, error) {
	if r := c.s.rooms.get(c.text("roomId")); r != nil {
		if m := r.member(c.account); m != nil {
			return r, m, nil
		}
	}
	return nil, nil, internalError("there is no such membership")
}

// leaveRoom is the endpoint chat/rooms/leave.
func leaveRoom(c *call) (any, error) {
	r, m, err := c.membership()
	if err != nil {
		return nil, err
	}
	r.members.remove(m.id)
	delete(c.s.unreadChats, chatPlace{c.account, r.id})
	return nil, nil
}

// muteRoom is the endpoint chat/rooms/mute.
func muteRoom(c *call) (any, error) {
	_, m, err := c.membership()
	if err != nil {
		return nil, err
	}
	m.muted = c.flag("mute")
	return nil, nil
}
