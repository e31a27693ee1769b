package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// sizeNumbers decides which numbers are int64 and which float64. Misskey
// declares almost everything a number, and JSON does not tell; the name does.
// Counts, sizes, limits and times are whole numbers and may exceed 32 bits;
// ratios, factors, weights, angles and offsets may be fractions even where no
// recording holds one (protocol A.13, F.5). A format that says which wins.
func (s *shaper) sizeNumbers() {
	for _, sl := range s.slots() {
		sizeBelow(sl.schema(), "")
	}
}

func sizeBelow(n *yaml.Node, name string) {
	switch typeOf(n) {
	case "integer", "number":
		nullable := isNullable(n)
		t, format := "integer", "int64"
		if fraction(n, name) {
			t, format = "number", "double"
		}
		set(n, "type", str(t))
		set(n, "format", str(format))
		if nullable {
			setNullable(n)
		}
		return
	}
	properties := get(n, "properties")
	for key, p := range pairs(properties) {
		sizeBelow(p, key)
	}
	for _, child := range children(n) {
		if properties == nil || !slices.Contains(properties.Content, child) {
			sizeBelow(child, name)
		}
	}
}

func fraction(n *yaml.Node, name string) bool {
	switch text(get(n, "format")) {
	case "int32", "int64":
		return false
	case "float", "double":
		return true
	}
	for _, key := range []string{"multipleOf", "minimum", "maximum", "default", "exclusiveMinimum", "exclusiveMaximum"} {
		if v := get(n, key); v != nil && v.Tag == "!!float" {
			return true
		}
	}
	for _, word := range words(name) {
		switch singular(strings.ToLower(word)) {
		case "ratio", "factor", "weight", "angle":
			return true
		}
	}
	return name == "offsetX" || name == "offsetY"
}
