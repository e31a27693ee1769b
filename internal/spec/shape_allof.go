package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// flattenAllOf puts the parts of every allOf into one schema. Printed as they
// are, the parts would become embedded structs or be merged by rules that know
// nothing of nullability; flat, a struct shows all of its fields.
func (s *shaper) flattenAllOf() {
	f := flattener{s, map[*yaml.Node]flattening{}}
	s.walkAll(f.flatten)
}

type flattener struct {
	*shaper
	state map[*yaml.Node]flattening
}

type flattening uint8

const (
	begun flattening = iota + 1
	flat
)

// flatten works on n, what is inside of it being flat already.
func (s flattener) flatten(n *yaml.Node) {
	if s.state[n] != 0 || get(n, "allOf") == nil {
		return
	}
	s.state[n] = begun
	defer func() { s.state[n] = flat }()
	arms := items(get(n, "allOf"))
	nullable := isNullable(n)
	own := s.copyOf(n)
	remove(own, "allOf")

	if len(arms) == 1 && !isObject(own) && get(own, "oneOf") == nil && get(own, "anyOf") == nil {
		extensions := own.Content
		arm := arms[0]
		become(n, s.copyOf(arm))
		for i := 0; i+1 < len(extensions); i += 2 {
			if key := extensions[i].Value; strings.HasPrefix(key, "x-") && !isRefOnly(n) {
				set(n, key, extensions[i+1])
			}
		}
		if nullable {
			setNullable(n)
		}
		return
	}

	var parts []*yaml.Node
	armsNullable := len(arms) > 0 && get(own, "type") == nil
	for _, arm := range append(slices.Clone(arms), own) {
		target := s.target(arm)
		if s.hasBegun(target) {
			s.giveUp(n, "an allOf that contains itself")
			return
		}
		walk(target, s.flatten)
		part := s.copyOf(target)
		parts = append(parts, part)
		armsNullable = armsNullable && (arm == own || isNullable(arm) || isNullable(part))
	}
	nullable = nullable || armsNullable
	merged := s.merge(n, parts)
	if merged == nil {
		return // given up
	}
	for i, arm := range arms {
		extend(merged, append(extended(parts[i]), refName(arm))...)
	}
	if nullable {
		setNullable(merged)
	}
	become(n, merged)
}

// hasBegun reports whether n is or has a schema whose turn has not ended: copied
// into that, it would never end.
func (s flattener) hasBegun(n *yaml.Node) bool {
	found := false
	walk(n, func(n *yaml.Node) { found = found || s.state[n] == begun })
	return found
}

// merge returns one schema of the parts of an allOf, or nil if it gave up.
func (s *shaper) merge(n *yaml.Node, parts []*yaml.Node) *yaml.Node {
	t := ""
	for _, part := range parts {
		partType := typeOf(part)
		switch {
		case t == "", t == "number" && partType == "integer":
			t = partType
		case partType != "" && partType != t && !(t == "integer" && partType == "number"):
			s.giveUp(n, "an allOf of %s and %s", t, partType)
			return nil
		}
	}
	isStruct := func(part *yaml.Node) bool {
		return get(part, "properties") != nil || get(part, "additionalProperties") != nil || get(part, "oneOf") != nil || get(part, "anyOf") != nil
	}
	switch {
	case t == "object" || slices.ContainsFunc(parts, isStruct):
		merged := mapping("type", str("object"), "properties", mapping())
		for _, part := range parts {
			s.addPart(merged, part)
		}
		if len(get(merged, "properties").Content) == 0 && get(merged, "oneOf") == nil && get(merged, "anyOf") == nil {
			remove(merged, "properties")
		}
		return merged
	case t == "":
		return mapping() // anything
	}
	merged := mapping()
	for _, part := range parts {
		for key, value := range pairs(part) {
			if have := get(merged, key); key == "items" && have != nil {
				value = s.narrower(have, value)
			}
			set(merged, key, value)
		}
	}
	set(merged, "type", str(t))
	return merged
}

// addPart adds what part demands of an object to merged.
func (s *shaper) addPart(merged, part *yaml.Node) {
	properties := get(merged, "properties")
	for name, p := range pairs(get(part, "properties")) {
		if have := get(properties, name); have != nil && canonical(have) != canonical(p) {
			p = s.narrower(have, p)
		}
		set(properties, name, p)
	}
	addRequired(merged, texts(get(part, "required")))
	for key, value := range pairs(part) {
		switch key {
		case "additionalProperties":
			set(merged, key, value)
		case "anyOf", "oneOf":
			// A second union beside a first is joined with it: the struct has
			// the properties of all arms either way.
			if have := get(merged, key); have != nil {
				have.Content = append(have.Content, value.Content...)
				continue
			}
			set(merged, key, value)
		case "type", "properties", "required", "allOf", "default":
		default:
			if strings.HasPrefix(key, "x-") && key != extRaw && key != extExtends {
				set(merged, key, value)
			}
		}
	}
}

// narrower picks, of two descriptions of one property that both hold, the one
// that says more.
func (s *shaper) narrower(a, b *yaml.Node) *yaml.Node {
	if isObject(a) && isObject(b) {
		both := s.copyOf(a)
		s.addPart(both, b)
		return both
	}
	switch {
	case get(b, "enum") != nil, isObject(b), isRefOnly(b), get(a, "type") == nil && get(a, "$ref") == nil:
		return b
	case get(a, "enum") != nil, isObject(a), isRefOnly(a):
		return a
	}
	return b
}

// addRequired adds names to what an object requires, sorted and each once.
func addRequired(n *yaml.Node, names []string) {
	all := append(texts(get(n, "required")), names...)
	slices.Sort(all)
	setRequired(n, slices.Compact(all))
}

func setRequired(n *yaml.Node, names []string) {
	if len(names) == 0 {
		remove(n, "required")
		return
	}
	set(n, "required", stringSeq(names))
}
