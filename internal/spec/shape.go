package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Shape turns OpenAPI into the OpenAPI that prints as good Go. It owns every
// name. The work is done by passes, each in a file of its own that begins with
// the reason for it; this file holds what they share.

// shapeOptions steer the passes.
type shapeOptions struct {
	// strict stops at what is not understood; else it is left as raw JSON and
	// reported.
	strict bool
	names  *nameTable
	raw    rawPlaces
	docs   *Descriptions // nil for none
}

// A shaper is a document on its way through the passes.
type shaper struct {
	shapeOptions
	doc *yaml.Node

	// origin says where in the document that came in a schema stands, so that
	// complaints name a place that the reader can look up.
	origin map[*yaml.Node]pointer

	hoisted    map[string]bool      // components that stood inside another schema
	roots      map[string]bool      // components that are the request or response of an operation
	dirs       map[string]direction // where components are used
	within     string               // the place that is being hoisted, for comments
	reserved   map[string]string    // what has a name that no type may have
	wire       *yaml.Node           // the document before its fields became those of Go
	merged     map[string]string    // the type that stands for each of wire that is none any more
	operations []*operation
	methods    []*subject // the types that get methods
	parts      []partMethod
	unions     []*union // the types that have a type for each kind
	constants
	notes []Note
	errs  []error
}

// A Note is something about a document that its user should know: a place that
// is left as raw JSON, a correction that does not apply.
type Note struct {
	Place string // a JSON pointer into the document, or a target of the overlay
	Text  string
}

// shaped is a document that is ready to be printed.
type shaped struct {
	doc        *yaml.Node
	wire       *yaml.Node
	merged     map[string]string
	operations []*operation
	methods    []*subject
	parts      []partMethod
	unions     []*union
	constants
	notes []Note
}

// constants are those that are made of errors and permissions.
type constants struct {
	codes, ids, permissions []constant
	grantable               []constant // the permissions that a consent page grants
}

type pass struct {
	name string
	run  func(*shaper)
}

var passes = []pass{
	{"operations", (*shaper).shapeOperations},
	{"constants", (*shaper).declareConstants},
	{"normalize", (*shaper).normalize},
	{"allOf", (*shaper).flattenAllOf},
	{"null", (*shaper).moveNull},
	{"many", (*shaper).splitMany},
	{"unions", (*shaper).joinUnions},
	{"raw", (*shaper).findRaw},
	{"numbers", (*shaper).sizeNumbers},
	{"one enum", (*shaper).uniteEnums},
	{"hoist", (*shaper).hoist},
	{"prune", (*shaper).prune},
	{"wire", (*shaper).keepWire},
	{"fields", (*shaper).shapeFields},
	{"merge", (*shaper).mergeEqual},
	{"enum constants", (*shaper).separateConstants},
	{"parts", (*shaper).embedParts},
	{"methods", (*shaper).findMethods},
	{"kinds", (*shaper).findUnions},
	{"free JSON", (*shaper).checkRaw},
	{"calls", (*shaper).describeCalls},
}

// shape runs the passes over a copy of doc.
func shape(doc *yaml.Node, opts shapeOptions) (*shaped, error) {
	s := newShaper(doc, opts)
	for _, p := range passes {
		p.run(s)
		if len(s.errs) > 0 {
			return nil, fmt.Errorf("shaping (%s): %w", p.name, errors.Join(s.errs...))
		}
	}
	return &shaped{doc: s.doc, wire: s.wire, merged: s.merged, operations: s.operations, methods: s.methods, parts: s.parts, unions: s.unions, constants: s.constants, notes: s.notes}, nil
}

func newShaper(doc *yaml.Node, opts shapeOptions) *shaper {
	if opts.docs == nil {
		opts.docs = &Descriptions{}
	}
	s := &shaper{
		shapeOptions: opts,
		doc:          clone(doc),
		origin:       map[*yaml.Node]pointer{},
		hoisted:      map[string]bool{},
		roots:        map[string]bool{},
		dirs:         map[string]direction{},
		reserved:     map[string]string{},
		merged:       map[string]string{},
	}
	s.remember(s.doc, root)
	return s
}

// keepWire keeps the document as it is when its types have names and its fields
// still say what is sent: what two documents are compared by.
func (s *shaper) keepWire() { s.wire = clone(s.doc) }

