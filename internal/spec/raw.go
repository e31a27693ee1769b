package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// rawPlaces is raw.yaml: the places of gen that hold free JSON, with the reason
// for each.
type rawPlaces map[string]string

func readRaw(data []byte) (rawPlaces, error) {
	places := rawPlaces{}
	if err := yaml.Unmarshal(data, &places); err != nil {
		return nil, fmt.Errorf("reading the list of free JSON: %w", err)
	}
	return places, nil
}

// checkRaw compares the places that hold free JSON with the list of those that
// may. A document that is not ours has its places noted instead.
func (s *shaper) checkRaw() {
	found := map[string]bool{}
	add := func(place string, n *yaml.Node) {
		s.eachRaw(place, n, func(place string) { found[place] = true })
	}
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		for key, p := range pairs(get(n, "properties")) {
			add(name+"."+key, p)
		}
		switch extra := get(n, "additionalProperties"); {
		case !isObject(n):
			add(name, n)
		case isMap(extra):
			add(name+"{}", extra)
		}
	}
	for _, op := range eachOperation(s.doc) {
		for _, side := range []*yaml.Node{get(op.node, "requestBody"), get(op.node, "responses", "200")} {
			_, holder := content(side)
			add(op.endpoint, get(holder, "schema"))
		}
	}
	var errs []error
	for _, place := range sortedKeys(found) {
		switch {
		case s.raw[place] != "":
		case s.strict:
			errs = append(errs, fmt.Errorf("%s holds free JSON; describe it in the overlay, or list it in raw.yaml with the reason", place))
		default:
			s.notes = append(s.notes, Note{place, "free JSON"})
		}
	}
	if s.strict {
		for _, place := range sortedKeys(s.raw) {
			if !found[place] {
				errs = append(errs, fmt.Errorf("raw.yaml: %s holds no free JSON any more; remove it", place))
			}
		}
	}
	s.errs = append(s.errs, errs...)
	slices.SortFunc(s.notes, func(a, b Note) int { return strings.Compare(a.Place, b.Place) })
}

func (s *shaper) eachRaw(place string, n *yaml.Node, visit func(string)) {
	if isTrue(get(n, extRaw)) {
		visit(place)
		return
	}
	if get(n, "items") != nil {
		s.eachRaw(place+"[]", get(n, "items"), visit)
	}
	if extra := get(n, "additionalProperties"); isMap(extra) {
		s.eachRaw(place+"{}", extra, visit)
	}
}
