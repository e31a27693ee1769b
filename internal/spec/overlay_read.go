package spec

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/theory/jsonpath"
	jsonpathspec "github.com/theory/jsonpath/spec"
	"go.yaml.in/yaml/v4"
)

// An overlayAction is one action of an OpenAPI Overlay.
type overlayAction struct {
	target      string
	path        *jsonpath.Path
	update      *yaml.Node
	remove      bool
	from, until []int // versions; nil for no bound
}

var overlayVersion = regexp.MustCompile(`^1\.[01]\.[0-9]+$`)

// readOverlay reads an overlay of OpenAPI Overlay 1.0 or 1.1, JSON or YAML, whose
// targets are JSONPath as in RFC 9535.
func readOverlay(data []byte) ([]overlayAction, error) {
	o, err := Parse(data)
	if err != nil {
		return nil, err
	}
	if version := text(get(o, "overlay")); !overlayVersion.MatchString(version) {
		return nil, fmt.Errorf("#/overlay: %q is not a version of OpenAPI Overlay that can be read: expected 1.0.0", version)
	}
	for _, key := range []string{"title", "version"} {
		if text(get(o, "info", key)) == "" {
			return nil, fmt.Errorf("#/info/%s: there is none, and the overlay must have one", key)
		}
	}
	if err := onlyKeys(o, root, "overlay", "info", "extends", "actions"); err != nil {
		return nil, err
	}
	list := get(o, "actions")
	if !isSeq(list) || len(list.Content) == 0 {
		return nil, errors.New("#/actions: expected an array with at least one action")
	}
	var actions []overlayAction
	for i, n := range list.Content {
		action, err := readAction(n)
		if err != nil {
			return nil, fmt.Errorf("overlay action %d: %w", i+1, err)
		}
		actions = append(actions, action)
	}
	return actions, nil
}

func readAction(n *yaml.Node) (overlayAction, error) {
	var none overlayAction
	if !isMap(n) {
		return none, fmt.Errorf("%s stands where an object is expected", kindName(n))
	}
	if err := onlyKeys(n, root, "target", "description", "update", "remove"); err != nil {
		return none, err
	}
	a := overlayAction{target: text(get(n, "target")), update: get(n, "update"), remove: isTrue(get(n, "remove"))}
	var err error
	switch {
	case a.target == "":
		return none, errors.New("there is no target: expected a JSONPath")
	case a.remove == (a.update != nil):
		return none, errors.New("expected either an update or remove: true")
	}
	if a.path, err = jsonpath.Parse(a.target); err != nil {
		return none, fmt.Errorf("the target %s is not JSONPath as in RFC 9535: %w", a.target, err)
	}
	if a.from, err = versionBound(n, extFrom); err != nil {
		return none, err
	}
	a.until, err = versionBound(n, extUntil)
	return a, err
}

// onlyKeys reports a key that is none of those known, and no extension.
func onlyKeys(n *yaml.Node, at pointer, known ...string) error {
	for key := range pairs(n) {
		isKnown := strings.HasPrefix(key, "x-")
		for _, k := range known {
			isKnown = isKnown || k == key
		}
		if !isKnown {
			return fmt.Errorf("%s: an unknown key: expected %s", at.at(key), strings.Join(known, ", "))
		}
	}
	return nil
}

// subject returns the path to what an action is about: the schema, the response
// or the operation that its target names first.
func (a overlayAction) subject() *jsonpath.Path {
	var first []*jsonpathspec.Segment
	for _, segment := range a.path.Query().Segments() {
		if segment.IsDescendant() || len(first) == 3 {
			break
		}
		first = append(first, segment)
	}
	return jsonpath.New(jsonpathspec.Query(true, first...))
}

// A selector finds nodes of a document by JSONPath.
type selector struct {
	doc    *yaml.Node
	mirror any // the document as maps and slices, which JSONPath is read on
}

func newSelector(doc *yaml.Node) *selector { return &selector{doc, values(doc)} }

// A match is a node that a path has found.
type match struct {
	node, parent *yaml.Node // parent is nil for the document itself
	key          string     // in the parent, if that is a map
	path         jsonpathspec.NormalizedPath
}

func (s *selector) find(path *jsonpath.Path) []match {
	located := path.SelectLocated(s.mirror).Deduplicate()
	located.Sort()
	var matches []match
	for _, l := range located {
		m := match{node: s.doc, path: l.Path}
		for _, step := range l.Path {
			m.parent = m.node
			switch step := step.(type) {
			case jsonpathspec.Name:
				m.key = string(step)
				m.node = get(m.parent, m.key)
			case jsonpathspec.Index:
				m.node = m.parent.Content[step]
			}
		}
		matches = append(matches, m)
	}
	return matches
}

// remove takes the node out of its parent.
func (m match) remove() {
	switch {
	case m.parent == nil:
		m.node.Content = nil
	case isMap(m.parent):
		remove(m.parent, m.key)
	default:
		for i, member := range m.parent.Content {
			if member == m.node {
				m.parent.Content = append(m.parent.Content[:i:i], m.parent.Content[i+1:]...)
				return
			}
		}
	}
}

// refresh brings the mirror up to date where matches have been changed.
func (s *selector) refresh(matches []match) {
	for _, m := range matches {
		switch {
		case len(m.path) == 0:
			s.mirror = values(s.doc)
		case len(m.path) == 1:
			s.put(m.path, m.node)
		default: // an element that is gone moves those after it
			s.put(m.path[:len(m.path)-1], m.parent)
		}
	}
}

func (s *selector) put(path jsonpathspec.NormalizedPath, n *yaml.Node) {
	at, last := s.mirror, len(path)-1
	for _, step := range path[:last] {
		switch step := step.(type) {
		case jsonpathspec.Name:
			m, _ := at.(map[string]any)
			at = m[string(step)]
		case jsonpathspec.Index:
			list, _ := at.([]any)
			if int(step) >= len(list) {
				return // it went with an earlier match
			}
			at = list[step]
		}
	}
	switch step := path[last].(type) {
	case jsonpathspec.Name:
		if m, ok := at.(map[string]any); ok {
			m[string(step)] = values(n)
		}
	case jsonpathspec.Index:
		if list, ok := at.([]any); ok && int(step) < len(list) {
			list[step] = values(n)
		}
	}
}

// values returns a node as JSONPath reads it.
func values(n *yaml.Node) any {
	switch {
	case isMap(n):
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = values(n.Content[i+1])
		}
		return m
	case isSeq(n):
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = values(item)
		}
		return list
	}
	switch n.Tag {
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	case "!!int", "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err == nil {
			return f
		}
	}
	return n.Value
}
