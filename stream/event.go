package stream

import (
	"encoding/json"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// An Event is what a [Stream] yields: one of the types of this package that end
// in it, such as *[Note] or *[Notification]. What it does not know is an
// *[Unknown], so that tomorrow's events are not lost.
type Event interface {
	// From is the subscription that the event comes from, or nil where it comes
	// from none: what is told of notes that were captured, what everybody is
	// told, and what the stream tells of itself.
	From() *Subscription

	setFrom(*Subscription)

	// Raw is the body of the event as it was received or fetched, where
	// [Options].KeepRaw says so, and nil otherwise, as it is for what the stream
	// tells of itself.
	Raw() json.RawMessage

	setRaw(json.RawMessage)

	// Mismatches are the values in the body that are of another kind than their
	// field, which is at zero. Mostly there are none.
	Mismatches() []misskey.Mismatch

	setMismatches([]decode.Mismatch)

	// size is how many bytes of memory the event takes, at most.
	size() int
	setSize(int)

	// payload is what the body of the event is decoded into; nil where there is
	// none.
	payload() any
}

// In is part of every event: where it comes from.
type In struct {
	sub        *Subscription
	bytes      int
	raw        json.RawMessage
	mismatches *[]misskey.Mismatch // nil for none
}

// From is the subscription that the event comes from, or nil.
func (in *In) From() *Subscription { return in.sub }

func (in *In) setFrom(sub *Subscription) { in.sub = sub }

// Raw is the body of the event as it was received or fetched, where [Options].KeepRaw
// says so, or nil.
func (in *In) Raw() json.RawMessage { return in.raw }

func (in *In) setRaw(body json.RawMessage) { in.raw = body }

// Mismatches are the values in the body that are of another kind than their field,
// which is at zero. Mostly there are none.
func (in *In) Mismatches() []misskey.Mismatch {
	if in.mismatches == nil {
		return nil
	}
	return *in.mismatches
}

func (in *In) setMismatches(found []decode.Mismatch) {
	all := make([]misskey.Mismatch, len(found))
	for i, m := range found {
		all[i] = misskey.Mismatch(m)
	}
	in.mismatches = &all
}

func (in *In) size() int     { return in.bytes }
func (in *In) setSize(n int) { in.bytes = n }

func (in *In) payload() any { return nil }

// A Note is a new note of a timeline. It looks to everybody the same: without
// reactions of one's own, and with counts of 0. Filled says that it was not sent
// by the stream, but fetched after the stream had been interrupted.
type Note struct {
	In
	gen.Note
	Filled bool
}

func (e *Note) payload() any { return &e.Note }

// Events of [Main].
type (
	// A Notification is a new one. Filled is as in [Note].
	Notification struct {
		In
		gen.Notification
		Filled bool
	}

	// An UnreadNotification is one that has not been read within two seconds.
	UnreadNotification struct {
		In
		gen.Notification
	}

	// ReadAllNotifications says that all have been read.
	ReadAllNotifications struct{ In }

	// NotificationFlushed says that all have been deleted.
	NotificationFlushed struct{ In }

	// Mention reports a note that mentions the account, replies to it or is for it
	// alone. Filled is as in [Note].
	Mention struct {
		In
		gen.Note
		Filled bool
	}

	// Reply reports a note that replies to one of the account. Filled is as in
	// [Note].
	Reply struct {
		In
		gen.Note
		Filled bool
	}

	// Renote reports a note of somebody else that renotes or quotes one of the
	// account. Filled is as in [Note].
	Renote struct {
		In
		gen.Note
		Filled bool
	}

	// A Follow is whom the account has begun to follow.
	Follow struct {
		In
		gen.UserDetailed
	}

	// A Followed is who has begun to follow the account.
	Followed struct {
		In
		gen.UserLite
	}

	// An Unfollow is whom the account does not follow any more.
	Unfollow struct {
		In
		gen.UserDetailed
	}

	// A ReceiveFollowRequest is who has asked to follow the account.
	ReceiveFollowRequest struct {
		In
		gen.UserLite
	}

	// A MeUpdated is the account after it has changed.
	MeUpdated struct {
		In
		gen.MeDetailed
	}

	// A NewChatMessage is a message that has not been read within three
	// seconds.
	NewChatMessage struct {
		In
		gen.ChatMessage
	}

	// A DriveFileCreated is a new file of the account.
	DriveFileCreated struct {
		In
		gen.DriveFile
	}

	// A URLUploadFinished is a file that drive/files/upload-from-url has
	// fetched, with the marker of the call. See [Stream.UploadFromURL].
	URLUploadFinished struct {
		In     `json:"-"`
		Marker *string       `json:"marker"`
		File   gen.DriveFile `json:"file"`
	}

	// A RegistryUpdated is what has been written to the registry with the
	// account's own token.
	RegistryUpdated struct {
		In    `json:"-"`
		Scope []string        `json:"scope"`
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}

	// A PageEvent is what somebody has done on a page of the account
	// (page-push). Var is nil where there is none.
	PageEvent struct {
		In     `json:"-"`
		PageID string           `json:"pageId"`
		Event  string           `json:"event"`
		Var    json.RawMessage  `json:"var,omitempty"`
		UserID string           `json:"userId"`
		User   gen.UserDetailed `json:"user"`
	}

	// An AnnouncementCreated is an announcement: from [Main] for the account,
	// from no subscription for everybody.
	AnnouncementCreated struct {
		In           `json:"-"`
		Announcement gen.Announcement `json:"announcement"`
	}

	// ReadAllAnnouncements says that all have been read.
	ReadAllAnnouncements struct{ In }

	// A Signin is a login to the account.
	Signin struct {
		In
		gen.Signin
	}

	// MyTokenRegenerated says that the account has another token. This
	// connection goes on; the next one needs the new token.
	MyTokenRegenerated struct{ In }
)

func (e *Notification) payload() any         { return &e.Notification }
func (e *UnreadNotification) payload() any   { return &e.Notification }
func (e *Mention) payload() any              { return &e.Note }
func (e *Reply) payload() any                { return &e.Note }
func (e *Renote) payload() any               { return &e.Note }
func (e *Follow) payload() any               { return &e.UserDetailed }
func (e *Followed) payload() any             { return &e.UserLite }
func (e *Unfollow) payload() any             { return &e.UserDetailed }
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
	// A UserAdded is who has been put on the list.
	UserAdded struct {
		In
		gen.UserLite
	}

	// A UserRemoved is who has been taken off the list.
	UserRemoved struct {
		In
		gen.UserLite
	}
)

