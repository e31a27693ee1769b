package spec

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Whatever a document says, Generate ends without a panic, and what it makes
// compiles. The odd documents are mutated as trees: mutated as text, few of them
// would get past the parser.
func FuzzGenerate(f *testing.F) {
	docs := oddDocuments(f)
	for seed := range uint64(60) {
		f.Add(seed, uint8(seed%8))
	}
	f.Fuzz(func(t *testing.T, seed uint64, mutations uint8) {
		m := mutator{Rand: rand.New(rand.NewPCG(seed, 1))}
		short := clone(docs[m.IntN(len(docs))])
		m.pool = docs[m.IntN(len(docs))]
		for range mutations % 16 { // the work is bounded
			m.mutate(short)
		}
		doc, written := expanded(t, short)
		if doc == nil {
			return
		}
		for _, strict := range []bool{true, false} {
			opts := lenient(doc)
			opts.Strict = strict
			g, err := Generate(opts)
			switch {
			case err == nil:
				if !strict {
					compiled(t, g.Files)
					checkFreeJSON(t, g)
				}
			case !strict && !isRefusal(err):
				t.Errorf("generation fails: %v", err)
			}
			if t.Failed() {
				t.Logf("the document is\n%s", written)
			}
		}
	})
}

// expanded returns a mutated document as it would be read from a file, and that
// file; nil where it is none any more.
func expanded(t *testing.T, short *yaml.Node) (doc, written []byte) {
	written, err := yamlBytes(short)
	if err != nil {
		t.Fatal(err)
	}
	if short, err = Parse(append([]byte("# YAML\n"), written...)); err != nil {
		return nil, written
	}
	if doc, err = expand(short); err != nil {
		return nil, written
	}
	return doc, written
}

// oddDocuments returns the odd documents in short, and the golden one.
func oddDocuments(f *testing.F) []*yaml.Node {
	f.Helper()
	var docs []*yaml.Node
	files, err := filepath.Glob("testdata/odd/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/golden/document.yaml") {
		short, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		doc, err := Parse(short)
		if err != nil {
			f.Fatal(err)
		}
		docs = append(docs, doc)
	}
	return docs
}

// isRefusal reports whether an error is one of the importer: what it takes,
// generate must take.
func isRefusal(err error) bool {
	return !strings.Contains(err.Error(), "shap") && !strings.Contains(err.Error(), "oapi-codegen")
}

// A mutator changes documents at random.
type mutator struct {
	*rand.Rand
	pool *yaml.Node // where parts are taken from
}

// pick returns any node of a tree, or any map.
func (m mutator) pick(n *yaml.Node, maps bool) *yaml.Node {
	var found []*yaml.Node
	var collect func(*yaml.Node)
	collect = func(n *yaml.Node) {
		if isMap(n) || !maps {
			found = append(found, n)
		}
		for i, child := range n.Content {
			if !isMap(n) || i%2 == 1 {
				collect(child)
			}
		}
	}
	collect(n)
	return found[m.IntN(len(found))]
}

var (
	oddTexts = []string{"", "a", "null", "string", "object", "array", "integer", "type", "日本語", "foo-bar", "*/", "`", "x\ny", "#/components/schemas/Thing", "#/components/schemas/Kind", "#/components/schemas/A", "date-time", "binary", "Client"}
	keywords = []string{"type", "properties", "items", "oneOf", "anyOf", "allOf", "enum", "const", "required", "additionalProperties", "format", "default", "prefixItems", "$ref", "patternProperties", "request", "response", extNull, extRaw, extErrors, extPermission}
)

func (m mutator) mutate(doc *yaml.Node) {
	n := m.pick(doc, true)
	switch m.IntN(6) {
	case 0: // take something out
		if len(n.Content) > 0 {
			remove(n, n.Content[m.IntN(len(n.Content)/2)*2].Value)
		}
	case 1: // put something of the other document in
		part := clone(m.pick(m.pool, false))
		if len(n.Content) > 0 && m.IntN(2) == 0 {
			n.Content[m.IntN(len(n.Content)/2)*2+1] = part
		} else {
			set(n, keywords[m.IntN(len(keywords))], part)
		}
	case 2: // another key
		if len(n.Content) > 0 {
			n.Content[m.IntN(len(n.Content)/2)*2] = str(append(oddTexts, keywords...)[m.IntN(len(oddTexts)+len(keywords))])
		}
	case 3: // another scalar
		if at := m.pick(doc, false); at.Kind == yaml.ScalarNode {
			become(at, []*yaml.Node{str(oddTexts[m.IntN(len(oddTexts))]), boolean(true), {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, {Kind: yaml.ScalarNode, Tag: "!!int", Value: "-1"}, {Kind: yaml.ScalarNode, Tag: "!!float", Value: "0.5"}}[m.IntN(5)])
		}
	case 4: // move a part of the document elsewhere
		part := clone(m.pick(doc, true))
		become(n, part)
	case 5: // a union, an allOf or a list of what is there
		inner := *n
		key := []string{"oneOf", "anyOf", "allOf", "prefixItems", "items"}[m.IntN(5)]
		arms := sequence(&inner, clone(m.pick(doc, true)))
		if key == "items" {
			arms = &inner
		}
		become(n, mapping(key, arms))
	}
}
