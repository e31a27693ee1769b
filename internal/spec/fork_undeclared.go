package spec

import (
	"slices"
	"sync"

	"go.yaml.in/yaml/v4"
)

// A fork's authors often forget to declare what an endpoint returns, and Misskey's
// own script then writes that it returns nothing. Misskey's endpoints are known, by
// the name table; of a fork's own nobody can tell. Their methods return the JSON as
// it comes, or nil if there is none.

// undeclared returns the operations of a fork's document, which Misskey does not
// have, that declare no response.
func undeclared(doc *yaml.Node) []endpointOperation {
	if !isFork(doc) {
		return nil
	}
	var found []endpointOperation
	for _, op := range eachOperation(doc) {
		_, holder := content(successful(op.node))
		if get(holder, "schema") == nil && !isOurs(op.endpoint) {
			found = append(found, op)
		}
	}
	return found
}

// successful returns the first response of an operation with a content of those
// that say it was carried out, or nil.
func successful(op *yaml.Node) *yaml.Node {
	for status, response := range pairs(get(op, "responses")) {
		if len(status) == 3 && status[0] == '2' && get(response, "content") != nil {
			return response
		}
	}
	return nil
}

// isOurs reports whether Misskey has an endpoint.
func isOurs(endpoint string) bool { return ourOperations()["Op"+operationName(endpoint)] }

var ourOperations = sync.OnceValue(func() map[string]bool {
	ours := map[string]bool{}
	table, err := readNames(builtinNames)
	if err != nil {
		return ours // generation reports it
	}
	for _, name := range slices.Concat(table.Released, table.Removed) {
		ours[name] = true
	}
	return ours
})

const undeclaredText = "the document declares no response; the method returns the JSON as it comes"

// declareAnything has the operations that declare no response return anything, or
// nothing, and notes which they are.
func declareAnything(doc *yaml.Node) []Note {
	var notes []Note
	for _, op := range undeclared(doc) {
		anything := mapping("description", str(""), "content", mapping("application/json", mapping("schema", mapping(extRaw, boolean(true)))))
		responses := get(op.node, "responses")
		if responses == nil {
			responses = mapping()
			set(op.node, "responses", responses)
		}
		set(responses, "200", anything)
		if get(responses, "204") == nil {
			set(responses, "204", mapping("description", str("")))
		}
		notes = append(notes, Note{op.endpoint, undeclaredText})
	}
	return notes
}
