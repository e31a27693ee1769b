// Package reference is what the command knows of the endpoints of Misskey: a
// compact form of the document, with the descriptions of internal/spec/docs.
package reference

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"sync"
)

// A Reference describes all endpoints of one version of Misskey.
type Reference struct {
	Version     string          `json:"version"`
	Endpoints   []*Endpoint     `json:"endpoints"` // sorted by name
	Errors      map[string]Text `json:"errors,omitempty"`
	Permissions map[string]Text `json:"permissions,omitempty"`
}

// A Text is a description in two languages. Either may be empty.
type Text struct {
	EN string `json:"en,omitempty"`
	JA string `json:"ja,omitempty"`
}

// An Endpoint is what is known of one endpoint.
type Endpoint struct {
	Name       string `json:"name"`
	Summary    Text   `json:"summary,omitzero"`
	Caution    string `json:"caution,omitempty"`
	Result     string `json:"result,omitempty"` // such as Note, []Note; empty for none
	Permission string `json:"permission,omitempty"`
	Role       string `json:"role,omitempty"`
	Policy     string `json:"policy,omitempty"`
	Credential bool   `json:"credential,omitempty"` // needs a token
	Secure     bool   `json:"secure,omitempty"`     // refuses the tokens of apps
	ReadOnly   bool   `json:"readOnly,omitempty"`
	Multipart  bool   `json:"multipart,omitempty"` // takes a file

	// The rate limit: Max calls in a window, and a pause between two calls, in
	// milliseconds.
	Max      int   `json:"max,omitempty"`
	Window   int64 `json:"window,omitempty"`
	Interval int64 `json:"interval,omitempty"`

	Params *Schema    `json:"params,omitempty"` // an object; nil for none
	OneOf  [][]string `json:"oneOf,omitempty"`  // all parameters of one of these lists are needed
	Errors []string   `json:"errors,omitempty"` // codes of its own
}

// A Schema describes a parameter or a part of one. One without a Type takes
// anything, or what AnyOf allows.
type Schema struct {
	Type      string             `json:"type,omitempty"` // string, integer, number, boolean, array, object
	Null      bool               `json:"null,omitempty"` // may be null
	Format    string             `json:"format,omitempty"`
	Unit      string             `json:"unit,omitempty"`
	Enum      []string           `json:"enum,omitempty"`
	Default   json.RawMessage    `json:"default,omitempty"`
	Pattern   string             `json:"pattern,omitempty"`
	Min       *float64           `json:"min,omitempty"`
	Max       *float64           `json:"max,omitempty"`
	MinLength *int               `json:"minLength,omitempty"` // of a string or an array
	MaxLength *int               `json:"maxLength,omitempty"`
	Items     *Schema            `json:"items,omitempty"`
	Props     map[string]*Schema `json:"props,omitempty"`
	Required  []string           `json:"required,omitempty"`
	AnyOf     []*Schema          `json:"anyOf,omitempty"`
	Doc       Text               `json:"doc,omitzero"`
}

// Written by the program in the folder make.
//
//go:embed reference.json.gz
var embedded []byte

// Load returns the reference that is built in.
var Load = sync.OnceValue(func() *Reference {
	z, err := gzip.NewReader(bytes.NewReader(embedded))
	var r Reference
	if err == nil {
		err = json.NewDecoder(z).Decode(&r)
	}
	if err != nil {
		panic("reference.json.gz: " + err.Error()) // it was built so
	}
	return &r
})

// Find returns the endpoint of a name, or nil.
func (r *Reference) Find(name string) *Endpoint {
	for _, e := range r.Endpoints {
		if e.Name == name {
			return e
		}
	}
	return nil
}
