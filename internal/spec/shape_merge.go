package spec

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mergeEqual makes one type of those that are equal: the document repeats its
// inline schemas up to fifty times, and a value of one could not be used where
// another is wanted. A component of the document gives the name, else the name
// table, else the shortest one does. Requests stay, each has its own name.
func (s *shaper) mergeEqual() {
	for {
		groups := map[string][]string{}
		for _, name := range componentNames(s.schemas()) {
			if s.roots[name] && s.dirs[name] == request {
				continue
			}
			key := s.shapeKey(get(s.schemas(), name))
			groups[key] = append(groups[key], name)
		}
		replaced := map[string]string{}
		for _, key := range sortedKeys(groups) {
			group := groups[key]
			keep := s.bestName(group)
			for _, name := range group {
				bothRoots := s.roots[name] && s.roots[keep]
				if name != keep && !bothRoots {
					replaced[name] = keep
					keepCommonComments(get(s.schemas(), keep), get(s.schemas(), name))
				}
			}
		}
		if len(replaced) == 0 {
			break
		}
		for name, to := range replaced {
			s.dirs[to] |= s.dirs[name]
			s.merged[name] = to
			remove(s.schemas(), name)
		}
		s.replaceTypes(replaced)
	}
	// What was several arms of a union may have become one.
	s.walkAll(func(n *yaml.Node) {
		seen := map[string]bool{}
		if arms := get(n, "oneOf"); arms != nil {
			arms.Content = slices.DeleteFunc(arms.Content, func(arm *yaml.Node) bool {
				again := seen[canonical(arm)]
				seen[canonical(arm)] = true
				return again
			})
		}
	})
	s.prune()
}

// shapeKey returns a text that two types share exactly if they are the same but
// for their name.
func (s *shaper) shapeKey(n *yaml.Node) string {
	if values := texts(get(n, "enum")); values != nil {
		names := texts(get(n, "x-enum-varnames"))
		var parts []string
		for i, v := range values {
			parts = append(parts, v+"="+names[i])
		}
		slices.Sort(parts)
		return "enum " + strings.Join(parts, "\x00")
	}
	n = clone(n)
	remove(n, extComment, extKeep, extExtends, extValues)
	for name, p := range pairs(get(n, "properties")) {
		// The limits of a field do not make another type.
		set(get(n, "properties"), name, sequence(
			str(s.goType(p)), boolean(isNullable(p)), get(p, "x-go-name"),
			get(p, "x-go-type-skip-optional-pointer"), get(p, "x-oapi-codegen-extra-tags")))
	}
	return canonical(n)
}

// keepCommonComments takes from the fields of a type the comments that are not
// true of the fields of another that it stands for.
func keepCommonComments(keep, other *yaml.Node) {
	for name, p := range pairs(get(keep, "properties")) {
		if canonical(get(p, "description")) != canonical(get(other, "properties", name, "description")) {
			remove(p, "description")
		}
	}
}

// bestName returns the name that a group of equal types goes by.
func (s *shaper) bestName(group []string) string {
	rank := func(name string) int {
		switch {
		case s.names.chosen[name]:
			return 0
		case !s.hoisted[name]:
			return 1
		case !s.roots[name]:
			return 2
		}
		return 3
	}
	return slices.MinFunc(group, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

var typeName = regexp.MustCompile(`(^|[^.\w])([A-Z]\w*)`)

// replaceTypes changes the names of types wherever they stand.
func (s *shaper) replaceTypes(replaced map[string]string) {
	s.walkAll(func(n *yaml.Node) {
		if to, ok := replaced[refName(n)]; ok {
			set(n, "$ref", str(schemaRef+to))
		}
		renameExtended(n, replaced)
		if goType := get(n, extGoType); goType != nil {
			set(n, extGoType, str(typeName.ReplaceAllStringFunc(goType.Value, func(m string) string {
				parts := typeName.FindStringSubmatch(m)
				if to, ok := replaced[parts[2]]; ok {
					return parts[1] + to
				}
				return m
			})))
		}
	})
}
