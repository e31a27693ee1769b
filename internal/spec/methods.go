package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Methods that every program would write itself: whether a note is a renote, what
// a user is called, what a thing looks like in one line. They are printed for every
// type that has the properties, whatever its name, so that the bindings of a fork
// have them. A method does without what a fork's document lacks.

// methodKinds say by their properties which types are notes, and so on.
var methodKinds = []struct {
	kind       string
	properties []string
}{
	{"note", []string{"id", "userId", "text", "renoteId"}}, // a draft, too
	{"user", []string{"id", "username", "host"}},
	{"file", []string{"id", "name", "type", "size", "md5"}},
	{"notification", []string{"id", "createdAt", "type", "note", "reaction"}},
}

// A subject is a Go expression for a struct that methods are about.
type subject struct {
	s    *shaper
	node *yaml.Node
	Kind string
	Type string
	Expr string // the receiver of a method, or a field of it
}

// findMethods finds the types that get methods.
func (s *shaper) findMethods() {
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		kind := s.methodKind(n)
		if kind == "" || s.dirs[name]&response == 0 {
			continue
		}
		// A struct has the methods of what it embeds.
		if part := text(get(n, extEmbed)); part == "" || s.methodKind(get(s.schemas(), part)) != kind {
			s.methods = append(s.methods, &subject{s, n, kind, name, kind[:1]})
		}
	}
}

// methodKind returns the kind of a struct, or "".
func (s *shaper) methodKind(n *yaml.Node) string {
	properties := s.propertyNames(n)
	for _, k := range methodKinds {
		if !slices.ContainsFunc(k.properties, func(name string) bool { return !slices.Contains(properties, name) }) {
			return k.kind
		}
	}
	return ""
}

// Has reports whether there is a property.
func (m *subject) Has(name string) bool { return m.s.property(m.node, name) != nil }

// Free reports whether a method can have a name, because no field has it.
func (m *subject) Free(method string) bool {
	return !m.s.hasField(m.node, method) && text(get(m.node, extEmbed)) != method
}

// field returns the Go expression for a property, and its type.
func (m *subject) field(name string) (expr, goType string) {
	p := m.s.property(m.node, name)
	if p == nil {
		return "", ""
	}
	return m.Expr + "." + text(get(p, "x-go-name")), m.s.fieldType(p)
}

// IsPointer reports whether a property may be nil.
func (m *subject) IsPointer(name string) bool {
	_, goType := m.field(name)
	return strings.HasPrefix(goType, "*")
}

// Part returns a property that is a subject itself, or nil.
func (m *subject) Part(name, kind string) *subject {
	expr, goType := m.field(name)
	goType = strings.TrimPrefix(goType, "*")
	if n := get(m.s.schemas(), goType); n != nil && m.s.methodKind(n) == kind {
		return &subject{m.s, n, kind, goType, expr}
	}
	return nil
}

// Len returns the Go expression for the number of elements of a property, or 0.
func (m *subject) Len(name string) string {
	if expr, goType := m.field(name); strings.HasPrefix(goType, "[]") {
		return "len(" + expr + ")"
	}
	return "0"
}

// Int returns the Go expression for a property as an int64, or 0.
func (m *subject) Int(name string) string {
	expr, goType := m.field(name)
	if base, ok := strings.CutPrefix(goType, "*"); ok {
		expr, goType = fmt.Sprintf("api.Or(%s, 0)", expr), base
	}
	switch goType {
	case "int64":
		return expr
	case "int", "float64":
		return "int64(" + expr + ")"
	}
	return "0"
}

// Flag returns the Go expression for a property as a bool, or false.
func (m *subject) Flag(name string) string {
	switch expr, goType := m.field(name); goType {
	case "bool":
		return expr
	case "*bool":
		return fmt.Sprintf("api.Or(%s, false)", expr)
	}
	return "false"
}

// Text returns the Go expression for a property as a string, or "".
func (m *subject) Text(name string) string {
	expr, goType := m.field(name)
	base, isPointer := strings.CutPrefix(goType, "*")
	if base != "string" && (get(m.s.schemas(), base) == nil || m.s.goType(get(m.s.schemas(), base)) != "string") {
		return `""`
	}
	if isPointer {
		expr = fmt.Sprintf(`api.Or(%s, "")`, expr)
	}
	if base != "string" {
		expr = "string(" + expr + ")"
	}
	return expr
}

// Set returns the Go expression for whether a property is there.
func (m *subject) Set(name string) string { return m.test(name, "!=", ">", "false") }

// Unset returns the Go expression for whether a property is not there.
func (m *subject) Unset(name string) string { return m.test(name, "==", "==", "true") }

func (m *subject) test(name, operator, length, otherwise string) string {
	expr, goType := m.field(name)
	switch {
	case strings.HasPrefix(goType, "*"):
		return fmt.Sprintf("%s %s nil", expr, operator)
	case strings.HasPrefix(goType, "[]"):
		return fmt.Sprintf("len(%s) %s 0", expr, length)
	case goType == "string":
		return fmt.Sprintf(`%s %s ""`, expr, operator)
	}
	return otherwise
}

// ownContent is what makes a quote of a renote.
// (backend/src/misc/is-renote.ts, Misskey 2025.11.1.)
var ownContent = []string{"text", "cw", "replyId", "fileIds", "poll"}

// IsRenote returns the Go expression for whether a note is a renote and nothing else.
func (m *subject) IsRenote() string {
	return strings.Join(append([]string{m.Set("renoteId")}, m.tests(m.Unset)...), " && ")
}

// IsQuote returns the Go expression for whether a note is a renote and more.
func (m *subject) IsQuote() string {
	return m.Set("renoteId") + " && (" + strings.Join(m.tests(m.Set), " || ") + ")"
}

// tests returns the tests of the properties of ownContent that there are.
func (m *subject) tests(test func(string) string) []string {
	var terms []string
	for _, name := range ownContent {
		if term := test(name); term != "true" && term != "false" {
			terms = append(terms, term)
		}
	}
	return terms
}
