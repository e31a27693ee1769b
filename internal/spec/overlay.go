package spec

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

//go:embed overlay.yaml
var builtinOverlay []byte

// applyOverlay applies the actions of an OpenAPI Overlay to doc in their order.
// An action that matches nothing is an error if strict, else a note. If strict,
// there is also a note for each action that the document has made needless.
func applyOverlay(doc *yaml.Node, data []byte, strict bool) ([]Note, error) {
	o, err := overlay.ParseReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the overlay: %w", err)
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("reading the overlay: %w", err)
	}
	var notes []Note
	var errs []error
	var undone []removal
	for i, action := range o.Actions {
		single := *o
		single.Actions = []overlay.Action{action}
		if strict {
			targets := targetsOf(&single, doc)
			if !action.Remove && saysAlready(targets, &action.Update) {
				notes = append(notes, Note{action.Target, fmt.Sprintf("overlay action %d changes nothing: the document says so already; remove the action", i+1)})
			}
			if action.Remove {
				undone = append(undone, removalOf(doc, targets, i))
			}
		}
		if _, err := single.ApplyToStrict(doc); err != nil {
			errs = append(errs, fmt.Errorf("overlay action %d: %w", i+1, err))
			notes = append(notes, Note{action.Target, fmt.Sprintf("overlay action %d does not apply", i+1)})
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
