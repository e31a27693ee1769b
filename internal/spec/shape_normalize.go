package spec

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// normalize gives every schema one form, because documents say the same thing
// in several ways: an enum that lists null, const for an enum of one, a $ref
// with siblings, 3.0's nullable, a type that the other keywords imply. What
// only checks values (if, not, dependentRequired, …) says nothing about types
// and goes.
func (s *shaper) normalize() {
	done := map[*yaml.Node]bool{}
	for more := true; more; { // normalizing a $ref can make a component
		more = false
		for _, sl := range s.slots() {
			if n := sl.schema(); n.Kind == yaml.ScalarNode {
				sl.replace(mapping())
			}
			if n := sl.schema(); !done[n] {
				done[n], more = true, true
				s.normalizeBelow(n, 0)
			}
		}
	}
}

// maxDepth bounds the nesting of schemas, so that a hostile document ends in a
// message.
const maxDepth = 200

func (s *shaper) normalizeBelow(n *yaml.Node, depth int) {
	if depth > maxDepth {
		s.fail(n, "schemas are nested more than %d deep", maxDepth)
		return
	}
	if get(n, extGoType) != nil {
		// A type that is written by hand; the rest is for misskeytest.
		remove(n, "oneOf", "anyOf", "allOf", "items", "prefixItems", "properties", "minItems", "maxItems")
		return
	}
	for _, holder := range []*yaml.Node{n, get(n, "properties")} {
		for key, sub := range pairs(holder) {
			isSchema := holder != n || key == "items" || key == "additionalProperties" && text(sub) == "true"
			if isSchema && sub.Kind == yaml.ScalarNode {
				set(holder, key, mapping()) // the schemas true and false
			}
		}
	}
	s.normalizeOne(n)
	for _, child := range children(n) {
		s.normalizeBelow(child, depth+1)
	}
}

func (s *shaper) normalizeOne(n *yaml.Node) {
	nullable := isTrue(get(n, "nullable"))
	remove(n, "if", "then", "else", "not", "dependentRequired", "dependentSchemas", "unevaluatedItems",
		"unevaluatedProperties", "contains", "minContains", "maxContains", "propertyNames", "$comment", "title",
		"example", "examples", "readOnly", "writeOnly", "discriminator", "nullable", "xml", "externalDocs",
		"contentMediaType", "contentEncoding", "contentSchema", "$schema", "$id", "$anchor", "description", "summary")

	if get(n, "$ref") != nil {
		s.normalizeRef(n)
		if nullable {
			setNullable(n)
		}
		return
	}
	if required := get(n, "required"); isSeq(required) { // a set: the overlay appends to it
		names := texts(required)
		slices.Sort(names)
		set(n, "required", stringSeq(slices.Compact(names)))
	}
	if c := get(n, "const"); c != nil {
		set(n, "enum", sequence(c))
		remove(n, "const")
	}
	if patterns := get(n, "patternProperties"); patterns != nil {
		if len(patterns.Content) == 2 && get(n, "additionalProperties") == nil {
			set(n, "additionalProperties", patterns.Content[1])
		}
		remove(n, "patternProperties")
	}
	if text(get(n, "additionalProperties")) == "false" {
		remove(n, "additionalProperties")
	}
	for name, p := range pairs(get(n, "properties")) {
		if !taggable(name) {
			s.leaveOut(s.place(p), fmt.Sprintf("encoding/json has no field for a property called %q", name))
			remove(get(n, "properties"), name)
		}
	}
	s.inferType(n)
	s.normalizeType(n)
	s.normalizeFormat(n)
	s.normalizeEnum(n)
	if nullable {
		setNullable(n)
	}
	s.normalizeTuple(n)

	types := slices.DeleteFunc(texts(get(n, "type")), func(t string) bool { return t == "null" })
	if len(types) > 1 {
		slices.Sort(types)
		if slices.Equal(types, []string{"integer", "number"}) {
			nullable := isNullable(n)
			set(n, "type", str("number"))
			if nullable {
				setNullable(n)
			}
			return
		}
		s.giveUp(n, "a value of one of the types %s", strings.Join(types, ", "))
	}
}

