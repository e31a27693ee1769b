package spec

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A fork's servers are not Misskey's: what our overlay knows of Misskey beside the
// document (who may call, how often) may be otherwise there. It is printed as
// Misskey's, and no program is made to rely on it.

const ownTitle = "Misskey API"

var ownVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-(alpha|beta|rc)\.[0-9]+)?$`)

// isFork reports whether a document is of a fork of Misskey, by its title or by a
// version that Misskey does not give.
func isFork(doc *yaml.Node) bool {
	return text(get(doc, "info", "title")) != ownTitle || !ownVersion.MatchString(text(get(doc, "info", "version")))
}

// software returns what a document is of, as its title says.
func software(doc *yaml.Node) string {
	name := strings.TrimSpace(strings.TrimSuffix(text(get(doc, "info", "title")), "API"))
	if name == "" {
		return "Misskey"
	}
	return name
}

// assumable are the facts of an operation that the overlay knows beside documents.
var assumable = []string{extRole, extPolicy, extProhibitMoved, extLimit, extCacheSeconds}

// saidFacts returns of each operation those of the assumable facts that the
// document says itself.
func saidFacts(doc *yaml.Node) map[*yaml.Node]*yaml.Node {
	said := map[*yaml.Node]*yaml.Node{}
	for _, op := range eachOperation(doc) {
		said[op.node] = mapping()
		for _, key := range assumable {
			if fact := get(op.node, key); fact != nil {
				set(said[op.node], key, clone(fact))
			}
		}
	}
	return said
}

// markAssumed lists in each operation the facts that only the overlay has said, and
// puts back those that the document has said itself.
func markAssumed(doc *yaml.Node, said map[*yaml.Node]*yaml.Node) {
	for _, op := range eachOperation(doc) {
		var assumed []string
		for _, key := range assumable {
			if fact := get(said[op.node], key); fact != nil {
				set(op.node, key, fact)
			} else if get(op.node, key) != nil {
				assumed = append(assumed, key)
			}
		}
		if len(assumed) > 0 {
			set(op.node, extAssumed, stringSeq(assumed))
		}
	}
}
