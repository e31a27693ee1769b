package api

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoProgress reports that the server sent the same page twice, because it does
// not support the parameter that selects the next page.
var ErrNoProgress = errors.New("the next page is the same as the one before")

// ErrBounds reports that the server does not support the given combination of
// bounds. The iteration ends before its first item.
var ErrBounds = errors.New("the server does not understand these bounds together")

// Bounds are the limits of a list, both exclusive.
type Bounds struct {
	// The ids of the items before the oldest and after the newest, or times if
	// the ids are unknown.
	SinceID, UntilID     *string
	SinceDate, UntilDate *UnixMilli // 1970 and the zero Time count as absent
}

// ErrNoID reports that an item has no id, or one that is not a string, so that the
// next page cannot be requested.
var ErrNoID = errors.New("an item has no id")

// clone returns a deep copy, because a program may change what its pointers point to
// while it iterates, for example to record its progress.
func (b Bounds) clone() Bounds {
	return Bounds{SinceID: clone(b.SinceID), UntilID: clone(b.UntilID), SinceDate: clone(b.SinceDate), UntilDate: clone(b.UntilDate)}
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// A List iterates over the pages of a list. Generated methods hold the items; a List
// refers to them by their index in the current page. It has no type parameter, so
// that its loops are compiled once and not for each type of item.
type List struct {
	// Operation is the operation that errors name.
	Operation *Operation

	// DatesCombine says that the server accepts a date for one bound and an id
	// for the other. Other servers ignore dates if there is an id.
	DatesCombine bool

	// ID returns the id of an item. It is nil if items have none.
	ID func(i int) string

	// Time returns when an item was created. It is nil if items have no time.
	Time func(i int) time.Time

	// Yield is called with each item. It returns false to end the list.
	Yield func(i int) bool
}

// ByCursor yields the items of a list whose pages are selected by the id of an item
// of the page before: newest first, or oldest first if only the lower bound is given.
// fetch fetches one page and returns its number of items.
//
// The iteration ends at the first empty page. A server that filters pages after it
// has read them, to remove muted or hidden items, can end it early.
func (l List) ByCursor(at Bounds, fetch func(Bounds) (n int, err error)) error {
	at = at.clone()
	at.SinceDate, at.UntilDate = presentDate(at.SinceDate), presentDate(at.UntilDate)
	if err := l.check(at); err != nil {
		return err
	}
	up := (at.SinceID != nil || at.SinceDate != nil) && at.UntilID == nil && at.UntilDate == nil
	var before, seen map[string]bool
	for {
		n, err := fetch(at)
		if err != nil || n == 0 {
			return err
		}
		first, last := l.ID(0), l.ID(n-1)
		if !up && first < last && at.UntilDate != nil && at.SinceID != nil {
			return l.refused("it ignored UntilDate beside SinceID; give UntilID, or SinceDate instead of SinceID")
		}
		before, seen = seen, make(map[string]bool, n)
		next, fresh := "", false
		for i := range n {
			if up && first > last { // the page is newest first all the same
				i = n - 1 - i
			}
			id := l.ID(i)
			if id == "" {
				return l.noID()
			}
			if next == "" || (id > next) == up {
				next = id
			}
			if before[id] || seen[id] {
				continue
			}
			seen[id], fresh = true, true
			if !up && l.pastEnd(i, at) || !l.Yield(i) {
				return nil
			}
		}
		cursor := &at.UntilID
		if up {
			cursor = &at.SinceID
		}
		if !fresh || *cursor != nil && **cursor == next {
			return l.stuck()
		}
		*cursor = &next
		if up {
			at.SinceDate = nil // the id is later
		} else {
			at.UntilDate = nil // the id is earlier
		}
	}
}

// check returns an error for bounds of which the server would ignore one.
func (l List) check(at Bounds) error {
	switch {
	case l.DatesCombine:
	case at.SinceID != nil && at.UntilID == nil && at.UntilDate != nil:
		return l.refused("it ignores UntilDate beside SinceID; give UntilID, or SinceDate instead of SinceID")
	case at.SinceDate != nil && at.SinceID == nil && (at.UntilID != nil || at.UntilDate != nil) && l.Time == nil:
		return l.refused("it ignores SinceDate beside UntilID, by which later pages are asked for, and its items have no time; give SinceID instead")
	}
	return nil
}

func (l List) refused(hint string) error {
	return fmt.Errorf("misskey: listing %s: %w: %s", l.Operation.Endpoint, ErrBounds, hint)
}

func (l List) stuck() error {
	return fmt.Errorf("misskey: listing %s: %w", l.Operation.Endpoint, ErrNoProgress)
}

func (l List) noID() error {
	return fmt.Errorf("misskey: listing %s: %w", l.Operation.Endpoint, ErrNoID)
}

// pastEnd reports whether an item is older than SinceDate, which a server may ignore
// beside an id.
func (l List) pastEnd(i int, at Bounds) bool {
	if at.SinceDate == nil || at.SinceID != nil || l.Time == nil {
		return false
	}
	t := l.Time(i)
	return !t.IsZero() && t.UnixMilli() < at.SinceDate.UnixMilli()
}

func presentDate(d *UnixMilli) *UnixMilli {
	if d != nil && (d.IsZero() || d.UnixMilli() == 0) {
		return nil
	}
	return d
}

// maxStale is how many pages in a row may contain nothing new. One page can, if as
// many items were added before it as it has. Every page does if the server ignores
// the offset.
const maxStale = 3

// ByOffset yields the items of a list whose pages are selected by the number of items
// before them. If items are added meanwhile, others move to a later page; ByOffset
// does not repeat those, if items have ids. If items are removed, ByOffset misses
// those that move to an earlier page.
func (l List) ByOffset(start *int, fetch func(offset int) (n int, err error)) error {
	var offset int
	if start != nil {
		offset = *start
	}
	var before, seen map[string]bool
	stale := 0
	for {
		n, err := fetch(offset)
		if err != nil || n == 0 {
			return err
		}
		if stale == 0 {
			before, seen = seen, make(map[string]bool, n)
		}
		fresh := l.ID == nil
		for i := range n {
			if l.ID != nil {
				id := l.ID(i)
				if id == "" {
					return l.noID()
				}
				if before[id] || seen[id] {
					continue
				}
				seen[id], fresh = true, true
			}
			if !l.Yield(i) {
				return nil
			}
		}
		if stale++; fresh {
			stale = 0
		}
		if stale == maxStale {
			return l.stuck()
		}
		offset += n
	}
}
