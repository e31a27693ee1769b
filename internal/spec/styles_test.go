package spec

import (
	"hash/fnv"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Releases of Misskey have written the same in several ways. However a document
// says it, the Go is the same.
func TestStyles(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := goOf(t, data)
	for name, restyle := range map[string]func(t *testing.T, doc *yaml.Node){
		"references and null": func(t *testing.T, doc *yaml.Node) {
			r := restyler{}
			eachSchema(doc, root, false, r.restyle)
			r.operations(doc)
			if r.references < 100 || r.nullable < 20 || r.ids < 400 {
				t.Errorf("too little was written otherwise: %+v", r)
			}
		},
		"OpenAPI 3.0": func(t *testing.T, doc *yaml.Node) {
			set(doc, "openapi", str("3.0.0"))
			if n := asOpenAPI30(doc); n < 400 {
				t.Errorf("%d nullable types", n)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			restyle(t, doc)
			other, err := yamlBytes(doc)
			if err != nil {
				t.Fatal(err)
			}
			got := goOf(t, other)
			for _, name := range sortedKeys(want) {
				if got[name] != want[name] {
					t.Errorf("%s: %s", name, firstDifference([]byte(got[name]), []byte(want[name])))
				}
			}
		})
	}
}

// asOpenAPI30 writes what may be null as OpenAPI 3.0 does, with what Misskey's
// own schemas have beside it.
func asOpenAPI30(doc *yaml.Node) (nullable int) {
	eachSchema(doc, root, false, func(n *yaml.Node, _ pointer) {
		if get(n, "type") == nil {
			return
		}
		set(n, "optional", boolean(false))
		kinds := texts(get(n, "type"))
		if i := slices.Index(kinds, "null"); i >= 0 && len(kinds) == 2 {
			set(n, "type", str(kinds[1-i]))
			set(n, "nullable", boolean(true))
			nullable++
		}
	})
	return nullable
}

// eachSchema visits the schemas in n, and what is below the place of one, the
// innermost first. names says that n is a map of schemas.
func eachSchema(n *yaml.Node, at pointer, names bool, visit func(n *yaml.Node, at pointer)) {
	for key, child := range pairs(n) {
		eachSchema(child, at.at(key), !names && isSchemaMap(key), visit)
	}
	for i, child := range items(n) {
		eachSchema(child, at.index(i), false, visit)
	}
	if !names && leadsToKind(at, "#/components/schemas/A") {
		visit(n, at)
	}
}

var digestLine = regexp.MustCompile(`(?m)^.*[0-9a-f]{64}.*$`)

// goOf returns the Go of a document, by file, without its digest.
func goOf(t *testing.T, document []byte) map[string]string {
	t.Helper()
	g, err := Generate(GenerateOptions{Document: document, Package: "fork"})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, data := range g.Files {
		files[name] = digestLine.ReplaceAllString(string(data), "")
	}
	return files
}

// A restyler writes references as other releases do.
type restyler struct{ references, nullable, ids int }

func (r *restyler) restyle(n *yaml.Node, at pointer) {
	if strings.Contains(string(at), "/allOf/") || strings.Contains(string(at), "/oneOf/") || strings.Contains(string(at), "/anyOf/") {
		return
	}
	// A style for each place, always the same.
	h := fnv.New32()
	_, _ = h.Write([]byte(at))
	style := h.Sum32()
	if ref := get(n, "$ref"); ref != nil && len(n.Content) == 2 {
		r.references++
		switch style % 3 {
		case 0:
			become(n, mapping("type", str("object"), "$ref", ref))
		case 1:
			become(n, mapping("type", str("object"), "allOf", sequence(mapping("$ref", ref))))
		}
		return
	}
	arms := items(get(n, "oneOf"))
	if len(arms) != 2 || get(arms[0], "$ref") == nil || text(get(arms[1], "type")) != "null" {
		return
	}
	r.nullable++
	remove(n, "oneOf")
	switch style % 4 {
	case 0:
		set(n, "anyOf", sequence(arms...))
	case 1:
		set(n, "type", sequence(str("object"), str("null")))
		set(n, "allOf", sequence(arms[0]))
	case 2:
		set(n, "nullable", boolean(true)) // OpenAPI 3.0
		set(n, "allOf", sequence(arms[0]))
	case 3:
		slices.Reverse(arms)
		set(n, "oneOf", sequence(arms...))
	}
}

// operations gives operations ids as other releases do.
func (r *restyler) operations(doc *yaml.Node) {
	for path, item := range pairs(get(doc, "paths")) {
		for method, operation := range pairs(item) {
			id := method + "___" + strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "___")
			if len(path)%2 == 0 { // the same for GET and POST
				id = strings.TrimPrefix(path, "/")
			}
			set(operation, "operationId", str(id))
			r.ids++
		}
	}
}
