package stream

import (
	"crypto/sha256"
	"time"
)

const (
	// maxSeen is how many ids a subscription remembers.
	maxSeen = 20_000

	// maxAhead is how many ids it remembers of what is dated in the future.
	maxAhead = 1000

	// maxAheadTime is how far in the future something may be dated that was just
	// received: clocks are never quite right.
	maxAheadTime = time.Minute

	// maxIDLength is how long an id is that is remembered as it is. Those of
	// Misskey have 10 to 26 characters.
	maxIDLength = 64
)

// seen are the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is fetched.
type seen struct {
	ids   map[string]bool
	order []seenID
	ahead []seenID  // dated in the future: fetched after every gap until then
	bound time.Time // what was created before may have been forgotten
	last  time.Time // when the last that was forgotten had been added
	clock clock     // of the instance
}

type seenID struct {
	id      string
	at      time.Time // when it was added
	created time.Time // by the clock of the instance
}

func (s *seen) has(id string) bool { return s.ids[short(id)] }

// short is what an id is remembered by. A hostile instance can send long ones.
func short(id string) string {
	if len(id) <= maxIDLength {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(sum[:])
}

// add remembers the id of what was created at a time, and forgets the oldest if
// there are too many.
func (s *seen) add(id string, created time.Time) {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	entry := seenID{short(id), time.Now(), created}
	s.ids[entry.id] = true
	if created.After(s.clock.at(entry.at).Add(maxAheadTime)) {
		if s.ahead = append(s.ahead, entry); len(s.ahead) > maxAhead {
			delete(s.ids, s.ahead[0].id)
			s.ahead = s.ahead[1:]
		}
		return
	}
	if s.order = append(s.order, entry); len(s.order) > maxSeen {
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
	s.last = first.at
}

// from is since when nothing comes twice that is fetched, by the clock of the
// instance as it is now. If that was ahead when the bound was set, the bound is
// not later than what it bounds was received.
func (s *seen) from(now clock) time.Time {
	if s.bound.IsZero() {
		return s.bound
	}
	return earlier(s.bound, now.at(s.last).Add(maxAheadTime))
}

// recent is when the oldest of the last n was created.
func (s *seen) recent(n int) time.Time {
	if len(s.order) < n {
		return time.Time{}
	}
	entry := s.order[len(s.order)-n]
	return earlier(entry.created, s.clock.at(entry.at))
}
