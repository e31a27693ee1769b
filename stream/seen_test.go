package stream

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

func TestSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var s seen
		const added = 2*maxSeen + 10
		for n := range added {
			id := strconv.Itoa(n)
			if s.has(id) {
				t.Fatalf("%s is seen before it is added", id)
			}
			s.add(id, start.Add(time.Duration(n)*time.Millisecond), time.Now())
			if s.total > maxSeen || len(s.runs) > maxSeen/maxRun+8 {
				t.Fatalf("%d ids in %d runs", s.total, len(s.runs))
			}
		}
		if s.total < maxSeen-maxRun {
			t.Errorf("%d ids are remembered", s.total)
		}
		for n := range added {
			if got, want := s.has(strconv.Itoa(n)), n >= added-s.total; got != want {
				t.Fatalf("%d of %d, of which %d are remembered, is seen: %v", n, added, s.total, got)
			}
		}
		if want := start.Add(time.Duration(added-s.total-1) * time.Millisecond); !s.bound.Equal(want) {
			t.Errorf("bound by %v, want %v", s.bound, want)
		}
		for _, n := range []int{minOverlap, 1000, maxOverlap} {
			exact := start.Add(time.Duration(added-n) * time.Millisecond)
			if got := s.recent(n); got.After(exact) || exact.Sub(got) >= markEvery*time.Millisecond && !got.Equal(start) {
				t.Errorf("the last %d are from %v, want %v or a little earlier", n, got, exact)
			}
		}
		time.Sleep(time.Minute)
		s.add("late", start, time.Now())
		s.forget(start.Add(time.Second))
		if !s.has("late") || s.total > maxFresh {
			t.Errorf("%d ids", s.total)
		}
		time.Sleep(time.Minute)
		s.forget(time.Now())
		if s.has("late") || s.total != 0 {
			t.Errorf("%d ids", s.total)
		}
		if want := start.Add((added - 1) * time.Millisecond); !s.bound.Equal(want) {
			t.Errorf("bound by %v, want %v", s.bound, want)
		}
	})
}

// What is dated in the future is remembered apart.
func TestSeenAhead(t *testing.T) {
	now := time.Now()
	var s seen
	for n := range maxAhead + 1 {
		s.add(strconv.Itoa(n), now.Add(time.Hour), now)
	}
	if s.has("0") || !s.has("1") || !s.has(strconv.Itoa(maxAhead)) || s.total != 0 {
		t.Errorf("%d ids ahead, %d others", len(s.ahead), s.total)
	}
}

// An id takes 8 bytes: what is beside them is counted as well.
func TestSeenIsSmall(t *testing.T) {
	now := time.Now()
	for _, n := range []int{200, 5000, maxSeen} {
		var s seen
		for i := range n {
			s.add(strconv.Itoa(i), now, now)
		}
		bytes := cap(s.fresh.hashes)*8 + cap(s.marks)*int(unsafe.Sizeof(mark{})) + cap(s.runs)*int(unsafe.Sizeof(run{}))
		for _, r := range s.runs {
			bytes += cap(r.hashes) * 8
		}
		if limit := 8*n + 4096; bytes > limit {
			t.Errorf("%d ids take %d bytes, want at most %d", n, bytes, limit)
		}
		t.Logf("%d ids: %d bytes", n, bytes)
	}
}

func BenchmarkSeen(b *testing.B) {
	now := time.Now()
	ids := make([]string, 100_000)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	var s seen
	for i := 0; b.Loop(); i++ {
		id := ids[i%len(ids)]
		if !s.has(id) {
			s.add(id, now, now)
		}
	}
}
