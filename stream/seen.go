package stream

import (
	"hash/maphash"
	"slices"
	"time"
)

const (
	// maxSeen is how many ids a subscription remembers.
	maxSeen = 20_000

	// maxFresh is how many ids are kept unsorted, and maxRun how many in order.
	// What is forgotten is forgotten by the run.
	maxFresh, maxRun = 64, 2048

	// markEvery is how many ids have one mark, and maxMarks how many marks there
	// are: as many as recent is asked for.
	markEvery, maxMarks = 32, maxOverlap/32 + 2

	// maxAhead is how many ids it remembers of what is dated in the future.
	maxAhead = 1000

	// maxAheadTime is how far in the future something may be dated that was just
	// received: clocks are never quite right.
	maxAheadTime = time.Minute
)

// seen holds the ids of what a subscription has yielded lately, so that it does not
// yield it again when it is refetched. Of each id it has a hash of 64 bits, with a
// seed that nobody else knows. Most streams are idle, and a program may have
// thousands, so an id takes 8 bytes: hashes are in a few sorted runs, each about
// twice as long as the next, in place of a map.
type seen struct {
	fresh run    // the last, not sorted
	runs  []run  // before those, the oldest first
	marks []mark // of the last ids
	added int    // how many ids have been added in all
	total int    // how many there are in fresh and runs
	ahead []uint64
	base  time.Time // from which times count
	bound time.Time // what was created before may have been forgotten
	last  time.Time // when the last that was forgotten had been added
	clock clock     // of the instance
}

// A run is a part of the ids.
type run struct {
	hashes  []uint64
	at      time.Duration // from the base to when the last was added
	created int64         // when the latest was created, by the clock of the instance, in milliseconds since 1970
}

// A mark says when one of the ids was added, and what it is of created.
type mark struct {
	added   int
	at      time.Duration
	created int64
}

var seenSeed = maphash.MakeSeed()

func hashOf(id string) uint64 { return maphash.String(seenSeed, id) }

func (s *seen) has(id string) bool {
	hash := hashOf(id)
	if slices.Contains(s.fresh.hashes, hash) || slices.Contains(s.ahead, hash) {
		return true
	}
	for i := len(s.runs) - 1; i >= 0; i-- {
		if _, ok := slices.BinarySearch(s.runs[i].hashes, hash); ok {
			return true
		}
	}
	return false
}

// add remembers the id of what was created at a time, and forgets the oldest if
// there are too many.
func (s *seen) add(id string, created, now time.Time) {
	if s.base.IsZero() {
		s.base = now
	}
	hash := hashOf(id)
	if created.After(s.clock.at(now).Add(maxAheadTime)) {
		// It is refetched after every gap until then.
		if len(s.ahead) == maxAhead {
			s.ahead = slices.Delete(s.ahead, 0, 1)
		}
		s.ahead = append(s.ahead, hash)
		return
	}
	at, unix := now.Sub(s.base), created.UnixMilli()
	if s.added%markEvery == 0 {
		if len(s.marks) == maxMarks {
			s.marks = slices.Delete(s.marks, 0, 1)
		}
		s.marks = append(s.marks, mark{s.added, at, unix})
	}
	s.added++
	s.total++
	if len(s.fresh.hashes) == 0 {
		s.fresh.created = unix
	}
	s.fresh.hashes = append(s.fresh.hashes, hash)
	s.fresh.at, s.fresh.created = at, max(s.fresh.created, unix)
	if len(s.fresh.hashes) == maxFresh {
		s.settle()
	}
	if s.total > maxSeen {
		s.forgetFirst()
	}
}

// settle sorts what is fresh, and joins runs so that there are few.
func (s *seen) settle() {
	slices.Sort(s.fresh.hashes)
	last := s.fresh
	s.fresh = run{}
	for n := len(s.runs); n > 0; n = len(s.runs) {
		before := s.runs[n-1]
		if len(before.hashes) > len(last.hashes) || len(before.hashes)+len(last.hashes) > maxRun {
			break
		}
		last = run{merge(before.hashes, last.hashes), last.at, max(before.created, last.created)}
		s.runs = s.runs[:n-1]
	}
	s.runs = append(s.runs, last)
}

// merge returns what is in two sorted slices, sorted.
func merge(a, b []uint64) []uint64 {
	all := make([]uint64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// forget forgets runs of which all was added before a time.
func (s *seen) forget(before time.Time) {
	for s.total > 0 && s.first().at < before.Sub(s.base) {
		s.forgetFirst()
	}
}

// first returns the oldest run.
func (s *seen) first() run {
	if len(s.runs) > 0 {
		return s.runs[0]
	}
	return s.fresh
}

func (s *seen) forgetFirst() {
	first := s.first()
	if len(s.runs) > 0 {
		s.runs = slices.Delete(s.runs, 0, 1)
	} else {
		s.fresh = run{}
	}
	s.total -= len(first.hashes)
	if created := time.UnixMilli(first.created); created.After(s.bound) {
		s.bound = created
	}
	s.last = s.base.Add(first.at)
}

// from is since when nothing comes twice that is refetched, by the clock of the
// instance as it is now. If that was ahead when the bound was set, the bound is
// not later than what it bounds was received.
func (s *seen) from(now clock) time.Time {
	if s.bound.IsZero() {
		return s.bound
	}
	return earlier(s.bound, now.at(s.last).Add(maxAheadTime))
}

// recent is when the oldest of about the last n, which are at most maxOverlap, was
// created, or zero if there are not so many.
func (s *seen) recent(n int) time.Time {
	if s.total < n {
		return time.Time{}
	}
	i, found := slices.BinarySearchFunc(s.marks, s.added-n, func(m mark, added int) int { return m.added - added })
	if !found {
		i--
	}
	m := s.marks[max(i, 0)]
	return earlier(time.UnixMilli(m.created), s.clock.at(s.base.Add(m.at)))
}
