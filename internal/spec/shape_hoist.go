package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// hoist gives every object, enum and union that stands inside another schema a
// component and a name of its own: the name of its parent and the field that
// holds it, an element of an array in the singular. Left inside, oapi-codegen
// prints anonymous structs, or names with underscores and numbers.
func (s *shaper) hoist() {
	s.nameComponents()
	for _, sl := range s.slots() {
		n := sl.schema()
		if sl.op == nil {
			s.hoistBelow(n, sl.key, sl.key)
			s.describeValues(n, n)
			if what := line(s.docs.Components[sl.key].En); what != "" {
				s.comment(sl.key, isWhat(what))
			}
			s.comment(sl.key, "is the component "+sl.key+" of the document.")
			continue
		}
		name := text(get(sl.op.node, "operationId"))
		sl.replace(s.hoistRoot(n, name, sl))
	}
}

// nameComponents gives the components of the document their Go names.
func (s *shaper) nameComponents() {
	schemas := s.schemas()
	renamed := map[string]string{}
	taken := map[string]string{}
	for _, name := range componentNames(schemas) {
		to := s.names.apply(identifier(goName(name)))
		for taken[to] != "" || s.reserved[to] != "" {
			if s.strict {
				other := taken[to]
				if other == "" {
					other = s.reserved[to]
				}
				s.fail(get(schemas, name), "the component %s and %s are both called %s; add an entry to names.yaml", name, other, to)
				break
			}
			to += "Schema"
		}
		renamed[name], taken[to] = to, name
	}
	s.renameComponents(renamed)
}

