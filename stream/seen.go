package stream

import "time"

// maxSeen is how many ids a subscription remembers.
const maxSeen = 20_000

// seen are the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is fetched.
type seen struct {
	ids   map[string]bool
	order []seenID
	bound time.Time // what was created before may have been forgotten
}

type seenID struct {
	id      string
	at      time.Time // when it was added
	created time.Time // by the clock of the instance
}

func (s *seen) has(id string) bool { return s.ids[id] }

// add remembers the id of what was created at a time, and forgets the oldest if
// there are too many.
func (s *seen) add(id string, created time.Time) {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	s.ids[id] = true
	s.order = append(s.order, seenID{id, time.Now(), created})
	if len(s.order) > maxSeen {
		s.forgetFirst()
	}
}

// forget forgets what was added before a time.
func (s *seen) forget(before time.Time) {
	for len(s.order) > 0 && s.order[0].at.Before(before) {
		s.forgetFirst()
	}
}

func (s *seen) forgetFirst() {
	first := s.order[0]
	s.order = s.order[1:]
	delete(s.ids, first.id)
	if first.created.After(s.bound) {
		s.bound = first.created
	}
}
