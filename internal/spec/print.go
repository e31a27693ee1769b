package spec

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"go.yaml.in/yaml/v4"
)

//go:embed templates
var templates embed.FS

// Templates of oapi-codegen that ours replace. An empty one does not replace,
// so what is not wanted is replaced by one that prints nothing.
var userTemplates = map[string]string{
	"client.tmpl":                "client.tmpl",
	"typedef.tmpl":               "typedef.tmpl",
	"constants.tmpl":             "constants.tmpl",
	"union.tmpl":                 "union.tmpl",
	"imports.tmpl":               "imports.tmpl",
	"additional-properties.tmpl": "additional-properties.tmpl",
	"client-with-responses.tmpl": "",
	"request-bodies.tmpl":        "",
	"param-types.tmpl":           "",
}

// oapi-codegen keeps its state in global variables.
var generating sync.Mutex

// printGo prints the types and the client with oapi-codegen.
func printGo(p *prepared, opts GenerateOptions) (map[string][]byte, error) {
	doc, err := loadOpenAPI(p.doc)
	if err != nil {
		return nil, fmt.Errorf("loading the shaped document: %w", err)
	}
	// As the importer does: what a schema allows is the server's business.
	if err := doc.Validate(context.Background(), openapi3.DisableSchemaPatternValidation(), openapi3.DisableSchemaDefaultsValidation()); err != nil {
		return nil, fmt.Errorf("checking the shaped document: %w", err)
	}
	config, err := configuration(opts)
	if err != nil {
		return nil, err
	}
	generating.Lock()
	defer generating.Unlock()
	code, err := codegen.Generate(doc, config)
	if err != nil {
		return nil, fmt.Errorf("oapi-codegen: %w", err)
	}
	if opts.Stock {
		return map[string][]byte{"gen.go": []byte(code)}, nil
	}
	return split([]byte(unmarkFields(code)), embedded(p))
}

func configuration(opts GenerateOptions) (codegen.Configuration, error) {
	var config codegen.Configuration
	data := opts.Config
	if data == nil {
		data = builtinConfig
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&config); err != nil {
		return config, fmt.Errorf("reading the configuration of oapi-codegen: %w", err)
	}
	if opts.Package != "" {
		config.PackageName = opts.Package
	}
	if !opts.Stock {
		config.OutputOptions.SkipFmt = true // the parts are formatted, see formatAll
		if config.OutputOptions.UserTemplates == nil {
			config.OutputOptions.UserTemplates = map[string]string{}
		}
		for name, file := range userTemplates {
			if config.OutputOptions.UserTemplates[name] != "" {
				continue
			}
			body := "{{ \"\" }}\n"
			if file != "" {
				data, err := templates.ReadFile("templates/" + file)
				if err != nil {
					return config, err
				}
				body = string(data)
			}
			config.OutputOptions.UserTemplates[name] = body
		}
	}
	return config, config.Validate()
}

// split distributes what oapi-codegen prints as one file over files that show
// by their names what is in them.
func split(code []byte, embedded map[string]string) (map[string][]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "gen.go", code, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parsing what oapi-codegen printed: %w", err)
	}
	fileOf := map[string]string{"Client": "client.go"}
	for _, decl := range file.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			spec := g.Specs[0].(*ast.TypeSpec)
			name := spec.Name.Name
			_, isStruct := spec.Type.(*ast.StructType)
			ident, isIdent := spec.Type.(*ast.Ident)
			switch {
			case fileOf[name] != "":
			case isIdent && ident.Name == "string" && !spec.Assign.IsValid():
				fileOf[name] = "enums.go"
			case isStruct && strings.HasSuffix(name, "Request"):
				fileOf[name] = "requests.go"
			case isStruct && strings.HasSuffix(name, "Response"):
				fileOf[name] = "responses.go"
			default:
				fileOf[name] = "models.go"
			}
		}
	}
	at := func(pos token.Pos) int { return fset.Position(pos).Offset }
	parts := map[string]*bytes.Buffer{}
	var header string
	for _, decl := range file.Decls {
		to := ""
		start := decl.Pos()
		switch d := decl.(type) {
		case *ast.GenDecl:
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
			switch d.Tok {
			case token.IMPORT:
				header = fmt.Sprintf("package %s\n\n%s", file.Name.Name, importBlock(d))
				continue
			case token.TYPE:
				to = fileOf[d.Specs[0].(*ast.TypeSpec).Name.Name]
			case token.CONST:
				to = "enums.go"
			}
		case *ast.FuncDecl:
			if d.Doc != nil {
				start = d.Doc.Pos()
			}
			to = "client.go"
			if d.Recv != nil {
				if name := receiver(d.Recv.List[0].Type); fileOf[name] != "" {
					to = fileOf[name]
				}
			}
		}
		if parts[to] == nil {
			parts[to] = &bytes.Buffer{}
		}
		fmt.Fprintf(parts[to], "\n%s\n", withEmbedded(code[at(start):at(decl.End())], decl, start, embedded))
	}
	files := map[string][]byte{}
	for name, part := range parts {
		files[name] = append([]byte(header), part.Bytes()...)
	}
	return files, nil
}

