package contract

import (
	"errors"

	"github.com/misskey-go/misskey/gen"
)

// open lets anybody chat with an account.
func (t *T) open(u user) {
	t.Helper()
	_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{ChatScope: new(gen.UserChatScopeEveryone)})
	t.ok(err)
}

// write sends a message from one account to another. That the other is open may take
// effect a little later.
func (t *T) write(from, to user, words string) *gen.ChatMessageLiteFor1on1 {
	t.Helper()
	var m *gen.ChatMessageLiteFor1on1
	var err error
	t.eventually("the recipient can be written to", func() bool {
		m, err = from.ChatMessagesCreateToUser(t.Context(), gen.ChatMessagesCreateToUserRequest{ToUserID: to.id, Text: &words})
		return !errors.Is(err, gen.ErrInternalError)
	})
	t.ok(err)
	return m
}

// room makes a room with a member.
func (t *T) chatRoom(owner, member user) *gen.ChatRoom {
	t.Helper()
	r, err := owner.ChatRoomsCreate(t.Context(), gen.ChatRoomsCreateRequest{Name: "room"})
	t.ok(err)
	_, err = owner.ChatRoomsInvitationsCreate(t.Context(), gen.ChatRoomsInvitationsCreateRequest{RoomID: r.ID, UserID: member.id})
	t.ok(err)
	t.ok(member.ChatRoomsJoin(t.Context(), gen.ChatRoomsJoinRequest{RoomID: r.ID}))
	return r
}

