package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

const (
	// pageSize is how many items are asked for at once.
	pageSize = 100

	// maxSeenAgain is how many times more than MaxFill are fetched where most
	// was seen already.
	maxSeenAgain = 10

	// maxCaptured is how many captured notes are looked at.
	maxCaptured = 100

	// maxFailed is how many times a connection is given up because what was
	// missed cannot be fetched. After that it goes on without.
	maxFailed = 3
)

// fill queues what was not sent while there was no connection, by what endpoints
// list, and says in back what is missing.
func (l *link) fill(ctx context.Context, back *Reconnected) error {
	s := l.s
	s.mu.Lock()
	before := l.clock
	s.mu.Unlock()
	now := s.readClock(ctx, before)
	if before == (clock{}) {
		before = now
	}
	s.mu.Lock()
	subs := slices.Clone(l.subs)
	captured := []string(nil)
	if l == s.links[0] {
		captured = slices.Sorted(maps.Keys(s.captured))
	}
	s.mu.Unlock()
	setBack := before.at(back.Since).Sub(now.at(back.Since))
	for _, sub := range subs {
		s.mu.Lock()
		from := sub.missedFrom(back.Since, before, now)
		s.mu.Unlock()
		events, why, err := s.missed(ctx, sub, from)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case l.failed < maxFailed && isPassing(err):
			l.failed++
			return fmt.Errorf("stream: fetching what was missed: %w", err)
		case err != nil:
			why = fmt.Sprintf("fetching it has failed: %v", err)
		case why == "" && setBack > s.opts.Overlap:
			why = fmt.Sprintf("the clock of the instance has been set back by %v", setBack.Round(time.Second))
		}
		if why != "" {
			back.Missed = append(back.Missed, Missed{sub, why})
		}
		for _, event := range events {
			if err := s.retry(ctx, func() bool { return l.deliver(event) == nil }); err != nil {
				return err
			}
		}
		back.Filled += len(events)
	}
	if err := l.fillCaptured(ctx, captured, back); err != nil {
		return err
	}
	s.mu.Lock()
	l.clock = now // not if the gap is still there
	s.mu.Unlock()
	return nil
}

// isPassing reports whether an error may be gone after a while, because it is one
// of the connection or of a server that is not quite there.
func isPassing(err error) bool {
	if said, ok := errors.AsType[*misskey.Error](err); ok {
		return said.Status >= 500 || said.Status == http.StatusTooManyRequests
	}
	_, unreadable := errors.AsType[*misskey.DecodeError](err)
	return err != nil && !unreadable
}

// missedFrom is since when to fetch what a subscription has missed since an
// interruption, by the clock of the instance, which was read before and after
// that. Of what they say, the earlier is right: see [clock].
func (sub *Subscription) missedFrom(interruption time.Time, before, now clock) time.Time {
	if sub.start.IsZero() {
		sub.start = before.at(sub.began)
	}
	from := earlier(before.at(interruption), now.at(interruption)).Add(-sub.s.opts.Overlap)
	if start := earlier(sub.start, now.at(sub.began)); from.Before(start) {
		from = start
	}
	if from.Before(sub.seen.bound) {
		from = sub.seen.bound // what is older might come twice
	}
	return from
}

// missAll says that nothing was fetched.
func (l *link) missAll(why string) (all []Missed) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	for _, sub := range l.subs {
		all = append(all, Missed{sub, why})
	}
	if l == l.s.links[0] && len(l.s.captured) > 0 {
		all = append(all, Missed{nil, why})
	}
	return all
}

