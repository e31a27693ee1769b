package stream

import (
	"encoding/json"
	"time"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/eventmeta"
)

// An Event is what [Stream.Events] yields: a pointer to one of the event types of
// this package, such as *[Note] or *[Notification]. A type switch distinguishes
// them. An event that this version does not know is an *[Unknown], so that nothing
// is lost. The methods are those of [Meta], which each event embeds.
type Event = event.Event

// Meta is the part that all events have. A program never fills it in.
type Meta = event.Meta

// From returns the subscription that an event belongs to. It is nil for events of
// captured notes, for what the instance sends to everybody, for events about the
// stream itself, such as [Reconnected], and for those that did not come by a stream.
func From(e Event) *Subscription {
	if e == nil {
		return nil
	}
	sub, _ := event.Kept(e).Source.(*Subscription)
	return sub
}

// kept returns what this package keeps in an event.
func kept(e Event) *eventmeta.Meta { return event.Kept(e) }

// payload returns what the body of an event is decoded into; nil where there is none.
func payload(e Event) any {
	switch e := e.(type) {
	case *Note:
		return &e.Note
	case *Mention:
		return &e.Note
	case *Reply:
		return &e.Note
	case *Renote:
		return &e.Note
	case *Follow:
		return &e.UserDetailed
	case *Followed:
		return &e.UserLite
	case *Unfollow:
		return &e.UserDetailed
	case interface{ payload() any }:
		return e.payload()
	}
	return nil
}

// Events that webhooks have, too. Note is one of a timeline, the others of [Main].
type (
	Note     = event.Note
	Mention  = event.Mention
	Reply    = event.Reply
	Renote   = event.Renote
	Follow   = event.Follow
	Followed = event.Followed
	Unfollow = event.Unfollow
)

// Unknown is an event that this version does not know, or cannot read.
type Unknown = event.Unknown

// Events of [Main].
type (
	// A Notification is a new notification. Filled is as in [Note].
	Notification struct {
		Meta
		gen.Notification
		Filled bool
	}

	// UnreadNotification repeats a notification that the account has not read
	// within two seconds.
	UnreadNotification struct {
		Meta
		gen.Notification
	}

	// ReadAllNotifications reports that the account has read all notifications.
	ReadAllNotifications struct{ Meta }

	// NotificationFlushed reports that all notifications were deleted.
	NotificationFlushed struct{ Meta }

	// ReceiveFollowRequest reports a user who asks to follow the account.
	ReceiveFollowRequest struct {
		Meta
		gen.UserLite
	}

	// MeUpdated holds the account after a change.
	MeUpdated struct {
		Meta
		gen.MeDetailed
	}

	// NewChatMessage reports a message that the account has not read within
	// three seconds.
	NewChatMessage struct {
		Meta
		gen.ChatMessage
	}

	// DriveFileCreated reports a new file of the account.
	DriveFileCreated struct {
		Meta
		gen.DriveFile
	}

	// URLUploadFinished reports that drive/files/upload-from-url has fetched a
	// file. Marker is that of the call. See [Stream.UploadFromURL].
	URLUploadFinished struct {
		Meta   `json:"-"`
		Marker *string       `json:"marker"`
		File   gen.DriveFile `json:"file"`
	}

	// RegistryUpdated reports that a program with the account's own token has
	// written to the registry.
	RegistryUpdated struct {
		Meta  `json:"-"`
		Scope []string        `json:"scope"`
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}

	// PageEvent reports an action of a visitor on a page of the account
	// (page-push). Var is nil if the action has no value.
	PageEvent struct {
		Meta   `json:"-"`
		PageID string           `json:"pageId"`
		Event  string           `json:"event"`
		Var    json.RawMessage  `json:"var,omitempty"`
		UserID string           `json:"userId"`
		User   gen.UserDetailed `json:"user"`
	}

	// AnnouncementCreated reports a new announcement. One for the account alone
	// comes from [Main], one for everybody from no subscription.
	AnnouncementCreated struct {
		Meta         `json:"-"`
		Announcement gen.Announcement `json:"announcement"`
	}

	// ReadAllAnnouncements reports that the account has read all announcements.
	ReadAllAnnouncements struct{ Meta }

	// Signin reports a login to the account.
	Signin struct {
		Meta
		gen.Signin
	}

	// MyTokenRegenerated reports that the account has a new token. This
	// connection goes on; the next one needs the new token.
	MyTokenRegenerated struct{ Meta }
)