// embedded returns the fields of structs that oapi-codegen cannot print: the type that
// a struct embeds, and the JSON that a union keeps.
func embedded(p *prepared) map[string]string {
	fields := map[string]string{}
	for name, n := range pairs(get(p.doc, "components", "schemas")) {
		if part := text(get(n, extEmbed)); part != "" {
			fields[name] = part + "\n"
		}
	}
	for _, u := range p.unions {
		fields[u.Type] += "raw json.RawMessage // the whole, where its kind is not known\n"
	}
	return fields
}

// withEmbedded returns the code of a declaration, which begins at start, with
// the fields of [embedded].
func withEmbedded(code []byte, decl ast.Decl, start token.Pos, embedded map[string]string) []byte {
	g, ok := decl.(*ast.GenDecl)
	if !ok || g.Tok != token.TYPE {
		return code
	}
	spec := g.Specs[0].(*ast.TypeSpec)
	fields, typ := embedded[spec.Name.Name], spec.Type
	s, ok := typ.(*ast.StructType)
	if fields == "" || !ok {
		return code
	}
	brace := int(s.Fields.Opening-start) + 1
	return slices.Concat(code[:brace], []byte("\n"+fields), code[brace:])
}

// importBlock returns the imports once each, and without a name that is the
// last part of the path anyway.
func importBlock(d *ast.GenDecl) string {
	var lines []string
	for _, s := range d.Specs {
		s := s.(*ast.ImportSpec)
		importPath := strings.Trim(s.Path.Value, `"`)
		line := s.Path.Value
		if s.Name != nil && s.Name.Name != path.Base(importPath) {
			line = s.Name.Name + " " + line
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return "import (\n" + strings.Join(lines, "\n") + "\n)\n"
}

func receiver(t ast.Expr) string {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if ident, ok := t.(*ast.Ident); ok {
		return ident.Name
	}
	return ""
}

// addRest prints what oapi-codegen has no idea of.
func addRest(g *Generated, p *prepared, opts GenerateOptions) error {
	config, err := configuration(opts)
	if err != nil {
		return err
	}
	data := map[string]any{
		"Package":     config.PackageName,
		"Software":    line(p.software),
		"Version":     line(p.version),
		"Digest":      p.digest,
		"Generator":   generatorVersion(),
		"Operations":  p.operations,
		"Methods":     p.methods,
		"Unions":      p.unions,
		"Parts":       p.parts,
		"Codes":       p.codes,
		"IDs":         byOwner(p.ids),
		"Permissions": p.permissions,
		"Grantable":   p.grantable,
	}
	for _, name := range []string{"doc.go", "errors.go", "permissions.go", "operations.go", "lists.go", "methods.go", "parts.go", "kinds.go", "runtime.go", "OPERATIONS.md"} {
		if name == "methods.go" && len(p.methods) == 0 || name == "parts.go" && len(p.parts) == 0 || name == "kinds.go" && len(p.unions) == 0 {
			continue
		}
		t, err := template.ParseFS(templates, "templates/"+name+".tmpl")
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, data); err != nil {
			return err
		}
		g.Files[name] = b.Bytes()
	}
	return nil
}

// declarations are those of the Go files among files.
func declarations(files map[string][]byte) ([]ast.Decl, error) {
	var decls []ast.Decl
	for _, name := range sortedKeys(files) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		decls = append(decls, file.Decls...)
	}
	return decls, nil
}

// exported returns the exported identifiers of a package; methods of Client as
// Client.Name.
func exported(files map[string][]byte) ([]string, error) {
	decls, err := declarations(files)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Recv == nil && d.Name.IsExported():
				names = append(names, d.Name.Name)
			case d.Recv != nil && receiver(d.Recv.List[0].Type) == "Client" && d.Name.IsExported():
				names = append(names, "Client."+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, ident := range s.Names {
						names = append(names, ident.Name)
					}
				}
			}
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !token.IsExported(n) })
	slices.Sort(names)
	return names, nil
}
