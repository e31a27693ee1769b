package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// dropSteering takes out of a document the extensions by which overlays steer
// the passes and oapi-codegen. Those of oapi-codegen are copied into the Go that
// is printed, and what a server sends must not write programs. names says that n
// is a map of schemas, whose keys are names.
func dropSteering(n *yaml.Node, names bool) {
	for key, value := range pairs(n) {
		if !names && isSteering(key) {
			remove(n, key)
			continue
		}
		dropSteering(value, !names && isSchemaMap(key))
	}
	for _, item := range items(n) {
		dropSteering(item, false)
	}
}

// isSchemaMap reports whether what stands under a key of a schema is a map of
// schemas.
func isSchemaMap(key string) bool {
	return slices.Contains([]string{"properties", "patternProperties", "dependentSchemas", "$defs"}, key)
}

func isSteering(key string) bool {
	switch key {
	case extRaw, extGET, extMayBe, extOneOrMany, extTwin, extKinds, extCall, extComment, extExtends, extEmbed:
		return true
	}
	return slices.ContainsFunc([]string{"x-go-", "x-oapi-codegen-", "x-enum", "x-omit", "x-order", "x-deprecated-reason"}, func(prefix string) bool {
		return strings.HasPrefix(key, prefix)
	})
}
