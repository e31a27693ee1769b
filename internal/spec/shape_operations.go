package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// shapeOperations leaves one operation with one response at every path. A GET
// operation that repeats a POST would become a second method, error responses
// would become a type for each of them, and 200 beside 204 would become a
// union; all three are said by a flag instead.
func (s *shaper) shapeOperations() {
	for path, methods := range pairs(get(s.doc, "paths")) {
		if !strings.HasPrefix(path, "/") {
			remove(get(s.doc, "paths"), path) // an extension
			continue
		}
		if !isPath(path) {
			s.leaveOut(s.place(methods), "a path with signs that Go strings or braces do not allow")
			remove(get(s.doc, "paths"), path)
			continue
		}
		shared := get(methods, "parameters")
		remove(methods, "parameters", "servers", "summary", "description")
		get_, post := get(methods, "get"), get(methods, "post")
		op := post
		switch {
		case post != nil && get_ != nil:
			set(post, extGET, boolean(true))
			remove(methods, "get")
		case post == nil && get_ != nil:
			op = get_
		}
		if op == nil {
			s.leaveOut(s.place(methods), "no POST and no GET operation")
			remove(get(s.doc, "paths"), path)
			continue
		}
		for method := range pairs(methods) {
			if get(methods, method) != op {
				if !strings.HasPrefix(method, "x-") {
					s.leaveOut(s.place(methods).at(method), "not understood")
				}
				remove(methods, method)
			}
		}
		set(op, "operationId", str(operationName(strings.TrimPrefix(path, "/"))))
		remove(op, "tags", "security", "summary", "description", "externalDocs", "servers")
		s.shapeParameters(op, shared, path)
		s.shapeRequest(op)
		s.shapeResponses(op)
	}
	remove(get(s.doc, "components"), "parameters", "requestBodies", "headers", "examples", "links", "callbacks")
	s.checkOperationNames()
}

// leaveOut reports something that Go will lack, or fails if that must not be.
func (s *shaper) leaveOut(place pointer, why string) {
	if s.strict {
		s.errs = append(s.errs, fmt.Errorf("%s: %s; remove it in the overlay", place, why))
		return
	}
	s.notes = append(s.notes, Note{string(place), why + "; left out"})
}

// followed returns what n, which may be a reference to another place, stands for.
func (s *shaper) followed(n *yaml.Node) *yaml.Node {
	for range maxDepth {
		to := text(get(n, "$ref"))
		if to == "" {
			break
		}
		n = resolveRef(s.doc, to)
	}
	return n
}

// placeholder matches a parameter in a path.
var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

// isPath reports whether a path can be printed, and its braces are pairs.
func isPath(path string) bool {
	rest := placeholder.ReplaceAllStringFunc(path, func(p string) string { return strings.Trim(p, "{}") })
	return !unprintable(path) && !strings.ContainsAny(rest, "{}*;?")
}

// shapeParameters leaves the parameters of the path, each a string.
func (s *shaper) shapeParameters(op, shared *yaml.Node, path string) {
	for _, p := range slices.Concat(items(get(op, "parameters")), items(shared)) {
		if text(get(s.followed(p), "in")) != "path" {
			s.leaveOut(s.place(p), "a parameter outside the path")
		}
	}
	remove(op, "parameters")
	parameters := sequence()
	var seen []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		if !slices.Contains(seen, m[1]) {
			seen = append(seen, m[1])
			parameters.Content = append(parameters.Content, mapping("name", str(m[1]), "in", str("path"), "required", boolean(true), "schema", mapping("type", str("string"))))
		}
	}
	if len(seen) > 0 {
		set(op, "parameters", parameters)
	}
}

// shapeRequest leaves one media type, JSON where there is a choice.
func (s *shaper) shapeRequest(op *yaml.Node) {
	body := s.followed(get(op, "requestBody"))
	if body == nil {
		return
	}
	for _, mediaType := range []string{"application/json", "multipart/form-data"} {
		if schema := schemaOf(body, mediaType); schema != nil {
			if mediaType == "multipart/form-data" && !s.shapeForm(schema) {
				break
			}
			set(op, "requestBody", mapping("content", mapping(mediaType, mapping("schema", s.copyOf(schema)))))
			return
		}
	}
	s.leaveOut(s.place(body), "a request that is neither JSON nor a form with a file")
	remove(op, "requestBody")
}

// shapeForm makes a file of the part of a form that is one, which has to be
// called file, and reports whether there is one. A call takes one file.
func (s *shaper) shapeForm(schema *yaml.Node) bool {
	found := false
	properties := get(s.followed(schema), "properties")
	for name, p := range pairs(properties) {
		isFile := text(get(p, "format")) == "binary" || text(get(p, extGoType)) == "api.File"
		switch {
		case !isFile:
		case name == "file":
			found = true
			become(p, external("api.File", nil))
		default:
			s.leaveOut(s.place(p), "a second file, or one that is not called file")
			remove(properties, name)
		}
	}
	return found
}

// shapeResponses leaves the response that has a body as 200, or else 204.
func (s *shaper) shapeResponses(op *yaml.Node) {
	var answer *yaml.Node
	var empty bool
	for status, r := range pairs(get(op, "responses")) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		r = s.followed(r)
		if schema := schemaOf(r, "application/json"); schema != nil {
			if answer == nil {
				answer = mapping("description", str(""), "content", mapping("application/json", mapping("schema", s.copyOf(schema))))
			}
			continue
		}
		if get(r, "content") != nil {
			s.leaveOut(s.place(r), "a response that is not JSON")
		}
		empty = true
	}
	switch {
	case answer == nil:
		set(op, "responses", mapping("204", mapping("description", str(""))))
	default:
		set(op, "responses", mapping("200", answer))
		if empty {
			set(op, extMayBe, boolean(true))
		}
	}
}

// schemaOf returns the schema of a media type, which may have parameters such
// as a charset, or nil.
func schemaOf(n *yaml.Node, mediaType string) *yaml.Node {
	for name, holder := range pairs(get(n, "content")) {
		name, _, _ = strings.Cut(name, ";")
		if strings.TrimSpace(name) == mediaType && get(holder, "schema") != nil {
			return get(holder, "schema")
		}
	}
	return nil
}

// ReservedMethods are the names that *misskey.Client has besides those of the
// generated client that it embeds. An endpoint called like one of them would be
// hidden.
var ReservedMethods = []string{"As", "Authorize", "BaseURL", "Call", "CallStats", "Client", "Download", "HTTPClient", "HideSecrets", "Logger", "String", "Supports", "Upload"}

// checkOperationNames refuses two endpoints that are the same method, and, for
// the client that is embedded, one that would be hidden.
func (s *shaper) checkOperationNames() {
	seen := map[string]string{}
	for _, op := range eachOperation(s.doc) {
		name := text(get(op.node, "operationId"))
		other, taken := seen[name]
		for taken && !s.strict {
			name += "Endpoint"
			other, taken = seen[name]
		}
		if s.strict && slices.Contains(ReservedMethods, name) {
			s.fail(op.node, "the endpoint %s would be the method %s, which misskey.Client has for something else", op.endpoint, name)
		}
		if taken {
			s.fail(op.node, "endpoints %s and %s are both the method %s", other, op.endpoint, name)
		}
		set(op.node, "operationId", str(name))
		seen[name] = op.endpoint
	}
}
