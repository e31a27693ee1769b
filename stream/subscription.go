package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// A RefusedError reports that the instance has not confirmed a subscription in
// time, or cannot. Misskey never says why: the token lacks the permission, the
// list, room or antenna does not exist or belongs to somebody else, the channel is
// unknown, or the instance is slow.
type RefusedError struct {
	// Channel is what was subscribed to.
	Channel Channel

	// After is how long the stream waited; 0 if it did not ask, because the
	// channel needs an account and the client has no token.
	After time.Duration
}

// Error names the channel and what may be the cause.
func (e *RefusedError) Error() string {
	if e.After == 0 {
		return fmt.Sprintf("stream: the channel %s needs an account: give the client a token (misskey.WithToken)", describe(e.Channel))
	}
	return fmt.Sprintf("stream: the instance has not confirmed the channel %s within %v: the token of an app needs %v, "+
		"and what the channel is about must exist and be the account's", describe(e.Channel), e.After, needs(e.Channel))
}

// The states of a subscription.
type subscriptionState int

const (
	pending   subscriptionState = iota // asked for, or to be
	confirmed                          // by the current connection
	over                               // ended by Unsubscribe or refused
)

// A Subscription is one to a channel.
type Subscription struct {
	s       *Stream
	channel Channel
	id, key string

	// What follows is guarded by the mutex of the stream.
	link    *link
	state   subscriptionState
	initial bool // New has named it, and it has not been settled yet
	refs    int  // how many have subscribed
	waiting int  // how many wait for it to be settled
	resting bool // nobody is subscribed, but the server goes on
	timer   *time.Timer
	settled chan struct{} // closed when it has been confirmed or refused for the first time
	err     error
	began   time.Time // when it was first asked for
	start   time.Time // the same by the clock of the instance, where that is known
	live    time.Time // when the current connection confirmed it
	seen    seen
	hole    hole
	scanned map[string]time.Time // how far endpoints have been fetched, while a gap is open
	denied  map[string]bool      // the endpoints that the token may not read

	progress *progress // nil unless New has named it and there is a cursor
}

// Channel is what is subscribed to.
func (sub *Subscription) Channel() Channel { return sub.channel }

// String describes the channel.
func (sub *Subscription) String() string { return describe(sub.channel) }

// checkChannel returns a channel as a value, should it be a pointer, or an error
// for nil.
func checkChannel(c Channel) (Channel, error) {
	v := reflect.ValueOf(c)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("the channel is nil")
	}
	if v.Kind() == reflect.Pointer {
		if value, ok := v.Elem().Interface().(Channel); ok {
			return value, nil
		}
	}
	return c, nil
}

// attach returns the subscription to a channel, a new one if there is none, with
// s.mu held or before anything else has the stream.
func (s *Stream) attach(c Channel) *Subscription {
	params, err := json.Marshal(c.params())
	key := c.channelName() + string(params)
	for _, sub := range s.subs {
		if err == nil && sub.key == key && sub.state != over {
			sub.refs++
			sub.resting = false
			return sub
		}
	}
	s.lastID++
	sub := &Subscription{s: s, channel: c, id: strconv.Itoa(s.lastID), key: key, refs: 1, settled: make(chan struct{})}
	s.subs[sub.id] = sub
	sub.link = s.linkWithRoom()
	sub.link.subs = append(sub.link.subs, sub)
	return sub
}

