// Package stream receives what an instance of Misskey tells in real time: new
// notes, notifications, reactions, messages.
//
//	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.Main{})
//	for event, err := range st.Events(ctx) {
//		if err != nil {
//			return err // the stream has ended
//		}
//		switch event := event.(type) {
//		case *stream.Note:
//			fmt.Println(event.User.Username, event.Text)
//		case *stream.Mention:
//			…
//		case *stream.Reconnected:
//			// event.Missed says whether all that came meanwhile was fetched
//		}
//	}
//
// # Subscriptions
//
// Channels are structs: [HomeTimeline], [Hashtag] and so on; EVENTS.md lists them
// with their events. Those that [New] names, and those of [Stream.Subscribe] at
// any time, are confirmed by the instance, or refused with a [RefusedError]: it
// says nothing where it refuses, so that this takes a while. Some it confirms and
// then stays silent: timelines that the account may not see; a [ChannelTimeline],
// [RoleTimeline], [ReversiGame] or [ChatUser] of what there is not; a [Hashtag]
// without tags; [Admin] for who is no moderator. [Stream.Capture] asks for what
// happens to single notes.
//
// The token of an app needs the permission read:account for any stream, and more
// for some channels: misskey.PermissionsFor takes channels, too.
//
// # Interruptions
//
// A connection that ends is made again, with growing pauses, and all
// subscriptions with it. A dead one is noticed within half a minute, though the
// instance says nothing. Then what was not sent meanwhile is fetched by what
// endpoints list: notes of timelines, notifications, the state of captured
// notes. It comes before what is new, in the order of ids, and nothing comes
// twice. Where fetching fails for a moment, the next connection tries it again,
// three times. [Reconnected] tells where something may be missing. Nothing is
// changed at the instance by that.
//
// What to fetch is reckoned by the clock of the instance, which is read when a
// connection is made: it does not matter that the clocks differ, that they are set,
// or that the machine has slept. What is older than the subscription is not
// fetched, not even a note of another server that comes late.
//
// Events wait in a queue with a bound, so that a slow program does not keep the
// connection from answering the pings of the instance, which ends it otherwise.
// [Options].Overflow says what happens when the queue is full.
package stream