// missed fetches what a subscription has not been sent since a time and has not
// seen, in the order of ids. why says what may be missing even so.
func (s *Stream) missed(ctx context.Context, sub *Subscription, from time.Time) (events []Event, why string, err error) {
	since, limit := new(from.UnixMilli()), new(int64(pageSize))
	mk, kept := s.fetcher()
	var more bool
	switch c := sub.channel.(type) {
	case HomeTimeline:
		events, more, err = collect(sub, mk.NotesTimelineAll(ctx, gen.NotesTimelineRequest{
			SinceDate: since, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
		}), noteOfTimeline)
	case LocalTimeline:
		events, more, err = collect(sub, mk.NotesLocalTimelineAll(ctx, gen.NotesLocalTimelineRequest{
			SinceDate: since, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithReplies: &c.WithReplies, WithFiles: &c.WithFiles,
		}), noteOfTimeline)
	case HybridTimeline:
		events, more, err = collect(sub, mk.NotesHybridTimelineAll(ctx, gen.NotesHybridTimelineRequest{
			SinceDate: since, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithReplies: &c.WithReplies, WithFiles: &c.WithFiles,
		}), noteOfTimeline)
	case GlobalTimeline:
		events, more, err = collect(sub, mk.NotesGlobalTimelineAll(ctx, gen.NotesGlobalTimelineRequest{
			SinceDate: since, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
		}), noteOfTimeline)
	case UserList:
		why = "who has come to the list or gone cannot be fetched"
		events, more, err = collect(sub, mk.NotesUserListTimelineAll(ctx, gen.NotesUserListTimelineRequest{
			ListID: c.ListID, SinceDate: since, Limit: limit, WithRenotes: new(!c.WithoutRenotes), WithFiles: &c.WithFiles,
		}), noteOfTimeline)
	case Hashtag:
		if len(c.Query) > 0 {
			events, more, err = collect(sub, mk.NotesSearchByTagAll(ctx, gen.NotesSearchByTagRequest{
				Query: c.Query, SinceDate: since, Limit: limit,
			}), noteOfTimeline)
		}
	case RoleTimeline:
		events, more, err = collect(sub, mk.RolesNotesAll(ctx, gen.RolesNotesRequest{
			RoleID: c.RoleID, SinceDate: since, Limit: limit,
		}), noteOfTimeline)
	case ChannelTimeline:
		events, more, err = collect(sub, mk.ChannelsTimelineAll(ctx, gen.ChannelsTimelineRequest{
			ChannelID: c.ChannelID, SinceDate: since, Limit: limit,
		}), noteOfTimeline)
	case Antenna:
		if !s.opts.FillAntennas {
			return nil, "antennas are only fetched with FillAntennas, because that reactivates them", nil
		}
		events, more, err = collect(sub, mk.AntennasNotesAll(ctx, gen.AntennasNotesRequest{
			AntennaID: c.AntennaID, SinceDate: since, Limit: limit,
		}), noteOfTimeline)
	case Main:
		why = "of what happens to the account only notifications can be fetched"
		events, more, err = collect(sub, mk.INotificationsAll(ctx, gen.INotificationsRequest{
			SinceDate: since, Limit: limit, MarkAsRead: new(false),
		}), func(n gen.Notification) Event { return &Notification{Notification: n, Filled: true} })
	case ChatUser:
		if why = "of a chat only messages can be fetched"; !s.opts.FillChats {
			return nil, "chats are only fetched with FillChats, because that marks them as read", nil
		}
		events, more, err = collect(sub, mk.ChatMessagesUserTimelineAll(ctx, gen.ChatMessagesUserTimelineRequest{
			UserID: c.OtherID, SinceDate: since, Limit: limit,
		}), func(m gen.ChatMessageLiteFor1on1) Event { return &ChatUserMessage{ChatMessageLiteFor1on1: m} })
	case ChatRoom:
		if why = "of a chat only messages can be fetched"; !s.opts.FillChats {
			return nil, "chats are only fetched with FillChats, because that marks them as read", nil
		}
		events, more, err = collect(sub, mk.ChatMessagesRoomTimelineAll(ctx, gen.ChatMessagesRoomTimelineRequest{
			RoomID: c.RoomID, SinceDate: since, Limit: limit,
		}), func(m gen.ChatMessageLiteForRoom) Event { return &ChatRoomMessage{ChatMessageLiteForRoom: m} })
	case ServerStats, QueueStats:
		return nil, "", nil // the next one says all
	default:
		return nil, "no endpoint lists what was told", nil
	}
	for _, event := range events {
		kept.give(event, idOf(event))
	}
	if more {
		why = fmt.Sprintf("there is more than the %d that were fetched", len(events))
	}
	return events, why, err
}

// createdAt is when what can be fetched was made, by the clock of the instance.
func createdAt(event Event) time.Time {
	switch event := event.(type) {
	case *Note:
		return event.CreatedAt
	case *Notification:
		return event.CreatedAt
	case *ChatUserMessage:
		return event.CreatedAt
	case *ChatRoomMessage:
		return event.CreatedAt
	}
	return time.Time{}
}

func noteOfTimeline(n gen.Note) Event { return &Note{Note: n, Filled: true} }

// collect takes what a subscription has not seen from a list, up to what Options
// allow, and puts it into the order of ids.
func collect[T any](sub *Subscription, list iter.Seq2[T, error], event func(T) Event) (events []Event, more bool, err error) {
	fetched := 0
	for item, e := range list {
		if e != nil {
			err = e
			break
		}
		made := event(item)
		made.setFrom(sub)
		if fetched++; !sub.hasSeen(idOf(made)) {
			events = append(events, made)
		}
		if limit := sub.s.opts.MaxFill; len(events) >= limit || fetched >= limit*maxSeenAgain {
			more = true
			break
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(idOf(a), idOf(b)) })
	return events, more, err
}

func (sub *Subscription) hasSeen(id string) bool {
	sub.s.mu.Lock()
	defer sub.s.mu.Unlock()
	return sub.seen.has(id)
}

// fillCaptured queues captured notes as they are now.
func (l *link) fillCaptured(ctx context.Context, captured []string, back *Reconnected) error {
	if len(captured) > maxCaptured {
		back.Missed = append(back.Missed, Missed{nil, fmt.Sprintf("only %d of %d captured notes were looked at", maxCaptured, len(captured))})
		captured = captured[:maxCaptured]
	}
	mk, kept := l.s.fetcher()
	for _, id := range captured {
		note, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: id})
		var event Event
		switch {
		case err == nil:
			event = &NoteFilled{Note: *note}
			kept.give(event, id)
		case errors.Is(err, gen.ErrNoSuchNote):
			event = &NoteDeleted{NoteID: id, DeletedAt: time.Now(), Filled: true}
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			back.Missed = append(back.Missed, Missed{nil, fmt.Sprintf("looking at the captured notes has failed: %v", err)})
			return nil
		}
		if err := l.s.pushWait(ctx, event); err != nil {
			return err
		}
		back.Filled++
	}
	return nil
}
