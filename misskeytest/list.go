package misskeytest

import (
	"slices"
	"strings"
	"time"
)

// A list holds things in the order of their ids, which is that of their age.
type list[T interface{ key() string }] struct{ items []T }

func (l *list[T]) search(id string) (int, bool) {
	return slices.BinarySearchFunc(l.items, id, func(item T, id string) int { return strings.Compare(item.key(), id) })
}

// add adds an item that is younger than all others.
func (l *list[T]) add(item T) { l.items = append(l.items, item) }

// get returns an item by its id, or the zero value.
func (l *list[T]) get(id string) (item T) {
	if i, ok := l.search(id); ok {
		return l.items[i]
	}
	return item
}

// remove takes an item out.
func (l *list[T]) remove(id string) {
	if i, ok := l.search(id); ok {
		l.items = slices.Delete(l.items, i, i+1)
	}
}

// find returns the first item that is wanted, or the zero value.
func (l *list[T]) find(want func(T) bool) (item T) {
	if i := slices.IndexFunc(l.items, want); i >= 0 {
		return l.items[i]
	}
	return item
}

// all returns the items that are wanted.
func (l *list[T]) all(want func(T) bool) (items []T) {
	for _, item := range l.items {
		if want(item) {
			items = append(items, item)
		}
	}
	return items
}

// count returns how many items are wanted.
func (l *list[T]) count(want func(T) bool) (n int) {
	for _, item := range l.items {
		if want(item) {
			n++
		}
	}
	return n
}

// page returns one page of the items that are wanted, in the server's order: from
// new to old, but from old to new where only a lower bound is given.
func (l *list[T]) page(at cursor, want func(T) bool) []T {
	from, to := 0, len(l.items)
	if at.since != "" {
		i, found := l.search(at.since)
		if from = i; found {
			from++
		}
	}
	if at.until != "" {
		to, _ = l.search(at.until)
	}
	var page []T
	if at.until == "" && at.since != "" {
		for i := from; i < to && len(page) < at.limit; i++ {
			if want(l.items[i]) {
				page = append(page, l.items[i])
			}
		}
		return page
	}
	for i := to - 1; i >= from && len(page) < at.limit; i-- {
		if want(l.items[i]) {
			page = append(page, l.items[i])
		}
	}
	return page
}

// A cursor is where a page is. Both bounds are ids that are not on it; empty ones
// do not bound.
type cursor struct {
	since, until string
	limit        int
}

// cursor returns which page the caller wants.
func (c *call) cursor() cursor {
	at := cursor{text(c.params["sinceId"]), text(c.params["untilId"]), int(integer(c.params["limit"]))}
	if at.limit == 0 {
		at.limit = 10
	}
	if !c.op.datesCombine && (at.since != "" || at.until != "") {
		return at // ids go before dates
	}
	if at.since == "" {
		at.since = c.dateID("sinceDate")
	}
	if at.until == "" {
		at.until = c.dateID("untilDate")
	}
	return at
}

// dateID returns an id of the time that a parameter gives, or "".
func (c *call) dateID(name string) string {
	ms := integer(c.params[name])
	if ms == 0 {
		return ""
	}
	t, now := time.UnixMilli(ms), c.s.now()
	if t.After(now) {
		t = now
	}
	return idAt(t)
}

// pack makes the JSON of each item of a page.
func pack[T any](items []T, one func(T) any) []any {
	all := make([]any, len(items))
	for i, item := range items {
		all[i] = one(item)
	}
	return all
}

// removeAll takes out the items that match.
func (l *list[T]) removeAll(match func(T) bool) { l.items = slices.DeleteFunc(l.items, match) }
