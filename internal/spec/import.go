package spec

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// importHeader stands at the top of what Import writes.
const importHeader = `# Misskey's OpenAPI document, reduced to what a client needs.
# Written by "misskey-spec import"; do not edit by hand. What the document gets
# wrong is corrected in the overlay, not here.
`

// Import turns Misskey's OpenAPI document into the form that is kept under
// version control. The source is the api.json of an instance, the one that
// Misskey's build writes, or what Import itself has written; all of them give
// the same bytes.
//
// What people read (summaries, descriptions, examples, messages) is left out.
// The facts that Misskey hides in it become x-misskey- fields: who may call an
// operation, and the codes and ids of its errors. The rest is kept, in a fixed
// order. Whatever Import does not know it refuses, with a JSON pointer to the
// place; it never drops what it does not understand.
func Import(src []byte) ([]byte, error) {
	out, _, err := importDocument(src, true)
	return out, err
}

// ImportLenient is Import for the document of a fork, whose authors say what they
// like: what Import would refuse within the document, it leaves out, with a note.
func ImportLenient(src []byte) ([]byte, []Note, error) {
	return importDocument(src, false)
}

func importDocument(src []byte, strict bool) ([]byte, []Note, error) {
	in, err := importTree(src, strict)
	if err != nil {
		return nil, nil, err
	}
	out, err := in.readBack()
	if err != nil {
		return nil, nil, err
	}
	notes := in.notes
	if !strict {
		for _, op := range undeclared(in.doc) {
			notes = append(notes, Note{op.endpoint, undeclaredText})
		}
	}
	return out, notes, nil
}

// imported is a document as it has been imported.
type imported struct {
	doc   *yaml.Node // in the fixed order of what Import writes
	notes []Note     // what was left out

	needless []Note // the corrections of the overlay that it does not need, see overlaid
}

func importTree(src []byte, strict bool) (imported, error) {
	source, err := Parse(src)
	if err != nil {
		return imported{}, err
	}
	r := &reducer{source: source, refs: newReferences(source), errors: errorTables{}, strict: strict}
	if err := r.checkOpenAPI(); err != nil {
		return imported{}, err
	}
	doc, err := r.object(source, root, documentObject)
	if err != nil {
		return imported{}, err
	}
	if size(get(doc, "paths")) == 0 {
		return imported{}, fmt.Errorf("%s: the document has no operations: expected the /api.json of a Misskey instance; is it complete?", root.at("paths"))
	}
	if r.marked == 0 && (strict || get(doc, "paths", "/notes/create") == nil) {
		return imported{}, fmt.Errorf("%s: no operation says whether it needs a credential, so this is not Misskey's document: expected the /api.json of a Misskey instance", root.at("paths"))
	}
	if !strict {
		if !openAPI31.MatchString(text(get(doc, "openapi"))) { // another that checkOpenAPI takes
			set(doc, "openapi", str("3.1.0"))
		}
		r.dropDangling(newReferences(doc), doc, root, false)
	}
	set(doc, "servers", sequence(mapping("url", str("/api"))))
	closePageBlocks(doc)
	if err := factorErrors(doc, r.errors, strict); err != nil {
		return imported{}, err
	}
	doc = ordered(doc)
	if err := validateOpenAPI(doc, strict); err != nil {
		return imported{}, err
	}
	return imported{doc: doc, notes: collapsed(r.notes)}, nil
}

// Describe says in a few words which document data is: its version and size.
func Describe(data []byte) (string, error) {
	doc, err := Parse(data)
	if err != nil {
		return "", err
	}
	paths, operations := 0, 0
	for _, item := range pairs(get(doc, "paths")) {
		paths++
		for _, operation := range pairs(item) {
			if get(operation, "responses") != nil {
				operations++
			}
		}
	}
	return fmt.Sprintf("%s %s, %d operations on %d paths", text(get(doc, "info", "title")), text(get(doc, "info", "version")), operations, paths), nil
}

var (
	openAPI31 = regexp.MustCompile(`^3\.1\.[0-2]$`)
	openAPI30 = regexp.MustCompile(`^3\.0(\.[0-9])?$`)
	// The Sharkey family writes 3.1 without a patch version.
	openAPI31Short = regexp.MustCompile(`^3\.1$`)
)

