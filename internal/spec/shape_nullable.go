package spec

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// moveNull takes null from the components that allow it and gives it to the
// references to them, because a named type in Go has no null: the field that
// holds it has.
func (s *shaper) moveNull() {
	nullable := map[string]bool{}
	for name, n := range pairs(s.schemas()) {
		if isNullType(n) || !allowsNull(n) {
			continue
		}
		nullable[name] = true
		dropNull(n)
		if arms := get(n, "anyOf"); arms != nil {
			arms.Content = slices.DeleteFunc(arms.Content, isNullType)
		}
	}
	s.walkAll(func(n *yaml.Node) {
		if nullable[refName(n)] {
			setNullable(n)
		}
	})
}

// allowsNull is isNullable for a schema whose unions have not been joined.
func allowsNull(n *yaml.Node) bool {
	return isNullable(n) || slices.ContainsFunc(items(get(n, "anyOf")), isNullType)
}
