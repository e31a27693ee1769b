package misskeytest

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Written by misskey-spec generate -document.
//
//go:embed document.json.gz
var builtinDocument []byte

// builtin is Misskey's own document. All servers of a process share it and what
// was compiled of it.
var builtin = sync.OnceValues(func() (*document, error) { return readDocument(builtinDocument) })

// object is a JSON object.
type object = map[string]any

// A document is an OpenAPI document after the overlay. It is decoded and compiled
// as far as it is needed, because all of it would keep the first test waiting.
type document struct {
	data       []byte // JSON
	version    string
	paths      map[string]json.RawMessage // by endpoint
	components func() object
	scopes     func() []string // the permissions that a consent page grants

	mu         sync.Mutex
	operations map[string]*operation // by endpoint
	compiler   *jsonschema.Compiler
	compiled   map[string]*jsonschema.Schema // by endpoint
}

// An operation is what the document says of an endpoint.
type operation struct {
	endpoint      string
	get           bool // can be called with GET
	post          bool // and with the other methods
	route         bool // no endpoint like others, but a route beside them, with checks of its own
	credential    bool
	secure        bool
	permission    string
	role          string
	policy        string
	prohibitMoved bool
	cacheFor      time.Duration
	multipart     bool
	datesCombine  bool // a date stands in for each id that is missing
	limit         rateLimit

	tree      any    // all that the document has on it
	request   any    // schema of the parameters; nil where there are none
	requestAt string // where in the document it is
	response  any    // schema of the response; nil where there is none
	errors    []apiError
}

