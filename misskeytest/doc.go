// Package misskeytest is an instance of Misskey inside the test process.
//
//	func TestBot(t *testing.T) {
//		srv := misskeytest.NewServer(t, misskeytest.Options{})
//		alice := srv.Client("alice") // a *misskey.Client, logged in
//		go run(t.Context(), srv.Client("bot"))
//		…
//	}
//
// [NewServer] is for tests and [Start] for anything else. Every endpoint of
// Misskey answers; who may call it and with which parameters is checked as
// Misskey does, in the same order and with the same errors.
//
// # What it remembers
//
// These endpoints do what they do in Misskey, on accounts, notes, files and so
// on that the server keeps in memory:
//
//	admin/abuse-user-reports, admin/meta, admin/queue/pause,
//	admin/queue/queue-stats, admin/queue/queues, admin/queue/resume,
//	admin/reset-password, admin/resolve-abuse-user-report, admin/show-users,
//	admin/suspend-user, admin/unset-mfa, admin/unsuspend-user,
//	admin/update-meta
//	admin/accounts/create, admin/accounts/delete
//	admin/announcements/create, admin/announcements/delete,
//	admin/announcements/list, admin/announcements/update
//	admin/emoji/add, admin/emoji/add-aliases-bulk, admin/emoji/delete,
//	admin/emoji/delete-bulk, admin/emoji/list, admin/emoji/list-remote,
//	admin/emoji/remove-aliases-bulk, admin/emoji/set-aliases-bulk,
//	admin/emoji/set-category-bulk, admin/emoji/set-license-bulk,
//	admin/emoji/update
//	admin/roles/assign, admin/roles/create, admin/roles/delete,
//	admin/roles/list, admin/roles/show, admin/roles/unassign,
//	admin/roles/update, admin/roles/update-default-policies, admin/roles/users
//	admin/system-webhook/create, admin/system-webhook/delete,
//	admin/system-webhook/list, admin/system-webhook/show,
//	admin/system-webhook/test, admin/system-webhook/update
//	announcements, announcements/show
//	antennas/create, antennas/delete, antennas/list, antennas/notes,
//	antennas/remove-note, antennas/show, antennas/update
//	ap/show
//	app/create, app/show
//	auth/accept, auth/session/generate, auth/session/show,
//	auth/session/userkey
//	blocking/create, blocking/delete, blocking/list
//	channels/create, channels/favorite, channels/featured, channels/follow,
//	channels/followed, channels/mute/create, channels/mute/delete,
//	channels/mute/list, channels/my-favorites, channels/owned,
//	channels/search, channels/show, channels/timeline, channels/unfavorite,
//	channels/unfollow, channels/update
//	chat/history, chat/messages/create-to-room, chat/messages/create-to-user,
//	chat/messages/delete, chat/messages/react, chat/messages/room-timeline,
//	chat/messages/search, chat/messages/show, chat/messages/unreact,
//	chat/messages/user-timeline, chat/read-all, chat/rooms/create,
//	chat/rooms/delete, chat/rooms/invitations/create,
//	chat/rooms/invitations/ignore, chat/rooms/invitations/inbox,
//	chat/rooms/invitations/outbox, chat/rooms/join, chat/rooms/joining,
//	chat/rooms/leave, chat/rooms/members, chat/rooms/mute, chat/rooms/owned,
//	chat/rooms/show, chat/rooms/update
//	clips/add-note, clips/create, clips/delete, clips/favorite, clips/list,
//	clips/my-favorites, clips/notes, clips/remove-note, clips/show,
//	clips/unfavorite, clips/update
//	drive, drive/files, drive/files/attached-notes,
//	drive/files/check-existence, drive/files/create, drive/files/delete,
//	drive/files/find, drive/files/find-by-hash, drive/files/move-bulk,
//	drive/files/show,
//	drive/files/update, drive/files/upload-from-url, drive/folders,
//	drive/folders/create, drive/folders/delete, drive/folders/find,
//	drive/folders/show, drive/folders/update, drive/stream
//	following/create, following/delete, following/invalidate, following/list,
//	following/requests/accept, following/requests/cancel,
//	following/requests/list, following/requests/reject,
//	following/requests/sent, following/update
//	hashtags/list, hashtags/search, hashtags/show, hashtags/users
//	i, i/2fa/remove-key, i/2fa/update-key, i/apps, i/authorized-apps,
//	i/change-password, i/claim-achievement, i/favorites,
//	i/notifications, i/notifications-grouped, i/pin, i/read-announcement,
//	i/regenerate-token, i/registry/get, i/registry/get-all,
//	i/registry/get-detail, i/registry/keys, i/registry/keys-with-type,
//	i/registry/remove, i/registry/scopes-with-domain, i/registry/set,
//	i/revoke-token, i/unpin, i/update, i/webhooks/create, i/webhooks/delete,
//	i/webhooks/list, i/webhooks/show, i/webhooks/test, i/webhooks/update
//	miauth/gen-token, miauth/{session}/check
//	mute/create, mute/delete, mute/list
//	my/apps
//	notes, notes/children, notes/clips, notes/conversation, notes/create,
//	notes/delete, notes/drafts/count, notes/drafts/create,
//	notes/drafts/delete, notes/drafts/list, notes/drafts/update,
//	notes/favorites/create, notes/favorites/delete,
//	notes/featured, notes/global-timeline, notes/hybrid-timeline,
//	notes/local-timeline, notes/mentions, notes/polls/recommendation,
//	notes/polls/vote, notes/reactions, notes/reactions/create,
//	notes/reactions/delete, notes/renotes, notes/replies, notes/search,
//	notes/search-by-tag, notes/show, notes/show-partial-bulk, notes/state,
//	notes/thread-muting/create, notes/thread-muting/delete, notes/timeline,
//	notes/translate, notes/unrenote, notes/user-list-timeline
//	notifications/create, notifications/flush, notifications/mark-all-as-read,
//	notifications/test-notification
//	renote-mute/create, renote-mute/delete, renote-mute/list
//	reversi/cancel-match, reversi/games, reversi/invitations, reversi/match,
//	reversi/show-game, reversi/surrender
//	roles/list, roles/notes, roles/show, roles/users
//	username/available
//	users, users/achievements, users/clips, users/followers, users/following, users/lists/create,
//	users/lists/delete, users/lists/get-memberships, users/lists/list,
//	users/lists/pull, users/lists/push, users/lists/show, users/lists/update,
//	users/lists/update-membership, users/notes, users/reactions,
//	users/relation, users/report-abuse, users/search,
//	users/search-by-username-and-host, users/show, users/update-memo
//	emoji, emojis, endpoints, meta, ping, pinned-users, signin-flow, stats
//
// All others respond with data that is made up from what the document says of
// their response, always the same, and remember nothing. A list that is made up has
// one page. [Server.Answer] gives any endpoint a response of the test's own, and
// [Options].FailMadeUp fails a test that relies on one that is made up. The
// document itself is at /api.json.
//
// # Accounts of other servers
//
// [User].Host, or a name such as bob@remote.example, makes an account of another
// server. Its client stands for that server: the notes, replies, reactions and
// follows that it makes are those that come from there.
//
// # The stream
//
// Connections to the stream get the events of all 18 channels, of notes that
// have been captured, and those that everybody gets. The server keeps silent
// where Misskey does, sends a ping every minute and cuts a connection that does
// not answer it. [Server.Publish] sends events of your own.
//
// # Webhooks and scheduled notes
//
// The server delivers to the webhooks of accounts and of the instance, with Misskey's
// headers and as often as Misskey does: again after 1, 3 and 7 minutes of its clock.
// [Server.Deliver] posts any event once, without a webhook. The server posts scheduled
// notes in time. [Server.Advance] moves the clock to either.
//
// # Logging in
//
// The pages of MiAuth, of OAuth 2 and of the apps that were there before let
// anyone who opens them approve as any account; [Server.Approve] and [Server.Deny]
// do the same without a browser. Clients of OAuth 2 may have an address on this
// machine.
//
// # What goes wrong
//
// [Server.Fail] orders errors, pages of gateways, slow answers and connections
// that break; [Server.CutStreams] and [Server.LoseFrames] break the stream, and
// [Server.Restart] all there is. With [Options].RateLimits calls are counted and
// refused as in production. [Server.Advance] moves the clock, by which polls end
// and limits are over.
//
// # Versions
//
// The server behaves as the newest Misskey that this module knows. Where versions
// differ in what they do, such as in the visibility of replies, [Options].Version
// chooses an older one. The endpoints are those of the document, whatever the
// version.
//
// # What is not there
//
// The server asks no other server for anything. Pages, plays, the gallery, the
// second factor and moves of accounts have no state. The settings of
// the instance have, but few of them have an effect: words and usernames that are
// prohibited, and what meta says.
package misskeytest
