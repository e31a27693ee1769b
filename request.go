package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/misskey-go/misskey/api"
)

// newRequest makes the request of a call, edited and ready to be sent.
func (c *Client) newRequest(ctx context.Context, op *api.Operation, in any, settings *api.CallSettings) (*http.Request, error) {
	if err := checkEndpoint(op); err != nil {
		return nil, err
	}
	if settings.GET && !op.GET && !op.GETOnly {
		return nil, errors.New("the endpoint cannot be read with GET")
	}
	asGET := settings.GET || op.GETOnly
	method := http.MethodPost
	if asGET {
		method = http.MethodGet
	}
	if ctx == nil {
		return nil, errors.New("the context is nil")
	}
	address, err := c.config.url(op)
	if err != nil {
		return nil, errors.New("its name does not fit into a URL")
	}
	req := emptyRequest.WithContext(ctx)
	req.Method, req.URL, req.Host = method, address, address.Host
	req.Header = http.Header{"User-Agent": c.config.userAgent, "Accept": jsonHeader}

	authorize := c.config.authorize
	if asGET && !tokenOnGET(op, settings) {
		authorize = nil
	}
	token := ""
	if c.config.inBody && !asGET && !op.Multipart && len(c.config.editors) == 0 {
		// What the editor would do, without a copy of the body in between.
		token, authorize = c.config.token.Reveal(), nil
	}
	params, err := encodeParams(in, token)
	if err != nil {
		return nil, err
	}
	switch {
	case asGET:
		req.URL.RawQuery, err = encodeQuery(params)
	case op.Multipart:
		err = setForm(req, params, in)
	default:
		req.Header["Content-Type"] = jsonHeader
		setJSONBody(req, params)
	}
	if err != nil {
		return nil, err
	}
	for _, editors := range [][]api.RequestEditorFn{c.config.editors, {authorize}, settings.Editors} {
		if err := edit(req, editors); err != nil {
			return nil, err
		}
	}
	if asGET {
		if err := checkGET(req, op, settings); err != nil {
			return nil, err
		}
	}
	if err := c.config.origin.check(req); err != nil {
		return nil, fmt.Errorf("after the request editors: %w", err)
	}
	return req, nil
}

// emptyRequest is what [http.NewRequest] would make, of which every call needs a
// copy only.
var emptyRequest = &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// checkEndpoint refuses what would leave /api/ or reach another endpoint than
// it seems.
func checkEndpoint(op *api.Operation) error {
	path := op.Path()
	if path == op.Endpoint && strings.ContainsAny(path, "{}") {
		return errors.New("a parameter of its path is missing")
	}
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case path == op.Endpoint && isPathSegment(segment):
		case path != op.Endpoint && segment != "" && segment != "." && segment != "..": // escaped when it was filled in
		default:
			return errors.New("it is not the path of an endpoint, which is like notes/show")
		}
	}
	return nil
}

// url returns the address of an endpoint that checkEndpoint lets pass.
func (cfg *config) url(op *api.Operation) (*url.URL, error) {
	path := op.Path()
	if cfg.address.RawPath != "" || path != op.Endpoint {
		return url.Parse(cfg.base + "/api/" + path) // there are escapes in it
	}
	u := *cfg.address
	u.Path += "/api/" + path
	return &u, nil
}

// jsonHeader is the value of a header. It is shared by all requests: setting or
// adding to the header of one does not change it.
var jsonHeader = []string{"application/json"}

// An encoder is a JSON encoder and what it has written.
type encoder struct {
	json *json.Encoder
	buf  bytes.Buffer
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.json = json.NewEncoder(&e.buf)
	e.json.SetEscapeHTML(false)
	return e
}}

// maxPooled is how large a buffer may be that waits for the next call.
const maxPooled = 64 << 10

var emptyObject = []byte("{}")

// encodeParams returns the JSON object that stands for in, with the token as its
// property i, if there is one.
func encodeParams(in any, token string) ([]byte, error) {
	object := emptyObject // the server refuses an empty body
	if in != nil {
		e := encoders.Get().(*encoder)
		defer func() {
			if e.buf.Cap() <= maxPooled {
				e.buf.Reset()
				encoders.Put(e)
			}
		}()
		if err := e.json.Encode(in); err != nil {
			return nil, fmt.Errorf("encoding the parameters: %w", err)
		}
		switch data := bytes.TrimSuffix(e.buf.Bytes(), []byte("\n")); {
		case string(data) == "null": // of a nil pointer or map
		case data[0] != '{':
			return nil, fmt.Errorf("the parameters are no JSON object, but made from %T", in)
		default:
			object = data
		}
	}
	if token == "" {
		return bytes.Clone(object), nil
	}
	object, err := insertToken(object, token)
	if err != nil {
		return nil, fmt.Errorf("putting the token into the request: %w", err)
	}
	return object, nil
}
