package spec

import (
	"go.yaml.in/yaml/v4"
)

// findRaw marks the places of which the document says nothing: they hold free
// JSON. Whether that is right there is checked in the end against raw.yaml,
// the list of such places with a reason each, by the names that Go knows them
// by; nothing becomes free JSON in silence.
func (s *shaper) findRaw() {
	s.dropEmpty()
	s.breakAliases()
	arms := map[*yaml.Node]bool{} // null as an arm is not free JSON
	s.walkAll(func(n *yaml.Node) {
		for _, arm := range items(get(n, "oneOf")) {
			arms[arm] = true
		}
	})
	s.walkAll(func(n *yaml.Node) {
		if get(n, extGoType) != nil || get(n, extOneOrMany) != nil || get(n, "$ref") != nil || get(n, "oneOf") != nil || isNullType(n) && arms[n] {
			return
		}
		switch typeOf(n) {
		case "":
			become(n, mapping(extRaw, boolean(true)))
		case "object":
			if (!isObject(n) || len(get(n, "properties").Content) == 0) && get(n, "additionalProperties") == nil {
				become(n, mapping(extRaw, boolean(true)))
			}
		case "array":
			if get(n, "items") == nil {
				set(n, "items", mapping(extRaw, boolean(true)))
			}
		}
	})
}

// dropEmpty leaves out requests and answers that are objects without anything in
// them.
func (s *shaper) dropEmpty() {
	for _, sl := range s.slots() {
		n := s.target(sl.schema())
		if sl.op == nil || !isObject(n) || len(get(n, "properties").Content) > 0 || get(n, "additionalProperties") != nil {
			continue
		}
		if sl.dir == request {
			remove(sl.op.node, "requestBody")
			continue
		}
		set(sl.op.node, "responses", mapping("204", mapping("description", str(""))))
	}
}

// breakAliases looks for components that are arrays or maps of nothing but
// themselves, which Go has no type for.
func (s *shaper) breakAliases() {
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		seen := map[*yaml.Node]bool{}
		for at := n; at != nil && !isObject(at) && get(at, "oneOf") == nil; {
			if seen[at] {
				if at == n {
					s.giveUp(n, "a type that is made of itself")
				}
				break
			}
			seen[at] = true
			next := get(at, "items")
			if next == nil {
				next = get(at, "additionalProperties")
			}
			if next == nil {
				next = get(at, extOneOrMany)
			}
			if name := nullableRef(at); name != "" && next == nil {
				next = ref(name)
			}
			at = s.target(next)
		}
	}
}
