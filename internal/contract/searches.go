package contract

import (
	"errors"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

var searchCases = []testCase{
	{"accounts are found by the beginning of their names", func(t *T) {
		u := t.user()
		found, err := t.guest().UsersSearchByUsernameAndHost(t.Context(), gen.UsersSearchByUsernameAndHostRequest{Username: &u.username})
		t.ok(err)
		if len(found) != 1 || found[0].ID != u.id {
			t.Errorf("%d accounts", len(found))
		}
		_, err = u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("Name of " + u.username)})
		t.ok(err)
		t.eventually("by name", func() bool {
			found, err := u.UsersSearch(t.Context(), gen.UsersSearchRequest{Query: "Name of " + u.username})
			t.ok(err)
			return len(found) == 1 && found[0].ID == u.id
		})
	}},
	{"nobody searches for accounts", func(t *T) {
		_, err := t.guest().UsersSearch(t.Context(), gen.UsersSearchRequest{Query: "x"})
		if e, ok := errors.AsType[*misskey.Error](err); !ok || e.Status != 500 || e.Code != "" {
			t.Errorf("%v", err)
		}
	}},
	{"accounts are listed, the newest first", func(t *T) {
		u := t.user()
		all, err := t.guest().Users(t.Context(), gen.UsersRequest{Sort: new(gen.UserSortCreatedAtDesc), Limit: new(100)})
		t.ok(err)
		listed := false
		for i, a := range all {
			listed = listed || a.ID == u.id
			if i > 0 && a.CreatedAt.After(all[i-1].CreatedAt) {
				t.Errorf("%s comes after %s", a.ID, all[i-1].ID)
			}
		}
		equal(t, "the new one is there", listed, true)
	}},
	{"hashtags are counted", func(t *T) {
		u, v := t.user(), t.user()
		tag := "t" + u.username
		t.text(u, "#"+tag)
		t.text(v, "#"+strings.ToUpper(tag))
		t.eventually("the count", func() bool {
			shown, err := t.guest().HashtagsShow(t.Context(), gen.HashtagsShowRequest{Tag: tag})
			return err == nil && shown.MentionedUsersCount == 2
		})
		found, err := t.guest().HashtagsSearch(t.Context(), gen.HashtagsSearchRequest{Query: tag})
		t.ok(err)
		equal(t, "found", strings.Join(found, " "), tag)
		_, err = u.HashtagsShow(t.Context(), gen.HashtagsShowRequest{Tag: "nope" + tag})
		t.refused(err, gen.ErrNoSuchHashtag, 400)
	}},
	{"a memo is for its author", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		memo := func(by user) *string {
			t.Helper()
			shown, err := by.UsersShow(t.Context(), gen.UsersShowRequest{UserID: &v.id})
			t.ok(err)
			return shown.Memo
		}
		t.ok(u.UsersUpdateMemo(t.Context(), gen.UsersUpdateMemoRequest{UserID: v.id, Memo: new("met at the quay")}))
		equal(t, "memo", *memo(u), "met at the quay")
		equal(t, "for others", memo(w), nil)
		t.ok(u.UsersUpdateMemo(t.Context(), gen.UsersUpdateMemoRequest{UserID: v.id}))
		equal(t, "after", memo(u), nil)
		t.refused(u.UsersUpdateMemo(t.Context(), gen.UsersUpdateMemoRequest{UserID: "0"}), gen.ErrNoSuchUser, 400)
	}},
	{"what an account has reacted to", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "look")
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		reactions, err := t.guest().UsersReactions(t.Context(), gen.UsersReactionsRequest{UserID: v.id})
		t.ok(err)
		if len(reactions) != 1 || reactions[0].Type != "👍" || reactions[0].Note.ID != n.ID {
			t.Errorf("%+v", reactions)
		}
		_, err = v.IUpdate(t.Context(), gen.IUpdateRequest{PublicReactions: new(false)})
		t.ok(err)
		_, err = u.UsersReactions(t.Context(), gen.UsersReactionsRequest{UserID: v.id})
		t.refused(err, gen.ErrReactionsNotPublic, 400)
	}},
	{"polls to vote in", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
		open := func() bool {
			t.Helper()
			notes, err := v.NotesPollsRecommendation(t.Context(), gen.NotesPollsRecommendationRequest{Limit: new(100)})
			t.ok(err)
			return strings.Contains(ids(notes), n.ID)
		}
		equal(t, "open", open(), true)
		t.ok(v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID}))
		t.eventually("not any more", func() bool { return !open() })
	}},
	{"a thread that is muted is silent", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "question")
		t.ok(u.NotesThreadMutingCreate(t.Context(), gen.NotesThreadMutingCreateRequest{NoteID: n.ID}))
		state, err := u.NotesState(t.Context(), gen.NotesStateRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "muted", state.IsMutedThread, true)
		t.note(v, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
		t.text(v, "@"+u.username+" hello?")
		t.eventually("only the mention", func() bool {
			all, err := u.INotifications(t.Context(), gen.INotificationsRequest{})
			t.ok(err)
			return len(all) == 1 && all[0].Type == gen.NotificationTypeMention
		})
		t.ok(u.NotesThreadMutingDelete(t.Context(), gen.NotesThreadMutingDeleteRequest{NoteID: n.ID}))
	}},
	{"a thread is muted once", func(t *T) {
		u := t.user()
		req := gen.NotesThreadMutingCreateRequest{NoteID: t.text(u, "question").ID}
		t.ok(u.NotesThreadMutingCreate(t.Context(), req))
		again := u.NotesThreadMutingCreate(t.Context(), req)
		if t.since("2026.9.0") {
			t.refused(again, gen.ErrorCode("ALREADY_MUTING"), 400)
		} else {
			t.refused(again, gen.ErrInternalError, 500)
		}
		for range 2 {
			t.ok(u.NotesThreadMutingDelete(t.Context(), gen.NotesThreadMutingDeleteRequest(req)))
		}
	}},
	{"reactions to a note are one notification", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		n := t.text(u, "look")
		for _, by := range []user{v, w} {
			t.ok(by.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		}
		t.eventually("one", func() bool {
			all, err := u.INotificationsGrouped(t.Context(), gen.INotificationsGroupedRequest{MarkAsRead: new(false)})
			t.ok(err)
			return len(all) == 1 && all[0].Type == gen.NotificationTypeReactionGrouped && len(all[0].Reactions) == 2
		})
		all, err := u.INotifications(t.Context(), gen.INotificationsRequest{})
		t.ok(err)
		equal(t, "one by one", len(all), 2)
	}},
	{"the end of a poll is announced", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}, ExpiredAfter: new(gen.InMilliseconds(1500 * time.Millisecond))}})
		t.ok(v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID}))
		for _, who := range []user{u, v} {
			t.eventually("a notification", func() bool {
				all, err := who.INotifications(t.Context(), gen.INotificationsRequest{IncludeTypes: []gen.NotificationType{gen.NotificationTypePollEnded}})
				t.ok(err)
				return len(all) == 1 && all[0].Note.ID == n.ID
			})
		}
	}},
	{"the counts of several notes", func(t *T) {
		u := t.user()
		n, m := t.text(u, "one"), t.text(u, "two")
		all, err := u.NotesShowPartialBulk(t.Context(), gen.NotesShowPartialBulkRequest{NoteIDs: []string{n.ID, m.ID}})
		t.ok(err)
		equal(t, "notes", len(all), 2)
	}},
}