func (e *UserAdded) payload() any   { return &e.UserLite }
func (e *UserRemoved) payload() any { return &e.UserLite }

// Events of [Drive].
type (
	// A FileCreated is a new file.
	FileCreated struct {
		In
		gen.DriveFile
	}

	// A FileUpdated is a file after it has changed.
	FileUpdated struct {
		In
		gen.DriveFile
	}

	// A FileDeleted is the id of a file that is gone.
	FileDeleted struct {
		In
		ID string
	}

	// A FolderCreated is a new folder.
	FolderCreated struct {
		In
		gen.DriveFolder
	}

	// A FolderUpdated is a folder after it has changed.
	FolderUpdated struct {
		In
		gen.DriveFolder
	}

	// A FolderDeleted is the id of a folder that is gone.
	FolderDeleted struct {
		In
		ID string
	}
)

func (e *FileCreated) payload() any   { return &e.DriveFile }
func (e *FileUpdated) payload() any   { return &e.DriveFile }
func (e *FileDeleted) payload() any   { return &e.ID }
func (e *FolderCreated) payload() any { return &e.DriveFolder }
func (e *FolderUpdated) payload() any { return &e.DriveFolder }
func (e *FolderDeleted) payload() any { return &e.ID }

// Stats tell how busy the machine of a server is.
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

// A QueueCount tells of the jobs of a queue.
type QueueCount struct {
	ActiveSincePrevTick int64 `json:"activeSincePrevTick"`
	Active              int64 `json:"active"`
	Waiting             int64 `json:"waiting"`
	Delayed             int64 `json:"delayed"`
}

// Queues are the queues of what goes to other servers and comes from them.
type Queues struct {
	Deliver QueueCount `json:"deliver"`
	Inbox   QueueCount `json:"inbox"`
}

