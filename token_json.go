package misskey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// setJSONBody gives req a body that can be sent again. It is of the kind that
// net/http knows to be in memory and sends in one packet with the header.
func setJSONBody(req *http.Request, data []byte) {
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(data))
	req.TransferEncoding = nil
}

var byteOrderMark = []byte("\uFEFF")

// insertToken returns body, a JSON object, with the token as its property i. All
// the rest stays as it is, byte by byte. body is not changed.
func insertToken(body []byte, token string) ([]byte, error) {
	if len(body) == 0 {
		body = []byte("{}")
	}
	// The server takes a byte order mark, the decoder does not.
	object := bytes.TrimPrefix(body, byteOrderMark)
	if !json.Valid(object) {
		var v json.RawMessage
		return nil, fmt.Errorf("its body is not JSON: %w", json.Unmarshal(object, &v))
	}
	at := len(body) - len(object)
	at = skipSpace(body, at)
	if body[at] != '{' {
		return nil, errors.New("its body is not a JSON object")
	}
	at++

	out := make([]byte, 0, len(body)+len(token)+len(`"i":"",`))
	copied := 0 // how much of body is in out
	found := false
	for pos, last := skipSpace(body, at), at; body[pos] != '}'; {
		m := scanMember(body, pos)
		if m.isToken {
			// The first is replaced. Any further ones go, along with the
			// comma before them.
			if found {
				out = append(out, body[copied:last]...)
			} else {
				out = appendToken(append(out, body[copied:pos]...), token)
			}
			found, copied = true, m.end
		}
		last = m.end
		if pos = skipSpace(body, m.end); body[pos] == ',' {
			pos = skipSpace(body, pos+1)
		}
	}
	if !found {
		out = appendToken(append(out, body[:at]...), token)
		if body[skipSpace(body, at)] != '}' {
			out = append(out, ',')
		}
		copied = at
	}
	return append(out, body[copied:]...), nil
}

// appendToken appends the property i. A token is printable ASCII, which Go and
// JSON quote alike.
func appendToken(out []byte, token string) []byte {
	return strconv.AppendQuote(append(out, `"i":`...), token)
}

// What follows reads JSON that is known to be valid.

type jsonMember struct {
	end     int // of its value
	isToken bool
}

// scanMember reads the member of an object that begins at pos.
func scanMember(data []byte, pos int) jsonMember {
	keyEnd := skipString(data, pos)
	value := skipSpace(data, skipSpace(data, keyEnd)+1) // past the colon
	return jsonMember{skipValue(data, value), isTokenKey(data[pos:keyEnd])}
}

// isTokenKey reports whether key is "i", however it is written.
func isTokenKey(key []byte) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return string(key) == `"i"`
	}
	var s string
	return json.Unmarshal(key, &s) == nil && s == "i"
}

func skipSpace(data []byte, pos int) int {
	for pos < len(data) && (data[pos] == ' ' || data[pos] == '\n' || data[pos] == '\t' || data[pos] == '\r') {
		pos++
	}
	return pos
}

// skipString returns where the string that begins at pos ends.
func skipString(data []byte, pos int) int {
	for pos++; data[pos] != '"'; pos++ {
		if data[pos] == '\\' {
			pos++
		}
	}
	return pos + 1
}

// skipValue returns where the value that begins at pos ends.
func skipValue(data []byte, pos int) int {
	for depth := 0; ; {
		switch data[pos] {
		case '"':
			pos = skipString(data, pos)
		case '{', '[':
			depth++
			pos++
		case '}', ']':
			depth--
			pos++
		case ' ', '\n', '\t', '\r', ',', ':':
			pos++
		default: // a number, true, false or null
			for strings.IndexByte(" \n\t\r,]}", data[pos]) < 0 {
				pos++
			}
		}
		if depth == 0 {
			return pos
		}
	}
}
