package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// embedParts makes a struct that extends another, as UserDetailed extends
// UserLite, embed it, so that a function of the part takes the whole. That works
// where it extends exactly one, each field of which it has as it is there, and
// which is not decoded by a method: of two embedded structs with a property in
// common encoding/json would drop that, and an embedded UnmarshalJSON would take
// all. Elsewhere a method gives the part: see partMethods.
func (s *shaper) embedParts() {
	schemas := s.schemas()
	embeds := map[string]string{}
	for _, name := range componentNames(schemas) {
		n := get(schemas, name)
		var parts []string
		for _, part := range texts(get(n, extExtends)) {
			if part != name && s.isPart(n, get(schemas, part)) && !s.hasField(n, part) {
				parts = append(parts, part)
			}
		}
		// What a part extends comes along with it.
		parts = slices.DeleteFunc(parts, func(part string) bool {
			return slices.ContainsFunc(parts, func(other string) bool {
				return other != part && slices.Contains(texts(get(schemas, other, extExtends)), part)
			})
		})
		if len(parts) == 1 {
			embeds[name] = parts[0]
		}
	}
	for _, name := range sortedKeys(embeds) {
		set(get(schemas, name), extEmbed, str(embeds[name]))
	}
	for _, name := range sortedKeys(embeds) {
		for _, key := range s.propertyNames(get(schemas, embeds[name])) {
			remove(get(schemas, name, "properties"), key)
		}
	}
	for _, name := range componentNames(schemas) {
		s.partMethods(name)
	}
	s.walkAll(func(n *yaml.Node) { remove(n, extExtends) })
}

// A partMethod gives the part of a struct that does not embed it.
type partMethod struct{ Type, Name, Part, Literal string }

// partMethods gives a struct a method for each component that it extends and does
// not embed, so that a function of the part takes the whole by it. The method is
// called after the part, without what the names of both begin with: that of
// UserDetailed for UserLite is Lite.
func (s *shaper) partMethods(name string) {
	n := get(s.schemas(), name)
	embedded := map[string]bool{}
	for part := text(get(n, extEmbed)); part != "" && !embedded[part]; part = text(get(s.schemas(), part, extEmbed)) {
		embedded[part] = true
	}
	taken := map[string]bool{}
	for _, part := range extended(n) {
		if part == name || embedded[part] {
			continue
		}
		literal, ok := s.partLiteral(n, part)
		if !ok {
			continue
		}
		method := ""
		for _, candidate := range []string{withoutPrefix(part, name), part, part + "Part"} {
			if !taken[candidate] && !s.hasField(n, candidate) {
				method = candidate
				break
			}
		}
		if method == "" {
			if s.strict {
				s.fail(n, "the method of %s that gives its part %s has no name: %[2]s and %[2]sPart are taken; give one of the types another name in names.yaml", name, part)
			}
			continue
		}
		taken[method] = true
		s.parts = append(s.parts, partMethod{name, method, part, literal})
	}
}

// partLiteral returns a composite literal for a part of v, a struct n.
func (s *shaper) partLiteral(n *yaml.Node, part string) (literal string, ok bool) {
	p := get(s.schemas(), part)
	if !isObject(n) || !isObject(p) || isMap(get(p, "additionalProperties")) || get(p, extKinds) != nil {
		return "", false
	}
	var fields []string
	if inner := text(get(p, extEmbed)); inner != "" {
		literal, ok := s.partLiteral(n, inner)
		if !ok {
			return "", false
		}
		fields = append(fields, inner+": "+literal)
	}
	for name, field := range pairs(get(p, "properties")) {
		own := s.property(n, name)
		if own == nil {
			return "", false
		}
		expr := "v." + text(get(own, "x-go-name"))
		switch has, wants := s.fieldType(own), s.fieldType(field); {
		case has == wants:
		case "*"+has == wants:
			expr = "new(" + expr + ")"
		case has == "*"+wants:
			expr = fmt.Sprintf("api.Or(%s, *new(%s))", expr, wants)
		default:
			return "", false
		}
		fields = append(fields, text(get(field, "x-go-name"))+": "+expr)
	}
	return part + "{" + strings.Join(fields, ", ") + "}", true
}

// withoutPrefix returns a name without the words that another begins with, too.
func withoutPrefix(name, other string) string {
	cut := 0
	for i := 1; i < len(name) && i < len(other) && name[:i] == other[:i]; i++ {
		if isUpper(name[i]) && isUpper(other[i]) {
			cut = i
		}
	}
	return name[cut:]
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// isPart reports whether a struct has all fields of another, as they are there.
func (s *shaper) isPart(n, part *yaml.Node) bool {
	if !isObject(n) || !isObject(part) || isMap(get(part, "additionalProperties")) || get(part, extKinds) != nil {
		return false
	}
	for name, p := range pairs(get(part, "properties")) {
		own := get(n, "properties", name)
		if own == nil || s.fieldKey(own) != s.fieldKey(p) {
			return false
		}
	}
	return true
}

// hasField reports whether a struct has a field of some name.
func (s *shaper) hasField(n *yaml.Node, field string) bool {
	for _, p := range pairs(get(n, "properties")) {
		if text(get(p, "x-go-name")) == field {
			return true
		}
	}
	return false
}

// fieldKey returns a text that two properties share exactly if their fields are
// the same.
func (s *shaper) fieldKey(p *yaml.Node) string {
	return canonical(sequence(
		str(s.goType(p)), boolean(isNullable(p)), get(p, "x-go-name"),
		get(p, "x-go-type-skip-optional-pointer"), get(p, "x-oapi-codegen-extra-tags")))
}

// property returns a property of a struct or of what it embeds, or nil.
func (s *shaper) property(n *yaml.Node, name string) *yaml.Node {
	for range maxDepth {
		if p := get(n, "properties", name); p != nil {
			return p
		}
		part := text(get(n, extEmbed))
		if part == "" {
			break
		}
		n = get(s.schemas(), part)
	}
	return nil
}

// propertyNames returns the names of the properties of a struct, with those of
// what it embeds.
func (s *shaper) propertyNames(n *yaml.Node) []string {
	var names []string
	for range maxDepth {
		for name := range pairs(get(n, "properties")) {
			names = append(names, name)
		}
		part := text(get(n, extEmbed))
		if part == "" {
			break
		}
		n = get(s.schemas(), part)
	}
	return names
}

// extended returns the components that an object extends.
func extended(n *yaml.Node) []string { return texts(get(n, extExtends)) }

// extend notes that an object extends components.
func extend(n *yaml.Node, components ...string) {
	all := append(extended(n), components...)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(name string) bool { return name == "" })
	if len(all) > 0 {
		set(n, extExtends, stringSeq(all))
	}
}

// extendedByAll returns the components that each arm of a union is or extends.
func extendedByAll(arms, resolved []*yaml.Node) []string {
	var common []string
	for i, arm := range arms {
		own := append(extended(resolved[i]), refName(arm))
		if i == 0 {
			common = own
		}
		common = slices.DeleteFunc(slices.Clone(common), func(name string) bool { return !slices.Contains(own, name) })
	}
	return common
}

// renameExtended changes the names of what an object extends.
func renameExtended(n *yaml.Node, renamed map[string]string) {
	names := extended(n)
	for i, name := range names {
		if to, ok := renamed[name]; ok {
			names[i] = to
		}
	}
	if len(names) > 0 {
		set(n, extExtends, stringSeq(names))
	}
}
