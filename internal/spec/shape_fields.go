package spec

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// shapeFields decides of every field its Go name, its type and its tag: what is
// required is a value, what may be missing a pointer, and a parameter for which
// the server distinguishes null from absent has three states. oapi-codegen's own rules
// put nil slices on the wire as null, drop an empty one, and know two states.
func (s *shaper) shapeFields() {
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		switch {
		case isObject(n):
			s.shapeStruct(name, n)
		case get(n, "enum") != nil:
			s.nameConstants(name, n)
		default:
			n = s.shapeElements(n, s.dirs[name])
			set(s.schemas(), name, n)
		}
	}
	for _, sl := range s.slots() {
		if sl.op != nil {
			sl.replace(s.shapeElements(sl.schema(), sl.dir))
		}
	}
	s.breakCycles()
}

func (s *shaper) shapeStruct(owner string, n *yaml.Node) {
	dir := s.dirs[owner]
	properties := get(n, "properties")
	required := texts(get(n, "required"))
	if dir == request {
		// Defaults are filled in before the check for what is required.
		required = slices.DeleteFunc(required, func(name string) bool {
			d := get(properties, name, "default")
			return d != nil && !isNull(d)
		})
		setRequired(n, required)
	}
	seen := map[string]string{}
	if isMap(get(n, "additionalProperties")) {
		seen["AdditionalProperties"] = "of the rest"
	}
	if text(get(properties, "file", extGoType)) == "api.File" {
		seen["MultipartFile"] = "of the method"
	}
	isRequired := map[string]bool{}
	for _, name := range required {
		isRequired[name] = true
	}
	replaceValues(properties, func(name string, p *yaml.Node) *yaml.Node {
		field := identifier(goName(name))
		for seen[field] != "" {
			if s.strict {
				s.fail(p, "the properties %s and %s of %s are both the field %s", seen[field], name, owner, field)
				break
			}
			field += "Field"
		}
		seen[field] = name
		return s.shapeField(name, field, p, isRequired[name], dir)
	})
	if extra := get(n, "additionalProperties"); isMap(extra) {
		set(n, "additionalProperties", s.shapeElements(extra, dir))
	}
}

// shapeField returns the schema of a property that prints as it should.
func (s *shaper) shapeField(name, field string, p *yaml.Node, required bool, dir direction) *yaml.Node {
	sent := dir == request
	nullable := isNullable(p) || isTrue(get(p, extRaw))
	description := ""
	if sent {
		description = limits(p)
	}
	description = fieldComment(s.docs.property(s.place(p)), description)
	absentNull := text(get(p, extNull)) == "absent"
	deprecated := isTrue(get(p, "deprecated"))
	p = s.shapeElements(p, dir)

	goType := s.goType(p)
	isContainer := strings.HasPrefix(goType, "[]") || strings.HasPrefix(goType, "map[") || goType == "any" || goType == "json.RawMessage"
	isZeroable := isContainer || strings.HasPrefix(goType, "api.OneOrMany[") || goType == "api.PolicyValue"

	tag := name
	pointer := false
	switch {
	case goType == "api.File":
		tag = "-"
	case sent && nullable && !required && !absentNull:
		p = external("api.Nullable["+goType+"]", p)
		tag += ",omitzero"
	case isZeroable:
		if !required {
			tag += ",omitzero"
		}
	case !required:
		pointer = true
		tag += ",omitempty"
	case nullable:
		pointer = true
	}
	if get(p, extGoType) == nil && description != "" && isRefOnly(p) {
		// A reference has no comment of its own, a Go type has.
		p = mapping(extGoType, str(refName(p)))
	}
	if get(p, extGoType) != nil {
		typ := text(get(p, extGoType))
		if pointer {
			typ = "*" + typ
		}
		set(p, extGoType, str(typ))
		pointer = false
	}
	if tag == "-" && goType != "api.File" {
		tag = "-,"
	}
	set(p, "x-go-name", str(field))
	set(p, "x-go-type-skip-optional-pointer", boolean(!pointer))
	set(p, "x-oapi-codegen-extra-tags", mapping("json", str(tag)))
	if description != "" {
		set(p, "description", str(description))
	}
	if deprecated {
		set(p, "deprecated", boolean(true))
		set(p, "x-deprecated-reason", str("the document marks it so."))
	}
	if !pointer && isNullable(p) && get(p, extGoType) == nil {
		dropNull(p)
	}
	return p
}

