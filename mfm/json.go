package mfm

import (
	"bytes"
	"encoding/json"
)

// The JSON of a node is what mfm.js has: its type, its properties and its
// children, in this order. Positions are not part of it.

// appendNode appends the JSON of a node in one pass: a MarshalJSON that called
// those of its children would copy and check a deep tree once a level.
func appendNode(b []byte, n Node) []byte {
	var kind string
	var props []byte
	parent := false
	switch n := n.(type) {
	case *Text:
		kind, props = "text", property(nil, "text", n.Text)
	case *Bold:
		kind, parent = "bold", true
	case *Italic:
		kind, parent = "italic", true
	case *Strike:
		kind, parent = "strike", true
	case *Small:
		kind, parent = "small", true
	case *Plain:
		kind, parent = "plain", true
	case *Quote:
		kind, parent = "quote", true
	case *Center:
		kind, parent = "center", true
	case *Fn:
		kind, parent = "fn", true
		props = append(property(nil, "name", n.Name), `,"args":{`...)
		for i, arg := range n.Args {
			if i > 0 {
				props = append(props, ',')
			}
			if arg.Value != "" {
				props = property(props, arg.Name, arg.Value)
			} else {
				props = append(appendString(props, arg.Name), ":true"...)
			}
		}
		props = append(props, '}')
	case *Link:
		kind, parent = "link", true
		props = append(props, `"silent":false,`...)
		if n.Silent {
			props = append(props[:0], `"silent":true,`...)
		}
		props = property(props, "url", n.URL)
	case *InlineCode:
		kind, props = "inlineCode", property(nil, "code", n.Code)
	case *MathInline:
		kind, props = "mathInline", property(nil, "formula", n.Formula)
	case *Mention:
		kind, props = "mention", property(nil, "username", n.Username)
		props = optional(append(props, ','), "host", n.Host)
		props = property(append(props, ','), "acct", n.Acct())
	case *Hashtag:
		kind, props = "hashtag", property(nil, "hashtag", n.Hashtag)
	case *URL:
		kind, props = "url", property(nil, "url", n.URL)
		if n.Brackets {
			props = append(props, `,"brackets":true`...)
		}
	case *EmojiCode:
		kind, props = "emojiCode", property(nil, "name", n.Name)
	case *UnicodeEmoji:
		kind, props = "unicodeEmoji", property(nil, "emoji", n.Emoji)
	case *Search:
		kind, props = "search", property(nil, "query", n.Query)
		props = property(append(props, ','), "content", n.Content)
	case *BlockCode:
		kind, props = "blockCode", property(nil, "code", n.Code)
		props = optional(append(props, ','), "lang", n.Lang)
	case *MathBlock:
		kind, props = "mathBlock", property(nil, "formula", n.Formula)
	default:
		return append(b, "null"...)
	}

	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, '"')
	if props != nil {
		b = append(b, `,"props":{`...)
		b = append(b, props...)
		b = append(b, '}')
	}
	if parent {
		b = append(b, `,"children":[`...)
		for i, child := range Children(n) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendNode(b, child)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func property(b []byte, name, value string) []byte {
	return appendString(append(appendString(b, name), ':'), value)
}

// optional appends null for an empty value.
func optional(b []byte, name, value string) []byte {
	if value == "" {
		return append(appendString(b, name), ":null"...)
	}
	return property(b, name, value)
}

// appendString leaves the characters of HTML to the encoder that asks for the node.
func appendString(b []byte, s string) []byte {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // of a string never fails
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}

// MarshalJSON returns {"type":"text",…}, as mfm.js has it.
func (n *Text) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"bold",…}, as mfm.js has it.
func (n *Bold) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"italic",…}, as mfm.js has it.
func (n *Italic) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"strike",…}, as mfm.js has it.
func (n *Strike) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"small",…}, as mfm.js has it.
func (n *Small) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"fn",…}, as mfm.js has it.
func (n *Fn) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"plain",…}, as mfm.js has it.
func (n *Plain) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"inlineCode",…}, as mfm.js has it.
func (n *InlineCode) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"mathInline",…}, as mfm.js has it.
func (n *MathInline) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"mention",…}, as mfm.js has it.
func (n *Mention) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"hashtag",…}, as mfm.js has it.
func (n *Hashtag) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"url",…}, as mfm.js has it.
func (n *URL) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"link",…}, as mfm.js has it.
func (n *Link) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"emojiCode",…}, as mfm.js has it.
func (n *EmojiCode) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"unicodeEmoji",…}, as mfm.js has it.
func (n *UnicodeEmoji) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"quote",…}, as mfm.js has it.
func (n *Quote) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"search",…}, as mfm.js has it.
func (n *Search) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"blockCode",…}, as mfm.js has it.
func (n *BlockCode) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"mathBlock",…}, as mfm.js has it.
func (n *MathBlock) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }

// MarshalJSON returns {"type":"center",…}, as mfm.js has it.
func (n *Center) MarshalJSON() ([]byte, error) { return appendNode(nil, n), nil }
