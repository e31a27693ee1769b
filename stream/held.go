package stream

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxHeld is how many events are held at least while a gap is filled, whatever
// Options.Queue is: as many as come while the pages of a busy timeline are fetched.
const maxHeld = 10_000

// held are the events of a connection that wait for what is fetched first. It is
// guarded by the mutex of the stream.
type held struct {
	events  []Event
	bytes   int // of memory that they take
	ids     map[heldID]bool
	spilled bool                              // some found no room
	lost    map[*Subscription]map[string]bool // the types of those that no endpoint lists
}

type heldID struct {
	sub *Subscription
	id  string
}

func (h *held) add(event Event) {
	h.events = append(h.events, event)
	h.bytes += kept(event).Size
	if id := idOf(event); id != "" {
		if h.ids == nil {
			h.ids = map[heldID]bool{}
		}
		h.ids[heldID{From(event), id}] = true
	}
}

// first takes the first event out.
func (h *held) first() Event {
	event := h.events[0]
	h.events[0] = nil
	h.events = h.events[1:]
	h.bytes -= kept(event).Size
	if id := idOf(event); id != "" {
		delete(h.ids, heldID{From(event), id})
	}
	return event
}

// A hole is a range of time, by the clock of the instance, of which events were
// received, but found no room. They are fetched.
type hole struct {
	open     bool
	from, to time.Time
}

func (h *hole) widen(t time.Time) {
	if !h.open || t.Before(h.from) {
		h.from = t
	}
	if !h.open || t.After(h.to) {
		h.to = t
	}
	h.open = true
}

// holdBack holds an event, with the mutex of the stream held. If there is no room,
// the oldest goes: it can be fetched.
func (l *link) holdBack(event Event) {
	measure(event, l.held.bytes)
	for len(l.held.events) > 0 && (len(l.held.events) >= max(maxHeld, l.s.opts.Queue) || l.held.bytes >= maxWaiting) {
		if l.s.dropsOldest() {
			l.held.first()
			l.s.dropped++
		} else {
			l.forgo(l.held.first())
		}
	}
	l.held.add(event)
}

// forgo notes that an event found no room, with the mutex of the stream held.
func (l *link) forgo(event Event) {
	sub := From(event)
	l.held.spilled = true
	if sub != nil && l.s.fetches(event) {
		if id := idOf(event); !sub.seen.has(id) {
			sub.hole.widen(createdAt(event))
		}
		return
	}
	if l.held.lost == nil {
		l.held.lost = map[*Subscription]map[string]bool{}
	}
	if l.held.lost[sub] == nil {
		l.held.lost[sub] = map[string]bool{}
	}
	l.held.lost[sub][typeOf(event)] = true
}

// missedLost reports the events that found no room and cannot be fetched.
func (l *link) missedLost() (all []Missed) {
	for sub, types := range l.held.lost {
		names := slices.Sorted(maps.Keys(types))
		why := fmt.Sprintf("events came faster than they were taken, and no endpoint lists %s", strings.Join(names, ", "))
		all = append(all, Missed{Subscription: sub, Why: why, Types: names, Cut: true})
	}
	l.held.lost = nil
	return all
}

// release lets events go that were held, with the mutex of the stream held, and
// reports whether there was room for all.
func (l *link) release() bool {
	for len(l.held.events) > 0 {
		event := l.held.events[0]
		size := kept(event).Size
		delivered := l.deliver(event, time.Now())
		l.held.bytes += kept(event).Size - size // it may have been measured
		if !delivered {
			return false
		}
		l.held.first()
	}
	l.hold, l.gap, l.failed, l.held = false, time.Time{}, 0, held{lost: l.held.lost}
	for _, sub := range l.subs {
		sub.scanned = nil
		if sub.progress != nil {
			sub.progress.restored = nil
		}
	}
	return true
}
