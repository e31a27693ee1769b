package spec

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// joinUnions makes one struct of a union whose arms are distinguished by a type
// property, extend one another, or are the alternatives of a request, because
// Go has no unions: a struct with optional fields takes tomorrow's arm, too,
// and reads better than a chain of conversions. One value or an array of them
// becomes api.OneOrMany; arms that have nothing in common stay a union, which
// oapi-codegen prints as a type with a method for each arm.
func (s *shaper) joinUnions() {
	j := &joiner{shaper: s, done: map[*yaml.Node]bool{}}
	for _, sl := range s.slots() {
		j.dir = sl.dir
		j.below(sl.schema())
	}
}

type joiner struct {
	*shaper
	done map[*yaml.Node]bool
	path []*yaml.Node
	dir  direction
}

// below joins the unions in n, the deepest first, so that an arm that is a
// union itself is a struct when its turn comes.
func (j *joiner) below(n *yaml.Node) {
	if !isMap(n) || j.done[n] || get(n, extGoType) != nil {
		return
	}
	j.done[n] = true
	for _, child := range children(n) {
		j.below(child)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if get(n, key) != nil {
			j.join(n, key)
		}
	}
}

func (j *joiner) join(n *yaml.Node, key string) {
	var arms []*yaml.Node
	nullable := isNullable(n)
	for _, arm := range items(get(n, key)) {
		if !isNullType(arm) && isNullable(arm) {
			nullable = true
			arm = j.copyOf(arm)
			dropNull(arm)
		}
		switch {
		case j.target(arm) == n: // adds nothing
		case isNullType(arm):
			nullable = true
		case !slices.ContainsFunc(arms, func(a *yaml.Node) bool { return canonical(a) == canonical(arm) }):
			arms = append(arms, arm)
		}
	}
	remove(n, key)
	if len(arms) == 0 {
		j.giveUp(n, "%s without an arm", key)
		return
	}
	base := j.copyOf(n)
	switch joined := j.joined(n, base, arms); {
	case joined == nil:
		// Left as it is: no type of its own, the arms show it.
		remove(n, "type", "enum", "default")
		set(n, "oneOf", sequence(arms...))
	default:
		for ext, value := range pairs(base) {
			if len(ext) > 2 && ext[:2] == "x-" && !isRefOnly(joined) {
				set(joined, ext, value)
			}
		}
		become(n, joined)
	}
	if nullable {
		setNullable(n)
	}
}

// joined returns the one schema that stands for all arms, or nil.
func (j *joiner) joined(n, base *yaml.Node, arms []*yaml.Node) *yaml.Node {
	if len(arms) == 1 && !isObject(base) {
		return j.copyOf(arms[0])
	}
	if many := j.oneOrMany(arms); many != nil {
		return many
	}
	j.path = append(j.path, n)
	defer func() { j.path = j.path[:len(j.path)-1] }()
	resolved := make([]*yaml.Node, len(arms))
	for i, arm := range arms {
		resolved[i] = j.arm(arm)
		if resolved[i] == nil {
			j.giveUp(n, "a union that contains itself")
			return j.copyOf(n)
		}
	}
	switch {
	case all(resolved, isObjectArm):
		property := toldApart(resolved)
		if isObject(base) || j.dir == request || property != "" || extendOneAnother(resolved) {
			joined := j.joinObjects(base, resolved)
			if property != "" {
				set(joined, extKinds, j.kindsOf(property, base, arms, resolved))
			}
			extend(joined, append(extendedByAll(arms, resolved), extended(base)...)...)
			return joined
		}
		return nil
	case all(resolved, func(a *yaml.Node) bool { return typeOf(a) == "string" && get(a, extGoType) == nil }):
		return joinStrings(resolved)
	case all(resolved, func(a *yaml.Node) bool { return typeOf(a) == "integer" || typeOf(a) == "number" }):
		return mapping("type", str("number"))
	case all(resolved, func(a *yaml.Node) bool { return typeOf(a) == "boolean" }):
		return mapping("type", str("boolean"))
	case slices.ContainsFunc(resolved, isFree):
		return mapping() // anything
	case all(resolved, func(a *yaml.Node) bool { return typeOf(a) == "array" && get(a, "items") != nil }):
		var elements []*yaml.Node
		for _, a := range resolved {
			elements = append(elements, get(a, "items"))
		}
		inner := mapping("anyOf", sequence(elements...))
		j.join(inner, "anyOf")
		return mapping("type", str("array"), "items", inner)
	}
	return nil
}

// arm returns what an arm describes, its own unions joined.
func (j *joiner) arm(arm *yaml.Node) *yaml.Node {
	target := j.target(arm)
	if target == nil || slices.Contains(j.path, target) || len(j.path) > maxDepth {
		return nil
	}
	j.path = append(j.path, target)
	j.below(target)
	j.path = j.path[:len(j.path)-1]
	return target
}

func isFree(n *yaml.Node) bool {
	return get(n, "type") == nil && get(n, "$ref") == nil && get(n, "oneOf") == nil && get(n, extGoType) == nil
}

// isObjectArm reports whether an arm describes an object, if only by what it
// requires of the properties beside the union.
func isObjectArm(n *yaml.Node) bool {
	if get(n, extGoType) != nil || get(n, "oneOf") != nil {
		return false
	}
	return isObject(n) || typeOf(n) == "" && get(n, "required") != nil
}

