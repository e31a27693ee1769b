package stream

import (
	"context"
	"fmt"
	"slices"
)

const (
	// maxWaiting is how many bytes of memory the events that wait may take.
	maxWaiting = 64 << 20

	// maxOwn is how many events about the stream itself may wait. They are few,
	// unless the program takes none for hours.
	maxOwn = 1000
)

// A queue holds the events that wait for the loop. It is guarded by the mutex of
// the stream.
type queue struct {
	events  []Event
	waiting int           // how many of them are bounded by Options.Queue: not those about the stream itself
	bytes   int           // of memory that they take
	dropped int           // how many were thrown away
	news    chan struct{} // holds one when the queue has got something, or the stream ends
}

// put appends an event.
func (q *queue) put(event Event) {
	q.events = append(q.events, event)
	if !isOwn(event) {
		q.waiting++
		q.bytes += kept(event).Size
	}
	if len(q.events) == 1 { // the loop waits only for the first
		q.tell()
	}
}

// take takes the event at an index out, mostly the first.
func (q *queue) take(i int) Event {
	event := q.events[i]
	if i == 0 {
		q.events[0] = nil
		q.events = q.events[1:]
	} else {
		q.events = slices.Delete(q.events, i, i+1)
	}
	if !isOwn(event) {
		q.waiting--
		q.bytes -= kept(event).Size
	}
	return event
}

// tell wakes the loop.
func (q *queue) tell() {
	select {
	case q.news <- struct{}{}:
	default:
	}
}

// own is how many of the events are about the stream itself.
func (q *queue) own() int { return len(q.events) - q.waiting }

// isOwn reports whether an event is about the stream itself. Such events are not
// dropped: without them nobody would know that others are missing.
func isOwn(event Event) bool {
	switch event.(type) {
	case *Connected, *Disconnected, *Reconnected, *Refused, *NotSaved:
		return true
	}
	return false
}

// next waits for an event.
func (s *Stream) next(ctx context.Context) (Event, error) {
	for {
		s.mu.Lock()
		if s.opts.Cursor != nil { // what waits comes again after the next start
			switch {
			case ctx.Err() != nil:
				s.mu.Unlock()
				return nil, fmt.Errorf("stream: %w", ctx.Err())
			case s.closed:
				s.mu.Unlock()
				return nil, ErrClosed
			}
		}
		if s.dropped > 0 {
			event := &Dropped{Count: s.dropped}
			s.dropped = 0
			s.stats.count(event)
			s.mu.Unlock()
			return event, nil
		}
		if len(s.events) > 0 {
			event := s.take(0)
			s.stats.count(event)
			s.makeRoom()
			s.mu.Unlock()
			return event, nil
		}
		err := s.ended()
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return nil, fmt.Errorf("stream: %w", ctx.Err())
		}
	}
}

// push queues an event, with s.mu held. It reports whether there was room.
func (s *Stream) push(event Event) bool {
	if !isOwn(event) {
		measure(event, s.bytes)
	}
	for !isOwn(event) && (s.waiting >= s.opts.Queue || s.bytes >= maxWaiting) {
		if !s.dropsOldest() {
			return false
		}
		s.handled(s.take(slices.IndexFunc(s.events, func(e Event) bool { return !isOwn(e) })))
		s.dropped++
	}
	if isOwn(event) && !s.taken && s.own() >= maxOwn { // nobody takes any
		s.take(slices.IndexFunc(s.events, isOwn))
		s.dropped++
	}
	s.put(event)
	return true
}

// dropsOldest reports whether the oldest events make room for new ones: because
// the program wants that, or because it does not take any.
func (s *Stream) dropsOldest() bool {
	return s.opts.Overflow == OverflowDropOldest || !s.taken
}

// retry does something with s.mu held, again whenever there is room, until it
// works.
func (s *Stream) retry(ctx context.Context, try func() bool) error {
	for {
		s.mu.Lock()
		if try() {
			s.mu.Unlock()
			return nil
		}
		if s.room == nil {
			s.room = make(chan struct{})
		}
		room := s.room
		s.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// makeRoom wakes whatever waits for room, when half of the queue has been taken.
func (s *Stream) makeRoom() {
	if s.room != nil && s.waiting <= s.opts.Queue/2 && s.bytes <= maxWaiting/2 && s.own() < maxOwn {
		close(s.room)
		s.room = nil
	}
}
