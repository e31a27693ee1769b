package stream

import "time"

// maxSeen is how many ids a subscription remembers.
const maxSeen = 20_000

// seen are the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is fetched.
type seen struct {
	ids   map[string]bool
	order []seenID
	bound time.Time // what was created before may have been forgotten, because there were too many
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
		if s.order[0].created.After(s.bound) {
			s.bound = s.order[0].created
		}
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
	delete(s.ids, s.order[0].id)
	s.order = s.order[1:]
}
