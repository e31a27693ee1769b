package bot

import (
	"context"
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// Whatever a cursor has loaded is refused, or works and can be loaded again.
func FuzzStore(f *testing.F) {
	f.Add([]byte(`{"bot":1,"running":true,"stream":{"format":1},"handled":["a"],"threads":[{"note":"a","of":"b"}],"chats":{"chat:x":"y"},"states":{"user x":{"value":1,"saved":"2026-01-01T00:00:00Z"}}}`))
	f.Add([]byte(`{"bot":1,"states":{"x":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, memory := context.Background(), &stream.MemoryCursor{}
		_ = memory.Save(ctx, data)
		s := newStore(memory)
		if _, err := s.Load(ctx); err != nil {
			if !errors.Is(err, stream.ErrCursor) {
				t.Fatal(err)
			}
			return
		}
		m := &Message{Note: &gen.Note{ID: "n"}, From: gen.UserLite{ID: "x"}, b: &Bot{store: s}, thread: "n"}
		_, _ = m.User().Load(new(int))
		if err := m.User().Save(7); err != nil {
			t.Fatal(err)
		}
		s.begin("n")
		s.commit(m)
		if err := s.Save(ctx, []byte(`{}`)); err != nil {
			t.Fatal(err)
		}
		again := newStore(memory)
		if _, err := again.Load(ctx); err != nil || again.begin("n") || !again.crashed() {
			t.Fatalf("%v", err)
		}
		var n int
		if _, err := (&State{again, "user x", nil}).Load(&n); err != nil || n != 7 {
			t.Fatalf("%d, %v", n, err)
		}
	})
}

// On the days on which the clock is set, something is done once.
func TestNextAt(t *testing.T) {
	place, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []time.Time{time.Date(2026, 3, 8, 0, 0, 0, 0, place), time.Date(2026, 11, 1, 0, 0, 0, 0, place), time.Date(2026, 6, 1, 0, 0, 0, 0, place)} {
		for _, minute := range []int{0, 30, 59} {
			for _, hour := range []int{0, 1, 2, 3, 23} {
				n := 0
				for at := nextAt(day.Add(-1), hour, minute); at.Before(day.AddDate(0, 0, 1)); at = nextAt(at, hour, minute) {
					if n++; n > 1 {
						break
					}
				}
				if n != 1 {
					t.Errorf("%v: %d times at %02d:%02d", day, n, hour, minute)
				}
			}
		}
	}
}

// The pace keeps to the limits, as a role scales them.
func TestPace(t *testing.T) {
	p := &pacer{factor: 2}
	begin := time.Now()
	var last time.Time
	for range 151 {
		last = p.reserve(gen.OpNotesCreate) // 300 an hour, and half of that
	}
	if wait := last.Sub(begin); wait < time.Hour || wait > 62*time.Minute {
		t.Errorf("the 151st may be made after %v", wait)
	}
	p.setFactor(0)
	if at := p.reserve(gen.OpNotesCreate); at.After(time.Now()) {
		t.Errorf("without a limit there is one: %v", at)
	}
	p.setFactor(1)
	first, second := p.reserve(gen.OpNotesDelete), p.reserve(gen.OpNotesDelete) // one a second
	if second.Sub(first) < time.Second {
		t.Errorf("%v between two calls", second.Sub(first))
	}
}

func TestStateIsBounded(t *testing.T) {
	s := newStore(&stream.MemoryCursor{})
	if _, err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := &State{s, "name x", nil}
	if err := one.Save(make([]byte, maxState)); !errors.Is(err, ErrStateFull) {
		t.Error(err)
	}
	if found, err := one.Load(new([]byte)); found || err != nil {
		t.Error(found, err)
	}
	if err := one.Save(func() {}); err == nil {
		t.Error("a function was saved")
	}
	if err := one.Save("x"); err != nil {
		t.Fatal(err)
	}
	one.Delete()
	if s.size != 0 {
		t.Errorf("%d bytes are left", s.size)
	}
}
