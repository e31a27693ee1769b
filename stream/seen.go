package stream

import (
	"hash/maphash"
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
)

// seen are the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is fetched. Of an id it has a hash of 64 bits, with a seed
// that nobody else knows.
type seen struct {
	ids   map[uint64]struct{}
	base  time.Time // from which times count
	order []seenID
	ahead []uint64  // dated in the future: fetched after every gap until then
	bound time.Time // what was created before may have been forgotten
	last  time.Time // when the last that was forgotten had been added
	clock clock     // of the instance
}

type seenID struct {
	hash    uint64
	at      time.Duration // from the base to when it was added
	created int64         // by the clock of the instance, in milliseconds since 1970
}

var seenSeed = maphash.MakeSeed()

func hashOf(id string) uint64 { return maphash.String(seenSeed, id) }

func (s *seen) has(id string) bool {
	_, ok := s.ids[hashOf(id)]
	return ok
}

// add remembers the id of what was created at a time, and forgets the oldest if
// there are too many.
func (s *seen) add(id string, created, now time.Time) {
	if s.ids == nil {
		s.ids, s.base = map[uint64]struct{}{}, now
	}
	hash := hashOf(id)
	s.ids[hash] = struct{}{}
	if created.After(s.clock.at(now).Add(maxAheadTime)) {
		if s.ahead = append(s.ahead, hash); len(s.ahead) > maxAhead {
			delete(s.ids, s.ahead[0])
			s.ahead = s.ahead[1:]
		}
		return
	}
	if s.order = append(s.order, seenID{hash, now.Sub(s.base), created.UnixMilli()}); len(s.order) > maxSeen {
		s.forgetFirst()
	}
}

// forget forgets what was added before a time.
func (s *seen) forget(before time.Time) {
	for len(s.order) > 0 && s.order[0].at < before.Sub(s.base) {
		s.forgetFirst()
	}
}

func (s *seen) forgetFirst() {
	first := s.order[0]
	s.order = s.order[1:]
	delete(s.ids, first.hash)
	if created := time.UnixMilli(first.created); created.After(s.bound) {
		s.bound = created
	}
	s.last = s.base.Add(first.at)
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
	return earlier(time.UnixMilli(entry.created), s.clock.at(s.base.Add(entry.at)))
}
