package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

const (
	// fetchTimeout is how long an instance may take for a page.
	fetchTimeout = 15 * time.Second

	// maxSeenAgain is how many times more than MaxFill are fetched if most was
	// seen already.
	maxSeenAgain = 10

	// maxOverlap is how many events that were seen the overlap has at most. With
	// each connection that ends before a gap is filled it is half of that, down
	// to minOverlap, so that a connection that does not last makes progress, too.
	maxOverlap, minOverlap = 2000, 50

	// maxCaptured is how many captured notes are looked at.
	maxCaptured = 100

	// maxFailed is how many times in a row the fetching of what was missed may
	// fail before the stream goes on without.
	maxFailed = 4

	// confirmSlack is how much later than it was received a confirmation may
	// have been sent, by clocks that are not quite right.
	confirmSlack = 2 * time.Second
)

// A filling fetches what a link was not sent while there was no connection.
type filling struct {
	l           *link
	back        *Reconnected
	before, now clock
	late        time.Duration // by how much the clock of the instance may be ahead of now
	fresh       bool          // now was read on this connection
	fetched     map[*Subscription]int
	delivered   map[*Subscription]int
	missing     map[*Subscription]*missing
	failures    int   // in a row, that may be gone after a while
	lastErr     error // the last of them
}

// missing is what a filling could not fetch of a subscription.
type missing struct{ why, types []string }

// fill queues what was not sent while there was no connection, by what endpoints
// list, and then [Reconnected], which reports what is missing.
func (l *link) fill(ctx context.Context) error {
	s := l.s
	f := &filling{l: l, back: &Reconnected{}, fetched: map[*Subscription]int{}, delivered: map[*Subscription]int{}, missing: map[*Subscription]*missing{}}
	s.mu.Lock()
	f.back.Since, f.before = l.gap, l.clock
	subs, captured := slices.Clone(l.subs), slices.Sorted(maps.Keys(l.captured))
	s.mu.Unlock()
	if s.opts.NoFill {
		f.back.Missed = l.missAll("the filling of gaps is switched off")
	} else {
		if err := f.run(ctx, subs, captured); err != nil {
			return err
		}
	}
	return s.retry(ctx, func() bool {
		if s.taken && s.own() >= maxOwn {
			return false
		}
		f.finish()
		return true
	})
}

// finish reports that the connection is there again, with the mutex held.
func (f *filling) finish() {
	l, s := f.l, f.l.s
	if f.fresh {
		l.setClock(f.now) // not if the gap is still there
	}
	f.back.Missed = append(f.back.Missed, l.missedLost()...)
	l.held.spilled, l.told = false, false
	s.push(f.back)
	cut := 0
	for _, missed := range f.back.Missed {
		if missed.Cut {
			cut++
		}
	}
	s.log(slog.LevelInfo, "stream: reconnected", slog.Duration("gap", time.Since(l.gap)), slog.Int("filled", f.back.Filled), slog.Int("cut", cut))
}

func (f *filling) run(ctx context.Context, subs []*Subscription, captured []string) error {
	s := f.l.s
	f.now, f.late, f.fresh = s.readClock(ctx)
	if !f.fresh {
		f.now = f.before
	} else if f.before == (clock{}) {
		f.before = f.now
	}
	for _, sub := range subs {
		if err := f.fillSub(ctx, sub, false); err != nil {
			return err
		}
	}
	if err := f.l.fillCaptured(ctx, captured, f.back); err != nil {
		return err
	}
	// What has found no room meanwhile.
	for {
		var sub *Subscription
		s.mu.Lock()
		if i := slices.IndexFunc(f.l.subs, func(sub *Subscription) bool { return sub.hole.open }); i >= 0 {
			sub = f.l.subs[i]
		}
		s.mu.Unlock()
		if sub == nil {
			break
		}
		if err := f.fillSub(ctx, sub, true); err != nil {
			return err
		}
	}
	setBack := f.before.at(f.back.Since).Sub(f.now.at(f.back.Since))
	for _, sub := range subs {
		sources, why := s.sourcesOf(sub.channel)
		s.mu.Lock()
		ended := sub.state == over
		s.mu.Unlock()
		if ended {
			continue
		}
		if setBack > s.opts.Overlap && len(sources) > 0 {
			f.miss(sub, fmt.Sprintf("the clock of the instance has been set back by %v", setBack.Round(time.Second)), nil)
		}
		if p := sub.progress; p != nil && p.ahead > 0 {
			f.miss(sub, fmt.Sprintf("the cursor is ahead of the clock of the instance by %v", p.ahead.Round(time.Second)), nil)
			p.ahead = 0
		}
		if m := f.missing[sub]; m != nil {
			f.back.Missed = append(f.back.Missed, Missed{sub, strings.Join(m.why, "; "), m.types, true})
		}
		switch unlisted := f.unlisted(sub, sources); {
		case why != "":
			f.back.Missed = append(f.back.Missed, Missed{Subscription: sub, Why: why, Types: unlisted})
		case len(sources) > 0 && len(unlisted) > 0:
			f.back.Missed = append(f.back.Missed, Missed{Subscription: sub, Why: "the token may not read what lists these events", Types: unlisted})
		}
	}
	return nil
}

