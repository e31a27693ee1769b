package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A wireValue is a place where both documents have a value.
type wireValue struct {
	part      Part
	place     string
	name      string   // the Go type of a value that has no name of its own
	symbols   []string // what the value is in Go
	types     []string // that may have come or gone with it
	dir       direction
	requests  []string // the endpoints that it is seen in
	responses []string
	apart     int // how many types around it have another name in the other document
}

func (w wireValue) change(kind, old, next string, wire Severity) Change {
	return Change{Part: w.part, Kind: kind, Place: w.place, Old: old, New: next, Wire: wire,
		Requests: w.requests, Responses: w.responses, claims: w.symbols, types: w.types}
}

// either returns the severity of what is bad for those who send, or for those
// who receive.
func (w wireValue) either(sent, received Severity) Severity {
	if w.dir == request {
		return sent
	}
	return received
}

// value compares two schemas that stand for the same value.
func (d *differ) value(w wireValue, old, next *yaml.Node) {
	d.facets(w, old, next)
	oldKind, newKind := d.old.kind(old), d.new.kind(next)
	if oldKind == anything || newKind == anything {
		if oldKind != newKind {
			wire := w.either(Breaking, Harmless) // it says more than it did
			if newKind == anything {
				wire = Lost
			}
			d.add(d.retyped(w, old, next, wire))
		}
		return
	}
	switch was, is := isNullable(old), isNullable(next); {
	case !was && is:
		d.add(w.change("made nullable", "", "", w.either(Harmless, Breaking)))
	case was && !is:
		d.add(w.change("made not nullable", "", "", w.either(Breaking, Harmless)))
	}
	if oldKind != newKind {
		wire := Breaking
		if oldKind == "integer" && newKind == "number" {
			wire = w.either(Harmless, Breaking)
		}
		if oldKind == "number" && newKind == "integer" {
			wire = w.either(Breaking, Harmless)
		}
		if newKind == "string" && strings.HasPrefix(oldKind, "string (") {
			wire = Lost
		}
		d.add(d.retyped(w, old, next, wire))
		return
	}
	oldName, o := d.old.follow(old)
	newName, n := d.new.follow(next)
	if oldKind == "string" && (get(o, "enum") == nil || get(n, "enum") == nil) {
		w.types = slices.Concat(d.old.types(old), d.new.types(next))
		d.enum(w, o, n)
		return
	}
	if oldName != "" || newName != "" {
		w = d.inside(w, oldName, newName)
		if oldName != "" && newName != "" {
			pair := seenPair{oldName, newName, w.place, w.dir}
			if d.seen[pair] {
				return
			}
			d.seen[pair] = true
		}
	}
	switch oldKind {
	case "object":
		d.object(w, oldName, o, n)
	case "map":
		d.value(w.below("{}"), get(o, "additionalProperties"), get(n, "additionalProperties"))
	case "array":
		d.value(w.below("[]"), get(o, "items"), get(n, "items"))
	case "one or many":
		d.value(w.below("[]"), get(o, extOneOrMany), get(n, extOneOrMany))
	case "union":
		d.union(w, o, n)
	case "string":
		d.enum(w, o, n)
	}
}

// retyped is the change of a value that is of another kind.
func (d *differ) retyped(w wireValue, old, next *yaml.Node, wire Severity) Change {
	before, after := d.old.describe(old), d.new.describe(next)
	if before == after { // a type that is something else now
		before, after = d.old.kind(old), d.new.kind(next)
	}
	c := w.change("retyped", before, after, wire)
	c.types = slices.Concat(d.old.types(old), d.new.types(next))
	return c
}

// inside returns the place that is a type of its own: what is said of a type is
// said once. Where the two documents call it differently, it has been exchanged
// at this place only, and the changes are those of the place.
func (d *differ) inside(w wireValue, oldName, newName string) wireValue {
	const mostApart = 3 // places get longer; types that hold themselves have no end
	was, is := d.old.goName(oldName), d.new.goName(newName)
	if is == "" {
		is = w.name
	}
	if is == "" {
		is = was
	}
	w.name, w.symbols = is, []string{is}
	if was != "" && was != is {
		w.symbols = []string{was, is}
		if w.apart++; w.apart <= mostApart {
			return w
		}
	}
	w.part, w.place, w.apart = PartType, is, min(w.apart, mostApart)
	requests, responses := map[string]bool{}, map[string]bool{}
	for _, used := range []*uses{d.old.uses[oldName], d.new.uses[newName]} {
		if used != nil {
			maps.Copy(requests, used.requests)
			maps.Copy(responses, used.responses)
		}
	}
	if len(requests)+len(responses) > 0 {
		w.requests, w.responses = sortedKeys(requests), sortedKeys(responses)
	}
	return w
}

func (w wireValue) below(suffix string) wireValue {
	w.place += suffix
	w.name = ""
	return w
}

