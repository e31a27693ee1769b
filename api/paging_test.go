package api_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/misskey-go/misskey/api"
)

// An item of a list whose ids are the minutes since the epoch, in four digits.
type item struct {
	id string
	at time.Time
}

func at(minute int) item {
	return item{fmt.Sprintf("%04d", minute), time.Unix(int64(minute)*60, 0)}
}

func ms(minute int) *api.UnixMilli { return new(api.At(at(minute).at)) }
func id(minute int) *string        { return new(at(minute).id) }

// server lists items as protocol A.11 says.
type server struct {
	items    []item // oldest first
	limit    int
	combines bool            // dates stand for missing ids
	reversed bool            // newest first even where only the lower end is given
	hide     func(item) bool // filtered after a page was read
	asked    []api.Bounds    // what was asked for
	fail     map[int]error   // by number of the request
	ignores  bool            // the bounds
	says     bool            // that it combines, only
}

func (s *server) page(b api.Bounds) ([]item, error) {
	s.asked = append(s.asked, b)
	if err := s.fail[len(s.asked)]; err != nil {
		return nil, err
	}
	if s.ignores {
		b = api.Bounds{}
	}
	since, until := "", "~"
	ids := b.SinceID != nil || b.UntilID != nil
	switch {
	case b.SinceID != nil:
		since = *b.SinceID
	case b.SinceDate != nil && (!ids || s.combines):
		since = fmt.Sprintf("%04d", b.SinceDate.Unix()/60)
	}
	switch {
	case b.UntilID != nil:
		until = *b.UntilID
	case b.UntilDate != nil && (!ids || s.combines):
		until = fmt.Sprintf("%04d", b.UntilDate.Unix()/60)
	}
	var found []item
	for _, i := range s.items {
		if i.id > since && i.id < until {
			found = append(found, i)
		}
	}
	if up := since != "" && until == "~"; up {
		found = found[:min(len(found), s.limit)]
		if s.reversed {
			slices.Reverse(found)
		}
	} else {
		slices.Reverse(found)
		found = found[:min(len(found), s.limit)]
	}
	if s.hide != nil {
		found = slices.DeleteFunc(slices.Clone(found), s.hide)
	}
	return found, nil
}

// list does what a generated method does.
func (s *server) list(b api.Bounds, hasTime bool) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		var page []item
		l := api.List{
			Operation:    &api.Operation{Endpoint: "things/list"},
			DatesCombine: s.combines || s.says,
			ID:           func(i int) string { return page[i].id },
			Yield:        func(i int) bool { return yield(page[i], nil) },
		}
		if hasTime {
			l.Time = func(i int) time.Time { return page[i].at }
		}
		err := l.ByCursor(b, func(at api.Bounds) (n int, err error) {
			page, err = s.page(at)
			return len(page), err
		})
		if err != nil {
			yield(item{}, err)
		}
	}
}

func minutes(from, to int) []item {
	var items []item
	for m := from; m <= to; m++ {
		items = append(items, at(m))
	}
	return items
}

// collect returns the minutes of the items and the error.
func collect(seq iter.Seq2[item, error]) (got []int, err error) {
	for i, e := range seq {
		if e != nil {
			return got, e
		}
		got = append(got, int(i.at.Unix()/60))
	}
	return got, nil
}

func TestListByCursor(t *testing.T) {
	down := func(from, to int) (want []int) {
		for m := from; m >= to; m-- {
			want = append(want, m)
		}
		return want
	}
	up := func(from, to int) []int {
		want := down(to, from)
		slices.Reverse(want)
		return want
	}
	for name, test := range map[string]struct {
		server server
		bounds api.Bounds
		want   []int
		err    error
	}{
		"all":                            {server{}, api.Bounds{}, down(25, 1), nil},
		"until id":                       {server{}, api.Bounds{UntilID: id(12)}, down(11, 1), nil},
		"until date":                     {server{}, api.Bounds{UntilDate: ms(12)}, down(11, 1), nil},
		"since id":                       {server{}, api.Bounds{SinceID: id(12)}, up(13, 25), nil},
		"since id, pages newest first":   {server{reversed: true}, api.Bounds{SinceID: id(12)}, up(13, 25), nil},
		"since date":                     {server{}, api.Bounds{SinceDate: ms(12)}, up(13, 25), nil},
		"between ids":                    {server{}, api.Bounds{SinceID: id(2), UntilID: id(20)}, down(19, 3), nil},
		"between dates":                  {server{}, api.Bounds{SinceDate: ms(2), UntilDate: ms(20)}, down(19, 2), nil},
		"between dates, combining":       {server{combines: true}, api.Bounds{SinceDate: ms(2), UntilDate: ms(20)}, down(19, 3), nil},
		"date below id":                  {server{}, api.Bounds{SinceDate: ms(2), UntilID: id(20)}, down(19, 2), nil},
		"date above id":                  {server{}, api.Bounds{SinceID: id(2), UntilDate: ms(20)}, nil, api.ErrBounds},
		"date above id, combining":       {server{combines: true}, api.Bounds{SinceID: id(2), UntilDate: ms(20)}, down(19, 3), nil},
		"date above id, said to combine": {server{says: true}, api.Bounds{SinceID: id(2), UntilDate: ms(20)}, nil, api.ErrBounds},
		"zero dates":                     {server{}, api.Bounds{SinceDate: ms(0), UntilDate: &api.UnixMilli{}}, down(25, 1), nil},
		"nothing there":                  {server{}, api.Bounds{UntilID: id(1)}, nil, nil},
		"some items hidden":              {server{hide: func(i item) bool { return i.id[3] == '7' }}, api.Bounds{UntilID: id(12)}, []int{11, 10, 9, 8, 6, 5, 4, 3, 2, 1}, nil},
		"bounds ignored":                 {server{ignores: true}, api.Bounds{}, down(25, 16), api.ErrNoProgress},
		"the second page fails":          {server{fail: map[int]error{2: errors.ErrUnsupported}}, api.Bounds{}, down(25, 16), errors.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			s := test.server
			s.items, s.limit = minutes(1, 25), 10
			got, err := collect(s.list(test.bounds, true))
			if !slices.Equal(got, test.want) || !errors.Is(err, test.err) {
				t.Errorf("got %v, %v, want %v, %v", got, err, test.want, test.err)
			}
			if errors.Is(test.err, api.ErrBounds) && len(s.asked) > 0 && !s.says {
				t.Error("the bounds were refused only after a request")
			}
		})
	}
}