func componentNames(schemas *yaml.Node) []string {
	var names []string
	for name := range pairs(schemas) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// renameComponents changes names of components, and all references to them.
func (s *shaper) renameComponents(renamed map[string]string) {
	s.walkAll(func(n *yaml.Node) {
		if to, ok := renamed[refName(n)]; ok {
			set(n, "$ref", str(schemaRef+to))
		}
		renameExtended(n, renamed)
	})
	schemas := s.schemas()
	for i := 0; i+1 < len(schemas.Content); i += 2 {
		if to, ok := renamed[schemas.Content[i].Value]; ok {
			schemas.Content[i] = str(to)
		}
	}
}

// hoistRoot returns what stands for the schema n of a request or response.
func (s *shaper) hoistRoot(n *yaml.Node, operation string, sl slot) *yaml.Node {
	suffix := "Response"
	if sl.dir == request {
		suffix = "Request"
	}
	switch {
	case get(n, "$ref") != nil, nullableRef(n) != "", get(n, extGoType) != nil:
		return n
	case get(n, "enum") != nil:
		s.within = "the response of " + sl.op.endpoint
		return s.hoistOne(n, operation+suffix, operation+suffix+"Body")
	case isObject(n), get(n, "oneOf") != nil:
		name := s.register(s.names.apply(operation+suffix), operation+suffix+"Body", n)
		s.roots[name] = true
		s.hoistBelow(get(s.schemas(), name), operation, name)
		switch {
		case sl.dir == request && sl.op.many:
			s.comment(name, "holds the parameters of "+sl.op.endpoint+", asked for several at once.")
		case sl.dir == request:
			s.comment(name, "holds the parameters of "+sl.op.endpoint+".")
		default:
			s.comment(name, "is the response of "+sl.op.endpoint+".")
		}
		return s.reference(name, n)
	}
	s.within = "the response of " + sl.op.endpoint
	if sl.dir == request {
		s.within = "the parameters of " + sl.op.endpoint
	}
	s.hoistBelow(n, operation, operation+suffix)
	return n
}

// hoistBelow hoists what stands inside n, which goes by name; long is the name
// to fall back on where the shorter one is taken.
func (s *shaper) hoistBelow(n *yaml.Node, name, long string) {
	replaceValues(get(n, "properties"), func(key string, p *yaml.Node) *yaml.Node {
		outer := s.within
		defer func() { s.within = outer }()
		s.within = key + " of " + long
		return s.hoistOne(p, name+goName(key), long+goName(key))
	})
	if extra := get(n, "additionalProperties"); isMap(extra) {
		element := singular(name)
		if element == name || isObject(n) {
			element = name + "Value"
		}
		outer := s.within
		s.within = "a value of " + outer
		set(n, "additionalProperties", s.hoistOne(extra, element, long+"Value"))
		s.within = outer
	}
	if element := get(n, "items"); element != nil {
		short := singular(name)
		if short == name {
			short = name + "Item"
		}
		outer := s.within
		if !strings.HasPrefix(outer, "an element of ") {
			s.within = "an element of " + outer
		}
		set(n, "items", s.hoistOne(element, short, long+"Item"))
		s.within = outer
	}
	if one := get(n, extOneOrMany); one != nil {
		set(n, extOneOrMany, s.hoistOne(one, name, long+"One"))
	}
	s.hoistArms(n, name)
}

// hoistArms gives the arms of a union names; arms that are not components would
// be numbered.
func (s *shaper) hoistArms(n *yaml.Node, name string) {
	arms := get(n, "oneOf")
	if arms == nil || nullableRef(n) != "" {
		return
	}
	kinds := map[string]string{"string": "Enum", "array": "List", "object": "Object"}
	for i, arm := range arms.Content {
		if get(arm, "$ref") != nil || isNullType(arm) {
			continue
		}
		if scalar := scalarNames[s.scalar(arm)]; scalar != "" {
			plain := mapping("type", get(arm, "type"))
			if format := get(arm, "format"); format != nil {
				set(plain, "format", format)
			}
			have := clone(get(s.schemas(), scalar))
			remove(have, extComment)
			if canonical(have) != canonical(plain) {
				scalar = s.register(scalar, name+scalar, plain)
				s.comment(scalar, "is a kind of value that unions have.")
			}
			arms.Content[i] = ref(scalar)
			continue
		}
		armName := name + kinds[typeOf(arm)]
		s.hoistBelow(arm, armName, armName)
		arms.Content[i] = ref(s.register(s.names.apply(armName), armName+"Arm", arm))
		s.comment(refName(arms.Content[i]), "is a kind of "+name+".")
	}
}

// scalarNames are the types of arms that all unions share, so that their methods
// are called AsText and the like.
var scalarNames = map[string]string{"string": "Text", "time.Time": "Time", "int": "Integer", "int64": "LargeInteger", "float64": "Number", "bool": "Flag"}

// scalar returns the Go type of a schema that is not an enum, array or object, or "".
func (s *shaper) scalar(n *yaml.Node) string {
	switch typeOf(n) {
	case "string", "integer", "number", "boolean":
		if get(n, "enum") == nil {
			return s.goType(n)
		}
	}
	return ""
}

// hoistOne returns what stands for the schema n inside another one.
func (s *shaper) hoistOne(n *yaml.Node, name, long string) *yaml.Node {
	isUnion := get(n, "oneOf") != nil && nullableRef(n) == ""
	isEnum := typeOf(n) == "string" && get(n, "enum") != nil
	if get(n, extGoType) != nil || !isUnion && !isEnum && !isObject(n) {
		s.hoistBelow(n, name, long)
		return n
	}
	name = s.names.apply(name)
	if isEnum {
		if given := text(get(n, extEnum)); given != "" {
			name = given
		}
		enum := mapping("type", str("string"), "enum", get(n, "enum"))
		if names := get(n, "x-enum-varnames"); names != nil {
			set(enum, "x-enum-varnames", names)
		}
		s.describeValues(enum, n)
		name = s.register(name, long, enum)
		s.comment(name, "is "+s.within+".")
		r := s.reference(name, n)
		for _, key := range []string{"default", extNull, "deprecated"} {
			if v := get(n, key); v != nil && !isNull(v) {
				set(r, key, v)
			}
		}
		return r
	}
	component := s.copyOf(n)
	dropNull(component)
	remove(component, extNull, "default", "deprecated")
	name = s.register(name, long, component)
	s.comment(name, "is "+s.within+".")
	s.hoistBelow(component, name, name)
	r := s.reference(name, n)
	if v := get(n, extNull); v != nil {
		set(r, extNull, v)
	}
	return r
}

// register adds a component. Where its name is taken by another schema it gets
// the longer one; a place that has the same name and means the same shares it.
func (s *shaper) register(name, long string, n *yaml.Node) string {
	name = identifier(name)
	schemas := s.schemas()
	for s.isTaken(name) {
		if get(n, "enum") != nil && slices.Equal(sortedEnum(n), sortedEnum(get(schemas, name))) {
			return name
		}
		if long == name || long == "" {
			if s.strict {
				s.fail(n, "the name %s is taken; add an entry to names.yaml", name)
				return name
			}
			long = name + "Value"
		}
		name, long = identifier(s.names.apply(long)), ""
	}
	set(schemas, name, n)
	s.hoisted[name] = true
	return name
}

// reference returns a reference to a component that may be null where n may.
func (s *shaper) reference(name string, n *yaml.Node) *yaml.Node {
	r := ref(name)
	if isNullable(n) {
		setNullable(r)
	}
	if at, ok := s.origin[n]; ok {
		s.origin[r] = at
	}
	return r
}

// comment sets the doc comment of a type, to follow its name.
func (s *shaper) comment(name, c string) {
	if n := get(s.schemas(), name); n != nil && get(n, extComment) == nil {
		set(n, extComment, str(line(c)))
	}
}

// prune drops the components that no operation uses, such as the parts of an
// allOf, but for those that are kept on purpose.
func (s *shaper) prune() {
	s.dirs = map[string]direction{}
	for _, sl := range s.slots() {
		switch {
		case sl.op != nil:
			s.reach(sl.schema(), sl.dir)
		case isTrue(get(sl.schema(), extKeep)):
			s.reach(ref(sl.key), response)
		}
	}
	for _, name := range componentNames(s.schemas()) {
		if s.dirs[name] == 0 {
			remove(s.schemas(), name)
		}
	}
}

func (s *shaper) reach(n *yaml.Node, dir direction) {
	if name := refName(n); name != "" {
		if s.dirs[name]&dir != 0 {
			return
		}
		s.dirs[name] |= dir
		s.reach(get(s.schemas(), name), dir)
		return
	}
	for _, m := range typeName.FindAllStringSubmatch(text(get(n, extGoType)), -1) {
		if get(s.schemas(), m[2]) != nil {
			s.reach(ref(m[2]), dir)
		}
	}
	for _, child := range children(n) {
		s.reach(child, dir)
	}
}
