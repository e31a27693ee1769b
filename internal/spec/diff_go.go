package spec

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The Go side of a diff is read off what is printed, so that it cannot say
// anything else than the compiler will.

// A surface is what programs can use of a package: types, "Type.Field",
// "Type.Method", functions, variables and constants.
type surface map[string]symbol

type symbol struct {
	kind       string // "type", "field", "method", "function", "variable" or "constant"
	text       string // its type, and the value of a constant
	owner      string // the type that it belongs to
	comparable bool   // of a type: == takes it
}

// provenance are the constants that say where a package is from.
var provenance = []string{"DocumentDigest", "GeneratorVersion", "MisskeyVersion"}

// constant returns the name of the constant of a type that has a value, or "".
func (s surface) constant(owner, value string) string {
	want := owner + " = " + strconv.Quote(value)
	for name, symbol := range s {
		if symbol.owner == owner && symbol.text == want {
			return name
		}
	}
	return ""
}

// surfaceOf reads the exported surface of a generated package.
func surfaceOf(files map[string][]byte) (surface, error) {
	r := &surfaceReader{types: map[string]*ast.TypeSpec{}}
	decls, err := declarations(files)
	if err != nil {
		return nil, err
	}
	for _, decl := range decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, spec := range g.Specs {
				t := spec.(*ast.TypeSpec)
				r.types[t.Name.Name] = t
			}
		}
	}
	s := surface{}
	for _, decl := range decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name, owner, kind := decl.Name.Name, "", "function"
			if decl.Recv != nil {
				kind = "method"
				owner = receiver(decl.Recv.List[0].Type)
				name = owner + "." + name
			}
			if decl.Name.IsExported() {
				text := r.text(decl.Type)
				if owner == "Client" {
					text = everyCall.Replace(text)
				}
				s[name] = symbol{kind: kind, text: text, owner: owner}
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				r.add(s, spec)
			}
		}
	}
	maps.DeleteFunc(s, func(name string, _ symbol) bool { return !token.IsExported(name) })
	return s, nil
}

// everyCall leaves out of a method what all of them have.
var everyCall = strings.NewReplacer("(context.Context, ...api.CallOption)", "() ", "(context.Context, ", "(", ", ...api.CallOption)", ") ")

type surfaceReader struct {
	types map[string]*ast.TypeSpec
	depth int
}

func (r *surfaceReader) add(s surface, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		name := spec.Name.Name
		fields, isStruct := spec.Type.(*ast.StructType)
		if !isStruct {
			s[name] = symbol{kind: "type", text: r.text(spec.Type), comparable: r.isComparable(spec.Type, nil)}
			return
		}
		s[name] = symbol{kind: "type", text: "struct", comparable: r.isComparable(spec.Type, []string{name})}
		for _, f := range fields.Fields.List {
			for _, ident := range f.Names {
				if ident.IsExported() {
					s[name+"."+ident.Name] = symbol{kind: "field", text: r.text(f.Type), owner: name}
				}
			}
		}
	case *ast.ValueSpec:
		for i, ident := range spec.Names {
			c := symbol{kind: "variable"}
			if spec.Type != nil {
				c.text = r.text(spec.Type)
				c.owner = c.text
			}
			if i < len(spec.Values) {
				if value, ok := spec.Values[i].(*ast.BasicLit); ok {
					c.kind = "constant"
					c.text = strings.TrimSpace(c.text + " = " + canonicalLiteral(value.Value))
				}
			}
			s[ident.Name] = c
		}
	}
}

// canonicalLiteral writes the same string the same way.
func canonicalLiteral(literal string) string {
	if value, err := strconv.Unquote(literal); err == nil {
		return strconv.Quote(value)
	}
	return literal
}

// alias returns what a name stands for that is an alias, or nil.
func (r *surfaceReader) alias(name string) ast.Expr {
	t := r.types[name]
	if t == nil || !t.Assign.IsValid() || r.depth > maxDepth {
		return nil
	}
	if generic, ok := t.Type.(*ast.IndexExpr); ok && t.TypeParams != nil {
		return generic.X
	}
	return t.Type
}

// text writes a type without the names of parameters, and with what aliases
// stand for.
func (r *surfaceReader) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if to := r.alias(e.Name); to != nil {
			r.depth++
			defer func() { r.depth-- }()
			return r.text(to)
		}
		return e.Name
	case *ast.SelectorExpr:
		return r.text(e.X) + "." + e.Sel.Name
	case *ast.StarExpr:
		return "*" + r.text(e.X)
	case *ast.ArrayType:
		return "[]" + r.text(e.Elt)
	case *ast.MapType:
		return "map[" + r.text(e.Key) + "]" + r.text(e.Value)
	case *ast.Ellipsis:
		return "..." + r.text(e.Elt)
	case *ast.IndexExpr:
		return r.text(e.X) + "[" + r.text(e.Index) + "]"
	case *ast.IndexListExpr:
		var args []string
		for _, arg := range e.Indices {
			args = append(args, r.text(arg))
		}
		return r.text(e.X) + "[" + strings.Join(args, ", ") + "]"
	case *ast.FuncType:
		return "func" + r.tuple(e.Params) + r.tuple(e.Results)
	case *ast.InterfaceType:
		return "any"
	case *ast.StructType:
		return "struct" + r.tuple(e.Fields)
	}
	return "?"
}

