package spec

import (
	"bytes"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
)

var updateGolden = flag.Bool("update-golden", false, "rewrite testdata/golden")

// ours is the package of the committed document, made once for all tests.
var ours = sync.OnceValues(func() (*Generated, error) {
	doc, err := os.ReadFile("../../api.yaml")
	if err != nil {
		return nil, err
	}
	names, err := os.ReadFile("names.yaml")
	if err != nil {
		return nil, err
	}
	return Generate(GenerateOptions{Document: doc, Package: "gen", Strict: true, Names: names})
})

// A small document with one of everything, and the whole package that comes of
// it. The templates are tested by this.
func TestGolden(t *testing.T) {
	short, err := os.ReadFile("testdata/golden/document.yaml")
	if err != nil {
		t.Fatal(err)
	}
	opts := lenient(document(t, string(short)))
	opts.Strict = true
	g, err := Generate(opts)
	if err != nil {
		t.Fatal(err)
	}
	compiled(t, g.Files)
	checkFormatted(t, g.Files)
	want := map[string]bool{"document.yaml": true}
	for _, name := range sortedKeys(g.Files) {
		golden := filepath.Join("testdata", "golden", name+".golden")
		want[name+".golden"] = true
		if *updateGolden {
			if err := os.WriteFile(golden, g.Files[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(golden)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(data, g.Files[name]) {
			t.Errorf("%s differs: %s (-update-golden rewrites it)", golden, firstDifference(g.Files[name], data))
		}
	}
	for name := range folder(t, "testdata/golden") {
		if !want[name] {
			t.Errorf("testdata/golden/%s stands for nothing", name)
		}
	}
}

// The committed document is understood to the last construct, and its names are
// those that were released.
func TestGenerateOurs(t *testing.T) {
	g, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	pkg := compiled(t, g.Files)
	checkFreeJSONListed(t, g)
	if len(g.Notes) > 0 {
		t.Errorf("notes: %v", g.Notes)
	}
	for _, name := range pkg.Scope().Names() {
		if strings.Contains(name, "_") {
			t.Errorf("%s has an underscore", name)
		}
	}
}

// checkFreeJSONListed reports fields of free JSON that raw.yaml does not have.
func checkFreeJSONListed(t *testing.T, g *Generated) {
	t.Helper()
	listed, err := readRaw(builtinRaw)
	if err != nil {
		t.Fatal(err)
	}
	for place := range freeJSON(t, g) {
		if !slices.ContainsFunc(sortedKeys(listed), func(have string) bool { return strings.TrimRight(have, "[]{}") == place }) {
			t.Errorf("%s is free JSON and not in raw.yaml", place)
		}
	}
}

// The order of keys in the document means nothing, nor does that of maps in Go.
func TestGenerateDeterministic(t *testing.T) {
	t.Parallel()
	first, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(repositoryDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var shuffle func(n *yaml.Node)
	shuffle = func(n *yaml.Node) {
		if isMap(n) {
			entries := slices.Collect(slices.Chunk(n.Content, 2))
			random.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
			n.Content = slices.Concat(entries...)
		}
		for _, child := range n.Content {
			shuffle(child)
		}
	}
	shuffle(doc)
	shuffled, err := yamlBytes(plain(doc))
	if err != nil {
		t.Fatal(err)
	}
	second, err := Generate(GenerateOptions{Document: shuffled, Package: "gen", Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sortedKeys(first.Files), sortedKeys(second.Files)) {
		t.Errorf("files: %v and %v", sortedKeys(first.Files), sortedKeys(second.Files))
	}
	for name, data := range first.Files {
		if !bytes.Equal(data, second.Files[name]) {
			t.Errorf("%s differs: %s", name, firstDifference(second.Files[name], data))
		}
	}
}

// Another version goes the whole way without hand work, with what is known of
// Misskey and without.
func TestGenerateOlder(t *testing.T) {
	t.Parallel()
	for name, builtin := range map[string]bool{"with the overlay": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			g, err := Generate(GenerateOptions{Document: olderDocument(t, "2025.11.0"), Package: "old", NoBuiltin: !builtin})
			if err != nil {
				t.Fatal(err)
			}
			pkg := compiled(t, g.Files)
			if pkg.Scope().Lookup("NotesCreateRequest") == nil || g.Version != "2025.11.0" {
				t.Errorf("this is not Misskey 2025.11.0 but %s", g.Version)
			}
			if builtin && !slices.ContainsFunc(g.Notes, func(n Note) bool { return strings.Contains(n.Text, "overlay") }) {
				t.Error("no note lists which actions of the overlay do not apply")
			}
		})
	}
}

func TestGenerateRefuses(t *testing.T) {
	doc := document(t, `operations: {a: {request: {type: object, properties: {x: {type: [number, boolean]}}}}}`)
	for name, test := range map[string]struct {
		change func(*GenerateOptions)
		want   string
	}{
		"no document":       {func(o *GenerateOptions) { o.Document = nil }, "the document is empty"},
		"HTML":              {func(o *GenerateOptions) { o.Document = []byte("<html>") }, "HTML"},
		"bad package":       {func(o *GenerateOptions) { o.Package = "my-fork" }, `"my-fork" is not a name for a package`},
		"blank package":     {func(o *GenerateOptions) { o.Package = "_" }, `"_" is not a name`},
		"keyword":           {func(o *GenerateOptions) { o.Package = "func" }, `"func" is not a name`},
		"bad overlay":       {func(o *GenerateOptions) { o.Overlay = []byte("overlay: [") }, "reading the overlay"},
		"no overlay":        {func(o *GenerateOptions) { o.Overlay = []byte("openapi: 3.1.0") }, "reading the overlay"},
		"overlay elsewhere": {func(o *GenerateOptions) { o.Overlay = overlayOf("$.paths['/gone']") }, "overlay action 1"},
		"bad names":         {func(o *GenerateOptions) { o.Names = []byte("x: y") }, "reading the name table"},
		"bad configuration": {func(o *GenerateOptions) { o.Config = []byte("no-such-option: true") }, "reading the configuration of oapi-codegen"},
		"strict":            {func(o *GenerateOptions) { o.Strict = true }, "#/paths/~1a/post/requestBody/content/application~1json/schema/properties/x: a value of one of the types boolean, number; add an action to the overlay"},
		"strict, builtin":   {func(o *GenerateOptions) { o.Strict, o.NoBuiltin = true, false }, "overlay action"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := lenient(doc)
			test.change(&opts)
			g, err := Generate(opts)
			if err == nil {
				t.Fatalf("generated %v", sortedKeys(g.Files))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func overlayOf(target string) []byte {
	return []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- target: " + target + "\n  update: {x-misskey-policy: canTest}\n")
}

// An overlay of the user's own comes after the built-in one.
func TestGenerateWithOverlay(t *testing.T) {
	opts := lenient(document(t, "operations: {a: {}}"))
	opts.Overlay = overlayOf("$.paths['/a'].post")
	g, err := Generate(opts)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(source(g), `Policy: "canTest"`) {
		t.Error("the overlay did nothing")
	}
}

// What is wrong with one document says nothing of the next.
func TestGenerateKeepsNoState(t *testing.T) {
	doc := document(t, `operations: {a: {response: {type: object, properties: {x: {type: string}}}}}`)
	first, err := Generate(lenient(doc))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(lenient(document(t, `operations: {b: {response: {type: object, properties: {y: {type: string, enum: [q]}}}}}`))); err != nil {
		t.Fatal(err)
	}
	second, err := Generate(lenient(doc))
	if err != nil || !maps.EqualFunc(first.Files, second.Files, bytes.Equal) {
		t.Errorf("the second time is not the first: %v", err)
	}
}
