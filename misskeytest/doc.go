// Package misskeytest is an instance of Misskey inside the test process.
//
//	func TestBot(t *testing.T) {
//		srv := misskeytest.NewServer(t)
//		alice := srv.Client("alice") // a *misskey.Client, logged in
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
//	admin/accounts/create, admin/accounts/delete
//	drive, drive/files, drive/files/attached-notes,
//	drive/files/check-existence, drive/files/create, drive/files/delete,
//	drive/files/find, drive/files/find-by-hash, drive/files/show,
//	drive/files/update, drive/folders, drive/folders/create,
//	drive/folders/delete, drive/folders/find, drive/folders/show,
//	drive/folders/update, drive/stream
//	endpoints
//	following/create, following/delete, following/invalidate,
//	following/requests/accept, following/requests/cancel,
//	following/requests/list, following/requests/reject,
//	following/requests/sent, following/update
//	i, i/apps, i/favorites, i/notifications, i/revoke-token, i/update
//	meta
//	miauth/gen-token, miauth/{session}/check
//	notes, notes/children, notes/conversation, notes/create, notes/delete,
//	notes/favorites/create, notes/favorites/delete, notes/global-timeline,
//	notes/hybrid-timeline, notes/local-timeline, notes/mentions,
//	notes/polls/vote, notes/reactions, notes/reactions/create,
//	notes/reactions/delete, notes/renotes, notes/replies, notes/show,
//	notes/state, notes/timeline, notes/unrenote
//	notifications/create, notifications/flush, notifications/mark-all-as-read,
//	notifications/test-notification
//	ping
//	stats
//	users/followers, users/following, users/notes, users/relation, users/show
//
// All others answer with data that is made up from what the document says of
// their answer, always the same, and remember nothing. A list that is made up has
// one page.
//
// # What is not there yet
//
// Blocks and mutes, lists, antennas, channels, clips, chat, the registry, custom
// emojis, announcements, pages, roles other than moderator and administrator,
// and i/notifications-grouped have no state. There are neither hashtag searches
// nor notifications of polls that have ended. There are no rate limits but those
// that [Server.Fail] orders, no streaming, no consent pages, neither of MiAuth
// nor of OAuth 2, no legacy authentication of apps, and no faults other than
// answers: slow, cut off or dropped connections. The server knows no other
// servers, so that all accounts are local.
package misskeytest