// readDocument reads JSON, which may be compressed with gzip.
func readDocument(data []byte) (*document, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if data, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	var parts struct {
		Info        struct{ Version string }
		Paths       map[string]json.RawMessage
		Components  json.RawMessage
		Permissions json.RawMessage `json:"x-misskey-permissions"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if len(parts.Paths) == 0 {
		return nil, errors.New("the document has no paths: it is not the OpenAPI document of a Misskey instance")
	}
	d := &document{
		data:       data,
		version:    parts.Info.Version,
		paths:      map[string]json.RawMessage{},
		operations: map[string]*operation{},
		compiled:   map[string]*jsonschema.Schema{},
		components: sync.OnceValue(func() object {
			components, _ := decodeJSON(parts.Components)
			loosen(components)
			o, _ := components.(object)
			return o
		}),
	}
	d.scopes = sync.OnceValue(func() []string { return d.readScopes(parts.Permissions) })
	for path, item := range parts.Paths {
		d.paths[strings.TrimPrefix(path, "/")] = item
	}
	return d, nil
}

// check reports what is wrong with an operation.
func (d *document) check() error {
	for endpoint := range d.paths {
		if _, err := d.read(endpoint); err != nil {
			return err
		}
	}
	return nil
}

// read returns the operation of an endpoint that is in the document.
func (d *document) read(endpoint string) (*operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if op := d.operations[endpoint]; op != nil {
		return op, nil
	}
	item, err := decodeJSON(d.paths[endpoint])
	if err == nil {
		var op *operation
		if op, err = readOperation(endpoint, item); err == nil {
			d.operations[endpoint] = op
			return op, nil
		}
	}
	return nil, fmt.Errorf("the document: /%s: %w", endpoint, err)
}

// loosen turns oneOf into anyOf. The arms of components overlap: what an account
// sees of itself is also what others see of it.
func loosen(v any) {
	switch v := v.(type) {
	case object:
		if arms, ok := v["oneOf"].([]any); ok && v["anyOf"] == nil {
			v["anyOf"] = arms
			delete(v, "oneOf")
		}
		for _, inner := range v {
			loosen(inner)
		}
	case []any:
		for _, inner := range v {
			loosen(inner)
		}
	}
}

// decodeJSON decodes a JSON value; its numbers keep the form that they have.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more after the value")
	}
	return v, nil
}

func readOperation(endpoint string, item any) (*operation, error) {
	post, get := at(item, "post"), at(item, "get")
	method, it := "post", post
	if it == nil {
		method, it = "get", get
	}
	if it == nil {
		return nil, errors.New("it has neither post nor get")
	}
	op := &operation{
		endpoint:      endpoint,
		tree:          item,
		get:           get != nil,
		post:          post != nil,
		route:         at(it, "responses", "418") == nil, // every endpoint proper has it
		credential:    at(it, "x-misskey-credential") == true,
		secure:        at(it, "x-misskey-secure") == true,
		permission:    text(at(it, "x-misskey-permission")),
		role:          text(at(it, "x-misskey-role")),
		policy:        text(at(it, "x-misskey-policy")),
		prohibitMoved: at(it, "x-misskey-prohibit-moved") == true,
		cacheFor:      time.Duration(integer(at(it, "x-misskey-cache-seconds"))) * time.Second,
		datesCombine:  at(it, "x-misskey-dates-combine") == true,
		limit:         readRateLimit(at(it, "x-misskey-limit")),
		response:      at(it, "responses", "200", "content", "application/json", "schema"),
	}
	for _, media := range []string{"application/json", "multipart/form-data"} {
		if schema := at(it, "requestBody", "content", media, "schema"); schema != nil {
			op.request = schema
			op.requestAt = pointer("paths", "/"+endpoint, method, "requestBody", "content", media, "schema")
			op.multipart = media == "multipart/form-data"
		}
	}
	own, _ := at(it, "x-misskey-errors").([]any)
	for _, e := range own {
		op.errors = append(op.errors, readError(e))
	}
	return op, nil
}

func readError(v any) apiError {
	e := apiError{
		code:   text(at(v, "code")),
		id:     text(at(v, "id")),
		kind:   text(at(v, "kind")),
		status: int(integer(at(v, "status"))),
	}
	if e.kind == "" {
		e.kind = "client"
	}
	if e.status == 0 {
		e.status = map[string]int{"client": 400, "permission": 403}[e.kind]
	}
	if e.status == 0 {
		e.status = 500
	}
	return e
}

// find returns the operation of an endpoint, or nil, and the value of the
// parameter in its path if there is one.
func (d *document) find(endpoint string) (op *operation, argument string) {
	name := endpoint
	if d.paths[endpoint] == nil {
		name, argument = d.match(endpoint)
	}
	if d.paths[name] == nil {
		return nil, ""
	}
	op, _ = d.read(name)
	return op, argument
}

// match returns the endpoint with a parameter in its path that a path is of.
func (d *document) match(path string) (endpoint, argument string) {
	parts := strings.Split(path, "/")
	for name := range d.paths {
		pattern := strings.Split(name, "/")
		if len(pattern) == len(parts) && strings.Contains(name, "{") && slices.EqualFunc(pattern, parts, func(p, s string) bool {
			if strings.HasPrefix(p, "{") {
				argument = s
				return s != ""
			}
			return p == s
		}) {
			return name, argument
		}
	}
	return "", ""
}

// resolve follows references to schemas of the document.
func (d *document) resolve(schema any) object {
	for range 32 {
		o, _ := schema.(object)
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		schema = d.lookup(ref)
	}
	return nil
}

// lookup returns what a reference such as #/components/schemas/Note refers to.
func (d *document) lookup(ref string) any {
	var v any = object{"components": d.components()}
	for token := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		v = at(v, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return v
}

// at returns what is below keys, or nil.
func at(v any, keys ...string) any {
	for _, key := range keys {
		o, _ := v.(object)
		v = o[key]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func integer(v any) int64 {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return i
}

// pointer returns a JSON pointer as the fragment of a URL.
func pointer(tokens ...string) string {
	var b strings.Builder
	b.WriteByte('#')
	for _, token := range tokens {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(token))
	}
	return b.String()
}

// endpoints returns the names of all endpoints, in order.
func (d *document) endpoints() []string {
	var names []string
	for name := range d.paths {
		if op, err := d.read(name); err == nil && !op.route {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
