package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A union whose arms a property tells apart is one struct, in which a program has to
// know which fields a kind has. For each arm there is also a type with exactly its
// fields, and a method Content that returns it. Which arms there are is noted where
// unions are joined; the types are described when the fields of the struct have theirs.

// kindsOf returns what is to be known of the arms of a union.
func (j *joiner) kindsOf(property string, base *yaml.Node, arms, resolved []*yaml.Node) *yaml.Node {
	list := sequence()
	for i, arm := range resolved {
		fields := mapping()
		required := append(texts(get(arm, "required")), texts(get(base, "required"))...)
		for _, part := range []*yaml.Node{base, arm} {
			for name, p := range pairs(get(part, "properties")) {
				field := mapping("required", boolean(slices.Contains(required, name) && !isNullable(p)))
				if to := refName(p); to != "" {
					set(field, "ref", ref(to))
				}
				set(fields, name, field)
			}
		}
		list.Content = append(list.Content, mapping(
			"name", str(refName(arms[i])), "values", stringSeq(texts(get(arm, "properties", property, "enum"))), "fields", fields))
	}
	return mapping("property", str(property), "arms", list)
}

// kindRefs returns the references that the arms of a union have, for those passes
// that change names.
func kindRefs(n *yaml.Node) []*yaml.Node {
	var refs []*yaml.Node
	for _, arm := range items(get(n, extKinds, "arms")) {
		for _, field := range pairs(get(arm, "fields")) {
			if r := get(field, "ref"); r != nil {
				refs = append(refs, r)
			}
		}
	}
	return refs
}

// A union is a struct for several kinds of things.
type union struct {
	Type  string
	Base  string // what the names of its kinds end in
	Field string // the Go expression for what tells the kinds apart
	Enum  string // the Go type of that
	Raw   bool   // keeps the JSON of a kind that is not known
	Arms  []unionArm
}

type unionArm struct {
	Type      string
	Values    []string
	Constants []string
	Fields    []armField
}

type armField struct{ Name, Type, Tag, Expr string }

// findUnions describes the types for the kinds of unions.
func (s *shaper) findUnions() {
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		if get(n, extKinds) == nil || s.dirs[name]&response == 0 {
			continue
		}
		u := s.union(name, n)
		if u == nil {
			continue
		}
		names := u.names()
		taken := slices.IndexFunc(names, s.isTaken)
		switch {
		case taken < 0:
			s.unions = append(s.unions, u)
			for _, n := range names {
				s.reserved[n] = "a kind of " + name
			}
		case s.strict:
			s.errs = append(s.errs, fmt.Errorf("no types for the kinds of %s: the name %s is taken; give the other an entry in names.yaml", name, names[taken]))
		}
	}
}

func (u *union) names() []string {
	names := []string{u.Base + "Content", "Unknown" + u.Base}
	for _, arm := range u.Arms {
		names = append(names, arm.Type)
	}
	return names
}

// union describes a union, or returns nil if its kinds have no types: where no enum
// tells them apart, where one has several values and no name, or where a field is
// called Content.
func (s *shaper) union(name string, n *yaml.Node) *union {
	property := text(get(n, extKinds, "property"))
	p := s.property(n, property)
	enum := strings.TrimPrefix(s.fieldType(p), "*")
	values, constants := texts(get(s.schemas(), enum, "enum")), texts(get(s.schemas(), enum, "x-enum-varnames"))
	if len(values) == 0 || s.hasField(n, "Content") || isMap(get(n, "additionalProperties")) {
		return nil
	}
	u := &union{Type: name, Base: strings.TrimSuffix(name, "Response"), Enum: enum, Raw: true}
	u.Field = s.unwrapped("v", p)
	for _, arm := range items(get(n, extKinds, "arms")) {
		a := unionArm{Values: texts(get(arm, "values"))}
		for _, v := range a.Values {
			i := slices.Index(values, v)
			if i < 0 {
				return nil
			}
			a.Constants = append(a.Constants, enum+constants[i])
		}
		switch component := text(get(arm, "name")); {
		case component != "":
			a.Type = s.names.apply(identifier(goName(component)))
		case len(a.Values) == 1:
			a.Type = identifier(goName(a.Values[0]) + u.Base)
		default:
			return nil
		}
		for field, f := range pairs(get(arm, "fields")) {
			if field == property {
				if len(a.Values) == 1 {
					continue // the type says it
				}
				set(f, "required", boolean(true))
			}
			if p := s.property(n, field); p != nil {
				a.Fields = append(a.Fields, s.armField(field, f, p))
			}
		}
		slices.SortFunc(a.Fields, func(a, b armField) int { return strings.Compare(a.Name, b.Name) })
		u.Arms = append(u.Arms, a)
	}
	names := u.names()
	if slices.Sort(names); len(slices.Compact(names)) < len(u.Arms)+2 {
		return nil
	}
	return u
}

// armField describes a field that a kind has in common with the union, which has p.
func (s *shaper) armField(name string, field, p *yaml.Node) armField {
	f := armField{Name: text(get(p, "x-go-name")), Type: s.fieldType(p), Expr: "v." + text(get(p, "x-go-name"))}
	required := isTrue(get(field, "required"))
	base, isPointer := strings.CutPrefix(f.Type, "*")
	f.Tag = name
	switch {
	case isPointer && required:
		f.Type, f.Expr = base, "valueOf("+f.Expr+")"
	case isPointer:
		f.Tag += ",omitempty"
	case !required:
		f.Tag += ",omitzero"
	}
	// Where the union has one of several types, the kind has its own.
	own := refName(get(field, "ref"))
	if isPointer || own == "" || f.Type == own {
		return f
	}
	for _, arm := range items(get(s.schemas(), f.Type, "oneOf")) {
		if refName(arm) == own {
			f.Type, f.Expr = own, "orZero("+f.Expr+".As"+own+"())"
		}
	}
	return f
}

// unwrapped returns the Go expression for a field of v that may be a pointer.
func (s *shaper) unwrapped(v string, p *yaml.Node) string {
	expr := v + "." + text(get(p, "x-go-name"))
	if strings.HasPrefix(s.fieldType(p), "*") {
		return "valueOf(" + expr + ")"
	}
	return expr
}

// Kinds lists the types of the kinds in a sentence.
func (u *union) Kinds() string {
	var names []string
	for _, name := range u.names()[2:] {
		names = append(names, "*["+name+"]")
	}
	return strings.Join(append(names, "or *[Unknown"+u.Base+"]"), ", ")
}

// ContentComment returns the doc comment of the method Content, with slashes.
func (u *union) ContentComment() string {
	return "// " + strings.Join(wrap("Content returns what v holds, with the fields of its kind and no others: "+u.Kinds()+"."), "\n// ")
}

// Article returns the word before the name of the union.
func (u *union) Article() string { return article(strings.ToLower(u.Type)) }

// Told says which values a kind has.
func (a unionArm) Told() string { return line(`"` + strings.Join(a.Values, `" or "`) + `"`) }

// AllConstants returns the constants of the kinds that are known.
func (u *union) AllConstants() string {
	var all []string
	for _, arm := range u.Arms {
		all = append(all, arm.Constants...)
	}
	return strings.Join(all, ", ")
}