// toldApart returns the property that all arms have with different constants, or "".
func toldApart(arms []*yaml.Node) string {
	for name, p := range pairs(get(arms[0], "properties")) {
		if get(p, "enum") == nil {
			continue
		}
		seen := map[string]bool{}
		if all(arms, func(a *yaml.Node) bool {
			values := texts(get(a, "properties", name, "enum"))
			for _, v := range values {
				if seen[v] {
					return false
				}
				seen[v] = true
			}
			return len(values) > 0
		}) {
			return name
		}
	}
	return ""
}

// extendOneAnother reports whether the arms, put in order of their size, each
// have all the properties of the one before.
func extendOneAnother(arms []*yaml.Node) bool {
	arms = slices.Clone(arms)
	slices.SortStableFunc(arms, func(a, b *yaml.Node) int {
		return len(get(a, "properties").Content) - len(get(b, "properties").Content)
	})
	for i := 1; i < len(arms); i++ {
		for name := range pairs(get(arms[i-1], "properties")) {
			if get(arms[i], "properties", name) == nil {
				return false
			}
		}
	}
	return true
}

// joinObjects returns an object with the properties of base and all arms, that
// requires what base requires and what all arms do.
func (j *joiner) joinObjects(base *yaml.Node, arms []*yaml.Node) *yaml.Node {
	properties := mapping()
	for _, part := range append([]*yaml.Node{base}, arms...) {
		for name, p := range pairs(get(part, "properties")) {
			have := get(properties, name)
			switch {
			case have == nil:
				set(properties, name, j.copyOf(p))
			case canonical(have) != canonical(p):
				set(properties, name, j.joinProperty(have, p))
			}
		}
	}
	joined := mapping("type", str("object"), "properties", properties)
	for _, part := range append([]*yaml.Node{base}, arms...) {
		if extra := get(part, "additionalProperties"); extra != nil {
			set(joined, "additionalProperties", extra)
		}
	}
	required := texts(get(arms[0], "required"))
	for _, arm := range arms[1:] {
		required = slices.DeleteFunc(required, func(name string) bool { return !slices.Contains(texts(get(arm, "required")), name) })
	}
	if j.dir == request {
		// A parameter that only one of several alternatives lacks would have to
		// be sent empty if it were required.
		required = slices.DeleteFunc(required, func(name string) bool { return get(properties, name) == nil })
	}
	addRequired(joined, append(required, texts(get(base, "required"))...))
	return joined
}

// joinProperty returns the schema of a property that two arms describe.
func (j *joiner) joinProperty(a, b *yaml.Node) *yaml.Node {
	union := mapping("anyOf", sequence(j.copyOf(a), j.copyOf(b)))
	nullable := false
	for _, arm := range items(get(union, "anyOf")) {
		if isNullable(arm) {
			nullable = true
			dropNull(arm)
		}
	}
	if at, ok := j.origin[a]; ok {
		j.origin[union] = at
	}
	j.join(union, "anyOf")
	if nullable {
		setNullable(union)
	}
	return union
}

// dropNull makes a schema refuse null.
func dropNull(n *yaml.Node) {
	if name := nullableRef(n); name != "" && get(n, "$ref") == nil {
		become(n, ref(name))
		return
	}
	if types := texts(get(n, "type")); slices.Contains(types, "null") {
		types = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
		if len(types) == 1 {
			set(n, "type", str(types[0]))
			return
		}
		set(n, "type", stringSeq(types))
	}
	if arms := get(n, "oneOf"); arms != nil {
		arms.Content = slices.DeleteFunc(arms.Content, isNullType)
	}
}

// joinStrings returns an enum of the values of all arms; an arm that takes any
// string makes it a string. The name that the overlay has for the enum stays.
func joinStrings(arms []*yaml.Node) *yaml.Node {
	joined := mapping("type", str("string"))
	for _, arm := range arms {
		if name := get(arm, extEnum); name != nil {
			set(joined, extEnum, name)
		}
	}
	var values []string
	for _, arm := range arms {
		enum := texts(get(arm, "enum"))
		if len(enum) == 0 {
			return joined
		}
		for _, v := range enum {
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	set(joined, "enum", stringSeq(values))
	return joined
}

// oneOrMany returns the schema of one or many where that is what two arms are,
// or nil.
func (j *joiner) oneOrMany(arms []*yaml.Node) *yaml.Node {
	one, many := oneAndMany(arms)
	if many == nil {
		return nil
	}
	return mapping(extOneOrMany, j.copyOf(one))
}

// oneAndMany returns the two arms of a union if they are one value and a list of
// such, else nothing.
func oneAndMany(arms []*yaml.Node) (one, many *yaml.Node) {
	if len(arms) != 2 {
		return nil, nil
	}
	one, many = arms[0], arms[1]
	if typeOf(one) == "array" {
		one, many = many, one
	}
	element := get(many, "items")
	if typeOf(many) != "array" || element == nil {
		return nil, nil
	}
	a, b := clone(one), clone(element)
	for _, n := range []*yaml.Node{a, b} {
		remove(n, "format", "minLength", "maxLength", "pattern")
	}
	if canonical(a) != canonical(b) {
		return nil, nil
	}
	return one, many
}

func all(nodes []*yaml.Node, ok func(*yaml.Node) bool) bool {
	return !slices.ContainsFunc(nodes, func(n *yaml.Node) bool { return !ok(n) })
}
