package spec

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
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
	refs   *references // of source
	marked int         // operations that say whether they need a credential
	errors errorTables // what the examples of responses say, by response
	strict bool
	notes  []Note // what was left out, if it is not strict
}

// tolerate lets the import go on without what an error is about, unless it is
// strict.
func (r *reducer) tolerate(at pointer, err error) error {
	if err == nil || r.strict {
		return err
	}
	text := strings.TrimPrefix(err.Error(), string(at)+": ")
	if unknown, ok := errors.AsType[*unknownError](err); ok {
		text = unknown.what()
	}
	r.notes = append(r.notes, Note{string(at), "left out: " + text})
	return nil
}

// collapsed returns notes with one in place of all that say the same.
func collapsed(notes []Note) []Note {
	var first []Note
	more := map[string]int{}
	for _, note := range notes {
		if _, ok := more[note.Text]; ok {
			more[note.Text]++
			continue
		}
		more[note.Text] = 0
		first = append(first, note)
	}
	for i, note := range first {
		if n := more[note.Text]; n > 0 {
			first[i].Text += fmt.Sprintf(" (here and at %s)", count(n, "more place"))
		}
	}
	return first
}

// An unknownError is a key that the importer does not know in a kind of object.
type unknownError struct {
	at        pointer
	key, kind string
}

func (e *unknownError) what() string {
	return fmt.Sprintf("the importer does not know %q in a %s", e.key, e.kind)
}

func (e *unknownError) Error() string {
	return fmt.Sprintf("%s: %s, and leaves out nothing that it does not understand: take it out of the document, teach it to the importer, or import with -lenient", e.at, e.what())
}

// object copies n, which stands at a place where an o belongs.
func (r *reducer) object(n *yaml.Node, at pointer, o objectRule) (*yaml.Node, error) {
	if o.name == schemaObject.name && n.Tag == "!!bool" {
		return schemaOfBoolean(n), nil
	}
	if !isMap(n) {
		err := fmt.Errorf("%s: %s stands where a %s is expected", at, kindName(n), o.name)
		if o.name == schemaObject.name { // anything goes
			return mapping(), r.tolerate(at, err)
		}
		return nil, err
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
		case key == "nullable" && o.name == schemaObject.name && !r.strict:
			take = keepBoolean // of OpenAPI 3.0; the shaper knows it
		case key == "optional" && o.name == schemaObject.name && !r.strict:
			take = leaveOut // of Misskey's own schemas; see withoutOptional
		case strings.HasPrefix(key, "x-") && !o.closed:
			take = keepValue
		default:
			if err := r.tolerate(at.at(key), &unknownError{at.at(key), key, o.name}); err != nil {
				return nil, err
			}
			continue
		}
		kept, err := take(r, value, at.at(key))
		if err := r.tolerate(at.at(key), err); err != nil {
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

// keepKind keeps a value of one kind, or of several.
func keepKind(name string, is func(*yaml.Node) bool) fieldRule {
	return func(_ *reducer, n *yaml.Node, at pointer) (*yaml.Node, error) {
		if !is(n) {
			return nil, fmt.Errorf("%s: %s stands where %s is expected", at, kindName(n), name)
		}
		return n, nil
	}
}

var (
	keepText     = keepKind("a string", isText)
	keepBoolean  = keepKind("a boolean", func(n *yaml.Node) bool { return n.Tag == "!!bool" })
	keepNumber   = keepKind("a number", isNumber)
	keepCount    = keepKind("a whole number", isCount)
	keepBound    = keepKind("a number", func(n *yaml.Node) bool { return isNumber(n) || n.Tag == "!!bool" }) // a boolean in old drafts
	keepList     = keepKind("an array", isSeq)
	keepObject   = keepKind("an object", isMap)
	keepTexts    = keepKind("an array of strings", areTexts)
	keepSecurity = keepKind("a list of security requirements", isSecurity)
	keepType     = keepKind("a string, or an array of strings,", func(n *yaml.Node) bool { return isText(n) || areTexts(n) })
)

func isText(n *yaml.Node) bool   { return n.Tag == "!!str" }
func isNumber(n *yaml.Node) bool { return n.Tag == "!!int" || n.Tag == "!!float" }
func areTexts(n *yaml.Node) bool {
	return isSeq(n) && !slices.ContainsFunc(n.Content, func(item *yaml.Node) bool { return !isText(item) })
}

// isCount reports whether n is a whole number of 0 or more, however it is written,
// that kin-openapi can read.
func isCount(n *yaml.Node) bool {
	f, err := strconv.ParseFloat(n.Value, 64)
	return isNumber(n) && err == nil && f >= 0 && f < 1<<53 && f == math.Trunc(f)
}

// isSecurity reports whether n is a list of security requirements.
func isSecurity(n *yaml.Node) bool {
	for _, requirement := range items(n) {
		for _, scopes := range pairs(requirement) {
			if !areTexts(scopes) {
				return false
			}
		}
		if !isMap(requirement) {
			return false
		}
	}
	return isSeq(n)
}

func keepValue(_ *reducer, n *yaml.Node, _ pointer) (*yaml.Node, error) { return n, nil }

func leaveOut(*reducer, *yaml.Node, pointer) (*yaml.Node, error) { return nil, nil }

func keepEmpty(*reducer, *yaml.Node, pointer) (*yaml.Node, error) { return str(""), nil }

// keepSorted keeps a list of texts whose order means nothing, each once.
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
	out.Content = slices.CompactFunc(out.Content, func(a, b *yaml.Node) bool { return a.Value == b.Value })
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
				kept, err = r.object(value, at.at(key), *o)
				if err := r.tolerate(at.at(key), err); err != nil {
					return nil, err
				}
			}
			if kept != nil {
				out.Content = append(out.Content, scalarNode("!!str", key), kept)
			}
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
			if err := r.tolerate(at.index(i), err); err != nil {
				return nil, err
			}
			if kept != nil {
				out.Content = append(out.Content, kept)
			}
		}
		return out, nil
	}
}

// withoutOptional takes out of required what a property's own schema calls
// optional. That is how Misskey writes its schemas itself; a fork's authors forget
// it where they write OpenAPI.
func withoutOptional(r *reducer, before, after *yaml.Node, _ pointer) error {
	required := get(after, "required")
	if r.strict || !isSeq(required) {
		return nil
	}
	optional := map[string]bool{}
	for name, p := range pairs(get(before, "properties")) {
		optional[name] = isTrue(get(p, "optional"))
	}
	required.Content = slices.DeleteFunc(required.Content, func(n *yaml.Node) bool { return optional[n.Value] })
	return nil
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