var chatCases = []testCase{
	{"a message reaches the other", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		m := t.write(u, v, "hello")
		equal(t, "from", m.FromUserID, u.id)
		equal(t, "to", m.ToUserID, v.id)
		answer := t.write(v, u, "hi") // who was written to may answer
		messages, err := u.ChatMessagesUserTimeline(t.Context(), gen.ChatMessagesUserTimelineRequest{UserID: v.id})
		t.ok(err)
		if len(messages) != 2 || messages[0].ID != answer.ID || messages[1].ID != m.ID || *messages[1].Text != "hello" {
			t.Errorf("%+v", messages)
		}
		shown, err := v.ChatMessagesShow(t.Context(), gen.ChatMessagesShowRequest{MessageID: m.ID})
		t.ok(err)
		equal(t, "author", shown.FromUser.Username, u.username)
	}},
	{"a message is unread until it is read", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		t.write(u, v, "hello")
		unread := func() bool {
			me, err := v.I(t.Context())
			t.ok(err)
			return me.HasUnreadChatMessages
		}
		t.eventually("there is something unread", unread)
		history, err := v.ChatHistory(t.Context(), gen.ChatHistoryRequest{})
		t.ok(err)
		if len(history) != 1 || *history[0].IsRead {
			t.Errorf("%+v", history)
		}
		_, err = v.ChatMessagesUserTimeline(t.Context(), gen.ChatMessagesUserTimelineRequest{UserID: u.id})
		t.ok(err)
		t.eventually("all has been read", func() bool { return !unread() })
		t.write(u, v, "again")
		t.ok(v.ChatReadAll(t.Context()))
		t.eventually("all has been read at once", func() bool { return !unread() })
	}},
	{"who may be written to", func(t *T) {
		u, v := t.user(), t.user()
		write := func(req gen.ChatMessagesCreateToUserRequest) error {
			_, err := u.ChatMessagesCreateToUser(t.Context(), req)
			return err
		}
		t.refused(write(gen.ChatMessagesCreateToUserRequest{ToUserID: v.id, Text: new("x")}), gen.ErrInternalError, 500)
		t.refused(write(gen.ChatMessagesCreateToUserRequest{ToUserID: u.id, Text: new("x")}), gen.ErrRecipientIsYourself, 400)
		t.refused(write(gen.ChatMessagesCreateToUserRequest{ToUserID: "0", Text: new("x")}), gen.ErrIDChatMessagesCreateToUserNoSuchUser, 400)
		t.refused(write(gen.ChatMessagesCreateToUserRequest{ToUserID: v.id}), gen.ErrIDChatMessagesCreateToUserContentRequired, 400)
		t.refused(write(gen.ChatMessagesCreateToUserRequest{ToUserID: v.id, FileID: new("0")}), gen.ErrIDChatMessagesCreateToUserNoSuchFile, 400)
	}},
	{"a message with a file", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		f := t.upload(u, "a.txt", "content")
		m, err := u.ChatMessagesCreateToUser(t.Context(), gen.ChatMessagesCreateToUserRequest{ToUserID: v.id, FileID: &f.ID})
		t.ok(err)
		equal(t, "text", m.Text, nil)
		equal(t, "file", m.File.ID, f.ID)
	}},
	{"messages are deleted by their authors", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		req := gen.ChatMessagesDeleteRequest{MessageID: t.write(u, v, "oops").ID}
		t.refused(v.ChatMessagesDelete(t.Context(), req), gen.ErrIDChatMessagesDeleteNoSuchMessage, 400)
		t.ok(u.ChatMessagesDelete(t.Context(), req))
		t.refused(u.ChatMessagesDelete(t.Context(), req), gen.ErrIDChatMessagesDeleteNoSuchMessage, 400)
	}},
	{"messages are reacted to", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		m := t.write(u, v, "hello")
		t.ok(v.ChatMessagesReact(t.Context(), gen.ChatMessagesReactRequest{MessageID: m.ID, Reaction: "👍"}))
		shown, err := u.ChatMessagesShow(t.Context(), gen.ChatMessagesShowRequest{MessageID: m.ID})
		t.ok(err)
		if len(shown.Reactions) != 1 || shown.Reactions[0].Reaction != "👍" {
			t.Errorf("%+v", shown.Reactions)
		}
		t.ok(v.ChatMessagesUnreact(t.Context(), gen.ChatMessagesUnreactRequest{MessageID: m.ID, Reaction: "👍"}))
		shown, err = u.ChatMessagesShow(t.Context(), gen.ChatMessagesShowRequest{MessageID: m.ID})
		t.ok(err)
		equal(t, "reactions", len(shown.Reactions), 0)
		t.refused(v.ChatMessagesReact(t.Context(), gen.ChatMessagesReactRequest{MessageID: "0", Reaction: "👍"}), gen.ErrInternalError, 500)
	}},
	{"messages are for those who write and read them", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		t.open(v)
		m := t.write(u, v, "hello")
		_, err := w.ChatMessagesShow(t.Context(), gen.ChatMessagesShowRequest{MessageID: m.ID})
		t.refused(err, gen.ErrIDChatMessagesShowNoSuchMessage, 400)
		_, err = u.ChatMessagesUserTimeline(t.Context(), gen.ChatMessagesUserTimelineRequest{UserID: "0"})
		t.refused(err, gen.ErrNoSuchUser, 400)
	}},
	{"messages are found by their words", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		m := t.write(u, v, "the kettle whistles")
		t.write(u, v, "the cat does not")
		found, err := v.ChatMessagesSearch(t.Context(), gen.ChatMessagesSearchRequest{Query: "kettle"})
		t.ok(err)
		if len(found) != 1 || found[0].ID != m.ID {
			t.Errorf("%d messages", len(found))
		}
		_, err = u.ChatMessagesSearch(t.Context(), gen.ChatMessagesSearchRequest{Query: "x", RoomID: new("0")})
		t.refused(err, gen.ErrIDChatMessagesSearchNoSuchRoom, 400)
	}},
	{"a room has members who were invited", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		r := t.chatRoom(u, v)
		m, err := v.ChatMessagesCreateToRoom(t.Context(), gen.ChatMessagesCreateToRoomRequest{ToRoomID: r.ID, Text: new("hello")})
		t.ok(err)
		equal(t, "room", m.ToRoomID, r.ID)
		equal(t, "author", m.FromUser.ID, v.id)
		messages, err := u.ChatMessagesRoomTimeline(t.Context(), gen.ChatMessagesRoomTimelineRequest{RoomID: r.ID})
		t.ok(err)
		equal(t, "messages", len(messages), 1)
		_, err = w.ChatMessagesRoomTimeline(t.Context(), gen.ChatMessagesRoomTimelineRequest{RoomID: r.ID})
		t.refused(err, gen.ErrIDChatMessagesRoomTimelineNoSuchRoom, 400)
		_, err = w.ChatMessagesCreateToRoom(t.Context(), gen.ChatMessagesCreateToRoomRequest{ToRoomID: r.ID, Text: new("me too")})
		t.refused(err, gen.ErrInternalError, 500)
		t.refused(w.ChatRoomsJoin(t.Context(), gen.ChatRoomsJoinRequest{RoomID: r.ID}), gen.ErrInternalError, 500)
		members, err := u.ChatRoomsMembers(t.Context(), gen.ChatRoomsMembersRequest{RoomID: r.ID})
		t.ok(err)
		if len(members) != 1 || members[0].UserID != v.id {
			t.Errorf("%d members", len(members))
		}
		joining, err := v.ChatRoomsJoining(t.Context(), gen.ChatRoomsJoiningRequest{})
		t.ok(err)
		equal(t, "joined", len(joining), 1)
		history, err := u.ChatHistory(t.Context(), gen.ChatHistoryRequest{Room: new(true)})
		t.ok(err)
		equal(t, "history", len(history), 1)
		t.ok(v.ChatRoomsLeave(t.Context(), gen.ChatRoomsLeaveRequest{RoomID: r.ID}))
		t.refused(v.ChatRoomsLeave(t.Context(), gen.ChatRoomsLeaveRequest{RoomID: r.ID}), gen.ErrInternalError, 500)
	}},
	{"an invitation into a room waits and can be ignored", func(t *T) {
		u, v := t.user(), t.user()
		r, err := u.ChatRoomsCreate(t.Context(), gen.ChatRoomsCreateRequest{Name: "room"})
		t.ok(err)
		_, err = v.ChatRoomsInvitationsCreate(t.Context(), gen.ChatRoomsInvitationsCreateRequest{RoomID: r.ID, UserID: u.id})
		t.refused(err, gen.ErrIDChatRoomsInvitationsCreateNoSuchRoom, 400)
		_, err = u.ChatRoomsInvitationsCreate(t.Context(), gen.ChatRoomsInvitationsCreateRequest{RoomID: r.ID, UserID: v.id})
		t.ok(err)
		inbox := func() int {
			all, err := v.ChatRoomsInvitationsInbox(t.Context(), gen.ChatRoomsInvitationsInboxRequest{})
			t.ok(err)
			return len(all)
		}
		equal(t, "inbox", inbox(), 1)
		sent, err := u.ChatRoomsInvitationsOutbox(t.Context(), gen.ChatRoomsInvitationsOutboxRequest{RoomID: r.ID})
		t.ok(err)
		equal(t, "outbox", len(sent), 1)
		t.eventually("a notification", func() bool {
			all, err := v.INotifications(t.Context(), gen.INotificationsRequest{})
			t.ok(err)
			return len(all) > 0 && all[0].Type == gen.NotificationTypeChatRoomInvitationReceived && all[0].Invitation.RoomID == r.ID
		})
		t.ok(v.ChatRoomsInvitationsIgnore(t.Context(), gen.ChatRoomsInvitationsIgnoreRequest{RoomID: r.ID}))
		equal(t, "inbox", inbox(), 0)
	}},
	{"a room is changed and deleted by its owner", func(t *T) {
		u, v := t.user(), t.user()
		r := t.chatRoom(u, v)
		_, err := v.ChatRoomsUpdate(t.Context(), gen.ChatRoomsUpdateRequest{RoomID: r.ID, Name: new("mine")})
		t.refused(err, gen.ErrIDChatRoomsUpdateNoSuchRoom, 400)
		r, err = u.ChatRoomsUpdate(t.Context(), gen.ChatRoomsUpdateRequest{RoomID: r.ID, Name: new("other")})
		t.ok(err)
		equal(t, "name", r.Name, "other")
		t.ok(v.ChatRoomsMute(t.Context(), gen.ChatRoomsMuteRequest{RoomID: r.ID, Mute: true}))
		shown, err := v.ChatRoomsShow(t.Context(), gen.ChatRoomsShowRequest{RoomID: r.ID})
		t.ok(err)
		equal(t, "muted", shown.IsMuted, true)
		owned, err := u.ChatRoomsOwned(t.Context(), gen.ChatRoomsOwnedRequest{})
		t.ok(err)
		equal(t, "owned", len(owned), 1)
		t.refused(v.ChatRoomsDelete(t.Context(), gen.ChatRoomsDeleteRequest{RoomID: r.ID}), gen.ErrIDChatRoomsDeleteNoSuchRoom, 400)
		t.ok(u.ChatRoomsDelete(t.Context(), gen.ChatRoomsDeleteRequest{RoomID: r.ID}))
		_, err = u.ChatRoomsShow(t.Context(), gen.ChatRoomsShowRequest{RoomID: r.ID})
		t.refused(err, gen.ErrIDChatRoomsShowNoSuchRoom, 400)
	}},
}
