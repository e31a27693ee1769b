package spec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Severity says how much a change matters.
type Severity int

const (
	Harmless Severity = iota
	Notable           // seen by programs, which go on working
	Lost              // the document says less than before; servers may well do what they did
	Breaking
)

var severities = []string{"none", "notable", "lost detail", "breaking"}

func (s Severity) String() string { return severities[s] }

// MarshalText returns the severity as the JSON form of a diff has it.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Part is what of a document a change is about.
type Part string

// The parts, in the order in which a diff has them.
const (
	PartEndpoint   Part = "endpoint"
	PartType       Part = "type"
	PartError      Part = "error"
	PartPermission Part = "permission"
	PartGo         Part = "go" // what is printed, and nothing else
)

var parts = []Part{PartEndpoint, PartType, PartError, PartPermission, PartGo}

// A Change is one difference between two documents. A change of a type that
// many endpoints share is one change.
type Change struct {
	Part Part   `json:"part"`
	Kind string `json:"kind"` // "field removed"

	// Place is an endpoint, a type, a field of a type by its name in JSON
	// ("Note.text"), or what an error or a permission is called.
	Place string `json:"place"`

	// Also are further types whose field of the same name has changed in the same way.
	Also []string `json:"also,omitempty"`

	// What was there and what is there now, where that is not plain from Kind.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`

	Wire Severity `json:"wire"` // for a program that was built for the old document and meets a new server
	Go   Severity `json:"go"`   // for the source of a program; Notable is an addition

	// Symbols are what changes in Go: "Note.Text: *string → string".
	Symbols []string `json:"symbols,omitempty"`

	// The endpoints whose parameters or responses the change touches; of an error,
	// those that can have it.
	Requests  []string `json:"requests,omitempty"`
	Responses []string `json:"responses,omitempty"`
	Endpoints []string `json:"endpoints,omitempty"`

	claims []string // the symbols that the change explains
	types  []string // and the types, if they came or went
}

// A DiffSide tells which document one side of a diff is.
type DiffSide struct {
	Name      string `json:"name"`     // as the caller calls it
	Software  string `json:"software"` // what the document calls itself: Misskey, or a fork
	Version   string `json:"version"`
	Digest    string `json:"digest"` // SHA-256 of the document as imported
	Endpoints int    `json:"endpoints"`
}

// A Diff is what differs between two documents, the endpoints first.
type Diff struct {
	Old     DiffSide `json:"old"`
	New     DiffSide `json:"new"`
	Changes []Change `json:"changes"`

	// Needless are the corrections of the overlay that the new document has made
	// needless, if it is Misskey's.
	Needless []Note `json:"needless,omitempty"`

	// Notes say what was left out of the documents, because it was not understood.
	Notes []Note `json:"-"`
}

// A DiffSource is a document to compare.
type DiffSource struct {
	Name     string
	Document []byte
	Overlays
}

// Overlays are those of [GenerateOptions].
type Overlays struct {
	Overlay   []byte
	NoBuiltin bool
	Builtin   []byte
}

// Compare tells how the new document differs from the old one, both as they are
// once the overlay has corrected them, and what that means for Go code that uses
// packages generated of them. It takes any document that Generate takes.
func Compare(before, after DiffSource) (*Diff, error) {
	old, err := newDiffDocument(before)
	if err != nil {
		return nil, err
	}
	next, err := newDiffDocument(after)
	if err != nil {
		return nil, err
	}
	d := compare(old, next)
	for _, note := range next.needless {
		if !slices.Contains(old.needless, note) {
			d.Needless = append(d.Needless, note)
		}
	}
	for _, side := range []*diffDocument{old, next} {
		for _, note := range side.left {
			d.Notes = append(d.Notes, Note{side.name + ": " + note.Place, note.Text})
		}
	}
	return d, nil
}

func compare(old, next *diffDocument) *Diff {
	d := &differ{old: old, new: next, byKey: map[string]*Change{}, seen: map[seenPair]bool{}}
	d.endpoints()
	d.errors()
	d.permissions()
	d.goChanges()
	return d.result()
}

// A diffDocument is one of the documents that are compared.
type diffDocument struct {
	*prepared
	name       string
	files      map[string][]byte // the package
	surface    surface
	operations map[string]*operation
	wireOps    map[string]endpointOperation
	uses       map[string]*uses             // by type before merging
	goFields   map[string]map[string]string // what fields are called in Go, by type
}

func newDiffDocument(src DiffSource) (*diffDocument, error) {
	opts := GenerateOptions{Document: src.Document, Package: "gen", Overlay: src.Overlay, NoBuiltin: src.NoBuiltin, Builtin: src.Builtin}
	p, err := prepare(opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.Name, err)
	}
	g, err := p.generate(opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.Name, err)
	}
	d := &diffDocument{prepared: p, name: src.Name, files: g.Files, operations: map[string]*operation{}, wireOps: map[string]endpointOperation{}, goFields: map[string]map[string]string{}}
	if d.surface, err = surfaceOf(g.Files); err != nil {
		return nil, fmt.Errorf("%s: %w", src.Name, err)
	}
	for _, o := range p.operations {
		d.operations[o.Endpoint] = o
	}
	for _, op := range eachOperation(p.wire) {
		d.wireOps[op.endpoint] = op
	}
	d.findUses()
	return d, nil
}