// normalizeRef makes of a $ref with siblings that matter an allOf, and of the
// place that it leads to a component.
func (s *shaper) normalizeRef(n *yaml.Node) {
	if name := refName(n); name != "" && get(s.schemas(), name) == nil {
		// The importer refuses such; an overlay made for Misskey brings them to
		// the document of a fork.
		s.giveUp(n, "a $ref to the component %s, which there is not", name)
		return
	}
	if refName(n) == "" {
		to := text(get(n, "$ref"))
		found := resolveRef(s.doc, to)
		if !isMap(found) || found == n {
			s.giveUp(n, "a $ref to %s", to)
			return
		}
		if refName(found) == "" {
			s.makeComponent(found, to)
		}
		set(n, "$ref", str(schemaRef+refName(found)))
	}
	var siblings []any
	nullable := slices.Contains(texts(get(n, "type")), "null")
	for key, value := range pairs(n) {
		switch {
		case key == "$ref" || key == "type" || key == "default" || strings.HasPrefix(key, "x-"):
		case key == "deprecated" || strings.HasPrefix(key, "min") || strings.HasPrefix(key, "max"):
		default:
			siblings = append(siblings, key, value)
		}
	}
	if len(siblings) == 0 {
		for key := range pairs(n) {
			if key != "$ref" && key != "deprecated" && !strings.HasPrefix(key, "x-") {
				remove(n, key)
			}
		}
		if nullable {
			setNullable(n)
		}
		return
	}
	target := mapping("$ref", get(n, "$ref"))
	become(n, mapping("allOf", sequence(target, mapping(siblings...))))
	if nullable {
		set(n, "type", stringSeq([]string{"object", "null"}))
	}
}

// makeComponent moves a schema to the components and leaves a $ref to it. Its
// name is that of the place: what is in it but for the keywords.
func (s *shaper) makeComponent(n *yaml.Node, ref string) {
	name := ""
	to, _ := refPointer(ref) // the importer has read it
	for _, key := range to.keys() {
		if !slices.Contains([]string{"components", "schemas", "paths", "post", "content", "application/json", "schema", "properties"}, key) {
			name += goName(key)
		}
	}
	for name = identifier(name); get(s.schemas(), name) != nil; {
		name += "Schema"
	}
	component := *n
	s.origin[&component] = s.place(n)
	set(s.schemas(), name, &component)
	become(n, mapping("$ref", str(schemaRef+name)))
}

// inferType adds the type that other keywords imply.
func (s *shaper) inferType(n *yaml.Node) {
	if get(n, "type") != nil {
		return
	}
	switch {
	case get(n, "properties") != nil || isMap(get(n, "additionalProperties")):
		set(n, "type", str("object"))
	case get(n, "items") != nil || get(n, "prefixItems") != nil:
		set(n, "type", str("array"))
	}
}

// normalizeType takes away what belongs to another type.
func (s *shaper) normalizeType(n *yaml.Node) {
	var others []string
	switch typeOf(n) {
	case "object":
		others = []string{"items", "prefixItems", "format"}
	case "array":
		others = []string{"properties", "additionalProperties", "required", "format"}
	case "string", "integer", "number", "boolean":
		others = []string{"properties", "additionalProperties", "required", "items", "prefixItems"}
	case "":
	default:
		s.giveUp(n, "the type %q", typeOf(n))
	}
	remove(n, others...)
}

// taggable reports whether encoding/json can have a field for a property.
func taggable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// normalizeFormat leaves the one format of strings that changes the Go type.
func (s *shaper) normalizeFormat(n *yaml.Node) {
	if typeOf(n) != "string" {
		return
	}
	switch text(get(n, "format")) {
	case "", "date-time":
	default:
		remove(n, "format")
	}
}

// normalizeEnum leaves an enum of strings, each once and without null. Other
// enums say nothing to Go that their type does not.
func (s *shaper) normalizeEnum(n *yaml.Node) {
	enum := get(n, "enum")
	if enum == nil {
		return
	}
	var values []string
	null, others := false, ""
	for _, v := range items(enum) {
		switch v.Tag {
		case "!!null":
			null = true
		case "!!str":
			if !slices.Contains(values, v.Value) {
				values = append(values, v.Value)
			}
		case "!!int":
			others = "integer"
		case "!!float":
			others = "number"
		case "!!bool":
			others = "boolean"
		default:
			others = "object"
		}
	}
	t := typeOf(n)
	if t == "" && get(n, "type") == nil {
		switch {
		case len(values) > 0 && others == "":
			t = "string"
		case len(values) == 0 && others != "":
			t = others
		}
		if t != "" {
			set(n, "type", str(t))
		}
	}
	remove(n, "enum")
	if t == "string" && len(values) > 0 && others == "" && !slices.ContainsFunc(values, unprintable) {
		set(n, "enum", stringSeq(values))
	}
	if null {
		setNullable(n)
	}
}

// unprintable reports whether oapi-codegen refuses to print a value.
func unprintable(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r == '"' || r == '`' || r == '\\' || r < ' ' || r == 0x7f })
}

// normalizeTuple makes of a tuple whose elements are all alike an array.
func (s *shaper) normalizeTuple(n *yaml.Node) {
	elements := items(get(n, "prefixItems"))
	if len(elements) == 0 {
		return
	}
	for _, e := range elements[1:] {
		if canonical(e) != canonical(elements[0]) {
			s.giveUp(n, "a tuple of different types")
			return
		}
	}
	remove(n, "prefixItems")
	if rest := get(n, "items"); rest == nil || isFree(rest) { // what may follow, mostly nothing
		set(n, "items", elements[0])
	}
}
