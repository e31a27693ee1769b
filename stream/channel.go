package stream

import (
	"fmt"

	"github.com/misskey-go/misskey/gen"
)

// A Channel is something to subscribe to: [Main], [HomeTimeline] and so on. A
// channel that only a fork has is a [Custom].
type Channel interface {
	channelName() string
	params() map[string]any
}

// The channels. Where the document of a field names no default it is false.
type (
	// Main is what happens to the account: notifications, mentions, follows,
	// and more.
	Main struct{}

	// HomeTimeline are the notes of the account, of those that it follows, and
	// of channels that it follows.
	HomeTimeline struct {
		WithoutRenotes bool
		WithFiles      bool // only notes with files
	}

	// LocalTimeline are the public notes of the instance. Where the account may
	// not see them it is confirmed, and stays silent.
	LocalTimeline struct {
		WithoutRenotes bool
		WithReplies    bool // also those to others
		WithFiles      bool
	}

	// HybridTimeline is [HomeTimeline] and [LocalTimeline] in one.
	HybridTimeline struct {
		WithoutRenotes bool
		WithReplies    bool
		WithFiles      bool
	}

	// GlobalTimeline are all public notes that the instance knows. Where the
	// account may not see them it is confirmed, and stays silent.
	GlobalTimeline struct {
		WithoutRenotes bool
		WithFiles      bool
	}

	// UserList are the notes of the members of a list of the account, and who
	// comes and goes.
	UserList struct {
		ListID         string
		WithoutRenotes bool
		WithFiles      bool
	}

	// Hashtag are notes that have all tags of one of several lists, without #.
	// Without any list it is confirmed, and stays silent.
	Hashtag struct{ Query [][]string }

	// RoleTimeline are the public notes of those who have a role that can be
	// explored. One that there is not is confirmed, and stays silent.
	RoleTimeline struct{ RoleID string }

	// Antenna are the notes that an antenna of the account collects.
	Antenna struct{ AntennaID string }

	// ChannelTimeline are the notes in a channel, which is what Misskey calls
	// a place for notes about something; on the wire it is the channel
	// "channel". One that there is not is confirmed, and stays silent.
	ChannelTimeline struct{ ChannelID string }

	// Drive is what happens to the files and folders of the account.
	Drive struct{}

	// ServerStats tell how busy the machine is, where the instance measures.
	ServerStats struct{}

	// QueueStats tell of the queues of the instance.
	QueueStats struct{}

	// Admin are reports to the moderators. For others it is confirmed, and
	// stays silent.
	Admin struct{}

	// ChatUser are the messages between the account and another. An account
	// that there is not is confirmed, and stays silent.
	ChatUser struct{ OtherID string }

	// ChatRoom are the messages in a room of which the account is a member.
	ChatRoom struct{ RoomID string }

	// Reversi are invitations to games.
	Reversi struct{}

	// ReversiGame is a game. One that there is not is confirmed, and stays
	// silent.
	ReversiGame struct{ GameID string }

	// Custom is a channel that this version does not know. Its events are
	// [Unknown].
	Custom struct {
		Name   string
		Params map[string]any

		// Permissions are what the token of an app needs.
		Permissions []gen.Permission
	}
)

// A channelKind is what is known of a channel.
type channelKind struct {
	credential bool           // needs an account
	leaks      bool           // the server goes on after it was left
	permission gen.Permission // that the token of an app needs, beside the one for any stream
	refetch    gen.Permission // that filling gaps needs, beside those
	events     map[string]func() Event
}

