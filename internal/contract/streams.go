package contract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// A viewer reads a stream while the case runs.
type viewer struct {
	t      *T
	st     *stream.Stream
	events chan stream.Event
	seen   []stream.Event // what has come, but was not waited for
}

// view reads channels, and returns when they are confirmed.
func (t *T) view(mk *misskey.Client, opts stream.Options, channels ...stream.Channel) *viewer {
	t.Helper()
	v := &viewer{t: t, st: stream.New(mk, opts, channels...), events: make(chan stream.Event, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event, err := range v.st.Events(ctx) {
			if err != nil {
				return
			}
			select {
			case v.events <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	get(v, "the connection", func(*stream.Connected) bool { return true })
	return v
}

// subscribe subscribes to one more channel.
func (v *viewer) subscribe(c stream.Channel) *stream.Subscription {
	v.t.Helper()
	sub, err := v.st.Subscribe(v.t.Context(), c)
	v.t.ok(err)
	return sub
}

// get returns the first event of a type that is as it should be; others wait for
// later.
func get[E stream.Event](v *viewer, what string, is func(E) bool) (event E) {
	v.t.Helper()
	for i, seen := range v.seen {
		if event, ok := seen.(E); ok && is(event) {
			v.seen = slices.Delete(v.seen, i, i+1)
			return event
		}
	}
	timeout := time.After(30 * time.Second)
	for {
		select {
		case came := <-v.events:
			if event, ok := came.(E); ok && is(event) {
				return event
			}
			v.seen = append(v.seen, came)
		case <-timeout:
			for _, event := range v.seen {
				v.t.Logf("instead: %T", event)
				if unknown, ok := event.(*stream.Unknown); ok {
					v.t.Log(unknown.Err)
				}
			}
			v.t.Fatalf("%s: %T does not come", what, event)
		}
	}
}

// anyOf accepts every event of a type.
func anyOf[E stream.Event](E) bool { return true }

// quiet checks that no event of a type comes for a moment.
func quiet[E stream.Event](v *viewer, what string, is func(E) bool) {
	v.t.Helper()
	timeout := time.After(500 * time.Millisecond)
	for {
		select {
		case came := <-v.events:
			v.seen = append(v.seen, came)
			continue
		case <-timeout:
		}
		break
	}
	for _, seen := range v.seen {
		if event, ok := seen.(E); ok && is(event) {
			v.t.Errorf("%s: %T comes", what, event)
		}
	}
}

var streamCases = []testCase{
	{"every timeline receives the notes that belong to it", func(t *T) {
		u, v := t.user(), t.user()
		t.ok(failure(u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})))
		tag := "tag" + u.username
		list, ch := t.list(u), t.channel(u)
		t.ok(u.UsersListsPush(t.Context(), gen.UsersListsPushRequest{ListID: list.ID, UserID: v.id}))
		antenna := t.antenna(u, tag, nil)
		role := t.roleWith("stream", map[string]any{"isPublic": true, "isExplorable": true})
		t.assign(v, role)
		all := []stream.Channel{
			stream.HomeTimeline{}, stream.LocalTimeline{}, stream.HybridTimeline{}, stream.GlobalTimeline{},
			stream.UserList{ListID: list.ID}, stream.Antenna{AntennaID: antenna.ID}, stream.Hashtag{Query: [][]string{{tag}}},
			stream.RoleTimeline{RoleID: role},
		}
		w := t.view(u.Client, stream.Options{}, append(all, stream.ChannelTimeline{ChannelID: ch.ID})...)
		n := t.text(v, "about #"+tag)
		for _, c := range all {
			note := get(w, fmt.Sprintf("%#v", c), func(e *stream.Note) bool { return same(stream.From(e).Channel(), c) && e.ID == n.ID })
			equal(t, "its text", *note.Text, "about #"+tag)
		}
		posted := t.note(v, gen.NotesCreateRequest{Text: new("in the channel"), ChannelID: &ch.ID})
		get(w, "the channel", func(e *stream.Note) bool {
			return same(stream.From(e).Channel(), stream.ChannelTimeline{ChannelID: ch.ID}) && e.ID == posted.ID
		})
		quiet(w, "a note comes twice, or in two wrong channels", func(e *stream.Note) bool {
			return e.ID == n.ID || e.ID == posted.ID && same(stream.From(e).Channel(), stream.LocalTimeline{})
		})
	}},
	{"a list announces whoever joins and leaves", func(t *T) {
		u, v := t.user(), t.user()
		list := t.list(u)
		w := t.view(u.Client, stream.Options{}, stream.UserList{ListID: list.ID})
		t.ok(u.UsersListsPush(t.Context(), gen.UsersListsPushRequest{ListID: list.ID, UserID: v.id}))
		get(w, "the newcomer", func(e *stream.UserAdded) bool { return e.ID == v.id })
		t.ok(u.UsersListsPull(t.Context(), gen.UsersListsPullRequest{ListID: list.ID, UserID: v.id}))
		get(w, "who goes", func(e *stream.UserRemoved) bool { return e.ID == v.id })
	}},
	{"what happens to an account is in main", func(t *T) {
		u, v := t.user(), t.user()
		w := t.view(u.Client, stream.Options{}, stream.Main{})
		n := t.text(u, "hello")
		mention := t.text(v, "@"+u.username+" hi")
		get(w, "mention", func(e *stream.Mention) bool { return e.ID == mention.ID })
		get(w, "notification of it", func(e *stream.Notification) bool {
			return e.Type == gen.NotificationTypeMention && e.Note.ID == mention.ID
		})
		reply := t.note(v, gen.NotesCreateRequest{Text: new("hi"), ReplyID: &n.ID})
		get(w, "reply", func(e *stream.Reply) bool { return e.ID == reply.ID })
		renote := t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID})
		get(w, "renote", func(e *stream.Renote) bool { return e.ID == renote.ID })
		t.ok(failure(v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})))
		get(w, "followed", func(e *stream.Followed) bool { return e.ID == v.id })
		t.ok(failure(u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})))
		get(w, "follow", func(e *stream.Follow) bool { return e.ID == v.id })
		t.ok(failure(u.FollowingDelete(t.Context(), gen.FollowingDeleteRequest{UserID: v.id})))
		get(w, "unfollow", func(e *stream.Unfollow) bool { return e.ID == v.id })
		t.ok(failure(u.IUpdate(t.Context(), gen.IUpdateRequest{Description: gen.Value("about me")})))
		get(w, "meUpdated", func(e *stream.MeUpdated) bool {
			return e.ID == u.id && e.Description != nil && *e.Description == "about me"
		})
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Scope: []string{"contract"}, Key: "k", Value: 1}))
		get(w, "registryUpdated", func(e *stream.RegistryUpdated) bool { return e.Key == "k" && string(e.Value) == "1" })
		t.ok(u.NotificationsMarkAllAsRead(t.Context()))
		get(w, "readAllNotifications", anyOf[*stream.ReadAllNotifications])
		t.ok(u.NotificationsFlush(t.Context()))
		get(w, "notificationFlushed", anyOf[*stream.NotificationFlushed])
	}},
	{"a locked account is asked in main", func(t *T) {
		u, v := t.user(), t.user()
		t.ok(failure(u.IUpdate(t.Context(), gen.IUpdateRequest{IsLocked: new(true)})))
		w := t.view(u.Client, stream.Options{}, stream.Main{})
		t.ok(failure(v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})))
		get(w, "the request", func(e *stream.ReceiveFollowRequest) bool { return e.ID == v.id })
	}},
	{"captured notes report what happens to them", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
		other := t.text(u, "not captured")
		w := t.view(u.Client, stream.Options{}, stream.Main{})
		w.st.Capture(n.ID)
		w.st.Capture(n.ID)
		w.subscribe(stream.Drive{}) // what was sent before is confirmed with that
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: other.ID, Reaction: "👍"}))
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		reacted := get(w, "the reaction", anyOf[*stream.NoteReacted])
		equal(t, "note", reacted.NoteID, n.ID)
		equal(t, "by", reacted.UserID, v.id)
		equal(t, "reaction", reacted.Reaction, "👍")
		w.st.Release(n.ID) // once more than it is captured is still captured
		t.ok(v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}))
		get(w, "the vote", func(e *stream.NotePollVoted) bool { return e.NoteID == n.ID && e.Choice == 1 && e.UserID == v.id })
		t.ok(v.NotesReactionsDelete(t.Context(), gen.NotesReactionsDeleteRequest{NoteID: n.ID}))
		get(w, "no reaction", func(e *stream.NoteUnreacted) bool { return e.NoteID == n.ID && e.UserID == v.id })
		t.ok(u.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}))
		get(w, "the end", func(e *stream.NoteDeleted) bool { return e.NoteID == n.ID })
		w.st.Capture(other.ID)
		w.st.Release(other.ID)
		w.subscribe(stream.QueueStats{})
		t.ok(v.NotesReactionsDelete(t.Context(), gen.NotesReactionsDeleteRequest{NoteID: other.ID}))
		quiet(w, "a note that was released", anyOf[*stream.NoteUnreacted])
	}},
	{"the drive reports files and folders", func(t *T) {
		u := t.user()
		w := t.view(u.Client, stream.Options{}, stream.Drive{})
		f := t.upload(u, "a.txt", "content of "+u.username)
		get(w, "the file", func(e *stream.FileCreated) bool { return e.ID == f.ID && e.Name == "a.txt" })
		t.ok(failure(u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID, Name: new("b.txt")})))
		get(w, "the other name", func(e *stream.FileUpdated) bool { return e.ID == f.ID && e.Name == "b.txt" })
		folder, err := u.DriveFoldersCreate(t.Context(), gen.DriveFoldersCreateRequest{Name: new("folder")})
		t.ok(err)
		get(w, "the folder", func(e *stream.FolderCreated) bool { return e.ID == folder.ID })
		t.ok(failure(u.DriveFoldersUpdate(t.Context(), gen.DriveFoldersUpdateRequest{FolderID: folder.ID, Name: new("other")})))
		get(w, "its other name", func(e *stream.FolderUpdated) bool { return e.ID == folder.ID && e.Name == "other" })
		t.ok(u.DriveFoldersDelete(t.Context(), gen.DriveFoldersDeleteRequest{FolderID: folder.ID}))
		get(w, "no folder", func(e *stream.FolderDeleted) bool { return e.ID == folder.ID })
		t.ok(u.DriveFilesDelete(t.Context(), gen.DriveFilesDeleteRequest{FileID: f.ID}))
		get(w, "no file", func(e *stream.FileDeleted) bool { return e.ID == f.ID })
	}},
	{"a chat is heard by both", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		w, x := t.view(u.Client, stream.Options{}, stream.ChatUser{OtherID: v.id}), t.view(v.Client, stream.Options{}, stream.Main{})
		m := t.write(u, v, "hello")
		get(w, "one's own message", func(e *stream.ChatUserMessage) bool { return e.ID == m.ID && *e.Text == "hello" })
		get(x, "that there is one", func(e *stream.NewChatMessage) bool { return e.ID == m.ID })
		t.ok(v.ChatMessagesReact(t.Context(), gen.ChatMessagesReactRequest{MessageID: m.ID, Reaction: "❤"}))
		get(w, "the reaction", func(e *stream.ChatUserReact) bool { return e.MessageID == m.ID && e.Reaction == "❤" })
		t.ok(v.ChatMessagesUnreact(t.Context(), gen.ChatMessagesUnreactRequest{MessageID: m.ID, Reaction: "❤"}))
		get(w, "no reaction", func(e *stream.ChatUserUnreact) bool { return e.MessageID == m.ID })
		t.ok(u.ChatMessagesDelete(t.Context(), gen.ChatMessagesDeleteRequest{MessageID: m.ID}))
		get(w, "no message", func(e *stream.ChatDeleted) bool { return e.ID == m.ID })
	}},
	{"a subscription to a chat can read it", func(t *T) {
		u, v := t.user(), t.user()
		t.open(v)
		w := t.view(v.Client, stream.Options{})
		sub := w.subscribe(stream.ChatUser{OtherID: u.id})
		t.write(u, v, "hello")
		get(w, "the message", anyOf[*stream.ChatUserMessage])
		t.ok(sub.Read())
		t.eventually("all is read", func() bool {
			me, err := v.I(t.Context())
			t.ok(err)
			return !me.HasUnreadChatMessages
		})
	}},
	{"a room is heard by its members", func(t *T) {
		u, v := t.user(), t.user()
		room := t.chatRoom(u, v)
		w := t.view(v.Client, stream.Options{}, stream.ChatRoom{RoomID: room.ID})
		m, err := u.ChatMessagesCreateToRoom(t.Context(), gen.ChatMessagesCreateToRoomRequest{ToRoomID: room.ID, Text: new("hello")})
		t.ok(err)
		get(w, "the message", func(e *stream.ChatRoomMessage) bool { return e.ID == m.ID })
		t.ok(v.ChatMessagesReact(t.Context(), gen.ChatMessagesReactRequest{MessageID: m.ID, Reaction: "❤"}))
		get(w, "the reaction", func(e *stream.ChatRoomReact) bool { return e.MessageID == m.ID })
	}},
	{"a game of reversi is played over the stream", func(t *T) {
		u, v := t.user(), t.user()
		w, x := t.view(u.Client, stream.Options{}, stream.Reversi{}), t.view(v.Client, stream.Options{}, stream.Reversi{})
		t.ok(failure(u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &v.id})))
		get(x, "the invitation", func(e *stream.ReversiInvited) bool { return e.User.ID == u.id })
		g, err := v.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &u.id})
		t.ok(err)
		get(w, "the match", func(e *stream.ReversiMatched) bool { return e.Game.ID == g.ID })
		us, them := w.subscribe(stream.ReversiGame{GameID: g.ID}), x.subscribe(stream.ReversiGame{GameID: g.ID})
		t.ok(us.UpdateSettings("bw", "1")) // who invited is black, and begins
		get(x, "the rule", func(e *stream.ReversiUpdateSettings) bool { return e.Key == "bw" })
		t.ok(us.Ready(true))
		get(x, "one is ready", anyOf[*stream.ReversiChangeReadyStates])
		t.ok(them.Ready(true))
		started := get(w, "the beginning", anyOf[*stream.ReversiStarted])
		equal(t, "game", started.Game.ID, g.ID)
		get(x, "the beginning for the other", anyOf[*stream.ReversiStarted])
		t.ok(us.PutStone(19, "move"))
		log := get(x, "the move", anyOf[*stream.ReversiLog])
		equal(t, "square", log.Pos, 19)
		t.ok(v.ReversiSurrender(t.Context(), gen.ReversiSurrenderRequest{GameID: g.ID}))
		ended := get(w, "the end", anyOf[*stream.ReversiEnded])
		if ended.WinnerID == nil || *ended.WinnerID != u.id {
			t.Errorf("the winner is %v", ended.WinnerID)
		}
	}},
	{"who has the role of a moderator hears of reports", func(t *T) {
		u, v, moderator := t.user(), t.user(), t.user()
		t.assign(moderator, t.roleWith("moderators", map[string]any{"isModerator": true}))
		w, x := t.view(moderator.Client, stream.Options{}, stream.Admin{}), t.view(u.Client, stream.Options{}, stream.Admin{})
		t.ok(u.UsersReportAbuse(t.Context(), gen.UsersReportAbuseRequest{UserID: v.id, Comment: "about " + v.username}))
		report := get(w, "the report", func(e *stream.NewAbuseUserReport) bool { return e.TargetUserID == v.id })
		equal(t, "reporter", report.ReporterID, u.id)
		t.ok(t.root.AdminResolveAbuseUserReport(t.Context(), gen.AdminResolveAbuseUserReportRequest{ReportID: report.ID}))
		quiet(x, "who is not a moderator", anyOf[*stream.NewAbuseUserReport])
	}},
	{"emojis and announcements reach everybody", func(t *T) {
		w := t.view(t.guest(), stream.Options{})
		e := t.emoji()
		get(w, "the emoji", func(event *stream.EmojiAdded) bool { return event.Emoji.ID == e.ID && stream.From(event) == nil })
		n := t.announce(gen.AdminAnnouncementsCreateRequest{Title: "title", Text: "text"})
		get(w, "the announcement", func(event *stream.AnnouncementCreated) bool { return event.Announcement.ID == n.ID })
	}},
	{"the queues report their state", func(t *T) {
		w := t.view(t.guest(), stream.Options{})
		sub := w.subscribe(stream.QueueStats{})
		t.ok(sub.RequestLog(5))
		get(w, "what was", anyOf[*stream.QueueStatsLog])
		get(w, "what is", anyOf[*stream.QueueStat])
	}},
	{"channels that need an account are not for guests", func(t *T) {
		w := t.view(t.guest(), stream.Options{AckTimeout: time.Second})
		channels := []stream.Channel{stream.HomeTimeline{}, stream.HybridTimeline{}, stream.Main{}, stream.Drive{}, stream.Antenna{AntennaID: "0"}}
		if t.since("2026.3.0") { // 2025.11.1 confirms it, and sends nothing
			channels = append(channels, stream.UserList{ListID: "0"})
		}
		for _, c := range channels {
			_, err := w.st.Subscribe(t.Context(), c)
			if refused, ok := errors.AsType[*stream.RefusedError](err); !ok || !same(refused.Channel, c) {
				t.Errorf("%#v: %v", c, err)
			}
		}
		w.subscribe(stream.LocalTimeline{})
	}},
	{"chats are not for tokens without read:chat", func(t *T) {
		u := t.user()
		w := t.view(u.As(t.app(u, gen.PermissionReadAccount)), stream.Options{AckTimeout: time.Second})
		_, err := w.st.Subscribe(t.Context(), stream.ChatUser{OtherID: u.id})
		if _, ok := errors.AsType[*stream.RefusedError](err); !ok {
			t.Error(err)
		}
		w.subscribe(stream.Main{})
	}},
	{"streams are not for tokens without read:account, and not for wrong ones", func(t *T) {
		u := t.user()
		for _, token := range []string{t.app(u, gen.PermissionWriteNotes), "wrong"} {
			var err error
			for _, err = range stream.New(u.As(token), stream.Options{}, stream.Main{}).Events(t.Context()) {
				break
			}
			e, ok := errors.AsType[*misskey.Error](err)
			if !ok || e.Status != http.StatusUnauthorized && e.Status != http.StatusForbidden {
				t.Errorf("%v", err)
			}
		}
	}},
	{"more than 32 subscriptions work", func(t *T) {
		u := t.user()
		tag := "tag" + u.username
		var channels []stream.Channel
		for i := range 40 {
			channels = append(channels, stream.Hashtag{Query: [][]string{{fmt.Sprint(tag, i)}}})
		}
		w := t.view(u.Client, stream.Options{}, channels...)
		for _, i := range []int{0, 39} {
			w.subscribe(channels[i])
			n := t.text(u, "#"+tag+fmt.Sprint(i))
			get(w, "the note", func(e *stream.Note) bool { return e.ID == n.ID && same(stream.From(e).Channel(), channels[i]) })
		}
	}},
	{"what happens while a connection is cut comes later", func(t *T) {
		u, v := t.user(), t.user()
		var net cutter
		mk, err := misskey.New(t.root.BaseURL(), append(t.clientOptions(), misskey.WithToken(t.app(u, gen.PermissionReadAccount, gen.PermissionReadNotifications)), misskey.WithHTTPClient(net.client()))...)
		t.ok(err)
		captured := t.text(u, "captured")
		w := t.view(mk, stream.Options{Pause: 2 * time.Second}, stream.LocalTimeline{}, stream.Main{})
		w.st.Capture(captured.ID)
		before := t.text(v, "before")
		get(w, "a note before", func(e *stream.Note) bool { return e.ID == before.ID })
		net.cut()
		get(w, "the interruption", anyOf[*stream.Disconnected])
		missed := t.text(v, "@"+u.username+" missed")
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: captured.ID, Reaction: "👍"}))
		note := get(w, "the note", func(e *stream.Note) bool { return e.ID == missed.ID })
		equal(t, "it was fetched", note.Filled, true)
		get(w, "the notification", func(e *stream.Notification) bool { return e.Type == gen.NotificationTypeMention && e.Filled })
		filled := get(w, "the captured note", anyOf[*stream.NoteFilled])
		equal(t, "reactions", filled.Note.ReactionCount, 1)
		back := get(w, "the end of that", anyOf[*stream.Reconnected])
		if len(back.Missed) != 1 || back.Missed[0].Subscription.Channel() != (stream.Main{}) {
			t.Errorf("%+v", back.Missed)
		}
		after := t.text(v, "after")
		note = get(w, "a note after", func(e *stream.Note) bool { return e.ID == after.ID })
		equal(t, "it was fetched", note.Filled, false)
		quiet(w, "a note comes twice", func(e *stream.Note) bool { return e.ID == before.ID || e.ID == missed.ID || e.ID == after.ID })
		me, err := u.I(t.Context())
		t.ok(err)
		equal(t, "notifications are unread", me.HasUnreadNotification, true)
	}},
}

// same compares channels, which may hold slices.
func same(a, b stream.Channel) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

// A cutter has a client whose connections can be cut.
type cutter struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cutter) client() *http.Client {
	transport := misskey.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err == nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.conns = append(c.conns, conn)
		}
		return conn, err
	}
	return &http.Client{Transport: transport}
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

// failure is the error of a call whose response does not matter.
func failure[V any](_ V, err error) error { return err }
