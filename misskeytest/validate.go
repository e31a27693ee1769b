package misskeytest

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// url is what the part of the document that is about an operation is called where
// schemas refer to it.
func (op *operation) url() string { return "misskey:document/" + op.endpoint }

// validID is the one format that Misskey looks at.
var validID = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

// newCompiler returns a compiler of schemas of parameters.
func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.RegisterFormat(&jsonschema.Format{Name: "misskey:id", Validate: func(v any) error {
		if s, ok := v.(string); ok && !validID.MatchString(s) {
			return errors.New("no id")
		}
		return nil
	}})
	for _, ignored := range []string{"url", "uri", "uuid", "date-time", "date", "email"} {
		c.RegisterFormat(&jsonschema.Format{Name: ignored, Validate: func(any) error { return nil }})
	}
	c.AssertFormat()
	return c
}

// schema returns the compiled schema of the parameters of an operation.
func (d *document) schema(op *operation) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.compiled[op.endpoint]; s != nil {
		return s, nil
	}
	if d.compiler == nil {
		d.compiler = newCompiler()
	}
	part := object{"paths": object{"/" + op.endpoint: op.tree}, "components": d.components()}
	if err := d.compiler.AddResource(op.url(), part); err != nil {
		return nil, err
	}
	s, err := d.compiler.Compile(op.url() + op.requestAt)
	if err != nil {
		return nil, err
	}
	d.compiled[op.endpoint] = s
	return s, nil
}

// A violation is what is wrong with a parameter, as Misskey reports it.
type violation struct{ param, reason string }

// violated returns what is wrong with the parameters of an operation, or nil.
func (d *document) violated(op *operation, params any) (*violation, error) {
	if _, ok := params.(object); !ok {
		if op.route || acceptsNothing[op.endpoint] {
			return nil, nil
		}
		return &violation{"#/type", "must be object"}, nil
	}
	if op.request == nil {
		return nil, nil
	}
	schema, err := d.schema(op)
	if err != nil {
		return nil, err
	}
	err = schema.Validate(params)
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return nil, err
	}
	first := slices.MinFunc(leaves(failed, op.url()+op.requestAt), func(a, b leaf) int {
		return slices.CompareFunc(a.path, b.path, compareTokens)
	})
	return &violation{"#/" + strings.Join(first.path, "/"), reason(first.kind)}, nil
}

// acceptsNothing are the endpoints that take a call without any body.
var acceptsNothing = map[string]bool{"admin/captcha/current": true, "reversi/invitations": true}

// A leaf is one keyword that is not satisfied, with its path in the schema.
type leaf struct {
	path []string
	kind jsonschema.ErrorKind
}

func leaves(e *jsonschema.ValidationError, root string) []leaf {
	if len(e.Causes) > 0 {
		var all []leaf
		for _, cause := range e.Causes {
			all = append(all, leaves(cause, root)...)
		}
		return all
	}
	place, inside := strings.CutPrefix(e.SchemaURL, root)
	if !inside { // it is in a component
		_, place, _ = strings.Cut(e.SchemaURL, "#")
	}
	path := slices.DeleteFunc(strings.Split(place, "/"), func(s string) bool { return s == "" })
	return []leaf{{append(path, e.ErrorKind.KeywordPath()...), e.ErrorKind}}
}

// compareTokens puts keywords into the order in which the validator of the
// server looks at them.
func compareTokens(a, b string) int {
	rank := func(s string) int {
		switch s {
		case "type", "$ref":
			return 0
		case "enum", "anyOf", "oneOf", "allOf", "then", "else":
			return 1
		case "required":
			return 2
		case "properties", "items":
			return 4
		}
		return 3
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

var english = message.NewPrinter(language.English)

// reason says what is wrong in the words of the server's validator.
func reason(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		want := slices.DeleteFunc(slices.Clone(k.Want), func(t string) bool { return t == "null" && len(k.Want) > 1 })
		return "must be " + strings.Join(want, ",")
	case *kind.Required:
		return fmt.Sprintf("must have required property '%s'", k.Missing[0])
	case *kind.MinLength:
		return fmt.Sprintf("must NOT have fewer than %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("must NOT have more than %d characters", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("must NOT have fewer than %d items", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("must NOT have more than %d items", k.Want)
	case *kind.Minimum:
		return "must be >= " + k.Want.RatString()
	case *kind.Maximum:
		return "must be <= " + k.Want.RatString()
	case *kind.Enum, *kind.Const:
		return "must be equal to one of the allowed values"
	case *kind.Pattern:
		return `must match pattern "` + k.Want + `"`
	case *kind.Format:
		return fmt.Sprintf("must match format %q", k.Want)
	case *kind.UniqueItems:
		i, j := k.Duplicates[0], k.Duplicates[1]
		return fmt.Sprintf("must NOT have duplicate items (items ## %d and %d are identical)", max(i, j), min(i, j))
	case *kind.AdditionalProperties:
		return "must NOT have additional properties"
	}
	return k.LocalizedString(english)
}

// fillDefaults puts the default values of absent parameters into v.
func (d *document) fillDefaults(schema, v any) {
	s := d.resolve(schema)
	switch v := v.(type) {
	case object:
		properties, _ := s["properties"].(object)
		for name, property := range properties {
			if value, ok := v[name]; ok {
				d.fillDefaults(property, value)
			} else if value, ok := d.resolve(property)["default"]; ok {
				v[name] = value
			}
		}
		all, _ := s["allOf"].([]any)
		for _, part := range all {
			d.fillDefaults(part, v)
		}
	case []any:
		for _, item := range v {
			d.fillDefaults(s["items"], item)
		}
	}
}
