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
	if _, err := follow(r.source, n, at); err != nil {
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
		if _, err := follow(r.source, value, at.at(key)); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// follow returns what ref, the value of a $ref, leads to in doc in the end.
func follow(doc, ref *yaml.Node, at pointer) (*yaml.Node, error) {
	first := ref
	for range maxNesting {
		if ref.Tag != "!!str" {
			return nil, fmt.Errorf("%s: %s stands where a reference is expected", at, kindName(ref))
		}
		if !strings.HasPrefix(ref.Value, "#") {
			return nil, fmt.Errorf("%s: %q leads to another document, and nothing but this document is read: put what it names below #/components", at, ref.Value)
		}
		if _, err := refPointer(ref.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		target := resolveRef(doc, ref.Value)
		if target == nil {
			return nil, fmt.Errorf("%s: %q leads to nothing: is the document complete?", at, ref.Value)
		}
		next := get(target, "$ref")
		if next == nil {
			return target, nil
		}
		ref = next
	}
	return nil, fmt.Errorf("%s: %q leads back to itself", at, first.Value)
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
// of doc. names says that n is a map of schemas, whose keys are names.
func (r *reducer) dropDangling(doc, n *yaml.Node, at pointer, names bool) {
	for key, value := range pairs(n) {
		switch {
		case !names && key == "$ref" && isText(value):
			if _, err := follow(doc, value, at); err != nil || !leadsToKind(at, value.Value) {
				r.notes = append(r.notes, Note{string(at), fmt.Sprintf("left out: %q leads to what cannot stand here", value.Value)})
				remove(n, key)
			}
		case !names && slices.Contains([]string{"default", "const", "enum"}, key): // data
		default:
			r.dropDangling(doc, value, at.at(key), !names && isSchemaMap(key))
		}
	}
	for i, item := range items(n) {
		r.dropDangling(doc, item, at.index(i), false)
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
