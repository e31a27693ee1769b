package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxNesting bounds how deep a document may nest. Misskey's uses 20 levels.
const maxNesting = 200

// Parse reads a JSON or YAML document into a tree whose root is a map. It
// takes only what both languages have: no anchors, aliases, merge keys, tags
// or second documents, no keys but texts, and no key twice. Numbers keep their
// text.
func Parse(data []byte) (*yaml.Node, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case len(data) == 0:
		return nil, errors.New("the document is empty")
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return nil, errors.New("the document is compressed: unpack it first")
	case !utf8.Valid(data):
		return nil, errors.New("the document is not UTF-8: expected JSON or YAML")
	case data[0] == '<':
		return nil, errors.New("the document is HTML or XML, not JSON: expected the /api.json of a Misskey instance; is the address right?")
	case data[0] == '{' || data[0] == '[' || data[0] == '"':
		return parseJSON(data)
	}
	return parseYAML(data)
}

// parseJSON reads JSON with encoding/json, not with the YAML parser, because
// their escapes differ: in YAML "\ud83d\ude00" is not one character.
func parseJSON(data []byte) (*yaml.Node, error) {
	p := jsonParser{json.NewDecoder(bytes.NewReader(data))}
	p.dec.UseNumber()
	n, err := p.value(root, 0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("at byte %d: more follows after the end of the JSON document", p.dec.InputOffset())
	}
	if !isMap(n) {
		return nil, notAnObject(root, n)
	}
	return n, nil
}

type jsonParser struct{ dec *json.Decoder }

func (p jsonParser) token(at pointer) (json.Token, error) {
	tok, err := p.dec.Token()
	switch {
	case endsEarly(err):
		return nil, fmt.Errorf("%s: the JSON ends here, after %d bytes, in the middle of the document: get it again, it is truncated", at, p.dec.InputOffset())
	case err != nil:
		return nil, fmt.Errorf("%s: not JSON, at byte %d: %w", at, p.dec.InputOffset(), err)
	}
	return tok, nil
}

// endsEarly reports whether err says that JSON ends too early, for which the
// decoder of Go 1.27 has a third error.
func endsEarly(err error) bool {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		ok && syntax.Error() == "unexpected end of JSON input"
}

func (p jsonParser) value(at pointer, depth int) (*yaml.Node, error) {
	if depth > maxNesting {
		return nil, tooDeep(at)
	}
	tok, err := p.token(at)
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			return p.object(at, depth)
		}
		return p.array(at, depth)
	case string:
		return scalarNode("!!str", tok), nil
	case json.Number:
		return numberNode(at, tok.String())
	case bool:
		return boolean(tok), nil
	default:
		return scalarNode("!!null", "null"), nil
	}
}

func (p jsonParser) object(at pointer, depth int) (*yaml.Node, error) {
	b := newMapBuilder()
	for p.dec.More() {
		tok, err := p.token(at)
		if err != nil {
			return nil, err
		}
		key := tok.(string)
		value, err := p.value(at.at(key), depth+1)
		if err != nil {
			return nil, err
		}
		if err := b.add(at, key, value); err != nil {
			return nil, err
		}
	}
	_, err := p.token(at)
	return b.n, err
}

func (p jsonParser) array(at pointer, depth int) (*yaml.Node, error) {
	n := sequence()
	for p.dec.More() {
		item, err := p.value(at.index(len(n.Content)), depth+1)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := p.token(at)
	return n, err
}

func parseYAML(data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows after the end of the YAML document: expected one document")
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("the document is empty")
	}
	n, err := fromYAML(doc.Content[0], root, 0)
	if err != nil {
		return nil, err
	}
	if !isMap(n) {
		return nil, notAnObject(root, n)
	}
	return n, nil
}

// fromYAML copies n, refusing what JSON does not have.
func fromYAML(n *yaml.Node, at pointer, depth int) (*yaml.Node, error) {
	switch {
	case depth > maxNesting:
		return nil, tooDeep(at)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return nil, fmt.Errorf("%s, line %d: YAML anchors and aliases are not read: write the value out", at, n.Line)
	case n.Style&yaml.TaggedStyle != 0:
		return nil, fmt.Errorf("%s, line %d: the YAML tag %s is not read: leave it out", at, n.Line, n.Tag)
	}
	switch n.Kind {
	case yaml.MappingNode:
		b := newMapBuilder()
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode || k.Anchor != "" || k.Style&yaml.TaggedStyle != 0 || k.ShortTag() == "!!merge" {
				return nil, fmt.Errorf("%s, line %d: a key must be a plain text", at, k.Line)
			}
			value, err := fromYAML(n.Content[i+1], at.at(k.Value), depth+1)
			if err != nil {
				return nil, err
			}
			if err := b.add(at, k.Value, value); err != nil {
				return nil, err
			}
		}
		return b.n, nil
	case yaml.SequenceNode:
		seq := sequence()
		for i, item := range n.Content {
			value, err := fromYAML(item, at.index(i), depth+1)
			if err != nil {
				return nil, err
			}
			seq.Content = append(seq.Content, value)
		}
		return seq, nil
	}
	switch n.ShortTag() {
	case "!!str":
		return scalarNode("!!str", n.Value), nil
	case "!!null":
		return scalarNode("!!null", "null"), nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", at, n.Line, err)
		}
		return boolean(b), nil
	case "!!int", "!!float":
		return numberNode(at, n.Value)
	}
	return nil, fmt.Errorf("%s, line %d: the value %q is a %s in YAML, which JSON does not have: put it in quotes", at, n.Line, n.Value, n.ShortTag())
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// numberNode returns a node for a number that JSON and YAML write alike.
func numberNode(at pointer, s string) (*yaml.Node, error) {
	tag := "!!float"
	_, signed := strconv.ParseInt(s, 10, 64)
	_, unsigned := strconv.ParseUint(s, 10, 64)
	if signed == nil || unsigned == nil {
		tag = "!!int"
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil || !jsonNumber.MatchString(s) {
		return nil, fmt.Errorf("%s: the number %s cannot be kept: expected a decimal number as JSON has it, at most as large as a double", at, s)
	}
	return scalarNode(tag, s), nil
}

// A mapBuilder collects the entries of a map and refuses a key that it has.
type mapBuilder struct {
	n    *yaml.Node
	seen map[string]bool
}

func newMapBuilder() mapBuilder { return mapBuilder{mapping(), map[string]bool{}} }

func (b mapBuilder) add(at pointer, key string, value *yaml.Node) error {
	if b.seen[key] {
		return fmt.Errorf("%s: the key is there twice: only one of them can be meant", at.at(key))
	}
	b.seen[key] = true
	b.n.Content = append(b.n.Content, scalarNode("!!str", key), value)
	return nil
}

func scalarNode(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func tooDeep(at pointer) error {
	return fmt.Errorf("%s: the document nests deeper than %d levels", at, maxNesting)
}

func notAnObject(at pointer, n *yaml.Node) error {
	return fmt.Errorf("%s: %s stands where an object is expected", at, kindName(n))
}

// kindName says what n is, in words for messages.
func kindName(n *yaml.Node) string {
	switch {
	case n == nil:
		return "nothing"
	case isMap(n):
		return "an object"
	case isSeq(n):
		return "an array"
	case isNull(n):
		return "null"
	case n.Tag == "!!str":
		return "a string"
	case n.Tag == "!!bool":
		return "a boolean"
	}
	return "a number"
}
