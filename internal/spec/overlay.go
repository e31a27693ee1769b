package spec

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed overlay.yaml
var builtinOverlay []byte

// applyOverlay applies the actions of an OpenAPI Overlay to doc in their order,
// but for those that do not hold for its version. Updating an array is adding to
// a set: what it has already is not added again.
//
// An action that matches nothing is an error if strict, else a note. The second
// list names each action that the document has made needless, wholly or in part; a
// removal is needless where there is nothing to remove.
func applyOverlay(doc *yaml.Node, data []byte, strict bool) (unmatched, needless []Note, err error) {
	actions, err := readOverlay(data)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the overlay: %w", err)
	}
	version := text(get(doc, "info", "version"))
	selector := newSelector(doc)
	var errs []error
	var undone []removal
	for i, action := range actions {
		note := func(format string, args ...any) Note {
			return Note{action.target, fmt.Sprintf("overlay action %d ", i+1) + fmt.Sprintf(format, args...)}
		}
		if !action.holdsFor(version) {
			continue
		}
		matches := selector.find(action.path)
		switch {
		case len(matches) > 0:
		case action.remove && len(selector.find(action.subject())) > 0:
			needless = append(needless, note("changes nothing: there is nothing to remove; remove the action, or say until which version it holds"))
			if !strict {
				unmatched = append(unmatched, note("does not apply"))
			}
			continue
		default:
			errs = append(errs, fmt.Errorf("overlay action %d: the target %s matches nothing in the document", i+1, action.target))
			unmatched = append(unmatched, note("does not apply"))
			continue
		}
		if action.remove {
			undone = append(undone, removalOf(matches, i))
			for _, m := range matches {
				m.remove()
			}
		} else {
			if saysAlready(matches, action.update) {
				needless = append(needless, note("changes nothing: the document says so already; remove the action, or say until which version it holds"))
			} else if members := alreadyListed(matches, action.update); len(members) > 0 {
				needless = append(needless, note("is needless in part: the document lists %s already; take that out of the action", strings.Join(members, ", ")))
			}
			for _, m := range matches {
				merge(m.node, action.update)
			}
		}
		selector.refresh(matches)
	}
	if strict && len(errs) > 0 {
		return nil, nil, errors.Join(errs...)
	}
	for _, r := range undone {
		if r.isUndone() {
			needless = append(needless, Note{actions[r.action].target, fmt.Sprintf("overlay action %d changes nothing: later ones put back what it takes away, so the document says already what they do; remove all of them", r.action+1)})
		}
	}
	return unmatched, needless, nil
}

// merge brings what update says into n: the keys of a map one by one, the members
// of an array that it lacks; anything else is replaced.
func merge(n, update *yaml.Node) {
	switch {
	case isMap(n) && isMap(update):
		for key, value := range pairs(update) {
			if have := get(n, key); have != nil {
				merge(have, value)
			} else {
				set(n, key, clone(value))
			}
		}
	case isSeq(n) && isSeq(update):
		for _, member := range update.Content {
			if !contains(n, member) {
				n.Content = append(n.Content, clone(member))
			}
		}
	default:
		become(n, clone(update))
	}
}

func contains(list, value *yaml.Node) bool {
	want := canonical(value)
	return slices.ContainsFunc(items(list), func(item *yaml.Node) bool { return canonical(item) == want })
}
