package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/misskey-go/misskey/internal/conformance"
)

// story picks, in the order of examples/tour, what its server needs to have
// recorded: the calls of the first account with notes and
// followers that called i.
func story(exchanges []*conformance.Exchange) ([]*conformance.Exchange, error) {
	type note struct {
		UserID     string
		ReplyID    string
		Visibility string
	}
	var me struct {
		ID                         string
		NotesCount, FollowersCount int
	}
	created := func(e *conformance.Exchange) note {
		var answer struct{ CreatedNote note }
		_ = json.Unmarshal(e.Response, &answer) // what is no such answer is no such note
		return answer.CreatedNote
	}
	var picked []*conformance.Exchange
	for _, part := range []struct {
		endpoint string
		status   int
		fits     func(*conformance.Exchange) bool
	}{
		{"i", 200, func(e *conformance.Exchange) bool {
			return e.Auth == "user" && json.Unmarshal(e.Response, &me) == nil && me.NotesCount > 0 && me.FollowersCount > 0
		}},
		{"i", 401, func(e *conformance.Exchange) bool { return e.Auth == "anon" }},
		{"notes/timeline", 200, func(e *conformance.Exchange) bool { return string(e.Request) == `{"limit":5}` }},
		{"notes/create", 200, func(e *conformance.Exchange) bool {
			n := created(e)
			return n.UserID == me.ID && n.Visibility == "specified" && n.ReplyID == ""
		}},
		{"notes/create", 200, func(e *conformance.Exchange) bool {
			n := created(e)
			return n.UserID == me.ID && n.Visibility == "specified" && n.ReplyID != ""
		}},
		{"notes/reactions/create", 204, func(*conformance.Exchange) bool { return true }},
		{"notes/show", 400, func(e *conformance.Exchange) bool { return strings.Contains(string(e.Response), "NO_SUCH_NOTE") }},
		{"notes/delete", 204, func(*conformance.Exchange) bool { return true }},
	} {
		found := false
		for _, e := range exchanges {
			if found = e.Endpoint == part.endpoint && e.Status == part.status && part.fits(e); found {
				picked = append(picked, e)
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("the recordings have no %s with status %d as examples/tour needs it", part.endpoint, part.status)
		}
	}
	return picked, nil
}
