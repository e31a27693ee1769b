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
//	admin/accounts/create, delete
//	drive, drive/stream
//	drive/files, attached-notes, check-existence, create, delete, find, find-by-hash, show, update
//	drive/folders, create, delete, find, show, update
//	endpoints, meta, ping, stats
//	following/create, delete, invalidate, update
//	following/requests/accept, cancel, list, reject, sent
//	i, i/apps, i/favorites, i/notifications, i/revoke-token, i/update
//	miauth/gen-token, miauth/{session}/check
//	notes, children, conversation, create, delete, mentions, renotes, replies, show, state, unrenote
//	notes/favorites/create, delete
//	notes/global-timeline, hybrid-timeline, local-timeline, timeline
//	notes/polls/vote
//	notes/reactions, create, delete
//	notifications/create, flush, mark-all-as-read, test-notification
//	users/followers, following, notes, relation, show
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
