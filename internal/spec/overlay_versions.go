package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
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

// versionBound returns a bound of an action, or nil.
func versionBound(action *yaml.Node, key string) ([]int, error) {
	n := get(action, key)
	if n == nil {
		return nil, nil
	}
	bound, ok := calendarVersion(text(n))
	if !ok {
		return nil, fmt.Errorf("%s: %s is not a version of Misskey: expected a text like \"2026.3.2\"", key, canonical(n))
	}
	return bound, nil
}

// holdsFor reports whether an action holds for a version.
func (a overlayAction) holdsFor(version string) bool {
	of, known := calendarVersion(version)
	switch {
	case !known:
		return true
	case a.from != nil && slices.Compare(of, a.from) < 0:
		return false
	case a.until != nil && slices.Compare(of, a.until) >= 0:
		return false
	}
	return true
}

var calendar = regexp.MustCompile(`^(20[0-9][0-9])\.([0-9]{1,4})\.([0-9]{1,4})(?:$|[-+.])`)

// calendarVersion returns year, month and patch of a version of Misskey, or of
// a fork that keeps to Misskey's versions, such as 2025.11.1-io.0. A preview
// counts as the version that it is a preview of.
func calendarVersion(version string) ([]int, bool) {
	m := calendar.FindStringSubmatch(version)
	if m == nil {
		return nil, false
	}
	numbers := make([]int, 3)
	for i := range numbers {
		numbers[i], _ = strconv.Atoi(m[i+1]) // at most four digits
	}
	return numbers, true
}
