package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/speakeasy-api/openapi/overlay"
)

// Misskey mends its document, and servers change what they do. An action of the
// overlay may say for which versions it holds: x-misskey-from is the first one,
// x-misskey-until the first one for which it holds no more. All actions hold for
// a document whose version is not a calendar version: that is a fork's own, and
// what it is based on is not known.
const (
	extFrom  = "x-misskey-from"
	extUntil = "x-misskey-until"
)

// holdsFor reports whether an action holds for a version.
func holdsFor(action overlay.Action, version string) (bool, error) {
	of, known := calendarVersion(version)
	holds := true
	for _, bound := range []struct {
		key   string
		holds func(order int) bool
	}{
		{extFrom, func(order int) bool { return order >= 0 }},
		{extUntil, func(order int) bool { return order < 0 }},
	} {
		value, ok := action.Extensions[bound.key]
		if !ok {
			continue
		}
		s, _ := value.(string)
		limit, ok := calendarVersion(s)
		if !ok {
			return false, fmt.Errorf("%s: %v is not a version of Misskey: expected a text like \"2026.3.2\"", bound.key, value)
		}
		if known && !bound.holds(slices.Compare(of, limit)) {
			holds = false
		}
	}
	return holds, nil
}

var calendar = regexp.MustCompile(`^(20[0-9][0-9])\.([0-9]+)\.([0-9]+)(?:$|[-+.])`)

// calendarVersion returns year, month and patch of a version of Misskey, or of
// a fork that keeps to Misskey's versions, such as 2025.11.1-io.0. A preview
// counts as the version that it is a preview of.
func calendarVersion(version string) ([]int, bool) {
	m := calendar.FindStringSubmatch(version)
	if m == nil {
		return nil, false
	}
	var numbers []int
	for _, part := range m[1:] {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}
