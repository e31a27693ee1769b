package bot

import (
	"context"
	"errors"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
	"github.com/misskey-go/misskey/stream"
)

// A Kind is what a message is. A note that is of several kinds is of the last.
type Kind int

// The kinds of messages.
const (
	Mention Kind = iota // a note that mentions the account
	Quote               // a note that quotes one of the account
	Reply               // a note that replies to one of the account
	Direct              // a note that only those who are named can read
	Chat                // a message of a chat
)

// String returns the name in lower case.
func (k Kind) String() string {
	names := [...]string{"mention", "quote", "reply", "direct", "chat"}
	if k < 0 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// A Message is something that was said to the account. It must not be used after its
// handler has returned.
type Message struct {
	Kind Kind

	// From is who has said it.
	From gen.UserLite

	// Text is what was said, without mentions of the account and without spaces
	// around. It is empty for a message that consists of files.
	Text string

	// Note is the note; nil for [Chat].
	Note *gen.Note

	// ChatMessage is the message of a chat; nil for others.
	ChatMessage *gen.ChatMessage

	b      *Bot
	thread string
	staged map[string]entry // what the handler has saved, by key
}

// ID returns the id of the note or the chat message.
func (m *Message) ID() string {
	if m.Note != nil {
		return m.Note.ID
	}
	return m.ChatMessage.ID
}

// Private reports whether others than those who are named cannot read the message.
func (m *Message) Private() bool {
	return m.Note == nil || m.Note.Visibility == gen.NoteVisibilitySpecified || m.Note.Visibility == gen.NoteVisibilityFollowers
}

// Reply replies to the message, for those who can read it: with its visibility, its
// recipients and its content warning (see [misskey.ReplyTo]). It returns the id of
// what it has posted.
func (m *Message) Reply(ctx context.Context, text string) (id string, err error) {
	if m.Kind == Chat {
		return m.chat(ctx, text)
	}
	return m.ReplyWith(ctx, gen.NotesCreateRequest{Text: &text})
}

// ReplyWith replies with a note that has more than text, such as files or a poll. Who
// can read it, its content warning and what it replies to are set as by
// [Message.Reply]. It cannot be used in chats.
func (m *Message) ReplyWith(ctx context.Context, note gen.NotesCreateRequest) (id string, err error) {
	if m.Kind == Chat {
		return "", errors.New("bot: ReplyWith: a chat has no notes")
	}
	as := misskey.ReplyTo(m.Note, m.b.me.ID)
	note.ReplyID, note.Visibility, note.VisibleUserIDs = as.ReplyID, as.Visibility, as.VisibleUserIDs
	note.LocalOnly, note.ChannelID = as.LocalOnly, as.ChannelID
	if as.CW != nil {
		note.CW = as.CW
	}
	return m.post(ctx, note)
}

// Say posts something that is not a reply, for those who can read the message. After
// a message for followers it is for the author of the message alone, because the
// followers of the bot are other people. Answers to it belong to the conversation.
// After a crash the bot does not recognize it as its response: see the documentation
// of the package.
func (m *Message) Say(ctx context.Context, text string) (id string, err error) {
	if m.Kind == Chat {
		return m.chat(ctx, text)
	}
	note := misskey.ReplyTo(m.Note, m.b.me.ID)
	note.ReplyID, note.Text = nil, &text
	if *note.Visibility == gen.NoteVisibilityFollowers {
		note.Visibility, note.VisibleUserIDs = new(gen.NoteVisibilitySpecified), []string{m.From.ID}
	}
	return m.post(ctx, note)
}

func (m *Message) post(ctx context.Context, note gen.NotesCreateRequest) (id string, err error) {
	res, err := m.b.api.NotesCreate(ctx, note)
	if err != nil {
		return "", err
	}
	m.b.store.setThread(res.CreatedNote.ID, m.thread)
	return res.CreatedNote.ID, nil
}

func (m *Message) chat(ctx context.Context, text string) (id string, err error) {
	if room := m.ChatMessage.ToRoomID; room != nil {
		res, err := m.b.api.ChatMessagesCreateToRoom(ctx, gen.ChatMessagesCreateToRoomRequest{ToRoomID: *room, Text: &text})
		if err != nil {
			return "", err
		}
		return res.ID, nil
	}
	res, err := m.b.api.ChatMessagesCreateToUser(ctx, gen.ChatMessagesCreateToUserRequest{ToUserID: m.From.ID, Text: &text})
	if err != nil {
		return "", err
	}
	return res.ID, nil
}

// React reacts to the message, such as with "👍" or ":name:". To react twice in the
// same way is not an error.
func (m *Message) React(ctx context.Context, reaction string) error {
	if m.Kind == Chat {
		return m.b.api.ChatMessagesReact(ctx, gen.ChatMessagesReactRequest{MessageID: m.ID(), Reaction: reaction})
	}
	err := m.b.api.NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{NoteID: m.Note.ID, Reaction: reaction})
	if errors.Is(err, gen.ErrAlreadyReacted) {
		return nil
	}
	return err
}