// Subscribe subscribes to a channel, and returns when the instance has confirmed
// that. The error is a [RefusedError] if it does not. A second subscription to the
// same channel is the first, until both are ended.
func (s *Stream) Subscribe(ctx context.Context, c Channel) (*Subscription, error) {
	c, err := checkChannel(c)
	if err != nil {
		return nil, fmt.Errorf("stream: Subscribe: %w", err)
	}
	s.mu.Lock()
	if err := s.ended(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	sub := s.attach(c)
	sub.waiting++
	if sub.began.IsZero() {
		sub.link.connect(sub)
	}
	s.start()
	s.mu.Unlock()
	timer := time.NewTimer(s.opts.AckTimeout + dialTimeout)
	defer timer.Stop()
	select {
	case <-sub.settled:
	case <-timer.C:
		err = fmt.Errorf("stream: subscribing to %s: there is no connection", describe(c))
	case <-ctx.Done():
		err = fmt.Errorf("stream: subscribing to %s: %w", describe(c), ctx.Err())
	case <-s.ctx.Done():
		s.mu.Lock()
		err = s.ended()
		s.mu.Unlock()
	}
	s.mu.Lock()
	sub.waiting--
	if err == nil {
		err = sub.err
	}
	s.mu.Unlock()
	if err != nil {
		sub.Unsubscribe()
		return nil, err
	}
	return sub, nil
}

// Unsubscribe ends the subscription. Events that wait for the loop are still
// yielded.
func (sub *Subscription) Unsubscribe() {
	s := sub.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if sub.state == over || sub.refs == 0 {
		return
	}
	if sub.refs--; sub.refs > 0 {
		return
	}
	if kind := kinds[sub.channel.channelName()]; kind != nil && kind.leaks && sub.state == confirmed {
		sub.resting = true // to subscribe again would make everything come twice
		return
	}
	sub.link.send("disconnect", map[string]any{"id": sub.id})
	sub.end(nil)
}

// confirm notes that the instance has confirmed a subscription, with the mutex
// held.
func (sub *Subscription) confirm() {
	sub.state = confirmed
	sub.live, sub.seen.clock = time.Now(), sub.link.clock
	sub.stopTimer()
	sub.settle(nil)
}

// end takes a subscription out, with the mutex held.
func (sub *Subscription) end(err error) {
	sub.state = over
	sub.stopTimer()
	delete(sub.s.subs, sub.id)
	sub.link.subs = slices.DeleteFunc(sub.link.subs, func(o *Subscription) bool { return o == sub })
	sub.settle(err)
}

func (sub *Subscription) settle(err error) {
	select {
	case <-sub.settled:
	default:
		sub.err = err
		close(sub.settled)
	}
	if sub.initial {
		sub.initial = false
		sub.s.settleInitial(err)
	}
	sub.link.settled()
}

// settleInitial notes what has become of a channel that New named. A stream of
// which all are refused would be silent for ever.
func (s *Stream) settleInitial(err error) {
	s.initial--
	switch {
	case err != nil:
		s.refusals = append(s.refusals, err)
	default:
		s.refusals, s.initial = nil, -1 // one that works will do
	}
	if s.initial == 0 && len(s.refusals) > 0 {
		s.failLocked(errors.Join(s.refusals...))
	}
}

func (sub *Subscription) stopTimer() {
	if sub.timer != nil {
		sub.timer.Stop()
		sub.timer = nil
	}
}

// refuse ends a subscription that has not been confirmed after a time.
func (sub *Subscription) refuse(after time.Duration) {
	err := &RefusedError{sub.channel, after}
	sub.s.log(slog.LevelWarn, "stream: subscription refused", slog.String("channel", sub.channel.channelName()))
	event := &Refused{Err: err}
	kept(event).Source = sub
	if sub.waiting == 0 {
		sub.s.push(event)
	}
	sub.end(err)
}

// maxCaptures is how many notes are captured over one connection. Since 2026.9.1
// Misskey keeps no more, and drops the oldest without saying so.
const maxCaptures = 1536

// Capture asks for what happens to notes: [NoteReacted] and so on. A note that is
// captured twice must be released twice. Capture does not wait; the instance never
// refuses, and reports nothing of notes that the account may not see. It keeps
// 1,536 captured notes a connection: for more, the stream opens further ones.
func (s *Stream) Capture(noteIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range noteIDs {
		l := s.linkThatCaptures(id)
		if l == nil {
			l = s.linkForCapture()
			l.send("subNote", map[string]any{"id": id})
		}
		l.captured[id]++
	}
}

// Release ends what [Stream.Capture] has begun.
func (s *Stream) Release(noteIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range noteIDs {
		l := s.linkThatCaptures(id)
		if l == nil {
			continue
		}
		if l.captured[id]--; l.captured[id] == 0 {
			delete(l.captured, id)
			l.send("unsubNote", map[string]any{"id": id})
		}
	}
}

// ReadNotifications marks all notifications of the account as read.
func (s *Stream) ReadNotifications() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.links) > 0 {
		s.links[0].send("readNotification", nil)
	}
}
