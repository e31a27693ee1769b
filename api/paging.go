package api

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoProgress is found by errors.Is in the error that ends a list whose
// server answers the next page with the one before: it does not know the
// parameter that asks for the next.
var ErrNoProgress = errors.New("the next page is the same as the one before")

// ErrBounds is found by errors.Is in the error that ends a list before it yields
// anything, because the server does not understand its bounds together.
var ErrBounds = errors.New("the server does not understand these bounds together")

// Bounds are between what a list lies, both ends left out.
type Bounds struct {
	// The ids of the items before the oldest and after the newest, or, where
	// those are not known, times.
	SinceID, UntilID     *string
	SinceDate, UntilDate *UnixMilli // 1970 and the zero Time count as absent
}

// ErrNoID is found by errors.Is in the error that ends a list at an item without an
// id: the server sent none, or a value of another kind.
var ErrNoID = errors.New("an item has no id")

// clone returns bounds that do not change when the program changes what its
// pointers point to, as one does that notes in its state how far it has come.
func (b Bounds) clone() Bounds {
	return Bounds{SinceID: clone(b.SinceID), UntilID: clone(b.UntilID), SinceDate: clone(b.SinceDate), UntilDate: clone(b.UntilDate)}
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// A List goes through the pages of a list, which generated methods hold: it knows
// items by their index in the page that was fetched last. It has no type
// parameter so that its loops are compiled once and not for each type of items.
type List struct {
	// Operation is what errors name.
	Operation *Operation

	// DatesCombine says that the server takes a date for the id that is
	// missing. Others ignore all dates as soon as there is an id.
	DatesCombine bool

	// ID returns the id of an item. It is nil where items have none.
	ID func(i int) string

	// Time returns when an item was made. It is nil where items have no time.
	Time func(i int) time.Time

	// Yield is called with each item. It returns false to end the list.
	Yield func(i int) bool
}

// ByCursor yields the items of a list whose next page is asked for by the id of
// an item of the page before: newest first, or oldest first where only the lower
// end is given. fetch fetches one page and returns how many items it has.
//
// It ends at the first empty page. Servers that filter a page after reading it,
// for what is muted or hidden, may end it early that way.
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

// check refuses bounds of which the server would ignore one.
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

// pastEnd reports whether an item lies before SinceDate, which a server that
// was given an id may have ignored.
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

// maxStale is how many pages in a row may hold nothing new. One can, where as
// many items were added in front as it has; each does where the server ignores
// the offset.
const maxStale = 3

// ByOffset yields the items of a list whose next page is asked for by the number
// of items before it. What moves to a later page because others are added
// meanwhile is not repeated, if items have ids; what moves to an earlier one is
// missed.
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
