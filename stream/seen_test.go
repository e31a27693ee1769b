package stream

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var s seen
		for n := range maxSeen + 10 {
			s.add(strconv.Itoa(n), start.Add(time.Duration(n)*time.Millisecond), time.Now())
		}
		if s.has("9") || !s.has("10") || len(s.ids) != maxSeen || len(s.order) != maxSeen {
			t.Errorf("%d ids, %d in order", len(s.ids), len(s.order))
		}
		if want := start.Add(9 * time.Millisecond); !s.bound.Equal(want) {
			t.Errorf("bound by %v, want %v", s.bound, want)
		}
		time.Sleep(time.Minute)
		s.add("late", start, time.Now())
		s.forget(start.Add(time.Second))
		if !s.has("late") || len(s.ids) != 1 || len(s.order) != 1 {
			t.Errorf("%d ids, %d in order", len(s.ids), len(s.order))
		}
		if want := start.Add((maxSeen + 9) * time.Millisecond); !s.bound.Equal(want) {
			t.Errorf("bound by %v, want %v", s.bound, want)
		}
	})
}
