package spec

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// sizeNumbers decides of every number which Go type it has. Misskey declares
// almost everything a number, and JSON does not say; the name does.
//
//   - Ratios, factors, weights, angles and offsets of pictures may be fractions
//     even where no recording holds one (protocol A.13, F.5): float64.
//   - Points in time and durations have a type that names their unit, so that a
//     second is not taken for a millisecond. A number called …Date or …At is a
//     time in milliseconds; the unit of others is a fact that the overlay knows.
//   - Sizes in bytes may exceed 32 bits: int64.
//   - What is left is counted or numbered: int.
//
// A format that says which wins.
func (s *shaper) sizeNumbers() {
	for _, sl := range s.slots() {
		s.sizeBelow(sl.schema(), "", nil)
	}
}

// sizeBelow sizes the numbers in n; name is that of the property that holds them,
// outer are the names of those around it.
func (s *shaper) sizeBelow(n *yaml.Node, name string, outer []string) {
	switch typeOf(n) {
	case "integer", "number":
		s.sizeNumber(n, name, outer)
		return
	}
	properties := get(n, "properties")
	for key, p := range pairs(properties) {
		s.sizeBelow(p, key, append(outer[:len(outer):len(outer)], name))
	}
	for _, child := range children(n) {
		if properties == nil || !slices.Contains(properties.Content, child) {
			s.sizeBelow(child, name, outer)
		}
	}
}

func (s *shaper) sizeNumber(n *yaml.Node, name string, outer []string) {
	nullable := isNullable(n)
	t, format := "integer", ""
	unit := s.unit(n, name)
	remove(n, extUnit)
	switch {
	case unit != "":
		set(n, extUnit, str(unit))
	case fraction(n, name):
		t, format = "number", "double"
	case large(n, name, outer):
		format = "int64"
	}
	set(n, "type", str(t))
	remove(n, "format")
	if format != "" {
		set(n, "format", str(format))
	}
	if nullable {
		setNullable(n)
	}
}

func fraction(n *yaml.Node, name string) bool {
	switch text(get(n, "format")) {
	case "int32", "int64":
		return false
	case "float", "double":
		return true
	}
	for _, key := range bounds {
		if v := get(n, key); v != nil && v.Tag == "!!float" {
			return true
		}
	}
	return name == "offsetX" || name == "offsetY" || hasWord(name, "ratio", "factor", "weight", "angle")
}

var bounds = []string{"multipleOf", "minimum", "maximum", "default", "exclusiveMinimum", "exclusiveMaximum"}

// large reports whether a whole number may exceed 32 bits.
func large(n *yaml.Node, name string, outer []string) bool {
	switch text(get(n, "format")) {
	case "int32":
		return false
	case "int64":
		return true
	}
	for _, key := range bounds {
		if _, err := strconv.ParseInt(text(get(n, key)), 10, 32); err != nil && get(n, key) != nil && !isNull(get(n, key)) {
			return true
		}
	}
	return slices.ContainsFunc(append(outer, name), func(name string) bool {
		return hasWord(name, "byte", "size", "capacity", "usage", "memory", "mem", "fs")
	})
}

// Units of points in time and durations, with the types that have them.
var units = map[string]string{
	"unix-milliseconds": "api.UnixMilli",
	"milliseconds":      "api.Milliseconds",
	"seconds":           "api.Seconds",
	"minutes":           "api.Minutes",
	"days":              "api.Days",
	"cutoff":            "api.Cutoff",
	"none":              "", // neither a point in time nor a duration
}

// unit returns the unit of a number that is a point in time or a duration, or "".
func (s *shaper) unit(n *yaml.Node, name string) string {
	unit := text(get(n, extUnit))
	switch typ, known := units[unit]; {
	case known && typ == "":
		return ""
	case known:
		return unit
	case unit != "":
		s.unknownUnit(n, "%q is not a unit of time", unit)
		return ""
	}
	list := words(name)
	switch {
	case len(list) == 0:
	case list[len(list)-1] == "Date", list[len(list)-1] == "At":
		return "unix-milliseconds"
	case hasWord(name, "after", "ago", "before", "cycle", "date", "days", "delay", "duration", "elapsed", "expiration", "expire", "expires", "expiry",
		"hour", "interval", "minute", "millisecond", "ms", "period", "sec", "second", "since", "time", "timeout", "timestamp", "ts", "ttl", "until", "uptime"):
		s.unknownUnit(n, "%s may be a point in time or a duration; say in the overlay which unit it has, by %s", name, extUnit)
	}
	return ""
}

func (s *shaper) unknownUnit(n *yaml.Node, format string, args ...any) {
	if s.strict {
		s.fail(n, format, args...)
		return
	}
	s.note(n, format+"; left as a number", args...)
}

// hasWord reports whether a name has one of some words, in any case, singular or
// plural.
func hasWord(name string, any ...string) bool {
	return slices.ContainsFunc(words(name), func(word string) bool {
		word = strings.ToLower(word)
		return slices.Contains(any, word) || slices.Contains(any, singular(word))
	})
}
