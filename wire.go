package misskey

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/internal/secret"
	"github.com/misskey-go/misskey/internal/wire"
)

// WithWire writes every request and every response to w, for people who look for a
// mistake:
//
//	→ 1 POST notes/create
//	{
//	  "i": "[secret]",
//	  "text": "hello"
//	}
//	← 1 200 OK, application/json, 713 bytes, 12ms
//	{
//	  "createdNote": {
//	…
//
// Tokens, passwords and other secrets are left out by where they stand. Everything
// else is shown, also what is private: notes, messages, addresses. Of a body the
// first 64 KiB are shown if they are JSON. Files are not shown.
//
// Requests and responses are each written at once, with the number of the exchange
// before them, because calls can run at the same time. A call waits for w, but an
// error of w does not make it fail. [Client.As] keeps w. The frames of a stream are
// written by the option Wire of package stream.
func WithWire(w io.Writer) Option {
	return func(o *options) error {
		o.wire = wire.New(w)
		return nil
	}
}

// An exchange is a request and its response, on their way to the writer of
// [WithWire]. The methods of a nil exchange do nothing.
type exchange struct {
	log      *wire.Log
	n        int64
	endpoint string
	hide     func(string) string
	start    time.Time
	status   string
	kind     string // the media type of the response
	location string // where a redirect leads
	body     *wire.Body
}

// beginExchange writes a request.
func (c *Client) beginExchange(req *http.Request, op *api.Operation, in any) *exchange {
	if c.config.wire == nil {
		return nil
	}
	x := &exchange{log: c.config.wire, n: c.config.wire.Next(), endpoint: op.Endpoint, hide: c.secretsOf(req, op).hide, start: time.Now()}
	line := fmt.Sprintf("→ %d %s %s", x.n, req.Method, clean(op.Endpoint, 100)) // the path itself may have a secret in it
	if query := req.URL.Query(); len(query) > 0 {
		line += "?" + wire.Query(op.Endpoint, query, x.hide)
	}
	if req.Header.Get("Authorization") != "" {
		line += " (Authorization: " + secret.Hidden + ")"
	}
	x.log.Block(line, x.requestBody(req, in))
	return x
}

// requestBody returns what is written of the body of a request.
func (x *exchange) requestBody(req *http.Request, in any) string {
	kind := mediaType(req.Header)
	upload, isForm := in.(interface{ MultipartFile() api.File })
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return ""
	case kind == "multipart/form-data" && isForm:
		return x.form(req, in, upload.MultipartFile())
	case kind != "application/json" || req.GetBody == nil:
		return fmt.Sprintf("(%s, not shown)", clean(kind, 100))
	}
	body, err := req.GetBody()
	if err != nil {
		return "(not shown, because it cannot be read twice)"
	}
	defer body.Close()
	data, _ := io.ReadAll(io.LimitReader(body, wire.MaxBody))
	return wire.JSON(x.endpoint, data, max(req.ContentLength, int64(len(data))), x.hide)
}

// form returns the parameters of an upload as an object.
func (x *exchange) form(req *http.Request, in any, file api.File) string {
	params, err := encodeParams(in, "")
	if err != nil {
		return "(a form that cannot be shown)"
	}
	size := "a file"
	if req.ContentLength >= 0 {
		size = "a file, in a form of " + wire.Bytes(req.ContentLength)
	}
	if file.ContentType != "" {
		size += ", " + file.ContentType
	}
	content, _ := json.Marshal(fmt.Sprintf("(%s: %s, not shown)", clip(file.Name, 100), size))
	object := strings.TrimSuffix(string(params), "}")
	if object != "{" {
		object += ","
	}
	object += `"file":` + string(content) + "}"
	if form, ok := req.Body.(*formBody); ok && form.token != "" {
		object = `{"i":"x",` + object[1:]
	}
	return wire.JSON(x.endpoint, []byte(object), int64(len(object)), x.hide)
}

// response takes note of a response whose body is about to be read.
func (x *exchange) response(resp *http.Response) {
	if x == nil {
		return
	}
	x.status, x.kind = fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)), mediaType(resp.Header)
	if to, err := resp.Location(); err == nil {
		x.location = to.Scheme + "://" + to.Host + "/…" // the rest may have a secret in it
	}
	x.body = &wire.Body{ReadCloser: resp.Body}
	resp.Body = x.body
}

// end writes the response, or the error in place of one. What there is of a response
// is written even if reading it has failed.
func (x *exchange) end(err error) {
	if x == nil {
		return
	}
	took := time.Since(x.start).Round(time.Millisecond)
	if x.body == nil {
		x.log.Block(fmt.Sprintf("← %d no response after %v: %v", x.n, took, err), "")
		return
	}
	line := fmt.Sprintf("← %d %s", x.n, strings.TrimSpace(x.status))
	for _, part := range []string{x.kind, x.location} {
		if part != "" {
			line += ", " + clean(x.hide(part), 200)
		}
	}
	x.log.Block(line+fmt.Sprintf(", %s, %v", wire.Bytes(x.body.Size), took), x.body.Text(x.endpoint, x.hide))
}

// mediaType is that of a body, without parameters.
func mediaType(header http.Header) string {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