// unlisted are the types of events of a subscription that cannot be fetched.
func (f *filling) unlisted(sub *Subscription, sources []source) []string {
	f.l.s.mu.Lock()
	defer f.l.s.mu.Unlock()
	allowed := slices.DeleteFunc(slices.Clone(sources), func(from source) bool { return sub.denied[from.endpoint] })
	return unlisted(sub.channel, allowed)
}

// miss notes that events of a subscription are missing, and why.
func (f *filling) miss(sub *Subscription, why string, types []string) {
	m := f.missing[sub]
	if m == nil {
		m = &missing{}
		f.missing[sub] = m
	}
	if !slices.Contains(m.why, why) {
		m.why = append(m.why, why)
		m.types = append(m.types, types...)
	}
}

// base is when an interruption began for a subscription, by the clock of the
// instance, which was read before and after that. Of what the clocks say, the
// earlier is right: see [clock].
func (f *filling) base(sub *Subscription) time.Time {
	if sub.start.IsZero() {
		sub.start = f.before.at(sub.began)
	}
	base := earlier(f.before.at(f.back.Since), f.now.at(f.back.Since))
	if start := f.start(sub); base.Before(start) {
		base = start
	}
	return base
}

// start is when a subscription began.
func (f *filling) start(sub *Subscription) time.Time {
	return earlier(sub.start, f.now.at(sub.began))
}

// gap is since when and until when to fetch what a subscription has missed from a
// source. until is zero if the time at the instance is not known.
func (f *filling) gap(sub *Subscription, from source) (begin, until time.Time) {
	opts := f.l.s.opts
	base := f.base(sub)
	if p := sub.progress; p != nil && p.restored != nil {
		base = p.restored[from.endpoint]
	}
	if scanned := sub.scanned[from.endpoint]; scanned.After(base) {
		base = scanned // by a connection that has ended before it was through
	}
	begin = base.Add(-opts.Overlap)
	if recent := sub.seen.recent(max(maxOverlap>>min(f.l.failed, 10), minOverlap)); begin.Before(recent) {
		begin = earlier(recent, base)
	}
	for _, bound := range []time.Time{f.start(sub), sub.seen.from(f.now)} { // what is older than the second might come twice
		if begin.Before(bound) {
			begin = bound
		}
	}
	if p := sub.progress; p != nil && p.restored != nil {
		begin = p.since(from.endpoint, base, begin)
	}
	if f.fresh {
		until = f.now.at(sub.live).Add(f.late + confirmSlack)
	}
	return begin.Add(-time.Millisecond), until // the bound is exclusive
}

