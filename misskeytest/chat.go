package misskeytest

import (
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A chatMessage goes to an account or to a room.
type chatMessage struct {
	id        string
	from, to  *account  // to is nil in rooms
	room      *chatRoom // nil between two accounts
	text      any
	file      *driveFile
	reactions []chatReaction
}

type chatReaction struct {
	user *account
	kind string
}

func (m *chatMessage) key() string { return m.id }

// A chatPlace is where an account chats: with another one, or in a room.
type chatPlace struct {
	account *account
	other   string // id of the other account or of the room
}

// chatDelay is how long Misskey waits for a message to be read before it says
// that there is one.
const chatDelay = 3 * time.Second

// concerns reports whether a message was written by or for an account.
func (m *chatMessage) concerns(a *account) bool {
	return m.from == a || m.to == a || m.room != nil && m.room.has(a)
}

// between reports whether a message went from one of two accounts to the other.
func (m *chatMessage) between(a, b *account) bool {
	return m.from == a && m.to == b || m.from == b && m.to == a
}

// A chatView is how a message is shown.
type chatView int

const (
	chatInFull chatView = iota
	chatOneOnOne
	chatInRoom
)

func (s *Server) packMessage(m *chatMessage, as chatView, viewer *account) object {
	packed := object{
		"id": m.id, "createdAt": createdAt(m.id), "text": m.text, "fromUserId": m.from.id, "fileId": nil, "file": nil,
	}
	if m.file != nil {
		packed["fileId"], packed["file"] = m.file.id, s.packFile(m.file)
	}
	if as != chatOneOnOne {
		packed["fromUser"] = s.userLite(m.from)
	}
	if as != chatInRoom {
		packed["toUserId"] = nil
		if m.to != nil {
			packed["toUserId"] = m.to.id
		}
	}
	if as != chatOneOnOne {
		packed["toRoomId"] = nil
		if m.room != nil {
			packed["toRoomId"] = m.room.id
		}
	}
	if as == chatInFull && m.to != nil {
		packed["toUser"] = s.userLite(m.to)
	}
	if as == chatInFull && m.room != nil {
		packed["toRoom"] = s.packRoom(m.room, viewer)
	}
	packed["reactions"] = pack(m.reactions, func(r chatReaction) any {
		if as == chatOneOnOne {
			return object{"reaction": r.kind}
		}
		return object{"reaction": r.kind, "user": s.userLite(r.user)}
	})
	return packed
}

// publishChat sends an event to those who look at the place of a message.
func (s *Server) publishChat(m *chatMessage, event string, body any) {
	if m.room != nil {
		s.publish(topic{channel: "chatRoom", key: m.room.id}, event, body)
		return
	}
	s.publish(topic{channel: "chatUser", account: m.from, key: m.to.id}, event, body)
	s.publish(topic{channel: "chatUser", account: m.to, key: m.from.id}, event, body)
}

// canChat reports whether an account may chat at all.
func (s *Server) canChat(a *account) bool { return s.policyOf(a, "chatAvailability") == "available" }

// chatting is an endpoint of the chat, which is for those who may.
func chatting(do handler) handler {
	return func(c *call) (any, error) {
		if !c.s.canChat(c.account) {
			return nil, internalError("ROLE_PERMISSION_DENIED")
		}
		return do(c)
	}
}

// newMessage returns a message of the caller with what the parameters say.
func (c *call) newMessage() (*chatMessage, error) {
	m := &chatMessage{from: c.account, text: c.params["text"]}
	if id := c.text("fileId"); id != "" {
		if m.file = c.s.files.get(id); m.file == nil || m.file.owner != c.account {
			return nil, c.refuse(gen.ErrNoSuchFile)
		}
	}
	if m.text == nil && m.file == nil {
		return nil, c.refuse(gen.ErrContentRequired)
	}
	return m, nil
}

// deliver sends a message to its readers, who are notified if they do not read
// it soon.
func (s *Server) deliver(m *chatMessage, place string, as chatView, readers []*account) {
	m.id = s.newID()
	s.messages.add(m)
	s.publishChat(m, "message", s.packMessage(m, as, nil))
	for _, reader := range readers {
		at := chatPlace{reader, place}
		s.unreadChats[at] = true
		s.later(chatDelay, func() {
			if s.unreadChats[at] {
				s.publishMain(reader, "newChatMessage", s.packMessage(m, chatInFull, reader))
			}
		})
	}
}

// hasUnreadChats reports whether there is anything that an account has not read.
func (s *Server) hasUnreadChats(a *account) bool {
	for at := range s.unreadChats {
		if at.account == a {
			return true
		}
	}
	return false
}

// writeToUser is the endpoint chat/messages/create-to-user.
func writeToUser(c *call) (any, error) {
	m, err := c.newMessage()
	if err != nil {
		return nil, err
	}
	s := c.s
	m.to = s.accounts.get(c.text("toUserId"))
	switch {
	case c.text("toUserId") == c.account.id:
		return nil, c.refuse(gen.ErrRecipientIsYourself)
	case m.to == nil:
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	if why := s.unreachable(m.from, m.to); why != "" {
		return nil, internalError(why)
	}
	s.deliver(m, m.from.id, chatOneOnOne, []*account{m.to})
	return s.packMessage(m, chatOneOnOne, c.account), nil
}

// unreachable says why an account cannot be written to; that is empty if it can.
// Who has written once can be answered.
func (s *Server) unreachable(from, to *account) string {
	answered := s.messages.find(func(m *chatMessage) bool { return m.from == to && m.to == from }) != nil
	follows, followed := s.followOf(from, to) != nil, s.followOf(to, from) != nil
	scope := text(to.profile["chatScope"])
	reachable := map[string]bool{"everyone": true, "followers": follows, "following": followed, "mutual": follows && followed}[scope]
	switch {
	case !answered && !reachable:
		return "recipient is cannot chat (" + scope + ")"
	case !s.canChat(to):
		return "recipient is cannot chat (policy)"
	case s.blocks.between(to, from, s.now()) != nil:
		return "blocked"
	}
	return ""
}

// writeToRoom is the endpoint chat/messages/create-to-room.
func writeToRoom(c *call) (any, error) {
	room := c.s.rooms.get(c.text("toRoomId"))
	if room == nil {
		return nil, c.refuse(gen.ErrNoSuchRoom)
	}
	m, err := c.newMessage()
	if err != nil {
		return nil, err
	}
	if !room.has(c.account) {
		return nil, internalError("you are not a member of the room")
	}
	m.room = room
	c.s.deliver(m, room.id, chatInRoom, room.listeners(c.account))
	return c.s.packMessage(m, chatInRoom, c.account), nil
}

// message returns a message that a test passes, by the parameter messageId.
func (c *call) message(is func(*chatMessage) bool) (*chatMessage, error) {
	if m := c.s.messages.get(c.text("messageId")); m != nil && is(m) {
		return m, nil
	}
	return nil, c.refuse(gen.ErrNoSuchMessage)
}

// showMessage is the endpoint chat/messages/show.
func showMessage(c *call) (any, error) {
	m, err := c.message(func(m *chatMessage) bool { return m.from == c.account || m.to == c.account || c.account.moderator })
	if err != nil {
		return nil, err
	}
	return c.s.packMessage(m, chatInFull, c.account), nil
}

// deleteMessage is the endpoint chat/messages/delete.
func deleteMessage(c *call) (any, error) {
	m, err := c.message(func(m *chatMessage) bool { return m.from == c.account })
	if err != nil {
		return nil, err
	}
	c.s.messages.remove(m.id)
	c.s.publishChat(m, "deleted", m.id)
	return nil, nil
}

// reactToMessage is the endpoint chat/messages/react or, with gone, unreact.
// What is wrong is an internal error.
func reactToMessage(gone bool) handler {
	return func(c *call) (any, error) {
		kind, ok := c.s.chatReaction(c.text("reaction"))
		m := c.s.messages.get(c.text("messageId"))
		switch {
		case !ok:
			return nil, internalError("invalid emoji")
		case m == nil || !m.concerns(c.account) || m.from == c.account:
			return nil, internalError("there is no such message to react to")
		}
		i := slices.Index(m.reactions, chatReaction{c.account, kind})
		event := "react"
		switch {
		case gone && i >= 0:
			m.reactions, event = slices.Delete(m.reactions, i, i+1), "unreact"
		case !gone && i < 0:
			m.reactions = append(m.reactions, chatReaction{c.account, kind})
		default:
			return nil, nil
		}
		body := object{"messageId": m.id, "reaction": kind}
		if m.room != nil {
			body["user"] = c.s.userLite(c.account)
		}
		c.s.publishChat(m, event, body)
		return nil, nil
	}
}

// chatReaction returns a reaction as it is kept, if it is one.
func (s *Server) chatReaction(sent string) (string, bool) {
	if custom := customReaction.FindStringSubmatch(sent); custom != nil {
		return sent, s.emoji(custom[1]) != nil
	}
	kind := s.normalReaction(sent, &note{})
	return kind, kind != fallbackReaction || sent == fallbackReaction || sent == fallbackReaction+"\ufe0f"
}

// userMessages is the endpoint chat/messages/user-timeline, which reads them.
func userMessages(c *call) (any, error) {
	other := c.s.accounts.get(c.text("userId"))
	if other == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	delete(c.s.unreadChats, chatPlace{c.account, other.id})
	page := c.s.messages.page(c.cursor(), func(m *chatMessage) bool { return m.between(c.account, other) })
	return pack(page, func(m *chatMessage) any { return c.s.packMessage(m, chatOneOnOne, c.account) }), nil
}

// roomMessages is the endpoint chat/messages/room-timeline, which reads them.
func roomMessages(c *call) (any, error) {
	room, err := c.joinedRoom()
	if err != nil {
		return nil, err
	}
	delete(c.s.unreadChats, chatPlace{c.account, room.id})
	page := c.s.messages.page(c.cursor(), func(m *chatMessage) bool { return m.room == room })
	return pack(page, func(m *chatMessage) any { return c.s.packMessage(m, chatInRoom, c.account) }), nil
}

// searchMessages is the endpoint chat/messages/search.
func searchMessages(c *call) (any, error) {
	query, other := strings.ToLower(c.text("query")), c.s.accounts.get(c.text("userId"))
	room := c.s.rooms.get(c.text("roomId"))
	if c.text("roomId") != "" && (room == nil || !room.has(c.account)) {
		return nil, c.refuse(gen.ErrNoSuchRoom)
	}
	page := c.s.messages.page(cursor{limit: int(integer(c.params["limit"]))}, func(m *chatMessage) bool {
		return m.concerns(c.account) && strings.Contains(strings.ToLower(text(m.text)), query) &&
			(c.params["userId"] == nil || m.between(c.account, other)) && (room == nil || m.room == room)
	})
	return pack(page, func(m *chatMessage) any { return c.s.packMessage(m, chatInFull, c.account) }), nil
}

// chatHistory is the endpoint chat/history: the last message of each place.
func chatHistory(c *call) (any, error) {
	seen, rooms := map[string]bool{}, c.flag("room")
	place := func(m *chatMessage) string {
		switch {
		case m.room != nil:
			return m.room.id
		case m.from == c.account:
			return m.to.id
		}
		return m.from.id
	}
	page := c.s.messages.page(cursor{limit: int(integer(c.params["limit"]))}, func(m *chatMessage) bool {
		if !m.concerns(c.account) || (m.room != nil) != rooms || seen[place(m)] {
			return false
		}
		seen[place(m)] = true
		return true
	})
	return pack(page, func(m *chatMessage) any {
		packed := c.s.packMessage(m, chatInFull, c.account)
		packed["isRead"] = !c.s.unreadChats[chatPlace{c.account, place(m)}]
		return packed
	}), nil
}

// readChats is the endpoint chat/read-all.
func readChats(c *call) (any, error) {
	c.s.forgetChats(c.account)
	return nil, nil
}

// forgetChats takes all messages to an account for read.
func (s *Server) forgetChats(a *account) {
	for at := range s.unreadChats {
		if at.account == a {
			delete(s.unreadChats, at)
		}
	}
}

// openChatUser opens a channel of the messages of two accounts. It stays silent
// where there is no such other.
func openChatUser(sub *subscription) bool {
	me, other := sub.socket.account, text(sub.params["otherId"])
	sub.topic.account, sub.topic.key = me, other
	return other != "" && other != me.id
}

// openChatRoom opens a channel of the messages in a room of which the account is
// a member.
func openChatRoom(sub *subscription) bool {
	room := sub.socket.s.rooms.get(text(sub.params["roomId"]))
	if room == nil || !room.has(sub.socket.account) && !sub.socket.account.moderator {
		return false
	}
	sub.topic.key = room.id
	return true
}

// readChat takes a message that says that all has been read.
func readChat(sub *subscription, kind string, _ any) {
	if kind == "read" {
		delete(sub.socket.s.unreadChats, chatPlace{sub.socket.account, sub.topic.key})
	}
}
