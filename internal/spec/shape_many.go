package spec

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// splitMany makes two methods of an operation that answers one or many, as
// users/show does: whoever asks for one would have to look which of the two came
// back, though the parameters say it. The overlay names the parameter that asks for
// many as one of several alternatives. The second method is a twin of the operation,
// which stands in it.
func (s *shaper) splitMany() {
	for _, op := range eachOperation(s.doc) {
		parameter := text(get(op.node, extMany))
		_, holder := content(get(op.node, "responses", "200"))
		one, many := oneAndMany(items(get(s.target(get(holder, "schema")), "oneOf")))
		switch {
		case parameter == "" && many == nil:
		case parameter == "":
			if s.strict {
				s.fail(op.node, "the response is one or many; say in the overlay which parameter asks for many, as %s", extMany)
			}
		case many == nil || !s.split(op.node, parameter, one, many):
			if s.strict {
				s.fail(op.node, "%s: either the response is not one or many, or %s does not ask for many", extMany, parameter)
			}
		}
	}
}

// split leaves an operation with what asks for one, and gives it a twin for many. It
// reports whether the parameter asks for many.
func (s *shaper) split(op *yaml.Node, parameter string, one, many *yaml.Node) bool {
	name := text(get(op, "operationId")) + "Many"
	taken := slices.ContainsFunc(eachOperation(s.doc), func(other endpointOperation) bool { return text(get(other.node, "operationId")) == name })
	_, requestHolder := content(get(op, "requestBody"))
	parameters := s.target(get(requestHolder, "schema"))
	if taken || parameters == nil {
		return false
	}
	forOne, forMany := s.copyOf(parameters), s.copyOf(parameters)
	if !keepArms(forOne, parameter, false) || !keepArms(forMany, parameter, true) {
		return false
	}
	twin := mapping(
		"operationId", str(name),
		"requestBody", mapping("content", mapping("application/json", mapping("schema", forMany))),
		"responses", mapping("200", mapping("description", str(""), "content", mapping("application/json", mapping("schema", s.copyOf(many))))),
	)
	set(op, extTwin, twin)
	set(requestHolder, "schema", forOne)
	_, answerHolder := content(get(op, "responses", "200"))
	set(answerHolder, "schema", s.copyOf(one))
	return true
}

// keepArms leaves of alternative parameters those that have a parameter, or those
// that lack it. It reports whether there are some of both.
func keepArms(n *yaml.Node, parameter string, have bool) bool {
	arms := get(n, "anyOf")
	if arms == nil {
		arms = get(n, "oneOf")
	}
	before := len(items(arms))
	if before == 0 {
		return false
	}
	arms.Content = slices.DeleteFunc(arms.Content, func(arm *yaml.Node) bool {
		return (get(arm, "properties", parameter) != nil) != have
	})
	return len(arms.Content) > 0 && len(arms.Content) < before
}