func (s *shaper) remember(n *yaml.Node, at pointer) {
	switch {
	case isMap(n):
		s.origin[n] = at
		for key, value := range pairs(n) {
			s.remember(value, at.at(key))
		}
	case isSeq(n):
		s.origin[n] = at
		for i, item := range n.Content {
			s.remember(item, at.index(i))
		}
	}
}

// copyOf returns a deep copy of n whose parts have the origin of the parts of n.
func (s *shaper) copyOf(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = s.copyOf(child)
	}
	if at, ok := s.origin[n]; ok {
		s.origin[&c] = at
	}
	return &c
}

// fail reports a place that the passes do not understand.
func (s *shaper) fail(n *yaml.Node, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %s", s.place(n), fmt.Sprintf(format, args...)))
}

// place returns the JSON pointer to n for a message.
func (s *shaper) place(n *yaml.Node) pointer {
	if at, ok := s.origin[n]; ok {
		return at
	}
	return "#"
}

// giveUp makes raw JSON of a schema that the passes do not understand, or
// fails if that is not wanted.
func (s *shaper) giveUp(n *yaml.Node, format string, args ...any) {
	if s.strict {
		s.fail(n, format+"; add an action to the overlay", args...)
		return
	}
	s.note(n, format+"; left as raw JSON", args...)
	become(n, mapping(extRaw, boolean(true)))
}

// note reports something about a place that the user of the document should know.
func (s *shaper) note(n *yaml.Node, format string, args ...any) {
	s.notes = append(s.notes, Note{string(s.place(n)), fmt.Sprintf(format, args...)})
}

// become replaces the content of n by that of other; n keeps its identity, so
// that whoever holds it sees the change.
func become(n, other *yaml.Node) {
	n.Kind, n.Tag, n.Value, n.Style = other.Kind, other.Tag, other.Value, other.Style
	n.Content = other.Content
}

func (s *shaper) schemas() *yaml.Node {
	if n := get(s.doc, "components", "schemas"); n != nil {
		return n
	}
	n := mapping()
	if get(s.doc, "components") == nil {
		set(s.doc, "components", mapping())
	}
	set(get(s.doc, "components"), "schemas", n)
	return n
}

const schemaRef = "#/components/schemas/"

// ref returns a reference to a component.
func ref(name string) *yaml.Node { return mapping("$ref", str(schemaRef+name)) }

// refName returns the name of the component that n refers to, or "".
func refName(n *yaml.Node) string {
	name, ok := strings.CutPrefix(text(get(n, "$ref")), schemaRef)
	if !ok || strings.Contains(name, "/") { // a place inside a component is none
		return ""
	}
	return name
}

// target returns the component that n refers to, or n itself.
func (s *shaper) target(n *yaml.Node) *yaml.Node {
	for range 100 {
		name := refName(n)
		if name == "" {
			return n
		}
		n = get(s.schemas(), name)
	}
	return n
}

// An endpointOperation is one operation of the document.
type endpointOperation struct {
	endpoint string // without the leading slash
	method   string
	node     *yaml.Node
	many     bool // the twin of an operation, which asks for many
}

// twin returns the second method of an operation, or nil.
func (op endpointOperation) twin() *endpointOperation {
	if n := get(op.node, extTwin); n != nil {
		return &endpointOperation{op.endpoint, op.method, n, true}
	}
	return nil
}

// eachOperation yields the operations in the order of their paths.
func eachOperation(doc *yaml.Node) []endpointOperation {
	var ops []endpointOperation
	for path, methods := range pairs(get(doc, "paths")) {
		for method, op := range pairs(methods) {
			if method == "get" || method == "post" {
				ops = append(ops, endpointOperation{strings.TrimPrefix(path, "/"), method, op, false})
			}
		}
	}
	slices.SortStableFunc(ops, func(a, b endpointOperation) int { return strings.Compare(a.endpoint, b.endpoint) })
	return ops
}

// content returns the map that holds the schema of a request or response, and
// its media type.
func content(n *yaml.Node) (mediaType string, holder *yaml.Node) {
	for mediaType, holder := range pairs(get(n, "content")) {
		return mediaType, holder
	}
	return "", nil
}

// A slot is a place that holds a schema at the root of something.
type slot struct {
	holder *yaml.Node // schemas of components, or a media type object
	key    string
	op     *endpointOperation // nil for a component
	dir    direction
}

func (sl slot) schema() *yaml.Node    { return get(sl.holder, sl.key) }
func (sl slot) replace(by *yaml.Node) { set(sl.holder, sl.key, by) }

