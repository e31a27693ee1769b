package api

import (
	"errors"
	"fmt"
	"iter"
	"slices"
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
	SinceDate, UntilDate *int64 // Unix time in milliseconds; 0 counts as absent
}

// A CursorList is a list whose next page is asked for by the id of an item of
// the page before. Generated methods make one for each call.
type CursorList[T any] struct {
	Operation *Operation // for errors
	Bounds    Bounds     // of the whole list

	// DatesCombine says that the server takes a date for the id that is
	// missing. Others ignore all dates as soon as there is an id.
	DatesCombine bool

	ID   func(*T) string    // that of an item
	Time func(*T) time.Time // nil where items have no time

	// Page fetches one page.
	Page func(Bounds) ([]T, error)
}

// All yields the items, page after page, newest first, or oldest first where
// only the lower end is given. An error is the last thing that it yields.
//
// It ends at the first empty page. Servers that filter a page after reading it,
// for what is muted or hidden, may end it early that way.
func (l CursorList[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := l.run(func(item T) bool { return yield(item, nil) })
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

func (l CursorList[T]) run(yield func(T) bool) error {
	at := l.Bounds
	at.SinceDate, at.UntilDate = presentDate(at.SinceDate), presentDate(at.UntilDate)
	if err := l.check(at); err != nil {
		return err
	}
	up := (at.SinceID != nil || at.SinceDate != nil) && at.UntilID == nil && at.UntilDate == nil
	var before, seen map[string]bool
	for {
		page, err := l.Page(at)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		switch first, last := l.ID(&page[0]), l.ID(&page[len(page)-1]); {
		case up && first > last:
			slices.Reverse(page)
		case !up && first < last && at.UntilDate != nil && at.SinceID != nil:
			return l.refused("it ignored UntilDate beside SinceID; give UntilID, or SinceDate instead of SinceID")
		}
		before, seen = seen, make(map[string]bool, len(page))
		next, fresh := "", false
		for i := range page {
			id := l.ID(&page[i])
			if next == "" || (id > next) == up {
				next = id
			}
			if before[id] || seen[id] {
				continue
			}
			seen[id], fresh = true, true
			if !up && l.pastEnd(&page[i], at) {
				return nil
			}
			if !yield(page[i]) {
				return nil
			}
		}
		cursor := &at.UntilID
		if up {
			cursor = &at.SinceID
		}
		if !fresh || *cursor != nil && **cursor == next {
			return fmt.Errorf("misskey: listing %s: %w", l.Operation.Endpoint, ErrNoProgress)
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
func (l CursorList[T]) check(at Bounds) error {
	var hint string
	switch {
	case l.DatesCombine:
	case at.SinceID != nil && at.UntilID == nil && at.UntilDate != nil:
		hint = "it ignores UntilDate beside SinceID; give UntilID, or SinceDate instead of SinceID"
	case at.SinceDate != nil && at.SinceID == nil && (at.UntilID != nil || at.UntilDate != nil) && l.Time == nil:
		hint = "it ignores SinceDate beside UntilID, by which later pages are asked for, and its items have no time; give SinceID instead"
	}
	if hint != "" {
		return l.refused(hint)
	}
	return nil
}

func (l CursorList[T]) refused(hint string) error {
	return fmt.Errorf("misskey: listing %s: %w: %s", l.Operation.Endpoint, ErrBounds, hint)
}

// pastEnd reports whether an item lies before SinceDate, which a server that
// was given an id may have ignored.
func (l CursorList[T]) pastEnd(item *T, at Bounds) bool {
	if at.SinceDate == nil || at.SinceID != nil || l.Time == nil {
		return false
	}
	t := l.Time(item)
	return !t.IsZero() && t.UnixMilli() < *at.SinceDate
}

func presentDate(d *int64) *int64 {
	if d != nil && *d == 0 {
		return nil
	}
	return d
}

// An OffsetList is a list whose next page is asked for by the number of items
// before it. Generated methods make one for each call.
type OffsetList[T any] struct {
	Operation *Operation      // for errors
	Offset    *int64          // of the first item
	ID        func(*T) string // nil where items have none

	// Page fetches one page.
	Page func(offset int64) ([]T, error)
}

// All yields the items, page after page. An error is the last thing that it
// yields. What moves to a later page because others are added meanwhile is not
// repeated, if items have ids; what moves to an earlier one is missed.
func (l OffsetList[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var offset int64
		if l.Offset != nil {
			offset = *l.Offset
		}
		var before, seen map[string]bool
		stale := 0
		for {
			page, err := l.Page(offset)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if len(page) == 0 {
				return
			}
			if stale == 0 {
				before, seen = seen, make(map[string]bool, len(page))
			}
			fresh := l.ID == nil
			for i := range page {
				if l.ID != nil {
					id := l.ID(&page[i])
					if before[id] || seen[id] {
						continue
					}
					seen[id], fresh = true, true
				}
				if !yield(page[i], nil) {
					return
				}
			}
			// A page can be old through and through where as many items were added
			// in front as it has; again and again it is where the offset is ignored.
			const maxStale = 3
			if stale++; fresh {
				stale = 0
			}
			if stale == maxStale {
				var none T
				yield(none, fmt.Errorf("misskey: listing %s: %w", l.Operation.Endpoint, ErrNoProgress))
				return
			}
			offset += int64(len(page))
		}
	}
}