// object compares the fields of two objects.
func (d *differ) object(w wireValue, oldName string, old, next *yaml.Node) {
	owner := d.old.goName(oldName)
	if owner == "" {
		owner = w.name
	}
	before, after := get(old, "properties"), get(next, "properties")
	was, is := fieldsOf(old, w.dir), fieldsOf(next, w.dir)
	for name, p := range pairs(before) {
		f := d.field(w, owner, name)
		q := is[name].schema
		if q == nil {
			c := f.change("field removed", d.old.describe(p), "", Breaking)
			c.types = d.old.types(p)
			d.add(c)
			continue
		}
		switch was, is := was[name].required, is[name].required; {
		case !was && is:
			d.add(f.change("made required", "", "", w.either(Breaking, Harmless)))
		case was && !is:
			d.add(f.change("made optional", "", "", w.either(Harmless, Breaking)))
		}
		d.value(f, p, q)
	}
	for name, q := range pairs(after) {
		if was[name].schema != nil {
			continue
		}
		wire, required := Harmless, ""
		if is[name].required {
			required = ", required"
			wire = w.either(Breaking, Harmless)
		}
		c := d.field(w, owner, name).change("field added", "", d.new.describe(q)+required, wire)
		c.types = d.new.types(q)
		d.add(c)
	}
	switch was, is := get(old, "additionalProperties"), get(next, "additionalProperties"); {
	case isMap(was) && isMap(is):
		d.value(w.below("{}"), was, is)
	case isMap(was):
		d.add(w.change("no further fields", "", "", Breaking))
	case isMap(is):
		d.add(w.change("further fields", "", d.new.describe(is), Harmless))
	}
}

// An objectField is a field of an object.
type objectField struct {
	schema   *yaml.Node
	required bool // it has to be there; what has a default need not be sent
}

// fieldsOf returns the fields of an object by their names.
func fieldsOf(object *yaml.Node, dir direction) map[string]objectField {
	fields := map[string]objectField{}
	for name, p := range pairs(get(object, "properties")) {
		fields[name] = objectField{schema: p}
	}
	for _, name := range texts(get(object, "required")) {
		if f, ok := fields[name]; ok {
			byDefault := get(f.schema, "default")
			f.required = dir != request || byDefault == nil || isNull(byDefault)
			fields[name] = f
		}
	}
	return fields
}

// field returns the place of a field by its name in JSON.
func (d *differ) field(w wireValue, owner, name string) wireValue {
	var symbols []string
	for _, doc := range []*diffDocument{d.old, d.new} {
		goName := doc.goField(owner, name)
		if goName != "" && owner == w.name { // else it is the field of another type
			symbols = append(symbols, owner+"."+goName)
		}
	}
	w.place += "." + name
	w.name, w.symbols = "", symbols
	return w
}

// goField returns what a field is called in Go, or "".
func (d *diffDocument) goField(owner, name string) string {
	fields, ok := d.goFields[owner]
	if !ok {
		fields = map[string]string{}
		for name, p := range pairs(get(d.doc, "components", "schemas", owner, "properties")) {
			fields[name] = text(get(p, "x-go-name"))
		}
		d.goFields[owner] = fields
	}
	return fields[name]
}

// enum compares the values that a string may have.
func (d *differ) enum(w wireValue, old, next *yaml.Node) {
	before, after := texts(get(old, "enum")), texts(get(next, "enum"))
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		d.add(w.change("values limited", "", strings.Join(after, ", "), w.either(Breaking, Harmless)))
		return
	case after == nil:
		d.add(w.change("any value allowed", strings.Join(before, ", "), "", Lost))
		return
	}
	value := func(kind, v, old, next string, wire Severity) {
		c := w.change(kind, old, next, wire)
		for _, doc := range []*diffDocument{d.old, d.new} {
			for _, owner := range w.symbols {
				if name := doc.surface.constant(owner, v); name != "" {
					c.claims = append(slices.Clone(c.claims), name)
				}
			}
		}
		d.add(c)
	}
	for _, v := range before {
		if !slices.Contains(after, v) {
			value("value removed", v, strconv.Quote(v), "", w.either(Breaking, Harmless))
		}
	}
	for _, v := range after {
		if !slices.Contains(before, v) {
			value("value added", v, "", strconv.Quote(v), w.either(Harmless, Notable))
		}
	}
}

// union compares the alternatives of a value.
func (d *differ) union(w wireValue, old, next *yaml.Node) {
	arms := func(doc *diffDocument, n *yaml.Node) map[string]*yaml.Node {
		found := map[string]*yaml.Node{}
		for _, arm := range items(get(n, "oneOf")) {
			if !isNullType(arm) {
				found[doc.describe(arm)] = arm
			}
		}
		return found
	}
	before, after := arms(d.old, old), arms(d.new, next)
	for _, name := range sortedKeys(before) {
		if after[name] == nil {
			d.add(w.change("alternative removed", name, "", w.either(Breaking, Harmless)))
			continue
		}
		d.value(w.below(" as "+name), before[name], after[name])
	}
	for _, name := range sortedKeys(after) {
		if before[name] == nil {
			d.add(w.change("alternative added", "", name, w.either(Harmless, Notable)))
		}
	}
}

