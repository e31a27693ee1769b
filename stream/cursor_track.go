package stream

import (
	"slices"
	"time"
)

// A progress is how far the program has come with the events of a subscription. It
// is guarded by the mutex of the stream.
type progress struct {
	tracks   map[string]*track // by endpoint
	byType   map[string]*track // by type of event
	saved    *cursorChannel    // what was loaded, until the link has taken it over
	restored map[string]time.Time
	ahead    time.Duration // by how much what was loaded is later than the clock of the instance
}

// A track is how far the program has come with what an endpoint lists.
type track struct {
	open      map[string]openEvent // delivered, but not handled, by id
	handled   []handledEvent       // the latest, in the order in which they were handled
	forgotten time.Time            // since when handled has all that was handled
}

type openEvent struct {
	created time.Time // bounded: see [progress.opened]
	exact   int64     // when it was created, in milliseconds since 1970
	held    bool
}

// newProgress returns that of a channel.
func (s *Stream) newProgress(c Channel) *progress {
	p := &progress{tracks: map[string]*track{}, byType: map[string]*track{}}
	if s.opts.NoFill {
		return p
	}
	sources, _ := s.sourcesOf(c)
	for _, from := range sources {
		t := &track{open: map[string]openEvent{}}
		p.tracks[from.endpoint] = t
		for _, name := range from.types {
			p.byType[name] = t
		}
	}
	return p
}

// trackOf returns the track that an event is on, and its id; nil if it is on none.
func trackOf(event Event) (*track, string) {
	sub := From(event)
	if sub == nil || sub.progress == nil {
		return nil, ""
	}
	return sub.progress.byType[typeOf(event)], idOf(event)
}

// opened notes that an event has been delivered. One that comes late, because it
// is from another server, does not set the position back by more than
// Options.Overlap: nor is it fetched if it comes while there is no connection.
func (sub *Subscription) opened(event Event) {
	t, id := trackOf(event)
	if t == nil || id == "" {
		return
	}
	created := createdAt(event)
	floor := sub.reached(sub.progress.endpointOf(t)).Add(-sub.s.opts.Overlap)
	t.open[id] = openEvent{created: later(created, floor), exact: created.UnixMilli()}
}

func (p *progress) endpointOf(t *track) string {
	for endpoint, other := range p.tracks {
		if other == t {
			return endpoint
		}
	}
	return ""
}

// left notes that the loop has gone on after an event, which is handled then,
// unless it is held.
func (s *Stream) left(event Event) {
	if s.opts.Cursor == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, id := trackOf(event); t != nil && !t.open[id].held {
		s.handled(event)
	}
}

// handled notes that an event needs not come again, with s.mu held.
func (s *Stream) handled(event Event) {
	t, id := trackOf(event)
	if t == nil {
		return
	}
	open, ok := t.open[id]
	if !ok {
		return
	}
	delete(t.open, id)
	t.handled = append(t.handled, handledEvent{id, open.exact})
	if len(t.handled) >= 2*maxSeen { // saving has failed for long
		sub := From(event)
		t.trim(t.position(sub.reached(sub.progress.endpointOf(t))), s.opts.Overlap)
	}
	s.keeping.touch()
}

// position is the time before which everything has been handled, where everything
// before reached has been delivered.
func (t *track) position(reached time.Time) time.Time {
	for _, open := range t.open {
		reached = earlier(reached, open.created)
	}
	return reached
}

// trim forgets events that were handled long before a position.
func (t *track) trim(position time.Time, overlap time.Duration) {
	from := position.Add(-2 * overlap)
	if n := len(t.handled) - maxOverlap; n > 0 {
		from = later(from, earlier(time.UnixMilli(t.handled[n].Created), position))
	}
	if n := len(t.handled) - maxSeen; n > 0 {
		from = later(from, time.UnixMilli(t.handled[n].Created))
	}
	before := from.Add(-2 * time.Millisecond) // fetching since from may bring what is a little older
	n := len(t.handled)
	t.handled = slices.DeleteFunc(t.handled, func(e handledEvent) bool { return time.UnixMilli(e.Created).Before(before) })
	if len(t.handled) < n {
		t.forgotten = later(t.forgotten, from)
	}
}

