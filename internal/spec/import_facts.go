package spec

import (
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// Misskey puts what it knows of an operation's caller into the text of the
// description: prose, a blank line, and then
//
//	**Internal Endpoint**: a sentence
//	**Credential required**: *Yes* / **Permission**: *write:notes*
//
// The first line is there for secure operations only, the permission where one
// is needed. The prose may be missing.
var descriptionFacts = regexp.MustCompile(`(?s)^(?:.*?\n\n)?(?P<internal>\*\*Internal Endpoint\*\*:[^\n]*\n)?\*\*Credential required\*\*: \*(?P<credential>Yes|No)\*(?: / \*\*Permission\*\*: \*(?P<permission>[^*\n]+)\*)?\s*$`)

// factMarker matches what tells such lines from prose.
var factMarker = regexp.MustCompile(`\*\*(Internal Endpoint|Credential required|Permission)\*\*`)

// readFacts gives the operation after the x-misskey- fields that stand for the
// description of the operation before.
func readFacts(r *reducer, before, after *yaml.Node, at pointer) error {
	if err := checkFacts(after, at); err != nil {
		if err := r.tolerate(at, err); err != nil {
			return err
		}
		remove(after, extCredential, extPermission, extSecure, extErrors)
	}
	if !r.strict && get(after, "responses") == nil {
		r.notes = append(r.notes, Note{string(at), "it has no responses; taken for one that answers nothing"})
		nothing := mapping("description", str(""))
		r.errors[nothing] = nil
		set(after, "responses", mapping("204", nothing))
	}
	d := get(before, "description")
	if d != nil && d.Tag != "!!str" {
		return r.tolerate(at.at("description"), fmt.Errorf("%s: %s stands where a string is expected", at.at("description"), kindName(d)))
	}
	m := descriptionFacts.FindStringSubmatch(text(d))
	switch {
	case m != nil:
		remove(after, extCredential, extPermission, extSecure)
		set(after, extCredential, boolean(m[descriptionFacts.SubexpIndex("credential")] == "Yes"))
		if permission := m[descriptionFacts.SubexpIndex("permission")]; permission != "" {
			set(after, extPermission, str(permission))
		}
		if m[descriptionFacts.SubexpIndex("internal")] != "" {
			set(after, extSecure, boolean(true))
		}
	case factMarker.MatchString(text(d)):
		if err := r.tolerate(at.at("description"), fmt.Errorf("%s: the description speaks of credentials in a form that the importer cannot read: expected it to end in %q or the like; the importer must learn the new form", at.at("description"), "**Credential required**: *Yes* / **Permission**: *write:notes*")); err != nil {
			return err
		}
	}
	if get(after, extCredential) != nil {
		r.marked++
	} else if !r.strict && len(items(get(after, "security"))) > 0 {
		set(after, extCredential, boolean(true))
	}
	return nil
}

// checkFacts reports x-misskey- fields that do not hold what they should, in a
// document that Import has written before and somebody has edited.
func checkFacts(operation *yaml.Node, at pointer) error {
	for _, fact := range []struct{ key, tag, want string }{
		{extCredential, "!!bool", "a boolean"},
		{extPermission, "!!str", "a string"},
		{extSecure, "!!bool", "a boolean"},
	} {
		if n := get(operation, fact.key); n != nil && n.Tag != fact.tag {
			return fmt.Errorf("%s: %s stands where %s is expected", at.at(fact.key), kindName(n), fact.want)
		}
	}
	_, err := listedErrors(operation, at)
	return err
}
