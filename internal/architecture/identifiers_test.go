package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An identifier is something exported: a constant, a variable, a function, a
// type, a method as Type.Method, or a field as Type.Field.
type identifier struct {
	kind, name string
	documented bool
	position   token.Position
}

func (id identifier) String() string { return id.kind + " " + id.name }

var fileSet = token.NewFileSet()

// parse returns the files of a package without its tests.
func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "tools.go" {
			continue
		}
		file, err := parser.ParseFile(fileSet, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatal(&fs.PathError{Op: "parse", Path: dir, Err: fs.ErrNotExist})
	}
	return files
}

// identifiers returns everything exported by a package.
func identifiers(t *testing.T, dir string) []identifier {
	t.Helper()
	var all []identifier
	add := func(kind, name string, ident *ast.Ident, documented bool) {
		if ident.IsExported() {
			all = append(all, identifier{kind, name, documented, fileSet.Position(ident.Pos())})
		}
	}
	for _, file := range parse(t, dir) {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				name, kind := decl.Name.Name, "function"
				if decl.Recv != nil {
					receiver := receiverName(decl.Recv.List[0].Type)
					if !ast.IsExported(receiver) {
						continue
					}
					name, kind = receiver+"."+name, "method"
				}
				add(kind, name, decl.Name, decl.Doc != nil)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(decl.Tok.String(), name.Name, name, decl.Doc != nil || spec.Doc != nil || spec.Comment != nil)
						}
					case *ast.TypeSpec:
						doc := spec.Doc
						if doc == nil {
							doc = decl.Doc
						}
						add("type", spec.Name.Name, spec.Name, doc != nil)
						if spec.Name.IsExported() {
							eachMember(spec.Type, func(field *ast.Field, name *ast.Ident) {
								add("field", spec.Name.Name+"."+name.Name, name,
									field.Doc != nil || field.Comment != nil || mentions(doc, name.Name))
							})
						}
					}
				}
			}
		}
	}
	return all
}

// receiverName returns the name of a method's type.
func receiverName(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// eachMember visits the named fields of a struct or the methods of an interface.
func eachMember(t ast.Expr, visit func(*ast.Field, *ast.Ident)) {
	var members *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		members = t.Fields
	case *ast.InterfaceType:
		members = t.Methods
	default:
		return
	}
	for _, field := range members.List {
		for _, name := range field.Names {
			visit(field, name)
		}
	}
}

// mentions reports whether a comment has a word in it. The fields of a small
// type are best explained in one sentence.
func mentions(doc *ast.CommentGroup, word string) bool {
	return regexp.MustCompile(`\b` + word + `\b`).MatchString(doc.Text())
}
