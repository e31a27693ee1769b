package spec

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

//go:embed docs/*.yaml
var builtinDocs embed.FS

// A description says what something means, in two languages.
type description struct {
	En string `yaml:"en"`
	Ja string `yaml:"ja"`
}

// descriptions are what the files in docs say: of operations and their
// parameters, components and their properties, values of enums, permissions and
// errors. Documents have no prose of their own here: the importer drops it.
type descriptions struct {
	Operations map[string]struct {
		description `yaml:",inline"`
		Request     map[string]description `yaml:"request"`
		Response    map[string]description `yaml:"response"`
	} `yaml:"operations"`
	Components map[string]struct {
		description `yaml:",inline"`
		Properties  map[string]description `yaml:"properties"`
	} `yaml:"components"`
	Enums  map[string]map[string]description `yaml:"enums"`
	Common struct {
		Request    map[string]description `yaml:"request"`
		Properties map[string]description `yaml:"properties"`
	} `yaml:"common"`
	Permissions map[string]description `yaml:"permissions"`
	Errors      errorDescriptions      `yaml:"errors"`

	// Of the stream: see package stream and its EVENTS.md.
	Channels map[string]any `yaml:"channels"`
	Events   map[string]any `yaml:"events"`
}

// errorDescriptions are those of error codes, and under ids of single causes.
type errorDescriptions struct {
	IDs   map[string]description `yaml:"ids"`
	Codes map[string]description `yaml:",inline"`
}

