package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A refusal is a call that an endpoint refuses with an error of its own. In its
// parameters $other is another account and $list a list of the caller's; 0 is the
// id of nothing.
type refusal struct {
	endpoint, params string
	want             error
	status           int
}

var refusals = []refusal{
	{"admin/accounts/delete", `{"userId":"0"}`, gen.ErrInternalError, 500},
	{"admin/resolve-abuse-user-report", `{"reportId":"0"}`, gen.ErrIDAdminResolveAbuseUserReportNoSuchAbuseReport, 404},
	{"admin/roles/update", `{"roleId":"0","name":"x"}`, gen.ErrIDAdminRolesUpdateNoSuchRole, 400},
	{"admin/roles/users", `{"roleId":"0"}`, gen.ErrIDAdminRolesUsersNoSuchRole, 400},
	{"admin/unsuspend-user", `{"userId":"0"}`, gen.ErrInternalError, 500},
	{"antennas/notes", `{"antennaId":"0"}`, gen.ErrIDAntennasNotesNoSuchAntenna, 400},
	{"antennas/update", `{"antennaId":"0","name":"x"}`, gen.ErrIDAntennasUpdateNoSuchAntenna, 400},
	{"blocking/create", `{"userId":"0"}`, gen.ErrIDBlockingCreateNoSuchUser, 400},
	{"blocking/delete", `{"userId":"0"}`, gen.ErrIDBlockingDeleteNoSuchUser, 400},
	{"channels/create", `{"name":"x","bannerId":"0"}`, gen.ErrIDChannelsCreateNoSuchFile, 400},
	{"channels/favorite", `{"channelId":"0"}`, gen.ErrIDChannelsFavoriteNoSuchChannel, 400},
	{"channels/follow", `{"channelId":"0"}`, gen.ErrIDChannelsFollowNoSuchChannel, 400},
	{"channels/mute/create", `{"channelId":"0"}`, gen.ErrIDChannelsMuteCreateNoSuchChannel, 400},
	{"channels/mute/delete", `{"channelId":"0"}`, gen.ErrIDChannelsMuteDeleteNoSuchChannel, 400},
	{"channels/show", `{"channelId":"0"}`, gen.ErrIDChannelsShowNoSuchChannel, 400},
	{"channels/timeline", `{"channelId":"0"}`, gen.ErrIDChannelsTimelineNoSuchChannel, 400},
	{"channels/unfavorite", `{"channelId":"0"}`, gen.ErrIDChannelsUnfavoriteNoSuchChannel, 400},
	{"channels/unfollow", `{"channelId":"0"}`, gen.ErrIDChannelsUnfollowNoSuchChannel, 400},
	{"channels/update", `{"channelId":"0"}`, gen.ErrIDChannelsUpdateNoSuchChannel, 400},
	{"chat/messages/create-to-room", `{"toRoomId":"0","text":"x"}`, gen.ErrIDChatMessagesCreateToRoomNoSuchRoom, 400},
	{"chat/messages/unreact", `{"messageId":"0","reaction":"x"}`, gen.ErrInternalError, 500},
	{"chat/rooms/invitations/ignore", `{"roomId":"0"}`, gen.ErrInternalError, 500},
	{"chat/rooms/invitations/outbox", `{"roomId":"0"}`, gen.ErrIDChatRoomsInvitationsOutboxNoSuchRoom, 400},
	{"chat/rooms/members", `{"roomId":"0"}`, gen.ErrIDChatRoomsMembersNoSuchRoom, 400},
	{"chat/rooms/mute", `{"roomId":"0","mute":true}`, gen.ErrInternalError, 500},
	{"clips/add-note", `{"clipId":"0","noteId":"0"}`, gen.ErrIDClipsAddNoteNoSuchClip, 400},
	{"clips/favorite", `{"clipId":"0"}`, gen.ErrIDClipsFavoriteNoSuchClip, 400},
	{"clips/remove-note", `{"clipId":"0","noteId":"0"}`, gen.ErrIDClipsRemoveNoteNoSuchClip, 400},
	{"clips/unfavorite", `{"clipId":"0"}`, gen.ErrIDClipsUnfavoriteNoSuchClip, 400},
	{"drive/files/attached-notes", `{"fileId":"0"}`, gen.ErrIDDriveFilesAttachedNotesNoSuchFile, 400},
	{"drive/files/delete", `{"fileId":"0"}`, gen.ErrIDDriveFilesDeleteNoSuchFile, 400},
	{"drive/files/update", `{"fileId":"0"}`, gen.ErrIDDriveFilesUpdateNoSuchFile, 400},
	{"drive/folders/show", `{"folderId":"0"}`, gen.ErrIDDriveFoldersShowNoSuchFolder, 400},
	{"drive/folders/update", `{"folderId":"0"}`, gen.ErrIDDriveFoldersUpdateNoSuchFolder, 400},
	{"following/delete", `{"userId":"0"}`, gen.ErrIDFollowingDeleteNoSuchUser, 400},
	{"following/invalidate", `{"userId":"0"}`, gen.ErrIDFollowingInvalidateNoSuchUser, 400},
	{"following/requests/accept", `{"userId":"0"}`, gen.ErrIDFollowingRequestsAcceptNoSuchUser, 400},
	{"following/requests/reject", `{"userId":"0"}`, gen.ErrIDFollowingRequestsRejectNoSuchUser, 400},
	{"following/update", `{"userId":"$other","notify":"normal"}`, gen.ErrNotFollowing, 400},
	{"following/update", `{"userId":"0"}`, gen.ErrIDFollowingUpdateNoSuchUser, 400},
	{"i/registry/get-detail", `{"scope":["contract"],"key":"nope"}`, gen.ErrIDIRegistryGetDetailNoSuchKey, 400},
	{"i/webhooks/test", `{"webhookId":"0","type":"note"}`, gen.ErrorID("0c52149c-e913-18f8-5dc7-74870bfe0cf9"), 400},
	{"i/webhooks/update", `{"webhookId":"0"}`, gen.ErrorID("fb0fea69-da18-45b1-828d-bd4fd1612518"), 400},
	{"i/unpin", `{"noteId":"0"}`, gen.ErrIDIUnpinNoSuchNote, 400},
	{"i/update", `{"mutedWords":["/[/"]}`, gen.ErrInvalidRegexp, 400},
	{"i/update", `{"pinnedPageId":"0"}`, gen.ErrNoSuchPage, 400},
	{"mute/delete", `{"userId":"0"}`, gen.ErrIDMuteDeleteNoSuchUser, 400},
	{"notes/clips", `{"noteId":"0"}`, gen.ErrIDNotesClipsNoSuchNote, 400},
	{"notes/conversation", `{"noteId":"0"}`, gen.ErrIDNotesConversationNoSuchNote, 400},
	{"notes/drafts/update", `{"draftId":"0","text":"x"}`, gen.ErrNoSuchNoteDraft, 400},
	{"notes/favorites/create", `{"noteId":"0"}`, gen.ErrIDNotesFavoritesCreateNoSuchNote, 400},
	{"notes/favorites/delete", `{"noteId":"0"}`, gen.ErrIDNotesFavoritesDeleteNoSuchNote, 400},
	{"notes/hybrid-timeline", `{"withReplies":true,"withFiles":true}`, gen.ErrIDNotesHybridTimelineBothWithRepliesAndWithFiles, 400},
	{"notes/polls/vote", `{"noteId":"0","choice":0}`, gen.ErrIDNotesPollsVoteNoSuchNote, 400},
	{"notes/reactions/create", `{"noteId":"0","reaction":"👍"}`, gen.ErrIDNotesReactionsCreateNoSuchNote, 400},
	{"notes/reactions/delete", `{"noteId":"0"}`, gen.ErrIDNotesReactionsDeleteNoSuchNote, 400},
	{"notes/renotes", `{"noteId":"0"}`, gen.ErrIDNotesRenotesNoSuchNote, 400},
	{"notes/state", `{"noteId":"0"}`, gen.ErrInternalError, 500},
	{"notes/thread-muting/create", `{"noteId":"0"}`, gen.ErrIDNotesThreadMutingCreateNoSuchNote, 400},
	{"notes/thread-muting/delete", `{"noteId":"0"}`, gen.ErrIDNotesThreadMutingDeleteNoSuchNote, 400},
	{"notes/translate", `{"noteId":"0","targetLang":"en"}`, gen.ErrorID("bea9b03f-36e0-49c5-a4db-627a029f8971"), 400},
	{"notes/unrenote", `{"noteId":"0"}`, gen.ErrIDNotesUnrenoteNoSuchNote, 400},
	{"renote-mute/create", `{"userId":"0"}`, gen.ErrIDRenoteMuteCreateNoSuchUser, 400},
	{"renote-mute/delete", `{"userId":"0"}`, gen.ErrIDRenoteMuteDeleteNoSuchUser, 400},
	{"users/achievements", `{"userId":"0"}`, gen.ErrInternalError, 500},
	{"users/followers", `{"userId":"0"}`, gen.ErrIDUsersFollowersNoSuchUser, 400},
	{"users/following", `{"userId":"0"}`, gen.ErrIDUsersFollowingNoSuchUser, 400},
	{"users/lists/get-memberships", `{"listId":"0"}`, gen.ErrIDUsersListsGetMembershipsNoSuchList, 400},
	{"users/lists/pull", `{"listId":"$list","userId":"0"}`, gen.ErrIDUsersListsPullNoSuchUser, 400},
	{"users/lists/update", `{"listId":"$list"}`, gen.ErrInternalError, 500},
	{"users/lists/update", `{"listId":"0","name":"x"}`, gen.ErrIDUsersListsUpdateNoSuchList, 400},
	{"users/lists/update-membership", `{"listId":"0","userId":"$other"}`, gen.ErrNoSuchList, 400},
	{"users/reactions", `{"userId":"0"}`, gen.ErrInternalError, 500},
	{"users/show", `{"username":"x","host":"nowhere.invalid"}`, gen.ErrIDUsersShowFailedToResolveRemoteUser, 500},
}

