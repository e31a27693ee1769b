package spec

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

//go:embed overlay.yaml
var builtinOverlay []byte

// applyOverlay applies the actions of an OpenAPI Overlay to doc in their order,
// but for those that do not hold for its version. Updating an array is adding to
// a set: what it has already is not added again.
//
// An action that matches nothing is an error if strict, else a note. If strict,
// there is also a note for each action that the document has made needless,
// wholly or in part; a removal is needless where there is nothing to remove.
func applyOverlay(doc *yaml.Node, data []byte, strict bool) ([]Note, error) {
	o, err := overlay.ParseReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the overlay: %w", err)
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("reading the overlay: %w", err)
	}
	version := text(get(doc, "info", "version"))
	var notes []Note
	var errs []error
	var undone []removal
	for i, action := range o.Actions {
		note := func(format string, args ...any) {
			notes = append(notes, Note{action.Target, fmt.Sprintf("overlay action %d ", i+1) + fmt.Sprintf(format, args...)})
		}
		holds, err := holdsFor(action, version)
		if err != nil {
			return nil, fmt.Errorf("overlay action %d: %w", i+1, err)
		}
		if !holds {
			continue
		}
		single := *o
		single.Actions = []overlay.Action{action}
		targets := targetsOf(&single, doc)
		switch {
		case !strict:
		case action.Remove && len(targets) == 0 && isThere(&single, doc):
			note("changes nothing: there is nothing to remove; remove the action, or say until which version it holds")
			continue
		case action.Remove:
			undone = append(undone, removalOf(doc, targets, i))
		case saysAlready(targets, &action.Update):
			note("changes nothing: the document says so already; remove the action, or say until which version it holds")
		default:
			if members := alreadyListed(targets, &action.Update); len(members) > 0 {
				note("is needless in part: the document lists %s already; take that out of the action", strings.Join(members, ", "))
			}
		}
		if _, err := single.ApplyToStrict(doc); err != nil {
			errs = append(errs, fmt.Errorf("overlay action %d: %w", i+1, err))
			note("does not apply")
		}
		if !action.Remove {
			for _, n := range targets {
				listOnce(n, &action.Update)
			}
		}
	}
	if strict && len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, r := range undone {
		if r.isUndone() {
			notes = append(notes, Note{o.Actions[r.action].Target, fmt.Sprintf("overlay action %d changes nothing: later ones put back what it takes away, so the document says already what they do; remove all of them", r.action+1)})
		}
	}
	return notes, nil
}

// listOnce removes from the arrays of n that update has added to what they have
// more than once.
func listOnce(n, update *yaml.Node) {
	switch {
	case isMap(n) && isMap(update):
		for key, value := range pairs(update) {
			listOnce(get(n, key), value)
		}
	case isSeq(n) && isSeq(update):
		seen := map[string]bool{}
		n.Content = slices.DeleteFunc(n.Content, func(member *yaml.Node) bool {
			key := canonical(member)
			defer func() { seen[key] = true }()
			return seen[key]
		})
	}
}
