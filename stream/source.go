package stream

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// pageSize is how many items are asked for at once.
const pageSize = 100

// A source is an endpoint that lists what a channel has sent.
type source struct {
	endpoint string
	types    []string // of the events that it brings again

	// page returns what comes after a place in the list.
	page func(ctx context.Context, mk *gen.Client, after cursor) ([]item, error)
}

// A cursor is a place in a list: after an item or, where the list begins, after a
// time.
type cursor struct {
	date *gen.UnixMilli
	id   *string
}

// An item is one of a list, and the events that have told of it.
type item struct {
	id      string
	created time.Time
	events  []Event
}

// sourcesOf returns what fills the gaps of a channel, or why nothing does.
func (s *Stream) sourcesOf(c Channel) (sources []source, why string) {
	limit := new(pageSize)
	timeline := func(endpoint string, page func(context.Context, *gen.Client, cursor) ([]gen.Note, error)) []source {
		return []source{{endpoint, []string{"note"}, func(ctx context.Context, mk *gen.Client, after cursor) ([]item, error) {
			return items(page(ctx, mk, after))(func(n gen.Note) item {
				return item{n.ID, n.CreatedAt, []Event{&Note{Note: n, Filled: true}}}
			})
		}}}
	}
	switch c := c.(type) {
	case HomeTimeline:
		return timeline("notes/timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesTimeline(ctx, gen.NotesTimelineRequest{
				SinceDate: after.date, SinceID: after.id, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
			})
		}), ""
	case LocalTimeline:
		return timeline("notes/local-timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesLocalTimeline(ctx, gen.NotesLocalTimelineRequest{
				SinceDate: after.date, SinceID: after.id, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithReplies: &c.WithReplies, WithFiles: &c.WithFiles,
			})
		}), ""
	case HybridTimeline:
		return timeline("notes/hybrid-timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesHybridTimeline(ctx, gen.NotesHybridTimelineRequest{
				SinceDate: after.date, SinceID: after.id, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithReplies: &c.WithReplies, WithFiles: &c.WithFiles,
			})
		}), ""
	case GlobalTimeline:
		return timeline("notes/global-timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesGlobalTimeline(ctx, gen.NotesGlobalTimelineRequest{
				SinceDate: after.date, SinceID: after.id, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
			})
		}), ""
	case UserList:
		return timeline("notes/user-list-timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesUserListTimeline(ctx, gen.NotesUserListTimelineRequest{
				ListID: c.ListID, SinceDate: after.date, SinceID: after.id, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
			})
		}), "who has come to the list or gone cannot be fetched"
	case Hashtag:
		if len(c.Query) == 0 {
			return nil, "" // it is silent
		}
		return timeline("notes/search-by-tag", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.NotesSearchByTag(ctx, gen.NotesSearchByTagRequest{Query: c.Query, SinceDate: after.date, SinceID: after.id, Limit: limit})
		}), ""
	case RoleTimeline:
		return timeline("roles/notes", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.RolesNotes(ctx, gen.RolesNotesRequest{RoleID: c.RoleID, SinceDate: after.date, SinceID: after.id, Limit: limit})
		}), ""
	case ChannelTimeline:
		return timeline("channels/timeline", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.ChannelsTimeline(ctx, gen.ChannelsTimelineRequest{ChannelID: c.ChannelID, SinceDate: after.date, SinceID: after.id, Limit: limit})
		}), ""
	case Antenna:
		if !s.opts.FillAntennas {
			return nil, "antennas are only fetched with FillAntennas, because that reactivates them"
		}
		return timeline("antennas/notes", func(ctx context.Context, mk *gen.Client, after cursor) ([]gen.Note, error) {
			return mk.AntennasNotes(ctx, gen.AntennasNotesRequest{AntennaID: c.AntennaID, SinceDate: after.date, SinceID: after.id, Limit: limit})
		}), ""
	case Main:
		return []source{
			{"notes/mentions", []string{"mention", "reply"}, s.mentions},
			{"i/notifications", []string{"notification", "renote"}, notifications},
		}, "of what happens to the account only notifications, mentions, replies and renotes can be fetched"
	case ChatUser:
		if !s.opts.FillChats {
			return nil, "chats are only fetched with FillChats, because that marks them as read"
		}
		return []source{{"chat/messages/user-timeline", []string{"message"}, func(ctx context.Context, mk *gen.Client, after cursor) ([]item, error) {
			return items(mk.ChatMessagesUserTimeline(ctx, gen.ChatMessagesUserTimelineRequest{
				UserID: c.OtherID, SinceDate: after.date, SinceID: after.id, Limit: limit,
			}))(func(m gen.ChatMessageLiteFor1on1) item {
				return item{m.ID, m.CreatedAt, []Event{&ChatUserMessage{ChatMessageLiteFor1on1: m}}}
			})
		}}}, "of a chat only messages can be fetched"
	case ChatRoom:
		if !s.opts.FillChats {
			return nil, "chats are only fetched with FillChats, because that marks them as read"
		}
		return []source{{"chat/messages/room-timeline", []string{"message"}, func(ctx context.Context, mk *gen.Client, after cursor) ([]item, error) {
			return items(mk.ChatMessagesRoomTimeline(ctx, gen.ChatMessagesRoomTimelineRequest{
				RoomID: c.RoomID, SinceDate: after.date, SinceID: after.id, Limit: limit,
			}))(func(m gen.ChatMessageLiteForRoom) item {
				return item{m.ID, m.CreatedAt, []Event{&ChatRoomMessage{ChatMessageLiteForRoom: m}}}
			})
		}}}, "of a chat only messages can be fetched"
	case ServerStats, QueueStats:
		return nil, "" // the next one says all
	}
	return nil, "no endpoint lists what was sent"
}