func (e *Notification) payload() any         { return &e.Notification }
func (e *UnreadNotification) payload() any   { return &e.Notification }
func (e *ReceiveFollowRequest) payload() any { return &e.UserLite }
func (e *MeUpdated) payload() any            { return &e.MeDetailed }
func (e *NewChatMessage) payload() any       { return &e.ChatMessage }
func (e *DriveFileCreated) payload() any     { return &e.DriveFile }
func (e *URLUploadFinished) payload() any    { return e }
func (e *RegistryUpdated) payload() any      { return e }
func (e *PageEvent) payload() any            { return e }
func (e *AnnouncementCreated) payload() any  { return e }
func (e *Signin) payload() any               { return &e.Signin }

// Events of [UserList].
type (
	// UserAdded reports a user who was added to the list.
	UserAdded struct {
		Meta
		gen.UserLite
	}

	// UserRemoved reports a user who was removed from the list.
	UserRemoved struct {
		Meta
		gen.UserLite
	}
)

func (e *UserAdded) payload() any   { return &e.UserLite }
func (e *UserRemoved) payload() any { return &e.UserLite }

// Events of [Drive].
type (
	// FileCreated reports a new file.
	FileCreated struct {
		Meta
		gen.DriveFile
	}

	// FileUpdated holds a file after a change.
	FileUpdated struct {
		Meta
		gen.DriveFile
	}

	// FileDeleted reports the id of a deleted file.
	FileDeleted struct {
		Meta
		ID string
	}

	// FolderCreated reports a new folder.
	FolderCreated struct {
		Meta
		gen.DriveFolder
	}

	// FolderUpdated holds a folder after a change.
	FolderUpdated struct {
		Meta
		gen.DriveFolder
	}

	// FolderDeleted reports the id of a deleted folder.
	FolderDeleted struct {
		Meta
		ID string
	}
)

func (e *FileCreated) payload() any   { return &e.DriveFile }
func (e *FileUpdated) payload() any   { return &e.DriveFile }
func (e *FileDeleted) payload() any   { return &e.ID }
func (e *FolderCreated) payload() any { return &e.DriveFolder }
func (e *FolderUpdated) payload() any { return &e.DriveFolder }
func (e *FolderDeleted) payload() any { return &e.ID }

// Stats are the load of the machine that the instance runs on.
type Stats struct {
	// CPU is the load, from 0 to 1.
	CPU float64 `json:"cpu"`

	// Mem is in bytes.
	Mem struct {
		Used   float64 `json:"used"`
		Active float64 `json:"active"`
	} `json:"mem"`

	// Net is received and sent, in bytes per second.
	Net struct {
		RX float64 `json:"rx"`
		TX float64 `json:"tx"`
	} `json:"net"`

	// FS is read and written, in operations per second.
	FS struct {
		R float64 `json:"r"`
		W float64 `json:"w"`
	} `json:"fs"`
}

// A QueueCount counts the jobs of a queue.
type QueueCount struct {
	ActiveSincePrevTick int64 `json:"activeSincePrevTick"`
	Active              int64 `json:"active"`
	Waiting             int64 `json:"waiting"`
	Delayed             int64 `json:"delayed"`
}

// Queues are the job queues for what goes to other servers and comes from them.
type Queues struct {
	Deliver QueueCount `json:"deliver"`
	Inbox   QueueCount `json:"inbox"`
}

// Events of [ServerStats], [QueueStats] and [Admin].
type (
	// ServerStat comes every two seconds if the instance measures its load.
	ServerStat struct {
		Meta
		Stats Stats
	}

	// ServerStatsLog is the response to [Subscription.RequestLog]: past stats,
	// the newest first.
	ServerStatsLog struct {
		Meta
		Stats []Stats
	}

	// QueueStat comes every ten seconds.
	QueueStat struct {
		Meta
		Queues Queues
	}

	// QueueStatsLog is the response to [Subscription.RequestLog]: past counts,
	// the newest first.
	QueueStatsLog struct {
		Meta
		Queues []Queues
	}

	// NewAbuseUserReport is a new report to the moderators.
	NewAbuseUserReport struct {
		Meta         `json:"-"`
		ID           string `json:"id"`
		TargetUserID string `json:"targetUserId"`
		ReporterID   string `json:"reporterId"`
		Comment      string `json:"comment"`
	}
)

func (e *ServerStat) payload() any         { return &e.Stats }
func (e *ServerStatsLog) payload() any     { return &e.Stats }
func (e *QueueStat) payload() any          { return &e.Queues }
func (e *QueueStatsLog) payload() any      { return &e.Queues }
func (e *NewAbuseUserReport) payload() any { return e }