// checkOpenAPI reports why the source is not an OpenAPI document that can be read.
// One of 3.0, as Misskey had before 2024.2, is read leniently: where 3.1 says it
// otherwise, the shaper knows both.
func (r *reducer) checkOpenAPI() error {
	doc := r.source
	version := get(doc, "openapi")
	if !r.strict && version != nil && version.Tag == "!!str" && (openAPI30.MatchString(text(version)) || openAPI31Short.MatchString(text(version))) {
		r.notes = append(r.notes, Note{string(root.at("openapi")), "read as OpenAPI 3.1, not " + text(version)})
		return nil
	}
	switch {
	case version == nil && get(doc, "swagger") != nil:
		return fmt.Errorf("%s: this is a Swagger 2 document: expected OpenAPI 3.1", root.at("swagger"))
	case version == nil:
		return fmt.Errorf("%s: there is no openapi field, so this is not an OpenAPI document: expected the /api.json of a Misskey instance", root)
	case version.Tag != "!!str" || !openAPI31.MatchString(version.Value):
		return fmt.Errorf("%s: OpenAPI version %q cannot be read: expected 3.1.0 to 3.1.2", root.at("openapi"), text(version))
	}
	return nil
}

// closePageBlocks mends the one difference between the two editions of the
// document: as an instance serves it, the children of a PageBlock's section are
// just objects; as Misskey's build writes it, they are PageBlocks, which they are.
func closePageBlocks(doc *yaml.Node) {
	for _, arm := range items(get(doc, "components", "schemas", "PageBlock", "oneOf")) {
		children := get(arm, "properties", "children")
		if slices.Equal(texts(get(arm, "properties", "type", "enum")), []string{"section"}) &&
			canonical(get(children, "items")) == canonical(mapping("type", str("object"))) {
			set(children, "items", mapping("$ref", str("#/components/schemas/PageBlock")))
		}
	}
}

// topOrder is the order of the document's own fields; those not named come
// last. Every other map is sorted by key.
var topOrder = []string{"openapi", "jsonSchemaDialect", "info", "servers", "security", "tags", "paths", "components"}

// ordered returns a copy of doc in the order in which Import writes it.
func ordered(doc *yaml.Node) *yaml.Node {
	doc = plain(doc)
	sortKeys(doc)
	sortPairs(doc, func(a, b string) int {
		return cmp.Or(cmp.Compare(topRank(a), topRank(b)), cmp.Compare(a, b))
	})
	return doc
}

// digest returns the SHA-256 of what Import writes.
func (in imported) digest() (string, error) {
	data, err := in.written()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// written returns the document as Import writes it.
func (in imported) written() ([]byte, error) {
	data, err := yamlBytes(in.doc)
	if err != nil {
		return nil, fmt.Errorf("writing the document as YAML: %w", err)
	}
	return append([]byte(importHeader), data...), nil
}

// readBack is written, and reads the result again, because nothing else would
// notice a value that YAML takes for another one.
func (in imported) readBack() ([]byte, error) {
	data, err := in.written()
	if err != nil {
		return nil, err
	}
	again, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading back the YAML: %w", err)
	}
	if canonical(again) != canonical(in.doc) {
		return nil, errors.New("the document holds a value that is another one in YAML: this is a bug of the importer")
	}
	return data, nil
}

func topRank(key string) int {
	if i := slices.Index(topOrder, key); i >= 0 {
		return i
	}
	return len(topOrder)
}

// sortKeys sorts all maps in n by key.
func sortKeys(n *yaml.Node) {
	sortPairs(n, cmp.Compare[string])
	for _, child := range n.Content {
		sortKeys(child)
	}
}

// sortPairs sorts the entries of the map n by key.
func sortPairs(n *yaml.Node, compare func(a, b string) int) {
	if !isMap(n) {
		return
	}
	entries := slices.Collect(slices.Chunk(n.Content, 2))
	slices.SortFunc(entries, func(a, b []*yaml.Node) int { return compare(a[0].Value, b[0].Value) })
	n.Content = slices.Concat(entries...)
}

// ambiguous matches texts that YAML 1.1 takes for booleans and base 60 numbers
// when they are not quoted. The YAML package itself does not, but other readers do: one
// of Misskey's language codes is "no".
var ambiguous = regexp.MustCompile(`^<<$|^(?i:y|n|yes|no|on|off)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// plain returns a copy of n without comments, positions and styles: the writer
// chooses the style, save for the quotes that it would not choose.
func plain(n *yaml.Node) *yaml.Node {
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	if c.Tag == "!!str" && (ambiguous.MatchString(c.Value) || strings.Contains(c.Value, "\n")) {
		c.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		c.Content = append(c.Content, plain(child))
	}
	return c
}