// items makes items of what an endpoint has listed.
func items[T any](list []T, err error) func(func(T) item) ([]item, error) {
	return func(make func(T) item) (all []item, _ error) {
		for _, one := range list {
			all = append(all, make(one))
		}
		return all, err
	}
}

// mentions lists the notes that [Mention] and [Reply] have told of.
func (s *Stream) mentions(ctx context.Context, mk *gen.Client, after cursor) ([]item, error) {
	me, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return items(mk.NotesMentions(ctx, gen.NotesMentionsRequest{
		SinceDate: after.date, SinceID: after.id, Limit: new(pageSize),
	}))(func(n gen.Note) item {
		one := item{n.ID, n.CreatedAt, []Event{&Mention{Note: n, Filled: true}}}
		if n.Reply != nil && n.Reply.UserID == me {
			one.events = append(one.events, &Reply{Note: n, Filled: true})
		}
		return one
	})
}

// me is the id of the account.
func (s *Stream) me(ctx context.Context) (string, error) {
	s.mu.Lock()
	id := s.userID
	s.mu.Unlock()
	if id != "" {
		return id, nil
	}
	account, err := s.mk.I(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.userID = account.ID
	return account.ID, nil
}

// notifications lists notifications, and among them the notes that [Renote] has
// told of. It leaves them unread.
func notifications(ctx context.Context, mk *gen.Client, after cursor) ([]item, error) {
	return items(mk.INotifications(ctx, gen.INotificationsRequest{
		SinceDate: after.date, SinceID: after.id, Limit: new(pageSize), MarkAsRead: new(false),
	}))(func(n gen.Notification) item {
		one := item{id: n.ID, created: n.CreatedAt}
		switch n.Type {
		case gen.NotificationTypeRenote, gen.NotificationTypeQuote:
			if n.Note != nil {
				one.events = append(one.events, &Renote{Note: *n.Note, Filled: true})
			}
		}
		one.events = append(one.events, &Notification{Notification: n, Filled: true})
		return one
	})
}

// unlisted are the types of the events of a channel that no endpoint lists.
func unlisted(c Channel, sources []source) (types []string) {
	kind := kinds[c.channelName()]
	if kind == nil {
		return nil
	}
	for name := range kind.events {
		if !slices.ContainsFunc(sources, func(s source) bool { return slices.Contains(s.types, name) }) {
			types = append(types, name)
		}
	}
	slices.Sort(types)
	return types
}

// fetches reports whether an event can be fetched, with the mutex held.
func (s *Stream) fetches(event Event) bool {
	sub := From(event)
	if s.opts.NoFill || idOf(event) == "" {
		return false
	}
	sources, _ := s.sourcesOf(sub.channel)
	return slices.ContainsFunc(sources, func(from source) bool {
		return slices.Contains(from.types, typeOf(event)) && !sub.denied[from.endpoint]
	})
}

// idOf is by what an event that can also be fetched is told apart from the others
// of its subscription.
func idOf(event Event) string {
	switch event := event.(type) {
	case *Note:
		return event.ID
	case *Notification:
		return event.ID
	case *Mention:
		return "mention " + event.ID
	case *Reply:
		return "reply " + event.ID
	case *Renote:
		return "renote " + event.ID
	case *ChatUserMessage:
		return event.ID
	case *ChatRoomMessage:
		return event.ID
	}
	return ""
}

// createdAt is when what can be fetched was made, by the clock of the instance.
func createdAt(event Event) time.Time {
	switch event := event.(type) {
	case *Note:
		return event.CreatedAt
	case *Notification:
		return event.CreatedAt
	case *Mention:
		return event.CreatedAt
	case *Reply:
		return event.CreatedAt
	case *Renote:
		return event.CreatedAt
	case *ChatUserMessage:
		return event.CreatedAt
	case *ChatRoomMessage:
		return event.CreatedAt
	}
	return time.Time{}
}

// typeOf is what Misskey calls the type of an event.
func typeOf(event Event) string {
	if event, ok := event.(*Unknown); ok {
		if event.Event == "" {
			return event.Type
		}
		return event.Event
	}
	return eventTypes[reflect.TypeOf(event)]
}

var eventTypes = func() map[reflect.Type]string {
	types := map[reflect.Type]string{}
	for _, kind := range kinds {
		for name, event := range kind.events {
			types[reflect.TypeOf(event())] = name
		}
	}
	for name, event := range noteKinds {
		types[reflect.TypeOf(event())] = name
	}
	for name, event := range broadcasts {
		types[reflect.TypeOf(event())] = name
	}
	return types
}()

// rawOf is what an event has in place of the body that was received, for
// Options.KeepRaw: it is the item, or the note in it.
func rawOf(event Event, listed json.RawMessage) json.RawMessage {
	if _, ok := event.(*Renote); !ok {
		return listed
	}
	var n struct {
		Note json.RawMessage `json:"note"`
	}
	if json.Unmarshal(listed, &n) != nil {
		return nil
	}
	return n.Note
}