var readBuiltinDocs = sync.OnceValues(func() (*descriptions, error) {
	d := &descriptions{}
	files, err := fs.Glob(builtinDocs, "docs/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		data, err := builtinDocs.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := d.add(data); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return d, nil
})

// add adds what a file says. Where it describes something again, it wins.
func (d *descriptions) add(data []byte) error {
	var more descriptions
	if err := yaml.Unmarshal(data, &more); err != nil {
		return err
	}
	d.join(&more)
	return nil
}

func (d *descriptions) join(more *descriptions) {
	join(&d.Operations, more.Operations)
	join(&d.Components, more.Components)
	join(&d.Enums, more.Enums)
	join(&d.Common.Request, more.Common.Request)
	join(&d.Common.Properties, more.Common.Properties)
	join(&d.Permissions, more.Permissions)
	join(&d.Errors.IDs, more.Errors.IDs)
	join(&d.Errors.Codes, more.Errors.Codes)
	join(&d.Channels, more.Channels)
	join(&d.Events, more.Events)
}

func join[T any](to *map[string]T, more map[string]T) {
	if *to == nil {
		*to = map[string]T{}
	}
	for key, v := range more {
		(*to)[key] = v
	}
}

// docs returns the descriptions for a document: the built-in ones and what the
// options add.
func docs(opts GenerateOptions) (*descriptions, error) {
	d := &descriptions{}
	if !opts.NoBuiltin {
		builtin, err := readBuiltinDocs()
		if err != nil {
			return nil, err
		}
		if opts.Docs == nil {
			return builtin, nil
		}
		d.join(builtin)
	}
	if opts.Docs != nil {
		if err := d.add(opts.Docs); err != nil {
			return nil, fmt.Errorf("reading the descriptions: %w", err)
		}
	}
	return d, nil
}

// A describedPlace is a place of the document in the terms of descriptions.
type describedPlace struct {
	operation, component string
	response             bool
	path                 string // of properties, such as poll.choices[].text
}

// describedAt reads a pointer.
func describedAt(at pointer) (p describedPlace, ok bool) {
	segments := strings.Split(strings.TrimPrefix(string(at), "#/"), "/")
	for i := range segments {
		segments[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(segments[i])
	}
	switch {
	case len(segments) >= 3 && segments[0] == "components" && segments[1] == "schemas":
		p.component, segments = segments[2], segments[3:]
	case len(segments) >= 3 && segments[0] == "paths":
		p.operation = strings.TrimPrefix(segments[1], "/")
		p.response = slices.Contains(segments, "responses")
		i := slices.Index(segments, "schema")
		if i < 0 {
			return p, false
		}
		segments = segments[i+1:]
	default:
		return p, false
	}
	for i := 0; i < len(segments); i++ {
		switch segments[i] {
		case "properties":
			if i++; i < len(segments) {
				if p.path != "" {
					p.path += "."
				}
				p.path += segments[i]
			}
		case "items":
			p.path += "[]"
		case "additionalProperties":
			p.path += "{}"
		case "oneOf", "anyOf", "allOf":
			i++ // the arm
		}
	}
	return p, true
}

// property returns the description of a property or a parameter.
func (d *descriptions) property(at pointer) string {
	p, ok := describedAt(at)
	if !ok || p.path == "" {
		return ""
	}
	own, common := d.Components[p.component].Properties, d.Common.Properties
	if p.operation != "" {
		operation := d.Operations[p.operation]
		own = operation.Response
		if !p.response {
			own, common = operation.Request, d.Common.Request
		}
	}
	if found, ok := byPath(own, p.path); ok {
		return line(found.En)
	}
	found, _ := byPath(common, p.path)
	return line(found.En)
}

// values returns the descriptions of the values of an enum.
func (d *descriptions) values(at pointer, values []string) map[string]description {
	p, _ := describedAt(at)
	name := p.component
	if p.operation != "" {
		name = p.operation
	}
	if p.path != "" {
		name += "." + p.path
	}
	if found, ok := byPath(d.Enums, name); ok {
		return found
	}
	var smallest map[string]description
	for _, key := range sortedKeys(d.Enums) {
		enum := d.Enums[key]
		lacks := func(value string) bool { return enum[value].En == "" }
		if !slices.ContainsFunc(values, lacks) && (smallest == nil || len(enum) < len(smallest)) {
			smallest = enum
		}
	}
	return smallest
}

// byPath finds what stands at a path or at its last segments: at the most of them.
// In a key, * stands for one segment.
func byPath[T any](entries map[string]T, path string) (found T, ok bool) {
	segments := strings.Split(path, ".")
	for i := range segments {
		if found, ok = entries[strings.Join(segments[i:], ".")]; ok {
			return found, true
		}
		for _, key := range sortedKeys(entries) {
			if strings.Contains(key, "*") && slices.EqualFunc(strings.Split(key, "."), segments[i:], matchesSegment) {
				return entries[key], true
			}
		}
	}
	return found, false
}

func matchesSegment(pattern, segment string) bool { return pattern == "*" || pattern == segment }

// isWhat makes a predicate of the description of a type: "A note." becomes "is a
// note.".
func isWhat(what string) string {
	if rest, ok := strings.CutPrefix(what, "That "); ok {
		return "reports that " + rest
	}
	return "is " + lowerFirst(what)
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) {
		return s // an abbreviation
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// fieldMark stands before the comment of a field that does not begin with the name
// of the field, which oapi-codegen puts before each.
const fieldMark = "\u2060"

var markedField = regexp.MustCompile(`(?m)^([ \t]*// )\w+ ` + fieldMark)

// unmarkFields takes the names off that stand before marked comments.
func unmarkFields(code string) string { return markedField.ReplaceAllString(code, "$1") }

// fieldComment returns the comment of a field: what it means, and its limits,
// which follow its name where they stand alone. That it is deprecated is a
// paragraph of its own.
func fieldComment(what, limits string) string {
	if what == "" {
		return limits
	}
	what, deprecated, isDeprecated := strings.Cut(what, "Deprecated: ")
	if limits != "" {
		what += " It " + limits
	}
	lines := wrap(what)
	if isDeprecated {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, wrap("Deprecated: "+deprecated)...)
	}
	return fieldMark + strings.Join(lines, "\n")
}