// A direction says whether a schema describes what is sent or what comes back.
type direction uint8

const (
	response direction = 1 << iota
	request
)

// slots returns the roots of all schemas: components first, in the order of
// their names, then requests and responses in the order of the endpoints.
func (s *shaper) slots() []slot {
	var slots []slot
	schemas := s.schemas()
	for name := range pairs(schemas) {
		slots = append(slots, slot{holder: schemas, key: name})
	}
	slices.SortFunc(slots, func(a, b slot) int { return strings.Compare(a.key, b.key) })
	for _, op := range eachOperation(s.doc) {
		slots = append(slots, op.slots()...)
		if twin := op.twin(); twin != nil {
			slots = append(slots, twin.slots()...)
		}
	}
	return slots
}

func (op endpointOperation) slots() []slot {
	var slots []slot
	if _, holder := content(get(op.node, "requestBody")); get(holder, "schema") != nil {
		slots = append(slots, slot{holder, "schema", &op, request})
	}
	if _, holder := content(get(op.node, "responses", "200")); get(holder, "schema") != nil {
		slots = append(slots, slot{holder, "schema", &op, response})
	}
	return slots
}

// children yields the schemas directly below n.
func children(n *yaml.Node) []*yaml.Node {
	var found []*yaml.Node
	if !isMap(n) || get(n, "$ref") != nil {
		return nil
	}
	for _, property := range pairs(get(n, "properties")) {
		found = append(found, property)
	}
	for _, key := range []string{"items", "additionalProperties", extOneOrMany} {
		if sub := get(n, key); isMap(sub) {
			found = append(found, sub)
		}
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf", "prefixItems"} {
		found = append(found, items(get(n, key))...)
	}
	return append(found, kindRefs(n)...)
}

// walk calls visit for n and all schemas below it, the deepest first.
func walk(n *yaml.Node, visit func(*yaml.Node)) {
	for _, child := range children(n) {
		walk(child, visit)
	}
	if isMap(n) {
		visit(n)
	}
}

// walkAll calls visit for all schemas of the document.
func (s *shaper) walkAll(visit func(*yaml.Node)) {
	for _, sl := range s.slots() {
		walk(sl.schema(), visit)
	}
}

// typeOf returns the type of a schema, without null, or "" where it has none or
// several.
func typeOf(n *yaml.Node) string {
	types := slices.DeleteFunc(texts(get(n, "type")), func(t string) bool { return t == "null" })
	if len(types) == 1 {
		return types[0]
	}
	return ""
}

// isNullable reports whether a schema allows null by its type.
func isNullable(n *yaml.Node) bool {
	if slices.Contains(texts(get(n, "type")), "null") {
		return true
	}
	return get(n, "$ref") == nil && slices.ContainsFunc(items(get(n, "oneOf")), isNullType)
}

func isNullType(n *yaml.Node) bool {
	types := texts(get(n, "type"))
	return len(types) == 1 && types[0] == "null"
}

// setNullable makes a schema allow null.
func setNullable(n *yaml.Node) {
	if isNullable(n) {
		return
	}
	if isRefOnly(n) {
		inner := mapping("$ref", get(n, "$ref"))
		remove(n, "$ref")
		set(n, "oneOf", sequence(inner, mapping("type", str("null"))))
		return
	}
	if t := texts(get(n, "type")); len(t) > 0 {
		set(n, "type", stringSeq(append(t, "null")))
		return
	}
	if isSeq(get(n, "oneOf")) {
		get(n, "oneOf").Content = append(get(n, "oneOf").Content, mapping("type", str("null")))
		return
	}
	if isSeq(get(n, "allOf")) || isSeq(get(n, "anyOf")) {
		inner := *n
		become(n, mapping("oneOf", sequence(&inner, mapping("type", str("null")))))
	}
}

func isRefOnly(n *yaml.Node) bool { return get(n, "$ref") != nil }

// nullableRef returns the name of the component that n, a reference that may be
// null, refers to, or "".
func nullableRef(n *yaml.Node) string {
	if name := refName(n); name != "" {
		return name
	}
	arms := items(get(n, "oneOf"))
	if len(arms) == 2 && isNullType(arms[1]) {
		return refName(arms[0])
	}
	return ""
}

// isObject reports whether a schema describes an object with known properties.
func isObject(n *yaml.Node) bool { return isMap(get(n, "properties")) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