func (d *diffDocument) side() DiffSide {
	return DiffSide{Name: d.name, Software: line(d.software), Version: d.version, Digest: d.digest, Endpoints: len(d.operations)}
}

// schema returns a type before merging, or nil.
func (d *diffDocument) schema(name string) *yaml.Node {
	return get(d.wire, "components", "schemas", name)
}

// goName returns the Go type that stands for a type.
func (d *diffDocument) goName(name string) string {
	for range maxDepth {
		to, ok := d.merged[name]
		if !ok {
			break
		}
		name = to
	}
	return name
}

// uses are the endpoints that a type occurs in.
type uses struct{ requests, responses map[string]bool }

// findUses says of every type which endpoints send and return it.
func (d *diffDocument) findUses() {
	d.uses = map[string]*uses{}
	reached := map[string]map[string]bool{} // by component
	var collect func(n *yaml.Node, found map[string]bool)
	collect = func(n *yaml.Node, found map[string]bool) {
		walk(n, func(n *yaml.Node) {
			for _, name := range mentioned(n) {
				if found[name] || d.schema(name) == nil {
					continue
				}
				found[name] = true
				collect(d.schema(name), found)
			}
		})
	}
	closure := func(n *yaml.Node) map[string]bool {
		found := map[string]bool{}
		walk(n, func(n *yaml.Node) {
			for _, name := range mentioned(n) {
				if d.schema(name) == nil {
					continue
				}
				if reached[name] == nil {
					reached[name] = map[string]bool{name: true}
					collect(d.schema(name), reached[name])
				}
				maps.Copy(found, reached[name])
			}
		})
		return found
	}
	for endpoint, op := range d.wireOps {
		for _, n := range []*yaml.Node{op.node, get(op.node, extTwin)} {
			request, response := bodies(n)
			for name := range closure(request) {
				d.use(name).requests[endpoint] = true
			}
			for name := range closure(response) {
				d.use(name).responses[endpoint] = true
			}
		}
	}
}

func (d *diffDocument) use(name string) *uses {
	if d.uses[name] == nil {
		d.uses[name] = &uses{map[string]bool{}, map[string]bool{}}
	}
	return d.uses[name]
}

// mentioned returns the types that a schema names itself.
func mentioned(n *yaml.Node) []string {
	var names []string
	if name := refName(n); name != "" {
		names = append(names, name)
	}
	for _, m := range typeName.FindAllStringSubmatch(text(get(n, extGoType)), -1) {
		names = append(names, m[2])
	}
	return names
}

// bodies returns the schemas of the parameters and the response of an operation.
func bodies(n *yaml.Node) (request, response *yaml.Node) {
	_, holder := content(get(n, "requestBody"))
	request = get(holder, "schema")
	_, holder = content(get(n, "responses", "200"))
	return request, get(holder, "schema")
}

// A differ collects the changes.
type differ struct {
	old, new *diffDocument
	byKey    map[string]*Change
	seen     map[seenPair]bool
}

// A seenPair is a pair of types that has been compared.
type seenPair struct {
	old, new, place string
	dir             direction
}

// add records a change; the same one at the same place is one change.
func (d *differ) add(c Change) *Change {
	c.Place, c.Old, c.New = line(c.Place), line(c.Old), line(c.New)
	key := changeKey(c)
	have := d.byKey[key]
	if have == nil {
		d.byKey[key] = &c
		return &c
	}
	have.Wire = max(have.Wire, c.Wire)
	have.Go = max(have.Go, c.Go)
	have.claims = append(have.claims, c.claims...)
	have.types = append(have.types, c.types...)
	have.Requests = append(have.Requests, c.Requests...)
	have.Responses = append(have.Responses, c.Responses...)
	have.Endpoints = append(have.Endpoints, c.Endpoints...)
	return have
}

// changeKey tells changes apart.
func changeKey(c Change) string {
	return strings.Join([]string{c.Kind, c.Place, c.Old, c.New}, "\x00")
}

func (d *differ) result() *Diff {
	r := &Diff{Old: d.old.side(), New: d.new.side(), Changes: []Change{}}
	for _, c := range d.byKey {
		r.Changes = append(r.Changes, *c)
	}
	slices.SortFunc(r.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(slices.Index(parts, a.Part), slices.Index(parts, b.Part)), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New))
	})
	r.Changes = folded(r.Changes)
	for i := range r.Changes {
		c := &r.Changes[i]
		for _, list := range []*[]string{&c.Symbols, &c.Requests, &c.Responses, &c.Endpoints} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
	}
	return r
}

// folded returns changes with one in place of those that tell the same of the same
// field of several types, as where a fork adds a field to all types of users.
func folded(changes []Change) []Change {
	var first []Change
	at := map[string]int{}
	for _, c := range changes {
		owner, field, isField := strings.Cut(c.Place, ".")
		if c.Part != PartType || !isField {
			first = append(first, c)
			continue
		}
		key := strings.Join([]string{c.Kind, field, c.Old, c.New, c.Wire.String()}, "\x00")
		i, told := at[key]
		if !told {
			at[key] = len(first)
			first = append(first, c)
			continue
		}
		same := &first[i]
		same.Also = append(same.Also, owner)
		same.Go = max(same.Go, c.Go)
		same.Symbols = slices.Concat(same.Symbols, c.Symbols)
		same.Requests = slices.Concat(same.Requests, c.Requests)
		same.Responses = slices.Concat(same.Responses, c.Responses)
	}
	return first
}
