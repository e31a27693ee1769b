package spec

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// limits says in words what a server checks of a parameter, to follow the name
// of its field: "is 1 to 100, by default 10."
func limits(n *yaml.Node) string {
	var facts []string
	var byDefault string
	unit := text(get(n, extUnit))
	switch typeOf(n) {
	case "integer", "number":
		if unit == "unix-milliseconds" || unit == "cutoff" {
			return "" // numbers that nobody would write
		}
		facts = append(facts, between(n, "minimum", "maximum", "is", unit))
	case "string":
		facts = append(facts, between(n, "minLength", "maxLength", "has", "characters"))
		if pattern := text(get(n, "pattern")); pattern != "" && !unprintable(strings.ReplaceAll(pattern, `\`, "")) {
			facts = append(facts, "matches "+pattern)
		}
	case "array":
		facts = append(facts, between(n, "minItems", "maxItems", "has", "items"))
		if isTrue(get(n, "uniqueItems")) {
			alike := "has no two items alike"
			if facts[0] != "" {
				alike = "no two alike"
			}
			facts = append(facts, alike)
		}
		if pattern := text(get(n, "items", "pattern")); pattern != "" && !unprintable(strings.ReplaceAll(pattern, `\`, "")) {
			facts = append(facts, "has items that match "+pattern)
		}
	}
	if d := get(n, "default"); d != nil && d.Kind == yaml.ScalarNode && !isNull(d) && !strings.ContainsAny(d.Value, "\n\r") {
		value := d.Value
		if d.Tag == "!!str" {
			value = fmt.Sprintf("%q", value)
		}
		if unit != "" {
			value += " " + unit
		}
		byDefault = value
	}
	kept := facts[:0]
	for _, fact := range facts {
		if fact != "" {
			kept = append(kept, fact)
		}
	}
	switch {
	case byDefault == "":
	case len(kept) == 0:
		kept = append(kept, "is "+byDefault+" by default")
	default:
		kept = append(kept, "by default "+byDefault)
	}
	if len(kept) == 0 {
		return ""
	}
	return strings.Join(kept, ", ") + "."
}

func between(n *yaml.Node, low, high, verb, unit string) string {
	if unit != "" {
		unit = " " + unit
	}
	a, b := text(get(n, low)), text(get(n, high))
	switch {
	case a == "0" && verb == "has":
		a = ""
	}
	switch {
	case a != "" && b != "":
		return fmt.Sprintf("%s %s to %s%s", verb, a, b, unit)
	case a != "":
		return fmt.Sprintf("%s at least %s%s", verb, a, unit)
	case b != "":
		return fmt.Sprintf("%s at most %s%s", verb, b, unit)
	}
	return ""
}
