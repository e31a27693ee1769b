package spec

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The document is worked on as a tree of yaml.Node, because typed models drop
// what they hold for a default (kin-openapi: default: null, minItems: 0,
// minLength: 0). These are the few operations on trees that the rest needs. A
// nil node stands for what is absent; every reader takes one.

func isMap(n *yaml.Node) bool { return n != nil && n.Kind == yaml.MappingNode }
func isSeq(n *yaml.Node) bool { return n != nil && n.Kind == yaml.SequenceNode }

// get returns the value below keys, one level each, or nil.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if !isMap(n) {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
				break
			}
		}
		n = next
	}
	return n
}

// set puts value at key of the map n.
func set(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, str(key), value)
}

// remove takes keys out of the map n.
func remove(n *yaml.Node, keys ...string) {
	if !isMap(n) {
		return
	}
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(keys, n.Content[i].Value) {
			kept = append(kept, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = kept
}

// pairs yields the keys and values of the map n in order. The map may be
// changed while it is read; what was there at the start is yielded.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if !isMap(n) {
			return
		}
		content := slices.Clone(n.Content)
		for i := 0; i+1 < len(content); i += 2 {
			if !yield(content[i].Value, content[i+1]) {
				return
			}
		}
	}
}

// replaceValues puts what with returns in place of each value of the map n. Setting
// them key by key would take time quadratic in their number.
func replaceValues(n *yaml.Node, with func(key string, value *yaml.Node) *yaml.Node) {
	if !isMap(n) {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		n.Content[i+1] = with(n.Content[i].Value, n.Content[i+1])
	}
}

// items returns the elements of the sequence n.
func items(n *yaml.Node) []*yaml.Node {
	if !isSeq(n) {
		return nil
	}
	return n.Content
}

// text returns the value of the scalar n, or "".
func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// isTrue reports whether n is the boolean true.
func isTrue(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && n.Value == "true"
}

// isNull reports whether n is null (not: whether it is absent).
func isNull(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// texts returns the values of a sequence of scalars; a lone scalar counts as a
// sequence of one.
func texts(n *yaml.Node) []string {
	if n != nil && n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var values []string
	for _, item := range items(n) {
		values = append(values, item.Value)
	}
	return values
}

func str(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func boolean(b bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(b)}
}

// mapping returns a map of alternating keys (string) and values (*yaml.Node).
func mapping(keysAndValues ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		set(n, keysAndValues[i].(string), keysAndValues[i+1].(*yaml.Node))
	}
	return n
}

func sequence(elements ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: elements}
}

func stringSeq(values []string) *yaml.Node {
	n := sequence()
	for _, v := range values {
		n.Content = append(n.Content, str(v))
	}
	return n
}

// clone returns a deep copy of n.
func clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

// canonical returns a text that two trees share exactly if they mean the same:
// the order of keys does not count, that of elements does.
func canonical(n *yaml.Node) string {
	var b strings.Builder
	writeCanonical(&b, n)
	return b.String()
}

func writeCanonical(b *strings.Builder, n *yaml.Node) {
	switch {
	case n == nil:
		b.WriteString("~")
	case isMap(n):
		var keys []string
		values := map[string]*yaml.Node{}
		for key, value := range pairs(n) {
			if _, ok := values[key]; !ok {
				keys, values[key] = append(keys, key), value
			}
		}
		slices.Sort(keys)
		b.WriteString("{")
		for _, key := range keys {
			b.WriteString(strconv.Quote(key))
			b.WriteString(":")
			writeCanonical(b, values[key])
			b.WriteString(",")
		}
		b.WriteString("}")
	case isSeq(n):
		b.WriteString("[")
		for _, item := range n.Content {
			writeCanonical(b, item)
			b.WriteString(",")
		}
		b.WriteString("]")
	default:
		b.WriteString(n.Tag)
		b.WriteString(strconv.Quote(n.Value))
	}
}

// A pointer is a JSON pointer in the form of a URI fragment without escapes of
// its own: "#/paths/~1notes~1create/post".
type pointer string

const root pointer = "#"

var (
	escapeKey   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapeKey = strings.NewReplacer("~1", "/", "~0", "~")
)

// at returns the pointer to what lies below p.
func (p pointer) at(keys ...string) pointer {
	for _, key := range keys {
		p += pointer("/" + escapeKey.Replace(key))
	}
	return p
}

// index returns the pointer to element i below p.
func (p pointer) index(i int) pointer { return p.at(strconv.Itoa(i)) }

// keys returns the parts of p, unescaped.
func (p pointer) keys() []string {
	var keys []string
	for _, part := range strings.Split(string(p), "/")[1:] {
		keys = append(keys, unescapeKey.Replace(part))
	}
	return keys
}

// resolve returns what p points at in doc, or nil.
func (p pointer) resolve(doc *yaml.Node) *yaml.Node {
	return p.resolveWith(doc, func(n *yaml.Node, key string) *yaml.Node { return get(n, key) })
}

// resolveWith is resolve with another way to look up the keys of maps.
func (p pointer) resolveWith(doc *yaml.Node, get func(n *yaml.Node, key string) *yaml.Node) *yaml.Node {
	n := doc
	for _, key := range p.keys() {
		if isSeq(n) {
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(n.Content) {
				return nil
			}
			n = n.Content[i]
			continue
		}
		n = get(n, key)
	}
	return n
}
