package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// shapeOperations leaves one operation with one answer at every path. A GET
// operation that repeats a POST would become a second method, error responses
// would become a type for each of them, and 200 beside 204 would become a
// union; all three are said by a flag instead.
func (s *shaper) shapeOperations() {
	for path, methods := range pairs(get(s.doc, "paths")) {
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
			s.notes = append(s.notes, Note{string(s.place(methods)), "no POST and no GET operation; left out"})
			remove(get(s.doc, "paths"), path)
			continue
		}
		for method := range pairs(methods) {
			if !slices.Contains([]string{"get", "post"}, method) && get(methods, method) != op {
				s.notes = append(s.notes, Note{string(s.place(methods).at(method)), "not understood; left out"})
				remove(methods, method)
			}
		}
		set(op, "operationId", str(operationName(strings.TrimPrefix(path, "/"))))
		remove(op, "tags", "security", "summary", "description", "externalDocs")
		s.shapeParameters(op)
		s.shapeRequest(op)
		s.shapeResponses(op)
	}
	s.checkOperationNames()
}

func (s *shaper) shapeParameters(op *yaml.Node) {
	parameters := get(op, "parameters")
	var kept []*yaml.Node
	for _, p := range items(parameters) {
		if text(get(p, "in")) == "path" {
			kept = append(kept, p)
			continue
		}
		s.notes = append(s.notes, Note{string(s.place(p)), "a parameter outside the path; left out"})
	}
	remove(op, "parameters")
	if len(kept) > 0 {
		set(op, "parameters", sequence(kept...))
	}
}

// shapeRequest leaves one media type, JSON where there is a choice.
func (s *shaper) shapeRequest(op *yaml.Node) {
	body := get(op, "requestBody")
	types := get(body, "content")
	for _, mediaType := range []string{"application/json", "multipart/form-data"} {
		if holder := get(types, mediaType); get(holder, "schema") != nil {
			set(body, "content", mapping(mediaType, holder))
			return
		}
	}
	if body != nil {
		s.notes = append(s.notes, Note{string(s.place(body)), "a request that is neither JSON nor a form; left out"})
		remove(op, "requestBody")
	}
}

// shapeResponses leaves the answer with a body as response 200, or 204.
func (s *shaper) shapeResponses(op *yaml.Node) {
	var answer *yaml.Node
	var empty bool
	for status, r := range pairs(get(op, "responses")) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		if holder := get(r, "content", "application/json"); get(holder, "schema") != nil {
			if answer == nil {
				answer = mapping("description", str(""), "content", mapping("application/json", holder))
			}
			continue
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

// checkOperationNames refuses two endpoints that are the same method.
func (s *shaper) checkOperationNames() {
	seen := map[string]string{}
	for _, op := range eachOperation(s.doc) {
		name := text(get(op.node, "operationId"))
		other, taken := seen[name]
		for taken && !s.strict {
			name += "Endpoint"
			other, taken = seen[name]
		}
		if taken {
			s.fail(op.node, "endpoints %s and %s are both the method %s", other, op.endpoint, name)
		}
		set(op.node, "operationId", str(name))
		seen[name] = op.endpoint
	}
}