// fillSub fetches what a subscription has missed: since the interruption, or with
// again what it was sent on this connection, but had no room for.
func (f *filling) fillSub(ctx context.Context, sub *Subscription, again bool) (err error) {
	s := f.l.s
	sources, _ := s.sourcesOf(sub.channel)
	s.mu.Lock()
	hole := sub.hole
	sub.hole.open = false
	s.mu.Unlock()
	for i, from := range sources {
		s.mu.Lock()
		if sub.state == over || sub.denied[from.endpoint] {
			s.mu.Unlock()
			continue
		}
		begin, until := hole.from.Add(-time.Millisecond), hole.to // the first is exclusive
		if !again {
			begin, until = f.gap(sub, from)
			if hole.open {
				begin = earlier(begin, hole.from.Add(-time.Millisecond))
			}
			if hole.open && !until.IsZero() && until.Before(hole.to) {
				until = hole.to
			}
		}
		s.mu.Unlock()
		if again && f.spent(sub, from) {
			continue
		}
		reached, err := f.fillFrom(ctx, sub, from, begin, until, again)
		if err != nil {
			if hole.open { // the next connection goes on
				if i == len(sources)-1 && reached.After(hole.from) {
					hole.from = reached
				}
				s.mu.Lock()
				sub.hole.widen(hole.from)
				sub.hole.widen(hole.to)
				s.mu.Unlock()
			}
			return err
		}
	}
	return nil
}

// spent reports whether nothing more is fetched for a subscription, and notes that
// this is missing.
func (f *filling) spent(sub *Subscription, from source) bool {
	limit := f.l.s.opts.MaxFill
	switch {
	case f.delivered[sub] >= limit, f.fetched[sub] >= limit*maxSeenAgain:
		f.miss(sub, fmt.Sprintf("there is more than the %d that were fetched", f.delivered[sub]), from.types)
		return true
	}
	return false
}

// fillFrom fetches what a source lists since a time. It ends with the list, or
// where the list is as far as what has come live: with an item that is later than
// until and, unless again, one that is held. A zero time is never passed.
func (f *filling) fillFrom(ctx context.Context, sub *Subscription, from source, begin, until time.Time, again bool) (reached time.Time, err error) {
	s, limit := f.l.s, f.l.s.opts.MaxFill
	after := cursor{date: new(gen.At(begin))}
	met := again
	for {
		page, err := f.page(ctx, sub, from, after)
		if err != nil || len(page) == 0 {
			return reached, err
		}
		for _, one := range page {
			f.fetched[sub]++
			for _, event := range one.events {
				if f.delivered[sub] >= limit {
					if f.comesLive(sub, event) {
						continue
					}
					f.miss(sub, fmt.Sprintf("there is more than the %d that were fetched", f.delivered[sub]), from.types)
					return reached, nil
				}
				held, err := f.deliver(ctx, sub, event)
				if err != nil {
					return reached, err
				}
				met = met || held
			}
		}
		last := page[len(page)-1]
		reached = earlier(last.created, f.now.at(time.Now()))
		s.mu.Lock()
		if sub.scanned == nil {
			sub.scanned = map[string]time.Time{}
		}
		sub.scanned[from.endpoint] = reached
		done := sub.state == over
		s.mu.Unlock()
		switch {
		case done, met && !until.IsZero() && last.created.After(until):
			return reached, nil
		case after.id != nil && last.id <= *after.id:
			f.miss(sub, "the instance lists the same again and again", from.types)
			return reached, nil
		case f.fetched[sub] >= limit*maxSeenAgain:
			f.miss(sub, fmt.Sprintf("there is more than the %d that were fetched, of which most had been seen", f.fetched[sub]), from.types)
			return reached, nil
		}
		after = cursor{id: &last.id}
	}
}

// comesLive reports whether an event has been seen, or is held.
func (f *filling) comesLive(sub *Subscription, event Event) bool {
	f.l.s.mu.Lock()
	defer f.l.s.mu.Unlock()
	id := idOf(event)
	return sub.seen.has(id) || f.l.held.ids[heldID{sub, id}]
}

// deliver queues a fetched event, unless it has been seen, and waits for room. It
// reports whether the same is held.
func (f *filling) deliver(ctx context.Context, sub *Subscription, event Event) (isHeld bool, err error) {
	kept(event).Source = sub
	s := f.l.s
	err = s.retry(ctx, func() bool {
		id := idOf(event)
		isHeld = f.l.held.ids[heldID{sub, id}]
		if sub.state == over || sub.resting || sub.seen.has(id) {
			return true
		}
		if !f.l.deliver(event, time.Now()) {
			return false
		}
		f.delivered[sub]++
		f.back.Filled++
		return true
	})
	return isHeld, err
}

