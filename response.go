package misskey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/misskey-go/misskey/api"
)

const (
	maxResponseBytes = 64 << 20
	maxErrorBytes    = 64 << 10
)

// ErrTooLarge reports that a response exceeds [WithMaxResponseBytes], or decoded
// [WithMaxDecodedBytes].
var ErrTooLarge = errors.New("the response is too large")

// readResponse reads the response to req into out, or returns an error. size is
// how much of the body was read.
func (c *Client) readResponse(req *http.Request, resp *http.Response, op *api.Operation, out any, settings *api.CallSettings) (size int64, err error) {
	if resp.StatusCode < 100 {
		// net/http lets these pass. An Error with a Status of 0 was not sent.
		return 0, fmt.Errorf("malformed HTTP status %03d", resp.StatusCode)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// What could not be read does not change what the status says.
		body, _ := readBody(nil, resp, maxErrorBytes)
		return int64(len(body)), newError(op, resp, body, c.secretsOf(req, op))
	}
	buf := bodies.Get().(*[]byte)
	body, err := readBody((*buf)[:0], resp, c.config.maxResponse)
	defer func() { releaseBody(buf, body) }()
	size = int64(len(body))
	if raw, ok := out.(*[]byte); ok && err == nil {
		*raw = bytes.Clone(body) // of a call by name that wants it as it came
		return size, nil
	}
	switch {
	case err != nil:
		return size, err
	case len(body) == 0 && (out == nil || op.MayBeEmpty):
		return size, nil
	case !isJSON(resp.Header.Get("Content-Type"), body):
		return size, newError(op, resp, body[:min(len(body), maxErrorBytes)], c.secretsOf(req, op))
	}
	c.keepRaw(op, settings, body)
	if out == nil {
		return size, nil
	}
	return size, c.decode(req, op, settings, body, out)
}

// bodies are buffers for the bodies of responses, of which nothing is kept.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxPooledBody is how large a buffer may be that waits for the next response.
const maxPooledBody = 1 << 20

// releaseBody gives a buffer back, which body may have outgrown.
func releaseBody(buf *[]byte, body []byte) {
	if cap(body) <= maxPooledBody {
		*buf = body[:0]
	}
	bodies.Put(buf)
}

// readBody reads a body that may have limit bytes into buf, which it may outgrow.
// Read to its end, the body leaves the connection to the next call.
func readBody(buf []byte, resp *http.Response, limit int64) ([]byte, error) {
	// The length is what the server says; much is only allocated as it comes.
	if want := min(max(resp.ContentLength, 0), limit, 1<<20) + 512; want > int64(cap(buf)) {
		buf = make([]byte, 0, want)
	}
	for {
		n, err := resp.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return buf[:limit], fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, fmt.Errorf("reading the response: %w", err)
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// isJSON reports whether a response means to be JSON, which may be broken.
func isJSON(contentType string, body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(body) == 0 || body[0] == '<': // a page, whatever it is called
		return false
	case contentType == "":
		return json.Valid(body)
	case contentType == "application/json; charset=utf-8": // Misskey's own
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	if mediaType == "text/plain" { // Misskey's own for an answer that is a string, such as a registry value
		return json.Valid(body)
	}
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}
