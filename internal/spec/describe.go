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

// A Description says what something means, in two languages.
type Description struct {
	En string `yaml:"en"`
	Ja string `yaml:"ja"`
}

// Descriptions are what the files in docs say: of operations and their
// parameters, components and their properties, values of enums, permissions and
// errors. Documents have no prose of their own here: the importer drops it.
type Descriptions struct {
	Operations map[string]struct {
		Description `yaml:",inline"`
		Request     map[string]Description `yaml:"request"`
		Response    map[string]Description `yaml:"response"`
	} `yaml:"operations"`
	Components map[string]struct {
		Description `yaml:",inline"`
		Properties  map[string]Description `yaml:"properties"`
	} `yaml:"components"`
	Enums  map[string]map[string]Description `yaml:"enums"`
	Common struct {
		Request    map[string]Description `yaml:"request"`
		Properties map[string]Description `yaml:"properties"`
	} `yaml:"common"`
	Permissions map[string]Description `yaml:"permissions"`
	Errors      errorDescriptions      `yaml:"errors"`

	// Of the stream: see package stream and its EVENTS.md.
	Channels map[string]any `yaml:"channels"`
	Events   map[string]any `yaml:"events"`
}

// errorDescriptions are those of error codes, and under ids of single causes.
type errorDescriptions struct {
	IDs   map[string]Description `yaml:"ids"`
	Codes map[string]Description `yaml:",inline"`
}

// BuiltinDescriptions returns our own descriptions, which must not be changed.
var BuiltinDescriptions = sync.OnceValues(func() (*Descriptions, error) {
	d := &Descriptions{}
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
func (d *Descriptions) add(data []byte) error {
	var more Descriptions
	if err := yaml.Unmarshal(data, &more); err != nil {
		return err
	}
	d.join(&more)
	return nil
}

func (d *Descriptions) join(more *Descriptions) {
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
func docs(opts GenerateOptions) (*Descriptions, error) {
	d := &Descriptions{}
	if !opts.NoBuiltin {
		builtin, err := BuiltinDescriptions()
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

// Parameter returns the description of a parameter of an operation, or of a
// property below it: its own, or that of all parameters of the name.
func (d *Descriptions) Parameter(endpoint, path string) Description {
	return firstByPath(path, d.Operations[endpoint].Request, d.Common.Request)
}

// Response returns the description of a property of a response.
func (d *Descriptions) Response(endpoint, path string) Description {
	return firstByPath(path, d.Operations[endpoint].Response, d.Common.Properties)
}

// Property returns the description of a property of a component.
func (d *Descriptions) Property(component, path string) Description {
	return firstByPath(path, d.Components[component].Properties, d.Common.Properties)
}

// Error returns the description of an error: that of its id, or of its code.
func (d *Descriptions) Error(code, id string) Description {
	if cause := d.Errors.IDs[id]; cause.En != "" {
		return cause
	}
	return d.Errors.Codes[code]
}

// property returns the English description of what stands at a place.
func (d *Descriptions) property(at pointer) string {
	p, ok := describedAt(at)
	switch {
	case !ok || p.path == "":
		return ""
	case p.operation == "":
		return line(d.Property(p.component, p.path).En)
	case p.response:
		return line(d.Response(p.operation, p.path).En)
	}
	return line(d.Parameter(p.operation, p.path).En)
}

// enumAt returns the descriptions of the values of the enum at a place.
func (d *Descriptions) enumAt(at pointer, values []string) map[string]Description {
	p, _ := describedAt(at)
	return d.enum(strings.Trim(p.component+p.operation+"."+p.path, "."), values)
}

// enum returns the descriptions of the values of an enum: its own, or those of the
// smallest enum that has all of its values.
func (d *Descriptions) enum(name string, values []string) map[string]Description {
	if found, ok := byPath(d.Enums, name); ok {
		return found
	}
	var smallest map[string]Description
	for _, key := range sortedKeys(d.Enums) {
		enum := d.Enums[key]
		lacks := func(value string) bool { return enum[value].En == "" }
		if !slices.ContainsFunc(values, lacks) && (smallest == nil || len(enum) < len(smallest)) {
			smallest = enum
		}
	}
	return smallest
}

func firstByPath(path string, groups ...map[string]Description) Description {
	for _, group := range groups {
		if found, ok := byPath(group, path); ok {
			return found
		}
	}
	return Description{}
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
