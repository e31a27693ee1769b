package spec

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
)

// What the tests of shape and generate share: documents in short, and a look at
// generated Go through the type checker, which needs no file to be written.

// document expands a document in short, a YAML map of
//
//	operations: an operation by its endpoint, with the schemas "request" and
//	            "response" besides what OpenAPI has; "method" is post if absent
//	schemas:    the components
//
// Whatever else is there goes to the root of the document.
func document(t testing.TB, short string) []byte {
	t.Helper()
	in, err := Parse([]byte("# YAML\n" + strings.ReplaceAll(short, "\t", " "))) // even if it begins like JSON
	if err != nil {
		t.Fatalf("%v in\n%s", err, short)
	}
	doc, err := expand(in)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func expand(in *yaml.Node) ([]byte, error) {
	paths := mapping()
	for endpoint, op := range pairs(get(in, "operations")) {
		if !isMap(op) {
			op = mapping()
		}
		if get(op, extCredential) == nil {
			set(op, extCredential, boolean(true))
		}
		if schema := get(op, "request"); schema != nil {
			set(op, "requestBody", mapping("content", mapping("application/json", mapping("schema", schema))))
		}
		if get(op, "responses") == nil {
			set(op, "responses", mapping("204", mapping("description", str(""))))
			if schema := get(op, "response"); schema != nil {
				set(op, "responses", mapping("200", mapping("description", str(""), "content", mapping("application/json", mapping("schema", schema)))))
			}
		}
		method := text(get(op, "method"))
		if method == "" {
			method = "post"
		}
		remove(op, "request", "response", "method")
		set(paths, "/"+endpoint, mapping(method, op))
	}
	doc := mapping(
		"openapi", str("3.1.0"),
		"info", mapping("title", str("Misskey API"), "version", str("2026.1.0-test")),
		"paths", paths,
		"components", mapping("schemas", mapping()),
	)
	if schemas := get(in, "schemas"); schemas != nil {
		set(doc, "components", mapping("schemas", schemas))
	}
	for key, value := range pairs(in) {
		if key != "operations" && key != "schemas" {
			set(doc, key, value)
		}
	}
	return yamlBytes(doc)
}

// lenient are the options for a document that is not ours.
func lenient(doc []byte) GenerateOptions {
	return GenerateOptions{Document: doc, Package: "fork", NoBuiltin: true}
}

// generated returns the package of a document in short.
func generated(t testing.TB, short string) *Generated {
	t.Helper()
	g, err := Generate(lenient(document(t, short)))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// exports holds the export data of everything that generated packages import.
var exports = sync.OnceValues(func() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}}", apiPackage,
		"github.com/oapi-codegen/runtime", "github.com/google/uuid", "log/slog", "compress/flate", "compress/gzip", "net/url", "path", "embed")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return files, nil
})

// compiled type-checks a generated package.
func compiled(t testing.TB, files map[string][]byte) *types.Package {
	t.Helper()
	exported, err := exports()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range sortedKeys(files) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("generated Go does not parse: %v", err)
		}
		parsed = append(parsed, file)
	}
	var errs []string
	config := types.Config{
		GoVersion: "go1.26",
		Error:     func(err error) { errs = append(errs, err.Error()) },
		Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
			if exported[path] == "" {
				return nil, fmt.Errorf("no export data of %s", path)
			}
			return os.Open(exported[path])
		}),
	}
	pkg, _ := config.Check("example/fork", fset, parsed, nil)
	if len(errs) > 0 {
		t.Fatalf("generated Go does not compile:\n%s", strings.Join(errs[:min(len(errs), 10)], "\n"))
	}
	return pkg
}

// source returns all Go files of a package one after the other.
func source(g *Generated) string {
	var b strings.Builder
	for _, name := range sortedKeys(g.Files) {
		if strings.HasSuffix(name, ".go") {
			b.Write(g.Files[name])
		}
	}
	return b.String()
}

// squeeze makes one space of all white space, so that alignment does not count.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
