package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// LostDetail lists where a document says less precisely than another one, which
// Import has written before, what an operation takes and returns: an object lost
// its properties, a string its values, a value its type. A document loses such
// detail more often than servers change; what is lost can be stated in the overlay.
func LostDetail(before, after []byte) ([]Note, error) {
	old, err := Parse(before)
	if err != nil {
		return nil, err
	}
	next, err := Parse(after)
	if err != nil {
		return nil, err
	}
	l := &losses{old: newReferences(old), next: newReferences(next), seen: map[string]bool{}}
	for path, item := range pairs(get(old, "paths")) {
		for method, was := range pairs(item) {
			is := get(next, "paths", path, method)
			if is == nil {
				continue // that is more than a loss of detail
			}
			at := root.at("paths", path, method)
			l.body(at.at("requestBody"), get(was, "requestBody"), get(is, "requestBody"))
			for status, response := range pairs(get(was, "responses")) {
				if strings.HasPrefix(status, "2") {
					l.body(at.at("responses", status), response, get(is, "responses", status))
				}
			}
			for i, p := range items(get(was, "parameters")) {
				if q := sameParameter(p, get(is, "parameters")); q != nil {
					l.schema(at.at("parameters").index(i), get(p, "schema"), get(q, "schema"))
				}
			}
		}
	}
	return l.notes, nil
}

func sameParameter(p, in *yaml.Node) *yaml.Node {
	for _, q := range items(in) {
		if text(get(p, "name")) == text(get(q, "name")) && text(get(p, "in")) == text(get(q, "in")) {
			return q
		}
	}
	return nil
}

// losses collects where detail is lost between two documents.
type losses struct {
	old, next *references
	seen      map[string]bool // pairs of references, by which trees have no end
	notes     []Note
}

func (l *losses) lost(at pointer, format string, args ...any) {
	l.notes = append(l.notes, Note{string(at), "less precise than before: " + fmt.Sprintf(format, args...)})
}

// body compares what a request or a response holds. One that is gone has changed,
// and not lost detail.
func (l *losses) body(at pointer, was, is *yaml.Node) {
	was, is = target(l.old, was), target(l.next, is)
	if was == nil || is == nil {
		return
	}
	for kind, media := range pairs(get(was, "content")) {
		l.schema(at.at("content", kind, "schema"), get(media, "schema"), get(is, "content", kind, "schema"))
	}
}

// target returns what n is or refers to, or nil.
func target(refs *references, n *yaml.Node) *yaml.Node {
	ref := get(n, "$ref")
	if ref == nil {
		return n
	}
	to, err := refs.follow(ref, root)
	if err != nil {
		return nil
	}
	return to
}

func (l *losses) schema(at pointer, was, is *yaml.Node) {
	if ref := text(get(is, "$ref")); ref != "" {
		from := text(get(was, "$ref"))
		if from != "" && l.seen[from+" "+ref] {
			return
		}
		l.seen[from+" "+ref] = true
		if from == ref { // what is said of a component is said once
			at = pointer(ref)
		}
	}
	was, is = target(l.old, was), target(l.next, is)
	switch {
	case was == nil, isTrue(is):
		return
	case is == nil:
		l.lost(at, "nothing is said of it")
		return
	}
	properties := size(get(was, "properties"))
	switch parts := combined(is); {
	case parts: // what they say is compared below, if at all
	case properties > 0 && size(get(is, "properties")) == 0:
		l.lost(at, "its properties (%d) are gone", properties)
	case isMap(get(was, "additionalProperties")) && !isMap(get(is, "additionalProperties")) && get(is, "properties") == nil:
		l.lost(at, "what its values are is gone")
	case combined(was) && get(is, "properties") == nil:
		l.lost(at, "its alternatives are gone")
	case get(was, "type") != nil && get(is, "type") == nil:
		l.lost(at, "its type, %s, is gone", strings.Join(texts(get(was, "type")), " or "))
	case get(was, "enum") != nil && get(is, "enum") == nil && get(is, "const") == nil:
		l.lost(at, "its values (%s) are gone", strings.Join(texts(get(was, "enum")), ", "))
	case slices.Contains([]string{"date-time", "binary"}, text(get(was, "format"))) && get(is, "format") == nil:
		l.lost(at, "its format, %s, is gone", text(get(was, "format")))
	case get(was, "items") != nil && get(is, "items") == nil && slices.Contains(texts(get(is, "type")), "array"):
		l.lost(at, "what its elements are is gone")
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if a, b := get(was, key), get(is, key); isMap(a) && isMap(b) {
			l.schema(at.at(key), a, b)
		}
	}
	for name, p := range pairs(get(was, "properties")) {
		if q := l.next.get(get(is, "properties"), name); q != nil {
			l.schema(at.at("properties", name), p, q)
		}
	}
	for _, key := range combinators {
		before, after := items(get(was, key)), items(get(is, key))
		for i := range before {
			if len(before) == len(after) {
				l.schema(at.at(key).index(i), before[i], after[i])
			}
		}
	}
}

var combinators = []string{"allOf", "oneOf", "anyOf"}

// combined reports whether a schema is made of others.
func combined(n *yaml.Node) bool {
	return slices.ContainsFunc(combinators, func(key string) bool { return get(n, key) != nil })
}

// size returns how many keys the map n has.
func size(n *yaml.Node) int {
	if !isMap(n) {
		return 0
	}
	return len(n.Content) / 2
}
