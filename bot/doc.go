// Package bot is for programs that respond to people: it receives what is said to an
// account, and replies.
//
//	b := bot.New(mk, bot.Options{Cursor: stream.NewFileCursor("bot.state")})
//	b.OnMessage(func(ctx context.Context, m *bot.Message) error {
//		_, err := m.Reply(ctx, "You said: "+m.Text)
//		return err
//	})
//	return b.Run(ctx)
//
// # Messages
//
// A [Message] is a note that mentions the account, replies to it, quotes it or is
// for it alone, or a chat message. A note is one message, however many events report
// it. Handlers of different conversations run at the same time, up to
// [Options].Concurrency; those of one conversation run one after the other, in the
// order of its messages. A conversation is a thread of notes, or a chat.
//
// Each handler has [Options].Timeout; waiting for a rate limit does not count. An
// error or a panic is reported to [Options].Report, and the bot goes on. Such a
// message counts as handled: handling it again might say things twice.
//
// The bot does not see its own notes, nor those of other bots unless
// [Options].AnswerBots is set. In a conversation that goes faster than
// [Options].MaxPerMinute it stops responding for a while, because it may be talking
// to a bot that does not say so.
//
// # Privacy
//
// [Message.Reply] and [Message.Say] write to the people who could read the message:
// with its visibility, its recipients and its content warning.
//
// # Restarts
//
// With [Options].Cursor the bot goes on where it was. A message that came while it
// did not run is handled, once it runs again. After a crash it looks for its own
// reply before it handles a message that was left open, so that nobody gets two. What
// a handler saves with [State.Save] is kept together with the fact that the message
// was handled: either both are saved or none is. Follows and reactions may be handled
// again after a crash.
//
// # Permissions
//
// The token of an app needs read:account, read:notifications and write:notes; for
// reactions write:reactions, for [Bot.OnChat] read:chat and write:chat, for
// [Request.Accept] write:following.
package bot
