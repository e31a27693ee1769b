package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A list is what the templates print of an operation whose response goes on on
// further pages.
type list struct {
	Item         string // Go type
	Cursor       bool   // pages are asked for by id, else by offset
	SinceID      string // fields of the request; empty where it lacks them
	UntilID      string
	SinceDate    string
	UntilDate    string
	Offset       string
	Limit        string
	MaxLimit     string
	ID           string // fields of an item; empty where it lacks them
	Time         string
	DatesCombine bool
}

// findList reports whether the response of an operation goes on on further pages,
// which its parameters show, or why it does not.
func (s *shaper) findList(n *yaml.Node, o *operation) (l *list, whyNot string) {
	_, holder := content(get(n, "requestBody"))
	parameters := s.target(get(holder, "schema"))
	_, holder = content(get(n, "responses", "200"))
	answer := get(holder, "schema")
	item, isList := strings.CutPrefix(o.Result, "[]")

	field := func(of *yaml.Node, name, goType string) string {
		p := s.property(of, name)
		if p == nil || s.fieldType(p) != goType {
			return ""
		}
		return text(get(p, "x-go-name"))
	}
	l = &list{
		Item:      item,
		SinceID:   field(parameters, "sinceId", "*string"),
		UntilID:   field(parameters, "untilId", "*string"),
		SinceDate: field(parameters, "sinceDate", "*api.UnixMilli"),
		UntilDate: field(parameters, "untilDate", "*api.UnixMilli"),
		Offset:    field(parameters, "offset", "*int"),
		Limit:     field(parameters, "limit", "*int"),
		MaxLimit:  text(get(parameters, "properties", "limit", "maximum")),

		DatesCombine: isTrue(get(n, extDatesCombine)),
	}
	element := s.target(get(answer, "items"))
	l.ID = field(element, "id", "string")
	l.Time = field(element, "createdAt", "time.Time")
	l.Cursor = l.UntilID != "" && l.ID != ""
	switch {
	case l.UntilID == "" && l.Offset == "":
		return nil, "takes neither a cursor nor an offset"
	case !isList:
		return nil, "does not respond with a list"
	case slices.ContainsFunc(s.operations, func(other *operation) bool { return other.Name == o.Name+"All" }):
		return nil, "has beside it an endpoint whose method has the iterator's name"
	case text(get(n, extPaging)) == "false":
		return nil, "has no pages, says the overlay"
	case !l.Cursor && l.Offset == "":
		return nil, "has items without an id"
	}
	return l, ""
}

// Comment returns the doc comment of the iterator, with slashes.
func (o *operation) ListComment() string {
	order := "page after page."
	switch {
	case o.List.Cursor && o.List.SinceID == "" && o.List.SinceDate == "":
		order = "page after page, newest first."
	case o.List.Cursor:
		order = "page after page, newest first, or oldest first where only the lower end is given."
	}
	sentences := fmt.Sprintf("%sAll yields what [Client.%s] lists, %s", o.Name, o.Name, order)
	if o.List.Limit != "" && o.List.MaxLimit != "" {
		sentences += fmt.Sprintf(" A page has %s items, if %s does not say otherwise.", o.List.MaxLimit, o.List.Limit)
	}
	return "// " + strings.Join(wrap(sentences), "\n// ")
}
