package spec

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// reference keeps a $ref if it leads somewhere in this document.
func reference(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
	if _, err := r.refs.follow(n, at); err != nil {
		return nil, err
	}
	return n, nil
}

// mapOfRefs keeps a map of names to references.
func mapOfRefs(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
	if !isMap(n) {
		return nil, notAnObject(at, n)
	}
	for key, value := range pairs(n) {
		if _, err := r.refs.follow(value, at.at(key)); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// references are those of one document, whose large maps stay as they are. They
// are followed in time linear in the size of the document.
type references struct {
	doc   *yaml.Node
	index map[*yaml.Node]map[string]*yaml.Node // of large maps
	ends  map[string]end                       // of references that have been followed
}

// An end is what a reference leads to after a number of steps.
type end struct {
	node  *yaml.Node
	steps int
}

func newReferences(doc *yaml.Node) *references {
	return &references{doc, map[*yaml.Node]map[string]*yaml.Node{}, map[string]end{}}
}

// follow returns what ref, the value of a $ref, leads to in the end.
func (r *references) follow(ref *yaml.Node, at pointer) (*yaml.Node, error) {
	first := ref
	var passed []string
	var last end
	for last.node == nil {
		if len(passed) == maxNesting {
			return nil, fmt.Errorf("%s: %q leads back to itself", at, first.Value)
		}
		if ref.Tag != "!!str" {
			return nil, fmt.Errorf("%s: %s stands where a reference is expected", at, kindName(ref))
		}
		if known, ok := r.ends[ref.Value]; ok {
			last = known
			break
		}
		if !strings.HasPrefix(ref.Value, "#") {
			return nil, fmt.Errorf("%s: %q leads to another document, and nothing but this document is read: put what it names below #/components", at, ref.Value)
		}
		p, err := refPointer(ref.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		target := p.resolveWith(r.doc, r.get)
		if target == nil {
			return nil, fmt.Errorf("%s: %q leads to nothing: is the document complete?", at, ref.Value)
		}
		passed = append(passed, ref.Value)
		if ref = get(target, "$ref"); ref == nil {
			last.node = target
		}
	}
	if last.steps+len(passed) > maxNesting {
		return nil, fmt.Errorf("%s: %q leads back to itself", at, first.Value)
	}
	for i, name := range slices.Backward(passed) {
		r.ends[name] = end{last.node, last.steps + len(passed) - i}
	}
	return last.node, nil
}

// get returns the value of a key of the map n, or nil.
func (r *references) get(n *yaml.Node, key string) *yaml.Node {
	if !isMap(n) || len(n.Content) < 100 {
		return get(n, key)
	}
	index, ok := r.index[n]
	if !ok {
		index = make(map[string]*yaml.Node, len(n.Content)/2)
		for key, value := range pairs(n) {
			index[key] = value
		}
		r.index[n] = index
	}
	return index[key]
}

// refPointer returns the pointer that a $ref within the document stands for.
func refPointer(ref string) (pointer, error) {
	p, err := url.PathUnescape(ref)
	if err != nil || p != "#" && !strings.HasPrefix(p, "#/") {
		return "", fmt.Errorf("%q is not a JSON pointer: expected the form #/components/schemas/Name", ref)
	}
	return pointer(p), nil
}

// resolveRef returns what a $ref within doc leads to, or nil.
func resolveRef(doc *yaml.Node, ref string) *yaml.Node {
	p, err := refPointer(ref)
	if err != nil {
		return nil
	}
	return p.resolve(doc)
}

// dropDangling leaves out the references in n that lead to what has been left out
// of their document. names says that n is a map of schemas, whose keys are names.
func (r *reducer) dropDangling(refs *references, n *yaml.Node, at pointer, names bool) {
	for key, value := range pairs(n) {
		switch {
		case !names && key == "$ref" && isText(value):
			if _, err := refs.follow(value, at); err != nil || !leadsToKind(at, value.Value) {
				r.notes = append(r.notes, Note{string(at), fmt.Sprintf("left out: %q leads to what cannot stand here", value.Value)})
				remove(n, key)
			}
		case !names && slices.Contains([]string{"default", "const", "enum"}, key): // data
		default:
			r.dropDangling(refs, value, at.at(key), !names && isSchemaMap(key))
		}
	}
	for i, item := range items(n) {
		r.dropDangling(refs, item, at.index(i), false)
	}
}

// leadsToKind reports whether a reference at a place leads to what belongs there,
// as far as kin-openapi has to know.
func leadsToKind(at pointer, ref string) bool {
	p, err := refPointer(ref)
	if err != nil {
		return false
	}
	isSchema := func(p pointer) bool {
		return strings.HasPrefix(string(p), "#/components/schemas/") || strings.Contains(string(p)+"/", "/schema/")
	}
	if isSchema(at) {
		return isSchema(p)
	}
	for _, kind := range []struct{ place, components string }{
		{"/requestBody", "requestBodies"}, {"/parameters/", "parameters"}, {"/headers/", "headers"}, {"/responses/", "responses"}, {"/securitySchemes/", "securitySchemes"},
	} {
		if strings.Contains(string(at), kind.place) {
			return strings.HasPrefix(string(p), "#/components/"+kind.components+"/")
		}
	}
	return true
}