// reached is the time, by the clock of the instance, before which everything that
// an endpoint lists has been delivered, with the mutex of the stream held.
func (sub *Subscription) reached(endpoint string) time.Time {
	l, p := sub.link, sub.progress
	start := sub.started()
	restored, ok := p.restored[endpoint]
	var at time.Time
	switch {
	case ok:
		at = restored
	case !l.gap.IsZero():
		at = l.clock.at(l.gap)
	case l.hold: // the first connection
		at = start
	default:
		at = l.clock.at(l.since)
	}
	at = later(later(at, sub.scanned[endpoint]), start)
	if sub.hole.open {
		at = earlier(at, sub.hole.from)
	}
	return at
}

// started is when a subscription began, by the clock of the instance, with the
// mutex of the stream held.
func (sub *Subscription) started() time.Time {
	if sub.start.IsZero() {
		return sub.link.clock.at(sub.began)
	}
	return sub.start
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// snapshot returns what is to be saved, with s.mu held.
func (s *Stream) snapshot() *cursorState {
	state := &cursorState{Format: cursorFormat, Instance: s.mk.BaseURL(), Account: s.userID}
	for _, l := range s.links {
		for _, sub := range l.subs {
			if sub.progress == nil {
				continue
			}
			if saved := sub.progress.saved; saved != nil { // there was no connection yet
				state.Channels = append(state.Channels, *saved)
				continue
			}
			if sub.began.IsZero() {
				continue
			}
			channel := cursorChannel{Channel: sub.key, Since: sub.started().Round(0).UTC()}
			sources, _ := s.sourcesOf(sub.channel)
			for _, from := range sources {
				t := sub.progress.tracks[from.endpoint]
				if t == nil {
					continue
				}
				position := t.position(sub.reached(from.endpoint))
				t.trim(position, s.opts.Overlap)
				channel.Sources = append(channel.Sources, cursorSource{
					Endpoint: from.endpoint, Position: position.Round(0).UTC(), Forgotten: t.forgotten.UTC(), Handled: slices.Clone(t.handled),
				})
			}
			state.Channels = append(state.Channels, channel)
		}
	}
	return state
}

// restore lets the subscriptions of a link go on where a cursor stands: the first
// connection fills a gap that began then. now is read on this connection. The
// mutex of the stream is held.
func (l *link) restore(now clock) {
	first := time.Time{}
	l.setClock(now)
	for _, sub := range l.subs {
		p := sub.progress
		if p == nil || p.saved == nil {
			continue
		}
		present := now.at(time.Now())
		sub.start = earlier(p.saved.Since, present)
		p.restored = map[string]time.Time{}
		for endpoint := range p.tracks {
			p.restored[endpoint] = present // it was not listed then
		}
		for _, from := range p.saved.Sources {
			t := p.tracks[from.Endpoint]
			if t == nil {
				continue
			}
			if ahead := from.Position.Sub(present); ahead > maxAheadTime {
				p.ahead = max(p.ahead, ahead)
			}
			t.handled, t.forgotten = from.Handled, from.Forgotten
			for _, e := range from.Handled {
				sub.seen.add(e.ID, time.UnixMilli(e.Created), time.Now())
			}
			p.restored[from.Endpoint] = earlier(from.Position, present)
		}
		for _, at := range p.restored {
			if first.IsZero() || at.Before(first) {
				first = at
			}
		}
		if len(p.restored) == 0 && first.IsZero() {
			first = present
		}
		p.saved = nil
	}
	if !first.IsZero() {
		l.gap = now.here.Add(first.Sub(now.there))
	}
}

// since is since when a restored subscription fetches what an endpoint lists: as
// far before the position as what was handled then is known.
func (p *progress) since(endpoint string, base, begin time.Time) time.Time {
	if t := p.tracks[endpoint]; t != nil && begin.Before(t.forgotten) {
		return earlier(t.forgotten, base)
	}
	return begin
}
