package spec

import (
	"cmp"
	"slices"

	"go.yaml.in/yaml/v4"
)

// An action of the overlay becomes needless when upstream mends its document.
// That must be noticed, or the overlay only grows.

// saysAlready reports whether an update changes none of what it matches.
func saysAlready(matches []match, update *yaml.Node) bool {
	return !slices.ContainsFunc(matches, func(m match) bool { return !holds(m.node, update) })
}

// holds reports whether n has all that update has. Updates append to arrays;
// what an array has already is not missed in it.
func holds(n, update *yaml.Node) bool {
	switch {
	case isMap(n) && isMap(update):
		for key, value := range pairs(update) {
			if get(n, key) == nil || !holds(get(n, key), value) {
				return false
			}
		}
		return true
	case isSeq(n) && isSeq(update):
		return !slices.ContainsFunc(update.Content, func(value *yaml.Node) bool { return !contains(n, value) })
	}
	return canonical(n) == canonical(update)
}

// alreadyListed returns the members of arrays of an update that what it matches
// has already, in the order of the update.
func alreadyListed(matches []match, update *yaml.Node) []string {
	var found []string
	var look func(n, update *yaml.Node)
	look = func(n, update *yaml.Node) {
		switch {
		case isMap(n) && isMap(update):
			for key, value := range pairs(update) {
				look(get(n, key), value)
			}
		case isSeq(n) && isSeq(update):
			for _, member := range update.Content {
				name := cmp.Or(text(member), canonical(member))
				if contains(n, member) && !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
		}
	}
	for _, m := range matches {
		look(m.node, update)
	}
	return found
}

// A removal is what an action took away.
type removal struct {
	action int
	parts  []match // whose nodes are copies
}

// removalOf notes what the action is about to take away.
func removalOf(matches []match, action int) removal {
	r := removal{action: action}
	for _, m := range matches {
		m.node = clone(m.node)
		r.parts = append(r.parts, m)
	}
	return r
}

// isUndone reports whether all that was taken away is there again.
func (r removal) isUndone() bool {
	for _, p := range r.parts {
		switch {
		case isMap(p.parent) && canonical(get(p.parent, p.key)) == canonical(p.node):
		case isSeq(p.parent) && contains(p.parent, p.node):
		default:
			return false
		}
	}
	return len(r.parts) > 0
}