// Conversation returns the state of the conversation that the message belongs to.
func (m *Message) Conversation() *State { return &State{m.b.store, "thread " + m.thread, m} }

// User returns the state of the one who wrote the message.
func (m *Message) User() *State { return &State{m.b.store, "user " + m.From.ID, m} }

// note takes an event about a note. Only the first one of a note is a message.
func (b *Bot) note(ctx context.Context, event stream.Event, note *gen.Note) {
	kind, ok := b.kindOf(note)
	handle := b.messages[kind]
	if handle == nil {
		handle = b.anyMessage
	}
	if !ok || handle == nil || !b.store.begin(note.ID) {
		return
	}
	m := &Message{Kind: kind, From: note.User, Note: note, Text: b.said(gen.Or(note.Text, "")), b: b, thread: b.store.threadOf(note)}
	b.store.setThread(note.ID, m.thread) // before somebody replies to the reply
	b.jobs.add(ctx, job{conversation: m.thread, message: m, check: b.recovering, done: b.hold(event), run: handle})
}

// kindOf returns what a note is to the account, and whether it is a message.
func (b *Bot) kindOf(note *gen.Note) (kind Kind, ok bool) {
	switch {
	case note.UserID == b.me.ID, note.User.IsBot && !b.opts.AnswerBots, gen.Or(note.IsHidden, false):
		return 0, false
	case note.Visibility == gen.NoteVisibilitySpecified:
		return Direct, true
	case note.Reply != nil && note.Reply.UserID == b.me.ID:
		return Reply, true
	case note.Renote != nil && note.Renote.UserID == b.me.ID:
		return Quote, note.Text != nil || note.CW != nil || len(note.FileIDs) > 0 || note.Poll != nil
	}
	return Mention, true
}

// said returns a text without mentions of the account.
func (b *Bot) said(text string) string {
	return strings.TrimSpace(mfm.WithoutMentions(text, func(m *mfm.Mention) bool {
		return strings.EqualFold(m.Username, b.me.Username) && (m.Host == "" || strings.EqualFold(m.Host, b.host()))
	}))
}

// host returns that of the instance.
func (b *Bot) host() string {
	_, host, _ := strings.Cut(b.mk.BaseURL(), "://")
	return host
}

// answered reports whether the account has replied to a note.
func (b *Bot) answered(ctx context.Context, note *gen.Note) (bool, error) {
	n := 0
	for reply, err := range b.mk.NotesRepliesAll(ctx, gen.NotesRepliesRequest{NoteID: note.ID, Limit: new(100)}) {
		if err != nil {
			return false, err
		}
		if reply.UserID == b.me.ID {
			return true, nil
		}
		if n++; n == maxReplies {
			break
		}
	}
	return false, nil
}

// maxReplies is how many replies are looked through for that of the account.
const maxReplies = 1000
