package api_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/misskey-go/misskey/api"
)

// A program may change its bounds while a list is being read, as one does that
// notes how far it has come: iteration goes by what they were when it began.
func FuzzBoundsAreCopied(f *testing.F) {
	f.Add(uint8(25), uint8(5), uint8(3), uint8(0), true, false)
	f.Add(uint8(25), uint8(5), uint8(0), uint8(20), false, true)
	f.Add(uint8(9), uint8(1), uint8(2), uint8(7), true, true)
	f.Fuzz(func(t *testing.T, items, limit, since, until uint8, hasSince, hasUntil bool) {
		limit = limit%20 + 1
		list := func(change bool) (got []string, err error) {
			sinceID, untilID := fmt.Sprintf("%03d", since), fmt.Sprintf("%03d", until)
			var at api.Bounds
			if hasSince {
				at.SinceID = &sinceID
			}
			if hasUntil {
				at.UntilID = &untilID
			}
			var page []string
			err = api.List{
				Operation: &api.Operation{Endpoint: "list"},
				ID:        func(i int) string { return page[i] },
				Yield: func(i int) bool {
					got = append(got, page[i])
					if change {
						sinceID, untilID = page[i], page[i]
					}
					return true
				},
			}.ByCursor(at, func(at api.Bounds) (int, error) {
				page = nil
				for n := range int(items) {
					id := fmt.Sprintf("%03d", n)
					if (at.SinceID == nil || id > *at.SinceID) && (at.UntilID == nil || id < *at.UntilID) {
						page = append(page, id)
					}
				}
				if at.SinceID == nil || at.UntilID != nil {
					slices.Reverse(page)
				}
				page = page[:min(len(page), int(limit))]
				return len(page), nil
			})
			return got, err
		}
		want, err := list(false)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := list(true); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
}
