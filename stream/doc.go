// Package stream receives the events of an instance of Misskey in real time: new
// notes, notifications, reactions, messages.
//
//	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
//	for event, err := range st.Events(ctx) {
//		if err != nil {
//			return err // the stream has ended, for good
//		}
//		switch event := event.(type) {
//		case *stream.Note:
//			if event.Text != nil {
//				fmt.Printf("@%s: %s\n", event.User.Username, *event.Text)
//			}
//		case *stream.Mention:
//			…
//		case *stream.Disconnected: // the stream connects again
//			log.Print(event.Err)
//		case *stream.Reconnected: // event.Missed lists what was not refetched
//			log.Printf("connected again, %d events fetched", event.Filled)
//		case *stream.Refused: // the other subscriptions go on
//			log.Print(event.Err)
//		}
//	}
//
// # Subscriptions
//
// Channels are structs: [HomeTimeline], [Hashtag] and so on; EVENTS.md lists them
// with their events. Those that [New] names, and those of [Stream.Subscribe] at
// any time, are confirmed by the instance, or refused with a [RefusedError]. The
// instance says nothing when it refuses, so that this takes a while; a channel that
// needs an account is refused at once if the client has no token. Some channels it
// confirms and then stays silent: timelines that the account may not see; a
// [ChannelTimeline], [RoleTimeline], [ReversiGame] or [ChatUser] of something that
// does not exist; a [Hashtag] without tags; [Admin] for anyone but moderators.
// [Stream.Capture] asks for what happens to single notes.
//
// The token of an app needs the permission read:account for any stream, and more
// for some channels; [Permissions] knows which.
//
// # Interruptions
//
// A connection that ends is made again, with all its subscriptions. The pause
// before is short, and grows while connecting fails. A dead connection is noticed
// within half a minute, though the instance says nothing. Then the stream fetches
// what endpoints list of what it was not sent meanwhile: notes of timelines,
// notifications, mentions, replies, renotes, the state of captured notes. They come
// before what is new, in the order of ids, and nothing comes twice. Fetching that
// fails for a moment is tried again. [Reconnected] reports what may be missing.
// None of this changes anything at the instance.
//
// What to fetch is reckoned by the clock of the instance, which is read when a
// connection is made: it does not matter that the clocks differ, that they are set,
// or that the machine has slept. What is older than the subscription is not
// fetched, not even a note of another server that comes late.
//
// Events wait in a queue with a bound, so that a slow program does not keep the
// connection from answering the pings of the instance, which ends it otherwise.
// [Options].Overflow says what happens when the queue is full. Events about the
// stream itself, such as [Reconnected], are never dropped.
//
// # Restarts
//
// With [Options].Cursor the stream goes on where the loop was when the program
// ended, however it ended:
//
//	st := stream.New(mk, stream.Options{Cursor: stream.NewFileCursor("bot.cursor")}, stream.Main{})
//
// Every event that an endpoint lists comes at least once. It counts as handled when
// the loop goes on to the next one, or when the function is called that [Stream.Hold]
// has returned; the event in whose body the loop ends does not. What was handled is
// saved once a second, or after 100 events, and when the stream ends. The next start fetches everything
// else, in order, up to [Options].MaxFill for each channel. After a crash, what was handled since then
// comes again.
//
// The cursor covers the channels that [New] names. One that is new begins now, one
// that is not named any more is forgotten. A note of another server that was first
// published more than [Options].Overlap before it came may be lost if the program
// ends before it is handled. Events that no endpoint lists are not kept: see the
// last column of EVENTS.md. A cursor is for one account of one instance, and for one
// stream at a time.
//
// # Errors
//
// The loop ends with an error when nothing will help: the instance does not accept
// the token, also when it was revoked later; the first connection fails in a way
// that is probably a mistake; all channels that New names are refused. What happens
// meanwhile is logged to the logger of the client (misskey.WithLogger): connections,
// cuts, refusals, and what was fetched.
package stream
