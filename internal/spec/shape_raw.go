package spec

import (
	"gopkg.in/yaml.v3"
)

// findRaw marks the places of which the document says nothing: they hold free
// JSON. Whether that is right there is checked in the end against raw.yaml,
// the list of such places with a reason each, by the names that Go knows them
// by; nothing becomes free JSON in silence.
func (s *shaper) findRaw() {
	s.walkAll(func(n *yaml.Node) {
		if get(n, extGoType) != nil || get(n, extOneOrMany) != nil || get(n, "$ref") != nil || get(n, "oneOf") != nil || isNullType(n) && get(n, "type") != nil {
			return
		}
		switch typeOf(n) {
		case "":
			become(n, mapping(extRaw, boolean(true)))
		case "object":
			if !isObject(n) && get(n, "additionalProperties") == nil {
				become(n, mapping(extRaw, boolean(true)))
			}
		case "array":
			if get(n, "items") == nil {
				set(n, "items", mapping(extRaw, boolean(true)))
			}
		}
	})
}
