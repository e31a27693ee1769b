package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A fieldRule takes the value found at a place and returns what is kept of it,
// or nil for nothing.
type fieldRule func(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error)

// An objectRule is what may stand in one kind of OpenAPI object.
type objectRule struct {
	name   string // for messages
	fields map[string]fieldRule
	// finish, where set, sees the object before and after.
	finish func(r *reducer, before, after *yaml.Node, at pointer) error
	// reference says that a Reference Object may stand in its place.
	reference bool
	// closed says that it may have no extensions.
	closed bool
}

// A reducer copies the source without what is left out. It never changes the
// source, where references point.
type reducer struct {
	source *yaml.Node
	marked int         // operations that say whether they need a credential
	errors errorTables // what the examples of responses say, by response
}

// object copies n, which stands at a place where an o belongs.
func (r *reducer) object(n *yaml.Node, at pointer, o objectRule) (*yaml.Node, error) {
	if o.name == schemaObject.name && n.Tag == "!!bool" {
		return schemaOfBoolean(n), nil
	}
	if !isMap(n) {
		return nil, fmt.Errorf("%s: %s stands where a %s is expected", at, kindName(n), o.name)
	}
	if o.reference && get(n, "$ref") != nil {
		o = objectRule{name: "reference to a " + o.name, closed: true, fields: map[string]fieldRule{
			"$ref":        reference,
			"summary":     leaveOut,
			"description": leaveOut,
		}}
	}
	out := mapping()
	for key, value := range pairs(n) {
		take := o.fields[key]
		switch {
		case take != nil:
		case strings.HasPrefix(key, "x-") && !o.closed:
			take = keepValue
		default:
			return nil, fmt.Errorf("%s: the importer does not know %q in a %s, and leaves out nothing that it does not understand: take it out of the document or teach it to the importer", at.at(key), key, o.name)
		}
		kept, err := take(r, value, at.at(key))
		if err != nil {
			return nil, err
		}
		if kept != nil {
			out.Content = append(out.Content, scalarNode("!!str", key), kept)
		}
	}
	if o.finish != nil {
		if err := o.finish(r, n, out, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func keepValue(_ *reducer, n *yaml.Node, _ pointer) (*yaml.Node, error) { return n, nil }

func leaveOut(*reducer, *yaml.Node, pointer) (*yaml.Node, error) { return nil, nil }

func keepEmpty(*reducer, *yaml.Node, pointer) (*yaml.Node, error) { return str(""), nil }

// keepText keeps a text.
func keepText(_ *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
	if n.Tag != "!!str" {
		return nil, fmt.Errorf("%s: %s stands where a string is expected", at, kindName(n))
	}
	return n, nil
}

// keepSorted keeps a list of texts whose order means nothing.
func keepSorted(_ *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
	if !isSeq(n) {
		return nil, fmt.Errorf("%s: %s stands where an array is expected", at, kindName(n))
	}
	out := sequence(slices.Clone(n.Content)...)
	for i, item := range out.Content {
		if item.Tag != "!!str" {
			return nil, fmt.Errorf("%s: %s stands where a string is expected", at.index(i), kindName(item))
		}
	}
	slices.SortStableFunc(out.Content, func(a, b *yaml.Node) int { return strings.Compare(a.Value, b.Value) })
	return out, nil
}

// of keeps an object.
func of(o *objectRule) fieldRule {
	return func(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) { return r.object(n, at, *o) }
}

// schemaOrBoolean keeps a schema where true and false are usual.
func schemaOrBoolean(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
	if n.Tag == "!!bool" {
		return n, nil
	}
	return r.object(n, at, schemaObject)
}

// schemaOfBoolean returns what true and false mean as schemas, in the form that
// kin-openapi can read, too.
func schemaOfBoolean(n *yaml.Node) *yaml.Node {
	if isTrue(n) {
		return mapping()
	}
	return mapping("not", mapping())
}

// mapOf keeps a map whose values are objects.
func mapOf(o *objectRule) fieldRule { return objectMap(o, false) }

// extensibleMapOf keeps a map whose values are objects, with its extensions.
func extensibleMapOf(o *objectRule) fieldRule { return objectMap(o, true) }

func objectMap(o *objectRule, extensible bool) fieldRule {
	return func(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
		if !isMap(n) {
			return nil, notAnObject(at, n)
		}
		out := mapping()
		for key, value := range pairs(n) {
			kept := value
			if !extensible || !strings.HasPrefix(key, "x-") {
				var err error
				if kept, err = r.object(value, at.at(key), *o); err != nil {
					return nil, err
				}
			}
			out.Content = append(out.Content, scalarNode("!!str", key), kept)
		}
		return out, nil
	}
}

// listOf keeps a list of objects in its order.
func listOf(o *objectRule) fieldRule {
	return func(r *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
		if !isSeq(n) {
			return nil, fmt.Errorf("%s: %s stands where an array is expected", at, kindName(n))
		}
		out := sequence()
		for i, item := range n.Content {
			kept, err := r.object(item, at.index(i), *o)
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, kept)
		}
		return out, nil
	}
}

// needs returns a finish that reports fields that are not there.
func needs(keys ...string) func(*reducer, *yaml.Node, *yaml.Node, pointer) error {
	return func(_ *reducer, _, after *yaml.Node, at pointer) error {
		for _, key := range keys {
			if get(after, key) == nil {
				return fmt.Errorf("%s: there is no %s field, which OpenAPI requires: is the document complete?", at, key)
			}
		}
		return nil
	}
}
