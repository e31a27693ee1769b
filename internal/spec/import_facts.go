package spec

import (
	"fmt"
	"regexp"
	"strings"

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

// factMarker matches what distinguishes such lines from prose.
var factMarker = regexp.MustCompile(`(?i)\*\*(Internal Endpoint|Credential required|Permission)\*\*`)

// Forks go on after that, and spell it otherwise. A label stands at the beginning
// of a line or after a slash, and what it labels goes on to the next label or to
// the end of the line:
//
//	**Credential required**: *Yes* / **Moderator**: *Yes* / **Role policy**: *canInvite*
//
//	**Rate limit**: 300 calls / 3600000ms, min interval 1000ms.
var (
	factLabel  = regexp.MustCompile(`(?m)(?:^| / )\*\*([^*\n]+)\*\*:?`)
	limitCalls = regexp.MustCompile(`([0-9]{1,9}) calls / ([0-9]{1,12}) ?ms`)
	limitApart = regexp.MustCompile(`min interval ([0-9]{1,12}) ?ms`)
)

// readLooseFacts takes from a description what is known, and returns the labels
// that are not. ok is false where not even the credential is stated.
func readLooseFacts(description string, after *yaml.Node) (unknown []string, ok bool) {
	labels := factLabel.FindAllStringSubmatchIndex(description, -1)
	facts := mapping()
	for i, at := range labels {
		label, end := description[at[2]:at[3]], len(description)
		if i+1 < len(labels) {
			end = labels[i+1][0]
		}
		value, _, _ := strings.Cut(description[at[1]:end], "\n")
		value = strings.Trim(value, " *_`.")
		isYes := strings.EqualFold(value, "yes")
		switch strings.ToLower(label) {
		case "internal endpoint":
			set(facts, extSecure, boolean(true))
		case "credential required":
			if !isYes && !strings.EqualFold(value, "no") {
				return nil, false
			}
			ok = true
			set(facts, extCredential, boolean(isYes))
		case "permission":
			set(facts, extPermission, str(value))
		case "moderator", "administrator":
			if role := strings.ToLower(label); isYes && text(get(facts, extRole)) != "administrator" {
				set(facts, extRole, str(role))
			}
		case "role policy":
			set(facts, extPolicy, str(value))
		case "rate limit":
			limit := mapping()
			if m := limitCalls.FindStringSubmatch(value); m != nil {
				set(limit, "max", scalarNode("!!int", m[1]))
				set(limit, "duration", scalarNode("!!int", m[2]))
			}
			if m := limitApart.FindStringSubmatch(value); m != nil {
				set(limit, "min-interval", scalarNode("!!int", m[1]))
			}
			if len(limit.Content) == 0 {
				unknown = append(unknown, label)
				continue
			}
			set(facts, extLimit, limit)
		case "get allowed": // there is a GET operation, too
		default:
			unknown = append(unknown, label)
		}
	}
	if ok {
		remove(after, extCredential, extPermission, extSecure)
		for key, value := range pairs(facts) {
			set(after, key, value)
		}
	}
	return unknown, ok
}

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
		if unknown, ok := readLooseFacts(text(d), after); ok && !r.strict {
			for _, label := range unknown {
				r.notes = append(r.notes, Note{string(at.at("description")), fmt.Sprintf("left out: what is said of %q", label)})
			}
			break
		}
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