// Events of [ChatUser] and [ChatRoom].
type (
	// ChatUserMessage is a new message of either side.
	ChatUserMessage struct {
		Meta
		gen.ChatMessageLiteFor1on1
	}

	// ChatRoomMessage is a new message in a room.
	ChatRoomMessage struct {
		Meta
		gen.ChatMessageLiteForRoom
	}

	// ChatDeleted reports the id of a deleted message.
	ChatDeleted struct {
		Meta
		ID string
	}

	// ChatUserReact reports a reaction of the user who did not write the message.
	ChatUserReact struct {
		Meta      `json:"-"`
		MessageID string `json:"messageId"`
		Reaction  string `json:"reaction"`
	}

	// ChatUserUnreact reports that such a reaction was removed.
	ChatUserUnreact struct {
		Meta      `json:"-"`
		MessageID string `json:"messageId"`
		Reaction  string `json:"reaction"`
	}

	// ChatRoomReact reports a reaction of a member of the room.
	ChatRoomReact struct {
		Meta      `json:"-"`
		MessageID string       `json:"messageId"`
		User      gen.UserLite `json:"user"`
		Reaction  string       `json:"reaction"`
	}

	// ChatRoomUnreact reports that such a reaction was removed.
	ChatRoomUnreact struct {
		Meta      `json:"-"`
		MessageID string       `json:"messageId"`
		User      gen.UserLite `json:"user"`
		Reaction  string       `json:"reaction"`
	}
)

func (e *ChatUserMessage) payload() any { return &e.ChatMessageLiteFor1on1 }
func (e *ChatRoomMessage) payload() any { return &e.ChatMessageLiteForRoom }
func (e *ChatDeleted) payload() any     { return &e.ID }
func (e *ChatUserReact) payload() any   { return e }
func (e *ChatUserUnreact) payload() any { return e }
func (e *ChatRoomReact) payload() any   { return e }
func (e *ChatRoomUnreact) payload() any { return e }

// Events of [Reversi] and [ReversiGame].
type (
	// ReversiInvited reports an invitation to a game by User.
	ReversiInvited struct {
		Meta `json:"-"`
		User gen.UserLite `json:"user"`
	}

	// ReversiMatched reports a game whose players have found each other.
	ReversiMatched struct {
		Meta `json:"-"`
		Game gen.ReversiGameDetailed `json:"game"`
	}

	// ReversiStarted reports that the game begins.
	ReversiStarted struct {
		Meta `json:"-"`
		Game gen.ReversiGameDetailed `json:"game"`
	}

	// ReversiEnded reports that the game is over. WinnerID is nil for a draw.
	ReversiEnded struct {
		Meta     `json:"-"`
		WinnerID *string                 `json:"winnerId"`
		Game     gen.ReversiGameDetailed `json:"game"`
	}

	// ReversiCanceled reports that the user with UserID has called the game off.
	ReversiCanceled struct {
		Meta   `json:"-"`
		UserID string `json:"userId"`
	}

	// ReversiChangeReadyStates reports which players are ready to begin.
	ReversiChangeReadyStates struct {
		Meta  `json:"-"`
		User1 bool `json:"user1"`
		User2 bool `json:"user2"`
	}

	// ReversiUpdateSettings reports a rule that a player has changed.
	ReversiUpdateSettings struct {
		Meta   `json:"-"`
		UserID string          `json:"userId"`
		Key    string          `json:"key"`
		Value  json.RawMessage `json:"value"`
	}

	// ReversiLog reports a move. Time is in milliseconds since 1970; Player is true
	// for black; ID is that of [Subscription.PutStone].
	ReversiLog struct {
		Meta      `json:"-"`
		Time      int64   `json:"time"`
		Player    bool    `json:"player"`
		Operation string  `json:"operation"`
		Pos       int64   `json:"pos"`
		ID        *string `json:"id"`
	}
)

func (e *ReversiInvited) payload() any           { return e }
func (e *ReversiMatched) payload() any           { return e }
func (e *ReversiStarted) payload() any           { return e }
func (e *ReversiEnded) payload() any             { return e }
func (e *ReversiCanceled) payload() any          { return e }
func (e *ReversiChangeReadyStates) payload() any { return e }
func (e *ReversiUpdateSettings) payload() any    { return e }
func (e *ReversiLog) payload() any               { return e }

// Events that the instance sends to everybody, without a subscription.
// [AnnouncementCreated] is one, too.
type (
	// EmojiAdded reports a new custom emoji.
	EmojiAdded struct {
		Meta  `json:"-"`
		Emoji gen.EmojiDetailed `json:"emoji"`
	}

	// EmojiUpdated holds custom emojis after a change.
	EmojiUpdated struct {
		Meta   `json:"-"`
		Emojis []gen.EmojiDetailed `json:"emojis"`
	}

	// EmojiDeleted reports custom emojis that were deleted or renamed. An
	// [EmojiAdded] reports the new name.
	EmojiDeleted struct {
		Meta   `json:"-"`
		Emojis []gen.EmojiDetailed `json:"emojis"`
	}
)