// list makes a list of accounts.
func (t *T) list(u user) *gen.UserList {
	t.Helper()
	l, err := u.UsersListsCreate(t.Context(), gen.UsersListsCreateRequest{Name: "list"})
	t.ok(err)
	return l
}

var refusalCases = func() (cases []testCase) {
	for _, r := range refusals {
		cases = append(cases, testCase{fmt.Sprintf("%s with %s is refused", r.endpoint, strings.ReplaceAll(r.params, "/", "")), func(t *T) {
			u := t.user()
			caller, params := u.Client, r.params
			if strings.HasPrefix(r.endpoint, "admin/") {
				caller = t.root
			}
			for name, id := range map[string]func() string{
				"$other": func() string { return t.user().id },
				"$list":  func() string { return t.list(u).ID },
			} {
				if strings.Contains(params, name) {
					params = strings.ReplaceAll(params, name, id())
				}
			}
			_, err := misskey.Call[json.RawMessage](t.Context(), caller, r.endpoint, json.RawMessage(params))
			t.refused(err, r.want, r.status)
		}})
	}
	return cases
}()

var oddCases = []testCase{
	{"a note that is not for the caller is not a target", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified)})
		_, err := v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("what?"), ReplyID: &n.ID})
		t.refused(err, gen.ErrCannotReplyToAnInvisibleNote, 400)
		t.refused(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}), gen.ErrInternalError, 500)
	}},
	{"updates that change nothing are mistakes", func(t *T) {
		u, v := t.user(), t.user()
		f := t.upload(u, "a.txt", "x")
		_, err := u.DriveFilesUpdate(t.Context(), gen.DriveFilesUpdateRequest{FileID: f.ID})
		t.refused(err, gen.ErrInternalError, 500)
		l := t.list(u)
		t.ok(u.UsersListsPush(t.Context(), gen.UsersListsPushRequest{ListID: l.ID, UserID: v.id}))
		t.refused(u.UsersListsUpdateMembership(t.Context(), gen.UsersListsUpdateMembershipRequest{ListID: l.ID, UserID: v.id}), gen.ErrInternalError, 500)
	}},
	{"an upload to a folder that there is not fails", func(t *T) {
		u := t.user()
		_, err := u.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: gen.File{Name: "a.txt", Body: strings.NewReader("x")}, FolderID: new("0")})
		t.refused(err, gen.ErrInternalError, 500)
	}},
	{"accounts that are there already, or must stay", func(t *T) {
		u := t.user()
		root, err := t.root.I(t.Context())
		t.ok(err)
		_, err = t.root.AdminAccountsCreate(t.Context(), gen.AdminAccountsCreateRequest{Username: u.username, Password: "x"})
		t.refused(err, gen.ErrInternalError, 500)
		t.refused(t.root.AdminAccountsDelete(t.Context(), gen.AdminAccountsDeleteRequest{UserID: root.ID}), gen.ErrInternalError, 500)
	}},
	{"i/update wants regular expressions and accounts that there are", func(t *T) {
		u, v := t.user(), t.user()
		_, err := misskey.Call[json.RawMessage](t.Context(), u.Client, "i/update", map[string]any{"mutedWords": []any{"/ok/i", []string{"a", "b"}}})
		t.ok(err)
		_, err = u.IUpdate(t.Context(), gen.IUpdateRequest{AlsoKnownAs: []string{"@nobody_at_all"}})
		t.refused(err, gen.ErrNoSuchUser, 400)
		_, err = u.IUpdate(t.Context(), gen.IUpdateRequest{AlsoKnownAs: []string{"@" + u.username}})
		t.refused(err, gen.ErrForbiddenToSetYourself, 400)
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{AlsoKnownAs: []string{"@" + v.username}})
		t.ok(err)
		equal(t, "former accounts", strings.Join(me.AlsoKnownAs, " "), v.id)
	}},
	{"whom an account follows can be its secret", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{FollowingVisibility: new(gen.FollowVisibilityPrivate)})
		t.ok(err)
		_, err = v.UsersFollowing(t.Context(), gen.UsersFollowingRequest{UserID: &u.id})
		t.refused(err, gen.ErrIDUsersFollowingForbidden, 400)
		_, err = t.guest().UsersFollowing(t.Context(), gen.UsersFollowingRequest{UserID: &u.id})
		t.refused(err, gen.ErrIDUsersFollowingForbidden, 400)
	}},
	{"renotes of the same account are muted once", func(t *T) {
		u, v := t.user(), t.user()
		req := gen.RenoteMuteCreateRequest{UserID: v.id}
		t.ok(u.RenoteMuteCreate(t.Context(), req))
		t.refused(u.RenoteMuteCreate(t.Context(), req), gen.ErrIDRenoteMuteCreateAlreadyMuting, 400)
	}},
	{"a poll that has ended", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}, ExpiredAfter: new(gen.InMilliseconds(time.Millisecond))}})
		vote := func() error { return v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID}) }
		t.eventually("the end of the poll", func() bool { return errors.Is(vote(), gen.ErrIDNotesPollsVoteAlreadyExpired) })
	}},
}