// facets compares what else is said of a value: its limits and its default,
// which count where it is sent.
func (d *differ) facets(w wireValue, old, next *yaml.Node) {
	_, oldTarget := d.old.follow(old)
	_, newTarget := d.new.follow(next)
	both := func(key string) (before, after string) {
		read := func(n, target *yaml.Node) string {
			if get(n, key) == nil && typeOf(target) != "object" {
				n = target
			}
			if v := get(n, key); v != nil && (v.Kind != yaml.ScalarNode || isNull(v)) {
				return canonical(v)
			}
			return text(get(n, key))
		}
		return read(old, oldTarget), read(next, newTarget)
	}
	for _, f := range []struct {
		key     string
		tighter func(before, after string) bool
	}{
		{"minimum", rises}, {"exclusiveMinimum", rises}, {"minLength", rises}, {"minItems", rises}, {"minProperties", rises},
		{"maximum", falls}, {"exclusiveMaximum", falls}, {"maxLength", falls}, {"maxItems", falls}, {"maxProperties", falls},
		{"pattern", given}, {"multipleOf", given}, {"uniqueItems", given},
	} {
		before, after := both(f.key)
		if before == after {
			continue
		}
		wire := Harmless
		if w.dir == request && f.tighter(before, after) {
			wire = Breaking
		}
		c := w.change("limit changed", named(f.key, before), named(f.key, after), wire)
		c.claims = nil
		d.add(c)
	}
	if before, after := both("default"); before != after {
		d.add(w.change("default changed", before, after, w.either(Notable, Harmless)))
	}
	switch was, is := isTrue(get(old, "deprecated")), isTrue(get(next, "deprecated")); {
	case !was && is:
		d.add(w.change("deprecated", "", "", Notable))
	case was && !is:
		d.add(w.change("no longer deprecated", "", "", Harmless))
	}
}

func named(key, value string) string {
	if value == "" {
		return "no " + key
	}
	return key + " " + value
}

// rises, falls and given tell whether a limit allows less than it did.
func rises(before, after string) bool { return less(before, after) }
func falls(before, after string) bool {
	if after == "" {
		return false
	}
	return before == "" || less(after, before)
}
func given(_, after string) bool { return after != "" && after != "false" }

// less compares numbers; none is less than any, and what is not a number is
// suspected.
func less(a, b string) bool {
	if a == "" || b == "" {
		return b != ""
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 != nil || err2 != nil || x < y
}

const anything = "anything"

// types returns the Go types that a schema needs.
func (d *diffDocument) types(n *yaml.Node) []string {
	var names []string
	seen := map[string]bool{}
	var collect func(n *yaml.Node)
	collect = func(n *yaml.Node) {
		walk(n, func(n *yaml.Node) {
			for _, name := range mentioned(n) {
				if !seen[name] {
					seen[name] = true
					names = append(names, d.goName(name))
					collect(d.schema(name))
				}
			}
		})
	}
	collect(n)
	return names
}

// follow returns the schema that n stands for, and its name if it has one.
func (d *diffDocument) follow(n *yaml.Node) (name string, schema *yaml.Node) {
	for range maxDepth {
		to := nullableRef(n)
		if to == "" || d.schema(to) == nil {
			break
		}
		name, n = to, d.schema(to)
	}
	return name, n
}

// kind returns what a value is in JSON, so far as two of different kinds have
// nothing in common.
func (d *diffDocument) kind(n *yaml.Node) string {
	_, n = d.follow(n)
	switch {
	case n == nil, isTrue(get(n, extRaw)):
		return anything
	case get(n, extGoType) != nil:
		return text(get(n, extGoType))
	case get(n, extOneOrMany) != nil:
		return "one or many"
	case get(n, "oneOf") != nil:
		return "union"
	case isObject(n):
		return "object"
	}
	switch t := typeOf(n); t {
	case "object":
		if isMap(get(n, "additionalProperties")) {
			return "map"
		}
	case "string":
		if format := text(get(n, "format")); format == "date-time" || format == "binary" {
			return "string (" + format + ")"
		}
		return t
	case "integer", "number", "boolean", "array":
		return t
	}
	return anything
}

// describe returns a type in a few words.
func (d *diffDocument) describe(n *yaml.Node) string {
	null := ""
	if isNullable(n) {
		null = " or null"
	}
	if name, target := d.follow(n); name != "" && target != nil {
		return d.goName(name) + null
	}
	switch kind := d.kind(n); kind {
	case "array":
		return "array of " + d.describe(get(n, "items")) + null
	case "map":
		return "map of " + d.describe(get(n, "additionalProperties")) + null
	case "one or many":
		return "one or many of " + d.describe(get(n, extOneOrMany)) + null
	default:
		return kind + null
	}
}
