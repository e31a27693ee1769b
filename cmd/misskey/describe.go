package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/misskey-go/misskey/cmd/misskey/internal/reference"
)

// inJapanese reports whether the locale is Japanese.
func inJapanese() bool {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			return strings.HasPrefix(value, "ja")
		}
	}
	return false
}

// in is a description in the language of the user, or in the other.
func in(t reference.Text, japanese bool) string {
	if japanese && t.JA != "" || t.EN == "" {
		return t.JA
	}
	return t.EN
}

func firstSentence(t reference.Text, japanese bool) string {
	text := in(t, japanese)
	if i := strings.Index(text, "。"); i >= 0 {
		return text[:i]
	}
	if sentence, _, more := strings.Cut(text, ". "); more {
		return sentence + "."
	}
	return text
}

// describe says in a few words what a parameter takes.
func describe(s *reference.Schema) string {
	text := ""
	switch {
	case len(s.AnyOf) > 0:
		var arms []string
		for _, arm := range s.AnyOf {
			arms = append(arms, describe(arm))
		}
		text = strings.Join(arms, ", or ")
	case len(s.Enum) > 0:
		text = oneOf(s.Enum)
	case s.Type == "string" && s.Format == "id":
		text = "an id"
	case s.Type == "string" && s.Format == "binary":
		text = "a file"
	case s.Type == "string":
		text = "text" + lengths(s, "character")
	case s.Type == "integer", s.Type == "number":
		text = map[string]string{"integer": "an integer", "number": "a number"}[s.Type] + unit(s) + bounds(s)
	case s.Type == "boolean":
		text = "true or false"
	case s.Type == "array":
		text = "a list" + lengths(s, "item")
		if s.Items != nil {
			text += ", each " + describe(s.Items)
		}
	case s.Type == "object" && s.Props != nil:
		text = "an object of " + strings.Join(sortedKeys(s.Props), ", ")
	case s.Type == "object":
		text = "an object of JSON"
	default:
		text = "any JSON"
	}
	if s.Null {
		text += ", or null"
	}
	return text
}

func oneOf(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func lengths(s *reference.Schema, noun string) string {
	switch {
	case s.MinLength != nil && s.MaxLength != nil:
		return fmt.Sprintf(" of %d to %s", *s.MinLength, counted(*s.MaxLength, noun))
	case s.MaxLength != nil:
		return fmt.Sprintf(" of at most %s", counted(*s.MaxLength, noun))
	case s.MinLength != nil && *s.MinLength > 0:
		return fmt.Sprintf(" of at least %s", counted(*s.MinLength, noun))
	}
	return ""
}

func bounds(s *reference.Schema) string {
	format := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case s.Min != nil && s.Max != nil:
		return " from " + format(*s.Min) + " to " + format(*s.Max)
	case s.Min != nil:
		return " from " + format(*s.Min)
	case s.Max != nil:
		return " up to " + format(*s.Max)
	}
	return ""
}

// describeEndpoint is the help for an endpoint.
func describeEndpoint(r *reference.Reference, e *reference.Endpoint, width int, japanese bool) string {
	var b strings.Builder
	paragraph := func(indent, text string) {
		if text == "" {
			return
		}
		for _, line := range wrap(text, width-len(indent)) {
			fmt.Fprintln(&b, indent+line)
		}
	}
	fmt.Fprintf(&b, "misskey api %s\n", usageOf(e))
	if text := in(e.Summary, japanese); text != "" {
		fmt.Fprintln(&b)
		paragraph("", text)
	}
	if e.Caution != "" {
		fmt.Fprintln(&b)
		paragraph("", "Caution: "+e.Caution)
	}
	if e.Params != nil {
		fmt.Fprintln(&b, "\nParameters")
		for _, name := range parameterNames(e) {
			p := e.Params.Props[name]
			paragraph("  ", name+": "+describe(p)+defaultOf(p, slices.Contains(e.Params.Required, name)))
			paragraph("      ", in(p.Doc, japanese))
			for _, part := range sortedKeys(p.Props) {
				what := describe(p.Props[part]) + defaultOf(p.Props[part], slices.Contains(p.Required, part))
				paragraph("    ", name+"."+part+": "+what)
				paragraph("      ", in(p.Props[part].Doc, japanese))
			}
		}
		if len(e.OneOf) > 0 {
			var sets []string
			for _, names := range e.OneOf {
				sets = append(sets, strings.Join(names, " and "))
			}
			paragraph("  ", "Needs "+strings.Join(sets, ", or ")+".")
		}
	}
	fmt.Fprintln(&b, "\nResponds with")
	result := e.Result
	if result == "" {
		result = "nothing"
	}
	paragraph("  ", result)
	if access := access(e); access != "" {
		fmt.Fprintln(&b, "\nAccess")
		paragraph("  ", access)
		paragraph("      ", in(r.Permissions[e.Permission], japanese))
	}
	if limit := limitOf(e); limit != "" {
		fmt.Fprintln(&b, "\nLimit")
		paragraph("  ", limit)
	}
	if len(e.Errors) > 0 {
		fmt.Fprintln(&b, "\nErrors")
		for _, code := range e.Errors {
			fmt.Fprintln(&b, "  "+code)
			paragraph("      ", in(r.Errors[code], japanese))
		}
	}
	return b.String()
}

func defaultOf(p *reference.Schema, required bool) string {
	switch {
	case required:
		return "; required"
	case len(p.Default) > 0 && p.Type != "array" && p.Type != "object":
		return "; " + strings.Trim(string(p.Default), `"`) + " by default"
	}
	return ""
}

func usageOf(e *reference.Endpoint) string {
	usage := e.Name
	if e.Params != nil {
		for _, name := range e.Params.Required {
			usage += " " + name + "=…"
		}
		if len(e.Params.Required) < len(e.Params.Props) {
			usage += " [key=value]..."
		}
	}
	return usage
}

// parameterNames are the parameters, required ones first.
func parameterNames(e *reference.Endpoint) []string {
	names := slices.Clone(e.Params.Required)
	for _, name := range sortedKeys(e.Params.Props) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func access(e *reference.Endpoint) string {
	var needs []string
	if e.Role != "" {
		needs = append(needs, "an account that is "+e.Role)
	} else if e.Credential {
		needs = append(needs, "an account")
	}
	if e.Policy != "" {
		needs = append(needs, "the policy "+e.Policy)
	}
	switch {
	case e.Secure:
		needs = append(needs, "its own token, not that of an app")
	case e.Permission != "":
		needs = append(needs, "the permission "+e.Permission)
	}
	return strings.Join(needs, "; ")
}

func limitOf(e *reference.Endpoint) string {
	var parts []string
	if e.Max > 0 {
		parts = append(parts, fmt.Sprintf("%s in %v", counted(e.Max, "call"), duration(e.Window)))
	}
	if e.Interval > 0 {
		parts = append(parts, fmt.Sprintf("%v between two calls", duration(e.Interval)))
	}
	return strings.Join(parts, "; ")
}

// duration writes milliseconds as people do: 1h and not 1h0m0s.
func duration(ms int64) string {
	s := (time.Duration(ms) * time.Millisecond).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
