package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// nameConstants names the constants of an enum, because oapi-codegen numbers
// those that differ in nothing but punctuation: "+createdAt" and "-createdAt"
// are CreatedAtDesc and CreatedAtAsc (+ means descending, protocol A.11).
func (s *shaper) nameConstants(owner string, n *yaml.Node) {
	values := texts(get(n, "enum"))
	names := texts(get(n, "x-enum-varnames"))
	if len(names) != len(values) {
		names = nil
		for _, v := range values {
			names = append(names, constantName(v))
		}
	}
	for i, name := range names {
		for slices.Contains(names[:i], name) {
			if s.strict {
				s.fail(n, "values %q and %q of %s are both the constant %s", values[slices.Index(names, name)], values[i], owner, name)
				return
			}
			name += "Value"
		}
		names[i] = name
	}
	set(n, "x-enum-varnames", stringSeq(names))
}

func constantName(value string) string {
	switch {
	case value == "":
		return "Empty"
	case strings.HasPrefix(value, "+"):
		return goName(value[1:]) + "Desc"
	case strings.HasPrefix(value, "-") && len(value) > 1:
		return goName(value[1:]) + "Asc"
	case value == "*":
		return "Any"
	}
	if name := goName(value); name != "" {
		return name
	}
	var b strings.Builder
	for _, r := range value {
		word, ok := symbols[r]
		if !ok {
			word = fmt.Sprintf("U%04X", r)
		}
		b.WriteString(word)
	}
	return b.String()
}

// symbols are the names of characters of which a value may consist.
var symbols = map[rune]string{
	'+': "Plus", '-': "Minus", '<': "Less", '>': "Greater", '=': "Equal", '!': "Not", '?': "Question", '/': "Slash",
	'.': "Dot", '_': "Underscore", ' ': "Space",
}

// sortedEnum returns the values of an enum in an order that two enums of the
// same values share.
func sortedEnum(n *yaml.Node) []string {
	return slices.Sorted(slices.Values(texts(get(n, "enum"))))
}