var moderationCases = []testCase{
	{"an account is suspended, and not any more", func(t *T) {
		u, v := t.user(), t.user()
		t.ok(t.root.AdminSuspendUser(t.Context(), gen.AdminSuspendUserRequest{UserID: u.id}))
		t.eventually("the suspension", func() bool {
			_, err := u.I(t.Context())
			return isRefused(err, gen.ErrYourAccountSuspended, 403)
		})
		_, err := u.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
		t.refused(err, gen.ErrYourAccountSuspended, 403)
		_, err = u.Ping(t.Context())
		t.ok(err)
		_, err = v.UsersShow(t.Context(), gen.UsersShowRequest{UserID: &u.id})
		t.refused(err, gen.ErrIDUsersShowNoSuchUser, 404)
		t.ok(t.root.AdminUnsuspendUser(t.Context(), gen.AdminUnsuspendUserRequest{UserID: u.id}))
		t.eventually("its end", func() bool {
			_, err := u.I(t.Context())
			return err == nil
		})
		t.refused(t.root.AdminSuspendUser(t.Context(), gen.AdminSuspendUserRequest{UserID: "0"}), gen.ErrInternalError, 500)
	}},
	{"an account gets another token for its password", func(t *T) {
		u := t.user()
		app := t.app(u, gen.PermissionReadAccount)
		t.refused(u.IRegenerateToken(t.Context(), gen.IRegenerateTokenRequest{Password: "wrong"}), gen.ErrInternalError, 500)
		t.ok(u.IRegenerateToken(t.Context(), gen.IRegenerateTokenRequest{Password: "contract"}))
		t.eventually("the old token is none", func() bool {
			_, err := u.I(t.Context())
			return isRefused(err, gen.ErrAuthenticationFailed, 401)
		})
		_, err := u.As(app).I(t.Context())
		t.ok(err)
	}},
	{"a password is changed by who knows it", func(t *T) {
		u := t.user()
		change := func(from, to string) error {
			return u.IChangePassword(t.Context(), gen.IChangePasswordRequest{CurrentPassword: from, NewPassword: to})
		}
		t.refused(change("wrong", "other"), gen.ErrInternalError, 500)
		t.ok(change("contract", "other"))
		t.refused(change("contract", "again"), gen.ErrInternalError, 500)
		res, err := t.root.AdminResetPassword(t.Context(), gen.AdminResetPasswordRequest{UserID: u.id})
		t.ok(err)
		t.ok(change(res.Password, "last"))
	}},
}
