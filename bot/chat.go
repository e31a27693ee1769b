package bot

import (
	"context"
	"fmt"

	"github.com/misskey-go/misskey/gen"
)

// maxChats is how many chats are looked at for messages that were missed.
const maxChats = 100

// A place is a chat with a user or in a room.
type place struct {
	user *gen.UserLite // nil for a room
	room *string
}

// placeOf returns where a message was written, seen by an account.
func placeOf(message *gen.ChatMessage, me string) place {
	switch {
	case message.ToRoomID != nil:
		return place{room: message.ToRoomID}
	case message.FromUserID == me:
		return place{user: message.ToUser}
	}
	return place{user: &message.FromUser}
}

// String is the name of the conversation.
func (p place) String() string {
	if p.room != nil {
		return "room:" + *p.room
	}
	return "chat:" + p.user.ID
}

// newChat takes a message of a chat.
func (b *Bot) newChat(ctx context.Context, message *gen.ChatMessage) {
	if b.messages[Chat] != nil {
		b.readChat(ctx, placeOf(message, b.me.ID), message, false)
	}
}

// catchUpChats takes the messages of chats that were missed.
func (b *Bot) catchUpChats(ctx context.Context) {
	if b.messages[Chat] == nil {
		return
	}
	for _, rooms := range []bool{false, true} {
		last, err := b.mk.ChatHistory(ctx, gen.ChatHistoryRequest{Limit: new(maxChats), Room: &rooms})
		if err != nil {
			if ctx.Err() == nil {
				b.report(fmt.Errorf("bot: looking for chat messages that were missed: %w", err))
			}
			return
		}
		for i := range last {
			at := placeOf(&last[i], b.me.ID)
			if at == (place{}) {
				continue // of a user who is gone
			}
			known := b.store.lastChat(at.String())
			isNew := known == "" && b.store.resumed() && last[i].FromUserID != b.me.ID && !gen.Or(last[i].IsRead, true)
			if isNew || known != "" && known < last[i].ID {
				b.readChat(ctx, at, &last[i], b.recovering)
			}
		}
	}
}

// readChat has the messages of a chat handled that are new, of which last is one.
func (b *Bot) readChat(ctx context.Context, at place, last *gen.ChatMessage, check bool) {
	conversation := at.String()
	b.jobs.add(ctx, job{conversation: conversation, own: true, done: func() {}, run: func(ctx context.Context, _ *Message) error {
		messages := []gen.ChatMessage{*last}
		if since := b.store.lastChat(conversation); since != "" {
			var err error
			if messages, err = b.chatSince(ctx, at, since); err != nil {
				return fmt.Errorf("reading %s: %w", conversation, err)
			}
		}
		own := 0 // how many were answered before a crash
		for _, message := range messages {
			if check && message.FromUserID == b.me.ID {
				own++
			}
		}
		for _, message := range messages {
			if message.FromUserID == b.me.ID || message.FromUser.IsBot && !b.opts.AnswerBots {
				continue
			}
			m := &Message{Kind: Chat, From: message.FromUser, ChatMessage: &message, Text: b.said(gen.Or(message.Text, "")), b: b, thread: conversation}
			if own > 0 {
				own--
				b.store.commit(m)
				continue
			}
			b.jobs.do(job{conversation: conversation, message: m, done: func() {}, run: b.messages[Chat]})
			if b.jobs.ctx.Err() != nil {
				return nil
			}
		}
		return nil
	}})
}

// chatSince returns the messages of a chat after one.
func (b *Bot) chatSince(ctx context.Context, at place, since string) (all []gen.ChatMessage, err error) {
	for len(all) < 1000 {
		n := len(all)
		if at.room != nil {
			page, err := b.mk.ChatMessagesRoomTimeline(ctx, gen.ChatMessagesRoomTimelineRequest{RoomID: *at.room, SinceID: &since, Limit: new(100)})
			if err != nil {
				return nil, err
			}
			for _, m := range page {
				all = append(all, gen.ChatMessage{ID: m.ID, CreatedAt: m.CreatedAt, Text: m.Text, File: m.File, FileID: m.FileID, FromUserID: m.FromUserID, FromUser: m.FromUser, ToRoomID: at.room})
			}
		} else {
			page, err := b.mk.ChatMessagesUserTimeline(ctx, gen.ChatMessagesUserTimelineRequest{UserID: at.user.ID, SinceID: &since, Limit: new(100)})
			if err != nil {
				return nil, err
			}
			for _, m := range page {
				one := gen.ChatMessage{ID: m.ID, CreatedAt: m.CreatedAt, Text: m.Text, File: m.File, FileID: m.FileID, FromUserID: m.FromUserID, ToUserID: &m.ToUserID}
				if m.FromUserID == at.user.ID {
					one.FromUser = *at.user
				}
				all = append(all, one)
			}
		}
		if len(all) == n {
			break
		}
		since = all[len(all)-1].ID
	}
	return all, nil
}
