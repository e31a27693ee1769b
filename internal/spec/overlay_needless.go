package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// An action of the overlay becomes needless when upstream mends its document.
// That must be noticed, or the overlay only grows.

// targetsOf returns what the only action of o matches; nothing if its target is
// not understood, which applying it will tell.
func targetsOf(o *overlay.Overlay, doc *yaml.Node) []*yaml.Node {
	path, err := o.NewPath(o.Actions[0].Target, nil)
	if err != nil {
		return nil
	}
	return path.Query(doc)
}

// saysAlready reports whether an update changes none of its targets.
func saysAlready(targets []*yaml.Node, update *yaml.Node) bool {
	return len(targets) > 0 && !slices.ContainsFunc(targets, func(n *yaml.Node) bool { return !holds(n, update) })
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

// alreadyListed returns the members of arrays of an update that its targets have
// already, in the order of the update.
func alreadyListed(targets []*yaml.Node, update *yaml.Node) []string {
	var found []string
	for _, n := range targets {
		switch {
		case isMap(n) && isMap(update):
			for key, value := range pairs(update) {
				found = append(found, alreadyListed([]*yaml.Node{get(n, key)}, value)...)
			}
		case isSeq(n) && isSeq(update):
			for _, member := range update.Content {
				if contains(n, member) {
					found = append(found, cmp.Or(text(member), canonical(member)))
				}
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(member string) bool {
		defer func() { seen[member] = true }()
		return seen[member]
	})
}

// isThere reports whether the document has what an action is about: the schema,
// the response or the operation that its target names first.
func isThere(o *overlay.Overlay, doc *yaml.Node) bool {
	subject := *o
	subject.Actions = []overlay.Action{{Target: subjectOf(o.Actions[0].Target)}}
	return len(targetsOf(&subject, doc)) > 0
}

// subjectOf returns the first three segments of a JSONPath, or what comes before
// the first descendant segment.
func subjectOf(path string) string {
	segments, brackets, quote := 0, 0, rune(0)
	for i, r := range path {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == ']':
			brackets--
		case r == '[' || r == '.':
			if brackets == 0 {
				if segments == 3 || strings.HasPrefix(path[i:], "..") {
					return path[:i]
				}
				segments++
			}
			if r == '[' {
				brackets++
			}
		}
	}
	return path
}

func contains(list, value *yaml.Node) bool {
	return slices.ContainsFunc(items(list), func(item *yaml.Node) bool { return canonical(item) == canonical(value) })
}

// A removal is what an action took away.
type removal struct {
	action int
	parts  []removedPart
}

type removedPart struct {
	parent *yaml.Node
	key    string // if parent is a map
	value  *yaml.Node
}

// removalOf notes what the action is about to take away.
func removalOf(doc *yaml.Node, targets []*yaml.Node, action int) removal {
	r := removal{action: action}
	var look func(n *yaml.Node)
	look = func(n *yaml.Node) {
		for i, child := range n.Content {
			if isMap(n) && i%2 == 0 {
				continue
			}
			if slices.Contains(targets, child) {
				part := removedPart{parent: n, value: clone(child)}
				if isMap(n) {
					part.key = n.Content[i-1].Value
				}
				r.parts = append(r.parts, part)
			}
			look(child)
		}
	}
	if len(targets) > 0 {
		look(doc)
	}
	return r
}

// isUndone reports whether all that was taken away is there again.
func (r removal) isUndone() bool {
	for _, p := range r.parts {
		switch {
		case isMap(p.parent) && canonical(get(p.parent, p.key)) == canonical(p.value):
		case isSeq(p.parent) && contains(p.parent, p.value):
		default:
			return false
		}
	}
	return len(r.parts) > 0
}
