package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// An apiError is one cause of an error at one endpoint, or at every one.
type apiError struct {
	Code   string
	ID     string
	Kind   string
	Status string
	Name   string // instead of Code in the name of the constant of the id

	Constant string // of the code, in Go; empty without a code
}

func operationErrors(n *yaml.Node) []apiError {
	var errs []apiError
	for _, e := range items(n) {
		errs = append(errs, apiError{
			Code:   text(get(e, "code")),
			ID:     text(get(e, "id")),
			Kind:   text(get(e, "kind")),
			Status: text(get(e, "status")),
			Name:   text(get(e, "name")),
		})
	}
	return errs
}

// idName returns the Go constant of the error's id at the operation.
func (e apiError) idName(operation string) string {
	name := e.Name
	if name == "" {
		name = e.Code
	}
	return "ErrID" + operation + goName(lowerWords(name))
}

// lowerWords turns the capitals of an error code, or the colons of a permission,
// into words that goName knows how to write.
func lowerWords(code string) string {
	if strings.ToUpper(code) == code {
		return strings.ToLower(code)
	}
	return code
}

// A constant is a Go constant with its doc comment, and the endpoint that it
// belongs to where it belongs to one above all.
type constant struct{ Name, Value, Comment, Owner string }

// A constantGroup is the constants of one owner.
type constantGroup struct {
	Owner     string
	Constants []constant
}

// byOwner groups constants in the order of the first of each owner.
func byOwner(constants []constant) []constantGroup {
	var groups []constantGroup
	for _, c := range constants {
		if len(groups) == 0 || groups[len(groups)-1].Owner != c.Owner {
			groups = append(groups, constantGroup{Owner: c.Owner})
		}
		last := &groups[len(groups)-1]
		last.Constants = append(last.Constants, c)
	}
	return groups
}

// genericErrors are what every endpoint can answer: what the overlay lists and
// what all operations of the document share.
func genericErrors(doc *yaml.Node) []apiError {
	all := operationErrors(get(doc, extErrors))
	known := map[string]bool{}
	for _, e := range all {
		known[e.ID] = true
	}
	for _, r := range pairs(get(doc, "components", "responses")) {
		for _, e := range operationErrors(get(r, extErrors)) {
			if !known[e.ID] {
				known[e.ID] = true
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b apiError) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// errorCodes returns a constant for each code, with the endpoints that use it,
// and gives each error of an operation its constant.
func (s *shaper) errorCodes(generic []apiError) []constant {
	endpoints := map[string][]string{} // by code
	everywhere := map[string]bool{}
	for _, e := range generic {
		if e.Code != "" {
			everywhere[e.Code], endpoints[e.Code] = true, nil
		}
	}
	for _, op := range s.operations {
		for _, e := range op.Errors {
			if e.Code != "" && !slices.Contains(endpoints[e.Code], op.Endpoint) {
				endpoints[e.Code] = append(endpoints[e.Code], op.Endpoint)
			}
		}
	}
	names := map[string]string{}
	var constants []constant
	for _, code := range sortedKeys(endpoints) {
		name := s.reserve("Err"+goName(lowerWords(code)), "Code", "the error code "+line(code))
		names[code] = name
		comment := name + " can come from every endpoint."
		if !everywhere[code] {
			comment = name + " comes from " + few(endpoints[code]) + "."
		}
		comment += " " + s.docs.Errors.Codes[code].En
		constants = append(constants, constant{Name: name, Value: code, Comment: line(comment)})
	}
	for _, op := range s.operations {
		for i := range op.Errors {
			op.Errors[i].Constant = names[op.Errors[i].Code]
		}
	}
	slices.SortFunc(constants, func(a, b constant) int { return strings.Compare(a.Name, b.Name) })
	return constants
}

// few lists the first of many names.
func few(names []string) string {
	const most = 3
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d other endpoints", strings.Join(names[:most-1], ", "), n-most+1)
	}
}

// errorIDs returns a constant for each id, named after the first endpoint that
// has it.
func (s *shaper) errorIDs(generic []apiError) []constant {
	type use struct {
		constant
		endpoints []string
	}
	byID := map[string]*use{}
	var order []*use
	add := func(e apiError, operation, endpoint string) {
		if e.ID == "" {
			return
		}
		if u := byID[e.ID]; u != nil {
			u.endpoints = append(u.endpoints, endpoint)
			return
		}
		facts := e.Code
		if facts == "" {
			facts = "an error without a code"
		}
		if e.Status != "" {
			facts += ", status " + e.Status
		}
		u := &use{constant: constant{Name: e.idName(operation), Value: e.ID, Comment: facts}, endpoints: []string{endpoint}}
		byID[e.ID] = u
		order = append(order, u)
	}
	for _, e := range generic {
		add(e, "", "every endpoint")
	}
	for _, op := range s.operations {
		for _, e := range op.Errors {
			add(e, op.Name, op.Endpoint)
		}
	}
	constants := make([]constant, 0, len(order))
	for _, u := range order {
		name := s.reserveID(u.Name, u.Value)
		constants = append(constants, constant{
			Name: name, Value: u.Value, Owner: line(u.endpoints[0]),
			Comment: line(fmt.Sprintf("%s is %s, of %s. %s", name, u.Comment, strings.Join(u.endpoints, ", "), s.docs.Errors.IDs[u.Value].En)),
		})
	}
	return constants
}

// permissionConstants returns all permissions: those that operations name, and
// those that the overlay lists. It gives each operation its own.
func (s *shaper) permissionConstants() []constant {
	used := map[string]int{}
	grantable := map[string]bool{}
	for _, op := range s.operations {
		if op.Permission != "" {
			used[op.Permission]++
			grantable[op.Permission] = true
		}
	}
	for _, n := range items(get(s.doc, extPermissions)) {
		name := text(get(n, "name"))
		used[name] += 0
		grantable[name] = text(get(n, "grantable")) != "false"
	}
	var constants []constant
	names := map[string]string{}
	for _, name := range sortedKeys(used) {
		id := s.reserve("Permission"+goName(name), "Permission", "the permission "+line(name))
		names[name] = id
		comment := id + " is the permission " + name + "; "
		switch n := used[name]; n {
		case 0:
			comment += "no endpoint asks for it."
		case 1:
			comment += "one endpoint asks for it."
		default:
			comment += strconv.Itoa(n) + " endpoints ask for it."
		}
		if !grantable[name] {
			comment += " No consent page grants it."
		}
		comment += " " + s.docs.Permissions[name].En
		c := constant{Name: id, Value: name, Comment: line(comment)}
		constants = append(constants, c)
		if grantable[name] {
			s.grantable = append(s.grantable, c)
		}
	}
	for _, op := range s.operations {
		op.PermissionConstant = names[op.Permission]
	}
	return constants
}

// line makes one printable line of a text, for a comment.
func line(s string) string {
	printable := func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}
	return strings.Join(strings.Fields(strings.Map(printable, s)), " ")
}
