package spec

import (
	"gopkg.in/yaml.v3"
)

// NullMeansAbsent returns, for each endpoint of a document, the parameters whose
// null is the same to the server as no parameter, as the overlay says. They are
// named by their path, such as "$.poll.expiresAt" or "$.items[].name".
func NullMeansAbsent(document []byte) (map[string]map[string]bool, error) {
	doc, err := Overlaid(document)
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]bool{}
	for _, op := range eachOperation(doc) {
		_, holder := content(get(op.node, "requestBody"))
		places := map[string]bool{}
		nullPlaces(doc, get(holder, "schema"), "$", places, 0)
		if len(places) > 0 {
			found[op.endpoint] = places
		}
	}
	return found, nil
}

func nullPlaces(doc, n *yaml.Node, place string, found map[string]bool, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	if name := refName(n); name != "" {
		n = get(doc, "components", "schemas", name)
	}
	if text(get(n, extNull)) == "absent" {
		found[place] = true
	}
	for name, p := range pairs(get(n, "properties")) {
		nullPlaces(doc, p, place+"."+name, found, depth+1)
	}
	nullPlaces(doc, get(n, "items"), place+"[]", found, depth+1)
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		for _, arm := range items(get(n, key)) {
			nullPlaces(doc, arm, place, found, depth+1)
		}
	}
}