func (e *EmojiAdded) payload() any   { return e }
func (e *EmojiUpdated) payload() any { return e }
func (e *EmojiDeleted) payload() any { return e }

// Events of notes that [Stream.Capture] has named.
type (
	// NoteReacted reports a reaction to the note. Emoji is nil for a Unicode
	// emoji. A user who replaces a reaction causes a [NoteUnreacted] first.
	NoteReacted struct {
		Meta     `json:"-"`
		NoteID   string         `json:"-"`
		Reaction string         `json:"reaction"`
		Emoji    *ReactionEmoji `json:"emoji"`
		UserID   string         `json:"userId"`
	}

	// NoteUnreacted reports that a reaction was removed.
	NoteUnreacted struct {
		Meta     `json:"-"`
		NoteID   string `json:"-"`
		Reaction string `json:"reaction"`
		UserID   string `json:"userId"`
	}

	// NotePollVoted reports a vote. Choice counts from 0.
	NotePollVoted struct {
		Meta   `json:"-"`
		NoteID string `json:"-"`
		Choice int64  `json:"choice"`
		UserID string `json:"userId"`
	}

	// NoteDeleted reports that the note was deleted. Filled is as in [Note];
	// DeletedAt is then when the stream noticed.
	NoteDeleted struct {
		Meta      `json:"-"`
		NoteID    string    `json:"-"`
		DeletedAt time.Time `json:"deletedAt"`
		Filled    bool      `json:"-"`
	}

	// NoteFilled holds a captured note as it is after an interruption. It stands
	// for the events of that note which the stream has missed.
	NoteFilled struct {
		Meta
		gen.Note
	}
)

// A ReactionEmoji is the custom emoji of a reaction. Its name is name@. for one
// of the instance, and name@host for another.
type ReactionEmoji struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (e *NoteReacted) payload() any   { return e }
func (e *NoteUnreacted) payload() any { return e }
func (e *NotePollVoted) payload() any { return e }
func (e *NoteDeleted) payload() any   { return e }

func (e *NoteReacted) note() string   { return e.NoteID }
func (e *NoteUnreacted) note() string { return e.NoteID }
func (e *NotePollVoted) note() string { return e.NoteID }
func (e *NoteDeleted) note() string   { return e.NoteID }

func (e *NoteReacted) setNote(id string)   { e.NoteID = id }
func (e *NoteUnreacted) setNote(id string) { e.NoteID = id }
func (e *NotePollVoted) setNote(id string) { e.NoteID = id }
func (e *NoteDeleted) setNote(id string)   { e.NoteID = id }

// Events about the stream itself. They are never dropped.
type (
	// Connected reports that the first connection is there, and that its
	// subscriptions are confirmed or refused.
	Connected struct{ Meta }

	// Disconnected reports that a connection has ended, and why. The stream
	// connects again by itself; no other Disconnected comes before that is
	// reported.
	Disconnected struct {
		Meta

		// Err is why.
		Err error

		// Overflow reports that the stream has ended it itself, because events
		// came faster than they were taken.
		Overflow bool
	}

	// Reconnected reports that the connection is there again. It comes after the
	// events that were fetched in place of those that were not sent meanwhile,
	// and before those that come now. What everybody is sent without a
	// subscription, such as [EmojiAdded], is not fetched.
	Reconnected struct {
		Meta

		// Since is when the connection had ended.
		Since time.Time

		// Filled is how many events were fetched.
		Filled int

		// Missed lists the subscriptions of which events may be missing.
		Missed []Missed
	}

	// Refused reports that the instance has not confirmed a subscription, which
	// ends with that. The instance never says why; see [RefusedError].
	Refused struct {
		Meta
		Err error
	}

	// Dropped reports how many events were thrown away, the oldest ones, because
	// they came faster than they were taken.
	Dropped struct {
		Meta
		Count int
	}
)

// Missed reports that events of a subscription, or with a nil Subscription of notes
// that were captured, may be missing.
type Missed struct {
	Subscription *Subscription

	// Why is for people.
	Why string

	// Types are the types of these events as Misskey calls them, such as
	// "unfollow", where they are known.
	Types []string

	// Cut reports that events which can be fetched were not: there were too
	// many, or fetching them failed. Otherwise no endpoint lists them, and the
	// same types are named after each interruption.
	Cut bool
}
