package architecture

import (
	"bytes"
	"go/ast"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is too long is not read, and takes long to compile.
func TestGenIsSmall(t *testing.T) {
	const mostCode, most = 16_000, 30_000
	files, err := filepath.Glob(filepath.Join(root, "gen", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found no files of gen: %v", err)
	}
	code, all := 0, 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all += bytes.Count(data, []byte("\n"))
		code += linesOfCode(data)
	}
	t.Logf("gen has %d lines of code, %d with comments and empty ones", code, all)
	if code > mostCode {
		t.Errorf("gen has %d lines of code, more than %d", code, mostCode)
	}
	if all > most {
		t.Errorf("gen has %d lines with comments, more than %d", all, most)
	}
}

// linesOfCode counts the lines that hold something else than a comment.
func linesOfCode(source []byte) int {
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	lines, last := 0, 0
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return lines
		}
		if tok == token.SEMICOLON && literal == "\n" { // that nobody wrote
			continue
		}
		from := file.Line(pos)
		to := from + strings.Count(literal, "\n")
		lines += max(0, to-max(from, last+1)+1)
		last = max(last, to)
	}
}

// What go doc prints of one thing is the whole declaration that it is part of.
func TestGoDocOfOneThingIsShort(t *testing.T) {
	const most = 25 // constants or variables in a group
	enums := map[string]bool{}
	for _, file := range parse(t, "gen") {
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, spec := range g.Specs {
					spec := spec.(*ast.TypeSpec)
					enums[spec.Name.Name] = !spec.Assign.IsValid()
					if spec.Assign.IsValid() && (len(g.Specs) > 1 || g.Doc == nil) {
						t.Errorf("the alias %s has no declaration with a comment of its own", spec.Name)
					}
				}
			}
		}
	}
	for _, file := range parse(t, "gen") {
		for _, decl := range file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST && g.Tok != token.VAR || len(g.Specs) <= most {
				continue
			}
			first := g.Specs[0].(*ast.ValueSpec)
			if typ, ok := first.Type.(*ast.Ident); !ok || !enums[typ.Name] { // the values of an enum belong together
				t.Errorf("%s is one of %d in a group", first.Names[0], len(g.Specs))
			}
		}
	}
}

// An underscore is the mark of a name that nobody has chosen.
func TestGenNamesHaveNoUnderscore(t *testing.T) {
	names := 0
	for _, id := range identifiers(t, "gen") {
		names++
		if strings.Contains(id.name, "_") {
			t.Errorf("%s: %s", id.position, id)
		}
	}
	if names < 1000 {
		t.Errorf("gen has %d exported identifiers only; does the test see them?", names)
	}
}

// Parameters and results are in the documentation, too.
func TestGenArgumentsHaveNoUnderscore(t *testing.T) {
	for _, file := range parse(t, "gen") {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncType); ok {
				for _, field := range f.Params.List {
					for _, name := range field.Names {
						if strings.Contains(name.Name, "_") {
							t.Errorf("argument %s", name.Name)
						}
					}
				}
			}
			return true
		})
	}
}
