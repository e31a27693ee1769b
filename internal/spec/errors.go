package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// An apiError is one cause of an error at one endpoint, or at every one.
type apiError struct {
	Code   string
	ID     string
	Kind   string
	Status string
	Name   string // instead of Code in the name of the constant of the id
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

// codeName returns the Go constant of the error's code, or "".
func (e apiError) codeName() string {
	if e.Code == "" {
		return ""
	}
	return "Err" + goName(lowerWords(e.Code))
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

// A constant is a Go constant with its doc comment.
type constant struct{ Name, Value, Comment string }

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

// errorCodes returns a constant for each code, with the endpoints that use it.
func errorCodes(generic []apiError, ops []*operation) []constant {
	endpoints := map[string][]string{}
	values := map[string]string{}
	for _, e := range generic {
		if name := e.codeName(); name != "" {
			values[name] = e.Code
			endpoints[name] = nil
		}
	}
	for _, op := range ops {
		for _, e := range op.Errors {
			name := e.codeName()
			if name == "" {
				continue
			}
			_, everywhere := endpoints[name]
			if everywhere && endpoints[name] == nil {
				continue
			}
			values[name] = e.Code
			if !slices.Contains(endpoints[name], op.Endpoint) {
				endpoints[name] = append(endpoints[name], op.Endpoint)
			}
		}
	}
	var constants []constant
	for _, name := range sortedKeys(values) {
		comment := name + " can come from every endpoint."
		if used := endpoints[name]; used != nil {
			comment = name + " comes from " + few(used) + "."
		}
		constants = append(constants, constant{name, values[name], comment})
	}
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
func errorIDs(generic []apiError, ops []*operation) ([]constant, error) {
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
	for _, op := range ops {
		for _, e := range op.Errors {
			add(e, op.Name, op.Endpoint)
		}
	}
	taken := map[string]string{}
	constants := make([]constant, 0, len(order))
	for _, u := range order {
		if other, ok := taken[u.Name]; ok {
			return nil, fmt.Errorf("the error ids %s and %s are both the constant %s: give one a name in the overlay (%s: name)", other, u.Value, u.Name, extErrors)
		}
		taken[u.Name] = u.Value
		constants = append(constants, constant{u.Name, u.Value, fmt.Sprintf("%s is %s, of %s.", u.Name, u.Comment, strings.Join(u.endpoints, ", "))})
	}
	return constants, nil
}

// A permission is what the token of an app may be given.
type permission struct {
	Name      string
	Grantable bool
}

// permissions returns all permissions: those that operations name, and those
// that the overlay lists.
func permissions(doc *yaml.Node, ops []*operation) []constant {
	used := map[string]int{}
	grantable := map[string]bool{}
	for _, op := range ops {
		if op.Permission != "" {
			used[op.Permission]++
			grantable[op.Permission] = true
		}
	}
	for _, n := range items(get(doc, extPermissions)) {
		name := text(get(n, "name"))
		used[name] += 0
		grantable[name] = text(get(n, "grantable")) != "false"
	}
	var constants []constant
	for _, name := range sortedKeys(used) {
		id := permissionName(name)
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
		constants = append(constants, constant{id, name, comment})
	}
	return constants
}

func permissionName(name string) string { return "Permission" + goName(name) }