// page fetches a page, in the order of ids. What may be gone after a while is
// tried again; the connection does not suffer from it. Where it fails for good,
// that is noted, and the page is empty.
func (f *filling) page(ctx context.Context, sub *Subscription, from source, after cursor) ([]item, error) {
	s := f.l.s
	for pause := s.opts.Pause; ; pause = min(pause*2, s.opts.MaxPause) {
		if f.failures >= maxFailed {
			f.miss(sub, fmt.Sprintf("fetching has failed: %v", f.lastErr), from.types)
			return nil, nil
		}
		mk, kept := s.fetcher()
		wait, cancel := context.WithTimeout(ctx, fetchTimeout)
		page, err := from.page(wait, mk, after)
		cancel()
		if err == nil {
			f.failures = 0
			for _, one := range page {
				for _, event := range one.events {
					kept.give(event, one.id)
				}
			}
			slices.SortFunc(page, func(a, b item) int { return cmp.Compare(a.id, b.id) })
			return page, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.log(slog.LevelWarn, "stream: fetching what was missed has failed", slog.String("endpoint", from.endpoint), slog.Any("error", err))
		said, _ := errors.AsType[*misskey.Error](err)
		if isDenied(said) {
			s.mu.Lock()
			if sub.denied == nil {
				sub.denied = map[string]bool{}
			}
			sub.denied[from.endpoint] = true
			s.mu.Unlock()
		}
		if !isPassing(err) {
			f.miss(sub, fmt.Sprintf("fetching it has failed: %v", err), from.types)
			return nil, nil
		}
		if f.failures, f.lastErr = f.failures+1, err; f.failures >= maxFailed {
			continue
		}
		if said != nil {
			pause = max(pause, min(said.RetryAfter, s.opts.MaxPause))
		}
		if !sleep(ctx, pause) {
			return nil, context.Cause(ctx)
		}
	}
}

// isDenied reports whether an error is that the token lacks a permission.
func isDenied(err *misskey.Error) bool {
	return err != nil && (err.Kind == "permission" || errors.Is(err, gen.ErrPermissionDenied)) && err.Code != gen.ErrRolePermissionDenied
}

// isPassing reports whether an error may be gone after a while, because it is one
// of the connection or of a server that is not quite there.
func isPassing(err error) bool {
	if said, ok := errors.AsType[*misskey.Error](err); ok {
		return said.Status >= 500 || said.Status == http.StatusTooManyRequests
	}
	_, unreadable := errors.AsType[*misskey.DecodeError](err)
	return err != nil && !unreadable
}

// missAll reports that nothing was fetched.
func (l *link) missAll(why string) (all []Missed) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	for _, sub := range l.subs {
		all = append(all, Missed{Subscription: sub, Why: why, Types: unlisted(sub.channel, nil), Cut: true})
		sub.hole = hole{}
	}
	if len(l.captured) > 0 {
		all = append(all, Missed{Why: why, Cut: true})
	}
	return all
}

// fillCaptured queues captured notes as they are now.
func (l *link) fillCaptured(ctx context.Context, captured []string, back *Reconnected) error {
	s := l.s
	if len(captured) > maxCaptured {
		back.Missed = append(back.Missed, Missed{Why: fmt.Sprintf("only %d of %d captured notes were looked at", maxCaptured, len(captured)), Cut: true})
		captured = captured[:maxCaptured]
	}
	for _, id := range captured {
		mk, kept := s.fetcher()
		wait, cancel := context.WithTimeout(ctx, fetchTimeout)
		note, err := mk.NotesShow(wait, gen.NotesShowRequest{NoteID: id})
		cancel()
		var event Event
		switch {
		case err == nil:
			event = &NoteFilled{Note: *note}
			kept.give(event, id)
		case errors.Is(err, gen.ErrNoSuchNote):
			event = &NoteDeleted{NoteID: id, DeletedAt: time.Now(), Filled: true}
		case ctx.Err() != nil:
			return context.Cause(ctx)
		default:
			back.Missed = append(back.Missed, Missed{Why: fmt.Sprintf("looking at the captured notes has failed: %v", err), Cut: true})
			return nil
		}
		if err := s.retry(ctx, func() bool { return s.push(event) }); err != nil {
			return err
		}
		back.Filled++
	}
	return nil
}
