package stream

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
)

// Whatever a cursor has loaded, it is refused, or the position that is saved next is
// not after the present, and can be loaded again.
func FuzzCursorState(f *testing.F) {
	f.Add([]byte(`{"format":1,"instance":"https://misskey.example","channels":[{"channel":"localTimelinenull","since":"2026-01-01T00:00:00Z","sources":[` +
		`{"endpoint":"notes/local-timeline","position":"2026-01-02T00:00:00Z","handled":[{"id":"a","at":1767312000000}]}]}]}`))
	f.Add([]byte(`{"format":1,"instance":"https://misskey.example","channels":null}`))
	f.Add([]byte(`null`))
	mk, err := misskey.New("https://misskey.example")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		state, err := parseCursor(data, mk.BaseURL())
		if err != nil || state == nil {
			return
		}
		s := New(mk, Options{Cursor: &MemoryCursor{}}, LocalTimeline{}, Main{})
		now := time.Now()
		for _, sub := range s.subs {
			sub.progress.saved = state.channel(sub.key)
			sub.began, sub.link.since = now, now
		}
		for _, l := range s.links {
			l.restore(clock{now, now})
		}
		again, err := json.Marshal(s.snapshot())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseCursor(again, mk.BaseURL()); err != nil {
			t.Fatalf("%v: %s", err, again)
		}
		for _, channel := range s.snapshot().Channels {
			for _, from := range channel.Sources {
				if from.Position.After(time.Now()) {
					t.Errorf("the position is %v", from.Position)
				}
			}
		}
	})
}

// What was handled long ago is forgotten, and nothing of it is fetched again.
func TestTracksAreBounded(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Second) }
	tr := &track{}
	for n := range 10_000 {
		tr.handled = append(tr.handled, handledEvent{"", at(n).UnixMilli()})
	}
	tr.trim(at(10_000), time.Hour)
	if len(tr.handled) != maxOverlap || !tr.forgotten.Equal(at(10_000-maxOverlap)) {
		t.Errorf("%d are left, forgotten until %v", len(tr.handled), tr.forgotten)
	}
	p := &progress{tracks: map[string]*track{"e": tr}}
	if since := p.since("e", at(10_000), at(0)); !since.Equal(tr.forgotten) {
		t.Errorf("it fetches since %v", since)
	}
	tr.trim(at(10_000), time.Minute)
	if len(tr.handled) != 120 {
		t.Errorf("%d are left of two minutes", len(tr.handled))
	}
	// What was handled after something that has not been is kept.
	tr = &track{open: map[string]openEvent{"x": {created: at(0)}}}
	for n := range 10_000 {
		tr.handled = append(tr.handled, handledEvent{"", at(n + 1).UnixMilli()})
	}
	tr.trim(tr.position(at(20_000)), time.Hour)
	if len(tr.handled) != 10_000 {
		t.Errorf("%d are left", len(tr.handled))
	}
}