func TestListByCursorOfItemsWithoutTime(t *testing.T) {
	for _, b := range []api.Bounds{
		{SinceDate: ms(2), UntilDate: ms(20)},
		{SinceDate: ms(2), UntilID: id(20)},
	} {
		s := server{items: minutes(1, 25), limit: 10}
		if _, err := collect(s.list(b, false)); !errors.Is(err, api.ErrBounds) || len(s.asked) > 0 {
			t.Errorf("got %v after %d requests, want ErrBounds after none", err, len(s.asked))
		}
	}
}

func TestListByCursorStopsWithTheLoop(t *testing.T) {
	s := server{items: minutes(1, 25), limit: 10}
	for range s.list(api.Bounds{}, true) {
		break
	}
	if len(s.asked) != 1 {
		t.Errorf("%d pages were asked for, want 1", len(s.asked))
	}
}

func TestListByCursorCanBeReadTwice(t *testing.T) {
	s := server{items: minutes(1, 25), limit: 10}
	all := s.list(api.Bounds{}, true)
	first, _ := collect(all)
	second, _ := collect(all)
	if len(first) != 25 || !slices.Equal(first, second) {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestListByOffset(t *testing.T) {
	for name, test := range map[string]struct {
		added   int // items put in front before each page but the first
		ignores bool
		noID    bool
		offset  *int
		limit   int
		want    int
		err     error
	}{
		"all":                   {limit: 4, want: 10},
		"from an offset":        {limit: 4, offset: new(3), want: 7},
		"items are added":       {limit: 4, added: 1, want: 10},
		"a whole page is added": {limit: 1, added: 1, want: 1, err: api.ErrNoProgress},
		"the offset is ignored": {limit: 4, ignores: true, want: 4, err: api.ErrNoProgress},
		"items have no id":      {limit: 4, noID: true, want: 10},
	} {
		t.Run(name, func(t *testing.T) {
			items := minutes(101, 110)
			slices.Reverse(items)
			pages := 0
			var page []item
			fetch := func(offset int) (int, error) {
				if pages++; pages > 50 {
					return 0, errors.New("too many pages")
				}
				for range test.added {
					if pages > 1 && (pages < 4 || test.err != nil) {
						items = append([]item{at(200 + pages)}, items...)
					}
				}
				if test.ignores {
					offset = 0
				}
				rest := items[min(int(offset), len(items)):]
				page = slices.Clone(rest[:min(test.limit, len(rest))])
				return len(page), nil
			}
			var got []int
			l := api.List{
				Operation: &api.Operation{Endpoint: "things/list"},
				ID:        func(i int) string { return page[i].id },
				Yield: func(i int) bool {
					got = append(got, int(page[i].at.Unix()/60))
					return true
				},
			}
			if test.noID {
				l.ID = nil
			}
			err := l.ByOffset(test.offset, fetch)
			if len(got) != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %d items %v, %v, want %d, %v", len(got), got, err, test.want, test.err)
			}
			if slices.Sort(got); len(slices.Compact(got)) != len(got) {
				t.Errorf("an item was repeated: %v", got)
			}
		})
	}
}

// An item without an id ends a list. It would otherwise be taken for one that was
// seen, or later pages be asked for without an end.
func TestListEndsAtAnItemWithoutID(t *testing.T) {
	page := []string{"9", "8", "", "6"}
	var got []string
	list := api.List{
		Operation: &api.Operation{Endpoint: "notes"},
		ID:        func(i int) string { return page[i] },
		Yield:     func(i int) bool { got = append(got, page[i]); return true },
	}
	byCursor := list.ByCursor(api.Bounds{}, func(api.Bounds) (int, error) { return len(page), nil })
	if !errors.Is(byCursor, api.ErrNoID) || !slices.Equal(got, page[:2]) {
		t.Errorf("by cursor: %q, %v", got, byCursor)
	}
	got = nil
	if err := list.ByOffset(nil, func(int) (int, error) { return len(page), nil }); !errors.Is(err, api.ErrNoID) || !slices.Equal(got, page[:2]) {
		t.Errorf("by offset: %q, %v", got, err)
	}
}
