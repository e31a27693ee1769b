package stream

import "time"

// StreamStats say how a [Stream] is doing.
type StreamStats struct {
	// Connections is how many connections the stream should have now, and Connected
	// how many of them are there. It needs more than one for more than 32
	// subscriptions or 1,536 captured notes.
	Connections, Connected int

	// Subscriptions is how many subscriptions there are now, and Confirmed how many
	// of them the current connections have confirmed. Captured is how many notes
	// are captured.
	Subscriptions, Confirmed, Captured int

	// Waiting is how many events wait for the loop now, and WaitingBytes about how
	// much memory they take.
	Waiting, WaitingBytes int

	// Events counts the events that the loop has got, and LoopTime is how long the
	// loop has taken over them, the one that it has now not included.
	Events   int64
	LoopTime time.Duration

	// Disconnects counts interruptions, Filled the events that were fetched after
	// them, and Gaps the interruptions after which events may be missing: see
	// [Reconnected].Missed.
	Disconnects, Filled, Gaps int64

	// Dropped counts events that were thrown away because the loop was too slow,
	// Refused the subscriptions that the instance has not confirmed, and Unknown
	// the events that this version does not know or cannot read.
	Dropped, Refused, Unknown int64
}

// Stats returns the state and the counters of the stream. The counters only grow.
func (s *Stream) Stats() StreamStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.stats
	n.Connections, n.Subscriptions, n.Waiting, n.WaitingBytes = len(s.links), len(s.subs), len(s.events), s.bytes
	for _, l := range s.links {
		n.Captured += len(l.captured)
		if l.out != nil {
			n.Connected++
		}
	}
	for _, sub := range s.subs {
		if sub.state == confirmed {
			n.Confirmed++
		}
	}
	return n
}

// count counts an event that the loop gets, with s.mu held.
func (n *StreamStats) count(event Event) {
	n.Events++
	switch event := event.(type) {
	case *Disconnected:
		n.Disconnects++
	case *Reconnected:
		n.Filled += int64(event.Filled)
		if len(event.Missed) > 0 {
			n.Gaps++
		}
	case *Dropped:
		n.Dropped += int64(event.Count)
	case *Refused:
		n.Refused++
	case *Unknown:
		n.Unknown++
	}
}

// looped counts the time that the loop has taken over an event.
func (s *Stream) looped(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.LoopTime += d
}
