package spec

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// flattenAllOf puts the parts of every allOf into one schema. Printed as they
// are, the parts would become embedded structs or be merged by rules that know
// nothing of nullability; flat, a struct shows all of its fields.
func (s *shaper) flattenAllOf() {
	done := map[*yaml.Node]bool{}
	s.walkAll(func(n *yaml.Node) { s.flatten(n, done, nil) })
}

// flatten works on n; path holds the schemas that are being flattened, to find
// those that contain themselves.
func (s *shaper) flatten(n *yaml.Node, done map[*yaml.Node]bool, path []*yaml.Node) {
	if done[n] || get(n, "allOf") == nil {
		return
	}
	if slices.Contains(path, n) {
		s.fail(n, "allOf contains itself")
		return
	}
	done[n] = true
	arms := items(get(n, "allOf"))
	nullable := isNullable(n)
	own := s.copyOf(n)
	remove(own, "allOf")

	if len(arms) == 1 && !isObject(own) && get(own, "oneOf") == nil && get(own, "anyOf") == nil {
		extensions := own.Content
		arm := arms[0]
		become(n, s.copyOf(arm))
		for i := 0; i+1 < len(extensions); i += 2 {
			if key := extensions[i].Value; len(key) > 2 && key[:2] == "x-" && !isRefOnly(n) {
				set(n, key, extensions[i+1])
			}
		}
		if nullable {
			setNullable(n)
		}
		s.flatten(n, done, append(path, n))
		return
	}

	var parts []*yaml.Node
	armsNullable := len(arms) > 0 && get(own, "type") == nil
	for _, arm := range append(slices.Clone(arms), own) {
		part := s.copyOf(s.target(arm))
		s.flatten(part, done, append(path, n, s.target(arm)))
		parts = append(parts, part)
		armsNullable = armsNullable && (arm == own || isNullable(arm) || isNullable(part))
	}
	nullable = nullable || armsNullable
	merged := s.merge(n, parts)
	if merged == nil {
		return // given up
	}
	if nullable {
		setNullable(merged)
	}
	become(n, merged)
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
			if len(key) > 2 && key[:2] == "x-" {
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
