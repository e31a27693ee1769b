package spec

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// nullTypes writes what nullable says, a keyword of OpenAPI 3.0 and of Misskey's own
// schemas that forks leave in their documents, as 3.1 says it: null is one of the
// types. Readers of JSON Schema, such as misskeytest, know nothing else.
func nullTypes(n *yaml.Node) {
	if flag := get(n, "nullable"); flag != nil && flag.Kind == yaml.ScalarNode && flag.Tag == "!!bool" {
		remove(n, "nullable")
		if isTrue(flag) {
			allowNull(n)
		}
	}
	for key, value := range pairs(n) {
		if !slices.Contains([]string{"default", "const", "enum"}, key) || isMap(get(value, "properties")) {
			nullTypes(value)
		}
	}
	for _, item := range items(n) {
		nullTypes(item)
	}
}

// allowNull makes null one of the values of a schema.
func allowNull(n *yaml.Node) {
	switch types := texts(get(n, "type")); {
	case slices.Contains(types, "null"):
	case len(types) > 0:
		set(n, "type", stringSeq(append(types, "null")))
		if values := get(n, "enum"); isSeq(values) && !slices.ContainsFunc(values.Content, isNull) {
			values.Content = append(values.Content, scalarNode("!!null", "null"))
		}
	case get(n, "$ref") != nil || combined(n):
		become(n, mapping("anyOf", sequence(clone(n), mapping("type", str("null")))))
	}
}