func (r *surfaceReader) tuple(list *ast.FieldList) string {
	if list == nil {
		return ""
	}
	var types []string
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			types = append(types, r.text(f.Type))
		}
	}
	return "(" + strings.Join(types, ", ") + ")"
}

// incomparable are the types of other packages that == does not take.
var incomparable = []string{"json.RawMessage", "api.MutedWord", "api.OneOrMany"}

// isComparable reports whether == takes values of a type. Losing that breaks
// programs, too.
func (r *surfaceReader) isComparable(e ast.Expr, within []string) bool {
	switch e := e.(type) {
	case *ast.Ident:
		t := r.types[e.Name]
		if t == nil || slices.Contains(within, e.Name) {
			return true
		}
		return r.isComparable(t.Type, append(within, e.Name))
	case *ast.ArrayType, *ast.MapType, *ast.FuncType:
		return false
	case *ast.SelectorExpr:
		return !slices.Contains(incomparable, r.text(e))
	case *ast.IndexExpr:
		switch r.text(e.X) {
		case "api.Nullable":
			return r.isComparable(e.Index, within)
		case "api.OneOrMany":
			return false
		}
	case *ast.StructType:
		for _, f := range e.Fields.List {
			if !r.isComparable(f.Type, within) {
				return false
			}
		}
	}
	return true
}

// A goChange is what differs in one symbol.
type goChange struct {
	text string
	old  string
	new  string
	Severity
}

// isWhole reports whether the symbol came or went.
func (g goChange) isWhole() bool { return g.old == "" || g.new == "" }

// goChanges compares two surfaces as the compiler of a program would. What
// belongs to a type that came or went is not told apart from it.
func goChanges(old, next surface) map[string]goChange {
	changes := map[string]goChange{}
	// replaced reports whether the type is not there, or not as a struct.
	replaced := func(owner string) bool {
		was, is := old[owner], next[owner]
		return owner != "" && (was.text == "") != (is.text == "") || was.text != is.text && (was.text == "struct" || is.text == "struct")
	}
	isMember := func(name string) bool { return strings.Contains(name, ".") }
	for name, was := range old {
		is, ok := next[name]
		switch {
		case slices.Contains(provenance, name), isMember(name) && replaced(was.owner):
		case !ok:
			changes[name] = goChange{name + " removed", was.text, "", Breaking}
		case was.text != is.text:
			changes[name] = goChange{name + ": " + was.text + " → " + is.text, was.text, is.text, Breaking}
		case was.comparable && !is.comparable:
			changes[name] = goChange{name + ": no longer comparable", "comparable", "not comparable", Breaking}
		}
	}
	for name, is := range next {
		if _, ok := old[name]; !ok && !(isMember(name) && replaced(is.owner)) && !slices.Contains(provenance, name) {
			changes[name] = goChange{name + " added", "", is.text, Notable}
		}
	}
	return changes
}

// goChanges tells of every change what it means in Go, and adds what no other
// change explains.
func (d *differ) goChanges() {
	rest := goChanges(d.old.surface, d.new.surface)
	explained := map[string]bool{}
	explain := func(c *Change, name string) {
		if g, ok := rest[name]; ok {
			c.Symbols = append(c.Symbols, g.text)
			c.Go = max(c.Go, g.Severity)
			explained[name] = true
		}
	}
	// With a type its constants come and go.
	constants := map[string][]string{}
	for name := range rest {
		for _, side := range []surface{d.old.surface, d.new.surface} {
			if owner := side[name].owner; owner != "" && !strings.Contains(name, ".") && !slices.Contains(constants[owner], name) {
				constants[owner] = append(constants[owner], name)
			}
		}
	}
	for _, c := range d.byKey {
		for _, name := range c.claims {
			explain(c, name)
		}
		for _, name := range c.types {
			if g, ok := rest[name]; ok && g.isWhole() {
				explain(c, name)
				for _, constant := range constants[name] {
					explain(c, constant)
				}
			}
		}
	}
	for name := range explained {
		delete(rest, name)
	}
	clear(explained)
	// The types of an endpoint that came or went belong to it, and to a type
	// its constants do.
	oldTypes, newTypes := d.old.endpointsOfTypes(), d.new.endpointsOfTypes()
	for _, name := range sortedKeys(rest) {
		g := rest[name]
		side, types, other, kind := d.new, newTypes, d.old, "endpoint added"
		if g.new == "" {
			side, types, other, kind = d.old, oldTypes, d.new, "endpoint removed"
		} else if g.old != "" {
			continue
		}
		owner := name
		if o := side.surface[name].owner; o != "" && other.surface[o].text == "" && side.surface[o].text != "" {
			owner = o
		}
		if endpoint := d.onlyIn(types[owner], other); endpoint != "" {
			if c := d.find(kind, endpoint); c != nil {
				explain(c, name)
			}
		}
	}
	for name := range explained {
		delete(rest, name)
	}
	d.goOnly(rest, oldTypes, newTypes)
}

