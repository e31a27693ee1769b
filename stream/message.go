package stream

import "errors"

// What can be said to a channel.

// ErrNotSent says that a message was not sent, because there is no connection or
// the subscription is over.
var ErrNotSent = errors.New("stream: there is no connection to send it on")

// Send sends a message to the channel of a subscription. There is no answer, and
// no error where the instance does not understand. It is for channels of forks;
// others have methods.
func (sub *Subscription) Send(kind string, body any) error {
	sub.s.mu.Lock()
	defer sub.s.mu.Unlock()
	if sub.state != confirmed || sub.link.out == nil {
		return ErrNotSent
	}
	sub.link.send("channel", map[string]any{"id": sub.id, "type": kind, "body": body})
	return nil
}

// RequestLog asks [ServerStats] or [QueueStats] for the last stats, at most
// length of them; a [ServerStatsLog] or [QueueStatsLog] answers.
func (sub *Subscription) RequestLog(length int) error {
	return sub.Send("requestLog", map[string]any{"id": sub.id, "length": length})
}

// Read marks all messages of a [ChatUser] or [ChatRoom] as read.
func (sub *Subscription) Read() error { return sub.Send("read", map[string]any{}) }

// Ready says whether one is ready to begin a [ReversiGame]. It begins three
// seconds after both are.
func (sub *Subscription) Ready(ready bool) error { return sub.Send("ready", ready) }

// UpdateSettings changes a rule of a [ReversiGame] that has not begun: map (rows
// of text), bw ("random", "1" or "2"), isLlotheo, canPutEverywhere, loopedBoard or
// timeLimitForEachTurn (seconds).
func (sub *Subscription) UpdateSettings(key string, value any) error {
	return sub.Send("updateSettings", map[string]any{"key": key, "value": value})
}

// Cancel calls off a [ReversiGame] that has not begun.
func (sub *Subscription) Cancel() error { return sub.Send("cancel", nil) }

// PutStone makes a move in a [ReversiGame]: pos counts the squares from the upper
// left. id comes back in the [ReversiLog].
func (sub *Subscription) PutStone(pos int, id string) error {
	return sub.Send("putStone", map[string]any{"pos": pos, "id": id})
}

// ClaimTimeIsUp says that the other player of a [ReversiGame] has taken too long.
func (sub *Subscription) ClaimTimeIsUp() error { return sub.Send("claimTimeIsUp", nil) }
