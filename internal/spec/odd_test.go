package spec

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each file of testdata/odd is a document in short with things in it that
// Misskey's does not say, but a fork's or tomorrow's might. All of them must give
// Go that compiles. Comments say what else is expected:
//
//	# go: TEXT     the generated Go has TEXT, white space aside
//	# not: TEXT    it does not
//	# note: TEXT   there is a note with TEXT
//	# strict: TEXT strict generation fails with an error that has TEXT
//
// Without a line "strict:" strict generation must succeed, too.
func TestOddDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/odd/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			short, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc := document(t, string(short))
			g, err := Generate(lenient(doc))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if os.Getenv("SHOW") != "" {
					t.Log(source(g))
				}
			}()
			compiled(t, g.Files)
			checkFormatted(t, g.Files)
			checkFreeJSON(t, g)
			want := wishes(string(short))
			have := squeeze(source(g))
			for _, text := range want["go"] {
				if !strings.Contains(have, squeeze(text)) {
					t.Errorf("no %q in the generated Go", text)
				}
			}
			for _, text := range want["not"] {
				if strings.Contains(have, squeeze(text)) {
					t.Errorf("%q in the generated Go", text)
				}
			}
			for _, text := range want["note"] {
				if !slices.ContainsFunc(g.Notes, func(n Note) bool { return strings.Contains(n.Place+": "+n.Text, text) }) {
					t.Errorf("no note %q among %v", text, g.Notes)
				}
			}
			opts := lenient(doc)
			opts.Strict = true
			_, err = Generate(opts)
			switch {
			case err == nil && len(want["strict"]) > 0:
				t.Errorf("strict generation succeeds, want an error with %q", want["strict"])
			case err != nil && len(want["strict"]) == 0:
				t.Errorf("strict generation fails: %v", err)
			}
			for _, text := range want["strict"] {
				if err != nil && !strings.Contains(err.Error(), text) {
					t.Errorf("the error of strict generation is %q, want %q in it", err, text)
				}
			}
		})
	}
}

var wish = regexp.MustCompile(`(?m)^# (go|not|note|strict): (.*)$`)

func wishes(short string) map[string][]string {
	found := map[string][]string{}
	for _, m := range wish.FindAllStringSubmatch(short, -1) {
		found[m[1]] = append(found[m[1]], m[2])
	}
	return found
}

func checkFormatted(t *testing.T, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		formatted, err := format.Source(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if string(formatted) != string(data) {
			t.Errorf("%s is not formatted: %s", name, firstDifference(data, formatted))
		}
	}
}

// checkFreeJSON reports fields of free JSON that no note lists.
func checkFreeJSON(t *testing.T, g *Generated) {
	t.Helper()
	for place := range maps.Keys(freeJSON(t, g)) {
		if !slices.ContainsFunc(g.Notes, func(n Note) bool {
			rest, ok := strings.CutPrefix(n.Place, place)
			return ok && strings.Trim(rest, "[]{}") == ""
		}) {
			t.Errorf("%s is free JSON, and no note says so: %v", place, g.Notes)
		}
	}
}

// freeJSON returns the types, and the fields by their JSON names, in which any
// or json.RawMessage stands.
func freeJSON(t *testing.T, g *Generated) map[string]bool {
	t.Helper()
	free := func(n ast.Expr) (found bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				found = found || n.Name == "any"
			case *ast.SelectorExpr:
				found = found || n.Sel.Name == "RawMessage"
			case *ast.InterfaceType:
				found = true
			}
			return true
		})
		return found
	}
	places := map[string]bool{}
	for name, data := range g.Files {
		if !strings.HasSuffix(name, ".go") || name == "runtime.go" || name == "kinds.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range d.Specs {
				typ, ok := s.(*ast.TypeSpec)
				if !ok {
					continue
				}
				st, ok := typ.Type.(*ast.StructType)
				if !ok {
					if free(typ.Type) {
						places[typ.Name.Name] = true
					}
					continue
				}
				for _, field := range st.Fields.List {
					if field.Tag == nil || !free(field.Type) {
						continue // without a tag it is the inside of a union
					}
					tag := regexp.MustCompile(`json:"([^,"]*)`).FindStringSubmatch(field.Tag.Value)
					place := typ.Name.Name + "." + tag[1]
					if strings.Contains(field.Tag.Value, `json:"-"`) { // the map of further properties
						place = typ.Name.Name
					}
					places[place] = true
				}
			}
		}
	}
	return places
}
