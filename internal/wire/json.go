package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/misskey-go/misskey/internal/secret"
)

const (
	// maxText is how much is written of a body, whose indentation can make it
	// longer.
	maxText = 4 * MaxBody

	// maxString is how much is written of a string.
	maxString = 2000

	// maxIndent is from which depth on nothing is indented any further.
	maxIndent = 16
)

// JSON returns the JSON in data, of which there were size bytes on the wire, for
// people: indented, and without secrets. hide is applied to each text in it, in case
// that a server repeats a secret where none belongs. What is not JSON is not shown.
func JSON(endpoint string, data []byte, size int64, hide func(string) string) string {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if len(bytes.TrimSpace(data)) == 0 {
		return ""
	}
	p := printer{endpoint: endpoint, hide: hide, dec: json.NewDecoder(bytes.NewReader(data))}
	p.dec.UseNumber()
	err := p.value(0, false)
	if err == nil {
		if _, more := p.dec.Token(); more == io.EOF {
			return p.out.String()
		}
	}
	switch {
	case p.out.Len() == 0:
		return fmt.Sprintf("(%s, not shown, because they are not JSON)", Bytes(size))
	case size > int64(len(data)) || err == errFull:
		return p.out.String() + fmt.Sprintf("\n… (%s in all)", Bytes(size))
	}
	return p.out.String() + fmt.Sprintf("\n… (%s in all; the rest is not JSON)", Bytes(size))
}

var errFull = fmt.Errorf("more than %d bytes", maxText)

// A printer prints JSON token by token, so that what is cut off can be printed, too.
type printer struct {
	endpoint string
	hide     func(string) string
	dec      *json.Decoder
	out      strings.Builder
}

// value prints the next value. Of a secret one it leaves the shape.
func (p *printer) value(depth int, secretly bool) error {
	token, err := p.dec.Token()
	if err != nil {
		return err
	}
	return p.print(token, depth, secretly)
}

func (p *printer) print(token json.Token, depth int, secretly bool) error {
	if p.out.Len() > maxText {
		return errFull
	}
	switch token := token.(type) {
	case json.Delim:
		return p.group(token, depth, secretly)
	case string:
		if secretly && token != "" {
			token = secret.Hidden
		}
		p.out.WriteString(p.quote(token))
	case json.Number:
		if secretly {
			p.out.WriteString(quote(secret.Hidden))
			break
		}
		p.out.WriteString(p.hide(token.String()))
	case nil:
		p.out.WriteString("null")
	default: // a bool
		fmt.Fprint(&p.out, token)
	}
	return nil
}

// group prints an object or an array.
func (p *printer) group(open json.Delim, depth int, secretly bool) error {
	if depth > maxDepth {
		return errFull
	}
	p.out.WriteString(open.String())
	n := 0
	for ; p.dec.More(); n++ {
		if n > 0 {
			p.out.WriteByte(',')
		}
		p.line(depth + 1)
		hidden := secretly
		if open == '{' {
			name, err := p.dec.Token()
			if err != nil {
				return err
			}
			s, _ := name.(string)
			p.out.WriteString(p.quote(s) + ": ")
			hidden = secretly || isSecret(p.endpoint, s)
		}
		if err := p.value(depth+1, hidden); err != nil {
			return err
		}
	}
	end, err := p.dec.Token()
	if err != nil {
		return err
	}
	if n > 0 {
		p.line(depth)
	}
	fmt.Fprint(&p.out, end)
	return nil
}

// maxDepth is how deep values may nest: beyond, the stack of a goroutine would grow
// with what a server sends.
const maxDepth = 1000

func (p *printer) line(depth int) {
	p.out.WriteByte('\n')
	p.out.WriteString(strings.Repeat("  ", min(depth, maxIndent)))
}

// quote writes a text as JSON.
func (p *printer) quote(s string) string {
	s = p.hide(s)
	if len(s) <= maxString {
		return quote(s)
	}
	return quote(strings.ToValidUTF8(s[:maxString], "")+"…") + fmt.Sprintf(" (%s)", Bytes(int64(len(s))))
}

// quote writes a text as JSON that does nothing to a terminal.
func quote(s string) string {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // texts can be encoded
	var b strings.Builder
	for _, r := range strings.TrimSuffix(quoted.String(), "\n") {
		switch {
		case unicode.IsGraphic(r) || r == '\u200d': // joins emoji
			b.WriteRune(r)
		case r > 0xffff:
			b.WriteRune(unicode.ReplacementChar)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