// shapeElements returns what stands for a schema inside another one: free JSON,
// one or many, and the elements of arrays and maps.
func (s *shaper) shapeElements(n *yaml.Node, dir direction) *yaml.Node {
	switch {
	case isTrue(get(n, extRaw)):
		if dir == request {
			return mapping(extGoType, str("any"), extRaw, boolean(true))
		}
		return mapping(extGoType, str("json.RawMessage"), extRaw, boolean(true))
	case get(n, extUnit) != nil:
		return external(units[text(get(n, extUnit))], n)
	case get(n, extOneOrMany) != nil:
		one := s.shapeElements(get(n, extOneOrMany), dir)
		return external("api.OneOrMany["+s.goType(one)+"]", one)
	case get(n, "$ref") != nil || get(n, extGoType) != nil || nullableRef(n) != "":
		return n
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if sub := get(n, key); isMap(sub) {
			set(n, key, s.shapeElements(sub, dir))
		}
	}
	return n
}

// external returns a schema that prints as a type of package api; inner is what
// its type parameter stands for.
func external(goType string, inner *yaml.Node) *yaml.Node {
	n := mapping(extGoType, str(goType), extImport, mapping("path", str(apiPackage), "name", str("api")))
	if containsRaw(inner) {
		set(n, extRaw, boolean(true))
	}
	return n
}

func containsRaw(n *yaml.Node) bool {
	found := isTrue(get(n, extRaw))
	for _, child := range children(n) {
		found = found || containsRaw(child)
	}
	return found
}

const apiPackage = "github.com/misskey-go/misskey/api"

// goType returns the Go type that oapi-codegen prints for a schema, without the
// pointer of what may be missing.
func (s *shaper) goType(n *yaml.Node) string {
	if t := text(get(n, extGoType)); t != "" {
		return t
	}
	if name := nullableRef(n); name != "" {
		return name
	}
	element := func(n *yaml.Node) string {
		if isNullable(n) {
			return "*" + s.goType(n)
		}
		return s.goType(n)
	}
	switch typeOf(n) {
	case "integer":
		if text(get(n, "format")) == "int64" {
			return "int64"
		}
		return "int"
	case "number":
		return "float64"
	case "boolean":
		return "bool"
	case "array":
		return "[]" + element(get(n, "items"))
	case "object":
		if extra := get(n, "additionalProperties"); isMap(extra) {
			return "map[string]" + element(extra)
		}
	case "string":
		if text(get(n, "format")) == "date-time" {
			return "time.Time"
		}
		return "string"
	}
	s.fail(n, "no Go type for %s", canonical(n))
	return "any"
}

// fieldType returns the Go type of a property whose field has been shaped.
func (s *shaper) fieldType(p *yaml.Node) string {
	if isTrue(get(p, "x-go-type-skip-optional-pointer")) {
		return s.goType(p)
	}
	return "*" + s.goType(p)
}

var nullableOf = regexp.MustCompile(`^api\.Nullable\[(\w+)\]$`)

// held returns the type that a field holds as a value, and what that stands for,
// or "".
func (s *shaper) held(p *yaml.Node) (name, component string) {
	goType := text(get(p, extGoType))
	switch m := nullableOf.FindStringSubmatch(goType); {
	case m != nil:
		name = m[1]
	case goType != "":
		name = goType
	case isTrue(get(p, "x-go-type-skip-optional-pointer")):
		name = refName(p)
	}
	component = name
	for range maxDepth {
		next := refName(get(s.schemas(), component))
		if next == "" {
			break
		}
		component = next
	}
	if get(s.schemas(), component) == nil {
		return "", ""
	}
	return name, component
}

// breakCycles makes pointers of the fields through which a struct would contain
// itself.
func (s *shaper) breakCycles() {
	state := map[string]int{} // 1: being visited, 2: done
	var visit func(name string)
	visit = func(name string) {
		state[name] = 1
		for _, p := range pairs(get(s.schemas(), name, "properties")) {
			held, to := s.held(p)
			switch {
			case to == "":
			case state[to] == 0:
				visit(to)
			case state[to] == 1:
				set(p, extGoType, str(strings.Replace(s.goType(p), held, "*"+held, 1)))
				remove(p, "$ref")
			}
		}
		state[name] = 2
	}
	for _, name := range componentNames(s.schemas()) {
		if state[name] == 0 {
			visit(name)
		}
	}
}