// kinds are all channels, by their names.
var kinds = map[string]*channelKind{
	"main": {credential: true, leaks: true, refetch: gen.PermissionReadNotifications, events: map[string]func() Event{
		"notification":         func() Event { return new(Notification) },
		"unreadNotification":   func() Event { return new(UnreadNotification) },
		"readAllNotifications": func() Event { return new(ReadAllNotifications) },
		"notificationFlushed":  func() Event { return new(NotificationFlushed) },
		"mention":              func() Event { return new(Mention) },
		"reply":                func() Event { return new(Reply) },
		"renote":               func() Event { return new(Renote) },
		"follow":               func() Event { return new(Follow) },
		"followed":             func() Event { return new(Followed) },
		"unfollow":             func() Event { return new(Unfollow) },
		"receiveFollowRequest": func() Event { return new(ReceiveFollowRequest) },
		"meUpdated":            func() Event { return new(MeUpdated) },
		"newChatMessage":       func() Event { return new(NewChatMessage) },
		"driveFileCreated":     func() Event { return new(DriveFileCreated) },
		"urlUploadFinished":    func() Event { return new(URLUploadFinished) },
		"registryUpdated":      func() Event { return new(RegistryUpdated) },
		"pageEvent":            func() Event { return new(PageEvent) },
		"announcementCreated":  func() Event { return new(AnnouncementCreated) },
		"readAllAnnouncements": func() Event { return new(ReadAllAnnouncements) },
		"signin":               func() Event { return new(Signin) },
		"myTokenRegenerated":   func() Event { return new(MyTokenRegenerated) },
	}},
	"homeTimeline":   {credential: true, events: noteEvents},
	"localTimeline":  {events: noteEvents},
	"hybridTimeline": {credential: true, events: noteEvents},
	"globalTimeline": {events: noteEvents},
	"userList": {credential: true, events: map[string]func() Event{
		"note":        func() Event { return new(Note) },
		"userAdded":   func() Event { return new(UserAdded) },
		"userRemoved": func() Event { return new(UserRemoved) },
	}},
	"hashtag":      {events: noteEvents},
	"roleTimeline": {events: noteEvents},
	"antenna":      {credential: true, events: noteEvents},
	"channel":      {events: noteEvents},
	"drive": {credential: true, leaks: true, events: map[string]func() Event{
		"fileCreated":   func() Event { return new(FileCreated) },
		"fileUpdated":   func() Event { return new(FileUpdated) },
		"fileDeleted":   func() Event { return new(FileDeleted) },
		"folderCreated": func() Event { return new(FolderCreated) },
		"folderUpdated": func() Event { return new(FolderUpdated) },
		"folderDeleted": func() Event { return new(FolderDeleted) },
	}},
	"serverStats": {events: map[string]func() Event{
		"stats":    func() Event { return new(ServerStat) },
		"statsLog": func() Event { return new(ServerStatsLog) },
	}},
	"queueStats": {events: map[string]func() Event{
		"stats":    func() Event { return new(QueueStat) },
		"statsLog": func() Event { return new(QueueStatsLog) },
	}},
	"admin": {credential: true, leaks: true, permission: "read:admin:stream", events: map[string]func() Event{
		"newAbuseUserReport": func() Event { return new(NewAbuseUserReport) },
	}},
	"chatUser": {credential: true, permission: gen.PermissionReadChat, events: map[string]func() Event{
		"message": func() Event { return new(ChatUserMessage) },
		"deleted": func() Event { return new(ChatDeleted) },
		"react":   func() Event { return new(ChatUserReact) },
		"unreact": func() Event { return new(ChatUserUnreact) },
	}},
	"chatRoom": {credential: true, permission: gen.PermissionReadChat, events: map[string]func() Event{
		"message": func() Event { return new(ChatRoomMessage) },
		"deleted": func() Event { return new(ChatDeleted) },
		"react":   func() Event { return new(ChatRoomReact) },
		"unreact": func() Event { return new(ChatRoomUnreact) },
	}},
	"reversi": {credential: true, events: map[string]func() Event{
		"matched": func() Event { return new(ReversiMatched) },
		"invited": func() Event { return new(ReversiInvited) },
	}},
	"reversiGame": {events: map[string]func() Event{
		"started":           func() Event { return new(ReversiStarted) },
		"ended":             func() Event { return new(ReversiEnded) },
		"canceled":          func() Event { return new(ReversiCanceled) },
		"changeReadyStates": func() Event { return new(ReversiChangeReadyStates) },
		"updateSettings":    func() Event { return new(ReversiUpdateSettings) },
		"log":               func() Event { return new(ReversiLog) },
	}},
}

var noteEvents = map[string]func() Event{"note": func() Event { return new(Note) }}

// A noteEvent is an event about a note that was captured.
type noteEvent interface {
	Event
	note() string // its id
	setNote(id string)
}

// noteKinds are the events about captured notes.
var noteKinds = map[string]func() noteEvent{
	"reacted":   func() noteEvent { return new(NoteReacted) },
	"unreacted": func() noteEvent { return new(NoteUnreacted) },
	"pollVoted": func() noteEvent { return new(NotePollVoted) },
	"deleted":   func() noteEvent { return new(NoteDeleted) },
}

// broadcasts are what everybody is told.
var broadcasts = map[string]func() Event{
	"emojiAdded":          func() Event { return new(EmojiAdded) },
	"emojiUpdated":        func() Event { return new(EmojiUpdated) },
	"emojiDeleted":        func() Event { return new(EmojiDeleted) },
	"announcementCreated": func() Event { return new(AnnouncementCreated) },
}

func describe(c Channel) string {
	if p := c.params(); len(p) > 0 {
		return fmt.Sprintf("%s %v", c.channelName(), p)
	}
	return c.channelName()
}
