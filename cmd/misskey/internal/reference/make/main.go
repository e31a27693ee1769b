// Command make writes the reference of the command misskey: what the document of
// misskeytest says of parameters, and the descriptions of internal/spec/docs. It
// runs in the root of the module.
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/cmd/misskey/internal/reference"
	"github.com/misskey-go/misskey/internal/spec"
)

const (
	documentFile = "misskeytest/document.json.gz"
	outputFile   = "cmd/misskey/internal/reference/reference.json.gz"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "making the reference of the command:", err)
		os.Exit(1)
	}
}

func run() error {
	doc, err := readDocument()
	if err != nil {
		return err
	}
	docs, err := spec.BuiltinDescriptions()
	if err != nil {
		return err
	}
	m := &maker{doc: doc, docs: docs, wire: doc.wireNames()}
	data, err := json.Marshal(m.reference())
	if err != nil {
		return err
	}
	_, err = spec.WriteCompressed(outputFile, data)
	return err
}

// A document is an OpenAPI document.
type document struct {
	Info       struct{ Version string }
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	RequestBody struct {
		Content map[string]struct{ Schema *schema }
	}
	Parameters []struct {
		Name   string
		Schema *schema
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
	Credential bool   `json:"x-misskey-credential"`
	Secure     bool   `json:"x-misskey-secure"`
	ReadOnly   bool   `json:"x-misskey-read-only"`
	Permission string `json:"x-misskey-permission"`
	Role       string `json:"x-misskey-role"`
	Policy     string `json:"x-misskey-policy"`
	Caution    string `json:"x-misskey-caution"`
	Limit      struct {
		Max         int
		Duration    int64
		MinInterval int64 `json:"min-interval"`
	} `json:"x-misskey-limit"`
	Errors []struct{ Code string } `json:"x-misskey-errors"`
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        types
	Format      string
	Unit        string `json:"x-misskey-unit"`
	Enum        []any
	Default     json.RawMessage
	Pattern     string
	Minimum     *float64
	Maximum     *float64
	MinLength   *int
	MaxLength   *int
	MinItems    *int
	MaxItems    *int
	Items       *schema
	Properties  map[string]*schema
	Required    []string
	OneOf       []*schema
	AnyOf       []*schema
	AllOf       []*schema
	Description string
}

// types is the keyword type: one name or several.
type types []string

func (t *types) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = types{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

func readDocument() (*document, error) {
	f, err := os.Open(documentFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", documentFile, err)
	}
	var doc document
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		return nil, fmt.Errorf("%s: %w", documentFile, err)
	}
	return &doc, nil
}

// wireNames are the names of all properties, by their lower case.
func (doc *document) wireNames() map[string]string {
	names := map[string]string{}
	var walk func(s *schema)
	walk = func(s *schema) {
		if s == nil {
			return
		}
		for name, p := range s.Properties {
			names[strings.ToLower(name)] = name
			walk(p)
		}
		walk(s.Items)
		for _, list := range [][]*schema{s.OneOf, s.AnyOf, s.AllOf} {
			for _, part := range list {
				walk(part)
			}
		}
	}
	for _, methods := range doc.Paths {
		for _, op := range methods {
			for _, c := range op.RequestBody.Content {
				walk(c.Schema)
			}
		}
	}
	for _, s := range doc.Components.Schemas {
		walk(s)
	}
	return names
}

type maker struct {
	doc  *document
	docs *spec.Descriptions
	wire map[string]string
}

func (m *maker) reference() *reference.Reference {
	r := &reference.Reference{Version: m.doc.Info.Version, Errors: map[string]reference.Text{}, Permissions: map[string]reference.Text{}}
	for name, methods := range m.doc.Paths {
		op, ok := methods["post"]
		if !ok {
			op = methods["get"]
		}
		e := m.endpoint(strings.TrimPrefix(name, "/"), op)
		r.Endpoints = append(r.Endpoints, e)
	}
	slices.SortFunc(r.Endpoints, func(a, b *reference.Endpoint) int { return strings.Compare(a.Name, b.Name) })
	for code, text := range m.docs.Errors.Codes {
		r.Errors[code] = m.text(text)
	}
	for name, text := range m.docs.Permissions {
		r.Permissions[name] = m.text(text)
	}
	return r
}

func (m *maker) endpoint(name string, op operation) *reference.Endpoint {
	e := &reference.Endpoint{
		Name: name, Summary: m.text(m.docs.Operations[name].Description), Caution: m.words(op.Caution),
		Permission: op.Permission, Role: op.Role, Policy: op.Policy,
		Credential: op.Credential, Secure: op.Secure, ReadOnly: op.ReadOnly,
		Max: op.Limit.Max, Window: op.Limit.Duration, Interval: op.Limit.MinInterval,
		Result: m.result(op),
	}
	for _, err := range op.Errors {
		if !slices.Contains(e.Errors, err.Code) {
			e.Errors = append(e.Errors, err.Code)
		}
	}
	slices.Sort(e.Errors)
	for kind, c := range op.RequestBody.Content {
		e.Multipart = kind == "multipart/form-data"
		e.Params = &reference.Schema{Type: "object", Props: map[string]*reference.Schema{}}
		m.merge(e, c.Schema)
	}
	for _, p := range op.Parameters {
		if e.Params == nil {
			e.Params = &reference.Schema{Type: "object", Props: map[string]*reference.Schema{}}
		}
		e.Params.Props[p.Name] = m.schema(p.Schema, 0)
		e.Params.Props[p.Name].Format = "path"
		e.Params.Required = append(e.Params.Required, p.Name)
	}
	if e.Params == nil || len(e.Params.Props) == 0 {
		e.Params = nil
		return e
	}
	slices.Sort(e.Params.Required)
	e.Params.Required = slices.Compact(e.Params.Required)
	for param, p := range e.Params.Props {
		p.Doc = m.text(m.docs.Parameter(name, param))
		for part, s := range p.Props {
			s.Doc = m.text(m.docs.Parameter(name, param+"."+part))
		}
	}
	return e
}

// merge adds the properties of a schema, and of all its parts, to the parameters.
func (m *maker) merge(e *reference.Endpoint, s *schema) {
	for name, p := range s.Properties {
		e.Params.Props[name] = m.schema(p, 0)
	}
	e.Params.Required = append(e.Params.Required, s.Required...)
	for _, part := range s.AllOf {
		m.merge(e, part)
	}
	for _, arm := range slices.Concat(s.OneOf, s.AnyOf) {
		required := arm.Required
		arm := *arm
		arm.Required = nil
		m.merge(e, &arm)
		if len(required) > 0 {
			e.OneOf = append(e.OneOf, required)
		}
	}
}

// maxDepth ends what refers to itself.
const maxDepth = 4

func (m *maker) schema(s *schema, depth int) *reference.Schema {
	if s.Ref != "" {
		return &reference.Schema{} // a component, such as the condition of a role: free JSON
	}
	if depth > maxDepth {
		return &reference.Schema{}
	}
	out := &reference.Schema{
		Format: strings.TrimPrefix(s.Format, "misskey:"), Unit: s.Unit, Default: s.Default, Pattern: s.Pattern,
		Min: s.Minimum, Max: s.Maximum, MinLength: s.MinLength, MaxLength: s.MaxLength, Required: s.Required,
	}
	if string(s.Default) == "null" {
		out.Default = nil
	}
	for _, t := range s.Type {
		if t == "null" {
			out.Null = true
		} else {
			out.Type = t
		}
	}
	for _, v := range s.Enum {
		if v == nil {
			out.Null = true
		} else {
			out.Enum = append(out.Enum, fmt.Sprint(v))
		}
	}
	if out.Type == "array" {
		out.MinLength, out.MaxLength = s.MinItems, s.MaxItems
	}
	if s.Items != nil {
		out.Items = m.schema(s.Items, depth+1)
	}
	for name, p := range s.Properties {
		if out.Props == nil {
			out.Props = map[string]*reference.Schema{}
		}
		out.Props[name] = m.schema(p, depth+1)
	}
	for _, arm := range slices.Concat(s.OneOf, s.AnyOf, s.AllOf) {
		if slices.Equal(arm.Type, types{"null"}) {
			out.Null = true
			continue
		}
		out.AnyOf = append(out.AnyOf, m.schema(arm, depth+1))
	}
	return out
}

// result names what an endpoint responds with.
func (m *maker) result(op operation) string {
	for _, status := range []string{"200", "202"} {
		for kind, c := range op.Responses[status].Content {
			if kind != "application/json" {
				return kind
			}
			return typeName(c.Schema)
		}
	}
	return ""
}

func typeName(s *schema) string {
	switch {
	case s == nil:
		return "JSON"
	case s.Ref != "":
		return path.Base(s.Ref)
	case slices.Contains(s.Type, "array"):
		return "[]" + typeName(s.Items)
	case len(s.Properties) > 0:
		var names []string
		for name := range s.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) > 6 {
			names = append(names[:6], "…")
		}
		return "{" + strings.Join(names, ", ") + "}"
	case len(s.Type) > 0:
		return s.Type[0]
	}
	return "JSON"
}

func (m *maker) text(d spec.Description) reference.Text {
	t := reference.Text{EN: m.words(d.En), JA: strings.TrimSpace(d.Ja)}
	if t.EN != "" {
		t.EN = strings.ToUpper(t.EN[:1]) + t.EN[1:]
	}
	return t
}

// goName is the name of a field in Go, such as RenoteID.
var goName = regexp.MustCompile(`\b[A-Z][a-zA-Z]*[A-Z][a-zA-Z]*\b`)

// words replaces the names of fields in Go by those that are sent.
func (m *maker) words(text string) string {
	return goName.ReplaceAllStringFunc(strings.TrimSpace(text), func(word string) string {
		if name, ok := m.wire[strings.ToLower(word)]; ok && len(word) > 3 && strings.ToUpper(word) != word {
			return name
		}
		return word
	})
}