// An exchange is that one type stands where another stood, which has gone or
// come with that.
type exchange struct {
	other   string
	symbols []goChange
}

// exchanges takes the symbols out of rest that have changed because of a type that
// came or went, and returns them by that type.
func exchanges(rest map[string]goChange) map[string]exchange {
	found := map[string]exchange{}
	for _, name := range sortedKeys(rest) {
		was, is, ok := exchangedType(rest[name])
		if !ok {
			continue
		}
		for _, pair := range [][2]string{{was, is}, {is, was}} {
			typ, other := pair[0], pair[1]
			g, told := rest[typ]
			if !told || !g.isWhole() || (g.new == "") != (typ == was) || found[typ].other != "" && found[typ].other != other {
				continue
			}
			found[typ] = exchange{other, append(found[typ].symbols, rest[name])}
			delete(rest, name)
			break
		}
	}
	return found
}

var goWord = regexp.MustCompile(`\w+|\W+`)

// exchangedType returns the name that stands in place of another, if that is all
// that differs in a symbol.
func exchangedType(g goChange) (was, is string, ok bool) {
	before, after := goWord.FindAllString(g.old, -1), goWord.FindAllString(g.new, -1)
	if len(before) != len(after) {
		return "", "", false
	}
	for i := range before {
		switch {
		case before[i] == after[i]:
		case was == "":
			was, is = before[i], after[i]
		case before[i] != was || after[i] != is:
			return "", "", false
		}
	}
	return was, is, was != ""
}

// goOnly adds changes that only Go knows of.
func (d *differ) goOnly(rest map[string]goChange, oldTypes, newTypes map[string]*uses) {
	exchanged := exchanges(rest)
	for _, name := range sortedKeys(rest) {
		g := rest[name]
		side, types := d.new, newTypes
		if g.new == "" {
			side, types = d.old, oldTypes
		}
		symbol := side.surface[name]
		kind := symbol.kind + " added"
		switch {
		case g.new == "":
			kind = symbol.kind + " removed"
		case g.old != "":
			kind = "Go type changed"
		}
		owner := symbol.owner
		if t, told := rest[owner]; told && t.isWhole() && symbol.kind == "constant" {
			continue // a constant of a type that is told
		}
		c := Change{Part: PartGo, Kind: kind, Place: name, Go: g.Severity, Symbols: []string{g.text}}
		if kind == "Go type changed" {
			c.Old, c.New = g.old, g.new
		}
		if x, ok := exchanged[name]; ok {
			if g.new == "" {
				c.Kind, c.New = "type replaced", x.other
			}
			for _, symbol := range x.symbols {
				c.Symbols = append(c.Symbols, symbol.text)
				c.Go = max(c.Go, symbol.Severity)
			}
		}
		if owner == "" {
			owner = name
		}
		if used := types[owner]; used != nil {
			c.Requests, c.Responses = sortedKeys(used.requests), sortedKeys(used.responses)
		}
		for member, m := range rest {
			if g.isWhole() && side.surface[member].owner == name && side.surface[member].kind == "constant" {
				c.Symbols = append(c.Symbols, m.text)
			}
		}
		d.add(c)
	}
}

// endpointsOfTypes returns the endpoints of each Go type.
func (d *diffDocument) endpointsOfTypes() map[string]*uses {
	types := map[string]*uses{}
	for name, used := range d.uses {
		name = d.goName(name)
		if types[name] == nil {
			types[name] = &uses{map[string]bool{}, map[string]bool{}}
		}
		maps.Copy(types[name].requests, used.requests)
		maps.Copy(types[name].responses, used.responses)
	}
	return types
}

// onlyIn returns the first of the endpoints if the other document has none of
// them, else "".
func (d *differ) onlyIn(used *uses, other *diffDocument) string {
	if used == nil {
		return ""
	}
	endpoints := maps.Clone(used.requests)
	maps.Copy(endpoints, used.responses)
	for endpoint := range endpoints {
		if other.operations[endpoint] != nil {
			return ""
		}
	}
	if len(endpoints) == 0 {
		return ""
	}
	return sortedKeys(endpoints)[0]
}

// find returns the change of a kind at a place that says no more, or nil.
func (d *differ) find(kind, place string) *Change {
	return d.byKey[changeKey(Change{Kind: kind, Place: line(place)})]
}