// Events of [ServerStats], [QueueStats] and [Admin].
type (
	// A ServerStat comes every two seconds, where the instance measures.
	ServerStat struct {
		In
		Stats Stats
	}

	// A ServerStatsLog are the last stats, the newest first, after
	// [Subscription.RequestLog].
	ServerStatsLog struct {
		In
		Stats []Stats
	}

	// A QueueStat comes every ten seconds.
	QueueStat struct {
		In
		Queues Queues
	}

	// A QueueStatsLog are the last stats, the newest first, after
	// [Subscription.RequestLog].
	QueueStatsLog struct {
		In
		Queues []Queues
	}

	// A NewAbuseUserReport is a report to the moderators.
	NewAbuseUserReport struct {
		In           `json:"-"`
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
	// A ChatUserMessage is a new message, of either side.
	ChatUserMessage struct {
		In
		gen.ChatMessageLiteFor1on1
	}

	// A ChatRoomMessage is a new message in a room.
	ChatRoomMessage struct {
		In
		gen.ChatMessageLiteForRoom
	}

	// A ChatDeleted is the id of a message that is gone.
	ChatDeleted struct {
		In
		ID string
	}

	// A ChatUserReact is a reaction of the one who did not write the message.
	ChatUserReact struct {
		In        `json:"-"`
		MessageID string `json:"messageId"`
		Reaction  string `json:"reaction"`
	}

	// A ChatUserUnreact is one that was taken back.
	ChatUserUnreact struct {
		In        `json:"-"`
		MessageID string `json:"messageId"`
		Reaction  string `json:"reaction"`
	}

	// A ChatRoomReact is a reaction of somebody in the room.
	ChatRoomReact struct {
		In        `json:"-"`
		MessageID string       `json:"messageId"`
		User      gen.UserLite `json:"user"`
		Reaction  string       `json:"reaction"`
	}

	// A ChatRoomUnreact is one that was taken back.
	ChatRoomUnreact struct {
		In        `json:"-"`
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
	// A ReversiInvited is who asks for a game.
	ReversiInvited struct {
		In   `json:"-"`
		User gen.UserLite `json:"user"`
	}

	// A ReversiMatched is a game with somebody who has accepted.
	ReversiMatched struct {
		In   `json:"-"`
		Game gen.ReversiGameDetailed `json:"game"`
	}

	// A ReversiStarted is a game that begins.
	ReversiStarted struct {
		In   `json:"-"`
		Game gen.ReversiGameDetailed `json:"game"`
	}

	// A ReversiEnded is a game that is over. WinnerID is nil for a draw.
	ReversiEnded struct {
		In       `json:"-"`
		WinnerID *string                 `json:"winnerId"`
		Game     gen.ReversiGameDetailed `json:"game"`
	}

	// A ReversiCanceled is who does not want to play after all.
	ReversiCanceled struct {
		In     `json:"-"`
		UserID string `json:"userId"`
	}

	// A ReversiChangeReadyStates is who is ready.
	ReversiChangeReadyStates struct {
		In    `json:"-"`
		User1 bool `json:"user1"`
		User2 bool `json:"user2"`
	}

	// A ReversiUpdateSettings is a rule that a player has changed.
	ReversiUpdateSettings struct {
		In     `json:"-"`
		UserID string          `json:"userId"`
		Key    string          `json:"key"`
		Value  json.RawMessage `json:"value"`
	}

	// A ReversiLog is a move. Time is in milliseconds since 1970; Player is true
	// for black; ID is that of [Subscription.PutStone].
	ReversiLog struct {
		In        `json:"-"`
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

// What everybody is told, without a subscription; [AnnouncementCreated] also is.
type (
	// An EmojiAdded is a new custom emoji.
	EmojiAdded struct {
		In    `json:"-"`
		Emoji gen.EmojiDetailed `json:"emoji"`
	}

	// An EmojiUpdated are custom emojis after they have changed.
	EmojiUpdated struct {
		In     `json:"-"`
		Emojis []gen.EmojiDetailed `json:"emojis"`
	}

	// An EmojiDeleted are custom emojis that are gone, or have another name now,
	// which an [EmojiAdded] tells.
	EmojiDeleted struct {
		In     `json:"-"`
		Emojis []gen.EmojiDetailed `json:"emojis"`
	}
)

func (e *EmojiAdded) payload() any   { return e }
func (e *EmojiUpdated) payload() any { return e }
func (e *EmojiDeleted) payload() any { return e }

// What is told of notes that [Stream.Capture] has named.
type (
	// A NoteReacted is a reaction. Emoji is nil for one of Unicode. A reaction
	// that takes the place of another comes after a [NoteUnreacted].
	NoteReacted struct {
		In       `json:"-"`
		NoteID   string         `json:"-"`
		Reaction string         `json:"reaction"`
		Emoji    *ReactionEmoji `json:"emoji"`
		UserID   string         `json:"userId"`
	}

	// A NoteUnreacted is a reaction that was taken back.
	NoteUnreacted struct {
		In       `json:"-"`
		NoteID   string `json:"-"`
		Reaction string `json:"reaction"`
		UserID   string `json:"userId"`
	}

	// A NotePollVoted is a vote for a choice, counted from 0.
	NotePollVoted struct {
		In     `json:"-"`
		NoteID string `json:"-"`
		Choice int64  `json:"choice"`
		UserID string `json:"userId"`
	}

	// A NoteDeleted says that a note is gone. Filled is as in [Note]; DeletedAt
	// is when that was noticed then.
	NoteDeleted struct {
		In        `json:"-"`
		NoteID    string    `json:"-"`
		DeletedAt time.Time `json:"deletedAt"`
		Filled    bool      `json:"-"`
	}

	// A NoteFilled is a captured note as it is after the stream had been
	// interrupted, in place of what was not told of it meanwhile.
	NoteFilled struct {
		In
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
	Connected struct{ In }

	// Disconnected reports that a connection has ended, and why. The stream
	// connects again by itself; no other Disconnected comes before that is
	// reported.
	Disconnected struct {
		In

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
		In

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
		In
		Err error
	}

	// Dropped reports how many events were thrown away, the oldest ones, because
	// they came faster than they were taken.
	Dropped struct {
		In
		Count int
	}

	// Unknown is something that this version does not know, or cannot read.
	Unknown struct {
		In

		// Type is the type of the message: "channel" for an event of a
		// channel, "noteUpdated" for one of a note.
		Type string

		// Event is the type of the event in it, and NoteID the note that it
		// is about, if any.
		Event, NoteID string

		// Body is what it is about, or all of a message that cannot be read.
		Body json.RawMessage

		// Err is why it cannot be read; nil where it is just not known.
		Err error
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
