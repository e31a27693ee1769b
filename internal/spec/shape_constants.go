package spec

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// declareConstants names what is made of errors and permissions, and reserves
// those names and the ones that every generated package needs, before types are
// named: a type can be called otherwise, while the name of a constant is a rule.
func (s *shaper) declareConstants() {
	for _, name := range ownNames {
		s.reserved[name] = "a name that every generated package has"
	}
	for _, op := range eachOperation(s.doc) {
		o := s.facts(op)
		s.operations = append(s.operations, o)
		s.reserve("Op"+o.Name, "Endpoint", "the operation "+o.Endpoint)
	}
	generic := genericErrors(s.doc)
	remove(get(s.doc, "components"), "responses")
	s.codes = s.errorCodes(generic)
	s.ids = s.errorIDs(generic)
	s.permissions = s.permissionConstants()
}

// ownNames are the exported names that every generated package has.
var ownNames = []string{
	"At", "CallOption", "Client", "Cutoff", "CutoffAge", "CutoffAt", "Days", "DocumentDigest", "ErrorCode", "ErrorID", "File",
	"GeneratorVersion", "InDays", "InMilliseconds", "InMinutes", "InSeconds", "Many", "Milliseconds", "Minutes", "MisskeyVersion",
	"MutedWord", "NewClient", "Null", "Nullable", "NumberOr", "One", "OneOrMany", "Operation", "Operations", "Or", "Permission",
	"Permissions", "PolicyValue", "QueueDelay", "RequestEditorFn", "Seconds", "UnixMilli", "Value",
}

// reserve returns the name to use where the rule gives name: a longer one if
// that is taken. In a strict document it must not be.
func (s *shaper) reserve(name, suffix, what string) string {
	for s.reserved[name] != "" {
		if s.strict {
			s.errs = append(s.errs, fmt.Errorf("%s and %s are both called %s: give one a name in the overlay", s.reserved[name], what, name))
			return name
		}
		name += suffix
	}
	s.reserved[name] = what
	return name
}

// reserveID is reserve for the id of an error, which lends parts of itself to a
// name that is taken: they stay the same when the document changes.
func (s *shaper) reserveID(name, id string) string {
	what := "the error id " + line(id)
	if s.reserved[name] == "" || s.strict {
		return s.reserve(name, "", what)
	}
	for part := range strings.SplitSeq(id, "-") {
		name += goName(part)
		if s.reserved[name] == "" {
			break
		}
	}
	return s.reserve(name, "ID", what)
}

// isTaken reports whether something else has the name that a type could have.
func (s *shaper) isTaken(name string) bool {
	return s.reserved[name] != "" || get(s.schemas(), name) != nil
}

// separateConstants gives those constants of enums that are called like
// something else a longer name. It comes when the types have their names.
func (s *shaper) separateConstants() {
	seen := map[string]string{}
	for _, name := range componentNames(s.schemas()) {
		n := get(s.schemas(), name)
		names := texts(get(n, "x-enum-varnames"))
		for i, constant := range names {
			what := fmt.Sprintf("%q of %s", texts(get(n, "enum"))[i], name)
			for s.isTaken(name+constant) || seen[name+constant] != "" {
				if s.strict {
					s.errs = append(s.errs, fmt.Errorf("the value %s has the constant %s, a name that is taken; give the type another one in names.yaml", what, name+constant))
					break
				}
				constant += "Value"
			}
			seen[name+constant], names[i] = what, constant
		}
		if len(names) > 0 {
			set(n, "x-enum-varnames", stringSeq(slices.Clone(names)))
		}
	}
}

// describeValues gives the constants of an enum comments: those of the schema n,
// which stands somewhere in the document.
func (s *shaper) describeValues(enum, n *yaml.Node) {
	values := texts(get(n, "enum"))
	if len(values) == 0 || typeOf(n) != "string" {
		return
	}
	comments := mapping()
	described := s.docs.enumAt(s.place(n), values)
	for _, value := range values {
		if what := line(described[value].En); what != "" {
			set(comments, value, str(strings.Join(wrap(what), "\n")))
		}
	}
	if len(comments.Content) > 0 {
		set(enum, extValues, comments)
	}
}
