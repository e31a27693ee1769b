package contract

import (
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

var notificationCases = []testCase{
	{"an account is notified of what others do", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "mine")
		t.note(v, gen.NotesCreateRequest{Text: new("hello @" + u.username)})
		t.note(v, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
		t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID})
		t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID, Text: new("see")})
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		_, err := v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})
		t.ok(err)
		want := []gen.NotificationType{gen.NotificationTypeFollow, gen.NotificationTypeMention, gen.NotificationTypeQuote,
			gen.NotificationTypeReaction, gen.NotificationTypeRenote, gen.NotificationTypeReply}
		t.eventually("six notifications", func() bool { return slices.Equal(t.kinds(u), want) })
		for _, it := range t.notifications(u, gen.INotificationsRequest{MarkAsRead: new(false)}) {
			if it.User == nil || it.User.ID != v.id || *it.UserID != v.id {
				t.Errorf("%s is by %+v", it.Type, it.User)
			}
			if it.Type == gen.NotificationTypeReaction && (*it.Reaction != "👍" || it.Note.ID != n.ID) {
				t.Errorf("%+v", it)
			}
		}
	}},
	{"an account is not notified of what it does itself", func(t *T) {
		u := t.user()
		n := t.text(u, "mine @"+u.username)
		t.note(u, gen.NotesCreateRequest{RenoteID: &n.ID})
		t.ok(u.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		equal(t, "notifications", len(t.kinds(u)), 0)
	}},
	{"reading them marks them", func(t *T) {
		u, v := t.user(), t.user()
		t.text(v, "hello @"+u.username)
		unread := func() int {
			me, err := u.I(t.Context())
			t.ok(err)
			return me.UnreadNotificationsCount
		}
		t.eventually("one", func() bool { return unread() >= 1 && len(t.kinds(u)) == 1 })
		t.notifications(u, gen.INotificationsRequest{})
		t.eventually("none", func() bool { return unread() == 0 })
		t.text(v, "again @"+u.username)
		t.eventually("another", func() bool { return unread() == 1 })
		t.ok(u.NotificationsMarkAllAsRead(t.Context()))
		t.eventually("none", func() bool { return unread() == 0 })
	}},
	{"kinds are chosen", func(t *T) {
		u, v := t.user(), t.user()
		t.text(v, "hello @"+u.username)
		t.eventually("one", func() bool { return len(t.kinds(u)) == 1 })
		only := func(kinds ...gen.NotificationType) int {
			return len(t.notifications(u, gen.INotificationsRequest{IncludeTypes: kinds, MarkAsRead: new(false)}))
		}
		equal(t, "mentions", only("mention"), 1)
		equal(t, "follows", only("follow"), 0)
		equal(t, "of no kind", len(t.notifications(u, gen.INotificationsRequest{IncludeTypes: []gen.NotificationType{}})), 0)
		equal(t, "without mentions", len(t.notifications(u, gen.INotificationsRequest{ExcludeTypes: []gen.NotificationType{"mention", "roleAssigned"}})), 0)
	}},
	{"an app notifies", func(t *T) {
		u := t.user()
		t.ok(u.NotificationsCreate(t.Context(), gen.NotificationsCreateRequest{Body: "tide", Header: new("app"), Icon: new("https://example.com/i.png")}))
		t.eventually("one", func() bool {
			for _, it := range t.notifications(u, gen.INotificationsRequest{}) {
				if it.Type == gen.NotificationTypeApp {
					return *it.Body == "tide" && *it.Header == "app" && strings.HasSuffix(*it.Icon, "/i.png")
				}
			}
			return false
		})
		t.ok(u.NotificationsFlush(t.Context()))
		t.eventually("none", func() bool { return len(t.notifications(u, gen.INotificationsRequest{})) == 0 })
	}},
	{"both accounts are notified of a follow", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		t.eventually("accepted", func() bool {
			return slices.Equal(t.kinds(u), []gen.NotificationType{gen.NotificationTypeFollowRequestAccepted})
		})
	}},
}

func (t *T) notifications(u user, req gen.INotificationsRequest) []gen.Notification {
	t.Helper()
	list, err := u.INotifications(t.Context(), req)
	t.ok(err)
	return list
}

// kinds are those of an account's notifications, sorted, but for what making the
// account has caused.
func (t *T) kinds(u user) []gen.NotificationType {
	t.Helper()
	var kinds []gen.NotificationType
	for _, it := range t.notifications(u, gen.INotificationsRequest{MarkAsRead: new(false), Limit: new(100)}) {
		if it.Type != gen.NotificationTypeRoleAssigned && it.Type != gen.NotificationTypeAchievementEarned {
			kinds = append(kinds, it.Type)
		}
	}
	slices.Sort(kinds)
	return kinds
}
