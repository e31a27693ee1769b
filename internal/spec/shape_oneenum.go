package spec

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// uniteEnums makes one enum of the strings that mean the same, where the document
// says the values of some of them only, or other values here than there: a program
// compares and stores one type. The overlay names the enum; each of its places gets
// the values of all, and of the component of that name if there is one.
func (s *shaper) uniteEnums() {
	places := map[string][]*yaml.Node{}
	s.walkAll(func(n *yaml.Node) {
		if name := text(get(n, extEnum)); name != "" {
			places[name] = append(places[name], n)
		}
	})
	for _, name := range sortedKeys(places) {
		holders := places[name]
		if component := get(s.schemas(), name); component != nil {
			holders = append(holders, component)
		}
		var values []string
		for _, n := range holders {
			for _, v := range items(get(n, "enum")) {
				if !isNull(v) && !slices.Contains(values, v.Value) {
					values = append(values, v.Value)
				}
			}
		}
		for _, n := range holders {
			switch {
			case typeOf(n) == "string" && len(values) > 0:
				set(n, "enum", stringSeq(values))
			case s.strict:
				s.fail(n, "%s: %s is no enum: want strings, and one with values", extEnum, name)
			default:
				remove(n, extEnum)
			}
		}
	}
}
