package stream

import "time"

// maxSeen is how many ids a subscription remembers.
const maxSeen = 20_000

// seen are the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is fetched.
type seen struct {
	ids  map[string]bool
	ring []seenID
	next int // where the ring is written
}

type seenID struct {
	id string
	at time.Time
}

func (s *seen) has(id string) bool { return s.ids[id] }

func (s *seen) add(id string, now time.Time) {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	s.ids[id] = true
	if len(s.ring) < maxSeen {
		s.ring = append(s.ring, seenID{id, now})
		return
	}
	delete(s.ids, s.ring[s.next].id)
	s.ring[s.next] = seenID{id, now}
	s.next = (s.next + 1) % maxSeen
}

// oldest is when the oldest id was added that is remembered; ok is false where
// all are.
func (s *seen) oldest() (at time.Time, ok bool) {
	if len(s.ring) < maxSeen {
		return time.Time{}, false
	}
	return s.ring[s.next].at, true
}
