package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

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
	req, err := http.NewRequestWithContext(ctx, method, c.config.base+"/api/"+op.Path(), nil)
	if err != nil {
		return nil, errors.New("its name does not fit into a URL")
	}
	req.Header.Set("User-Agent", c.config.userAgent)
	req.Header.Set("Accept", "application/json")

	params, err := encodeParams(in)
	if err != nil {
		return nil, err
	}
	switch {
	case asGET:
		req.URL.RawQuery, err = encodeQuery(params)
	case op.Multipart:
		err = setForm(req, params, in)
	default:
		req.Header.Set("Content-Type", "application/json")
		setJSONBody(req, params)
	}
	if err != nil {
		return nil, err
	}

	authorize := c.config.authorize
	if asGET && !tokenOnGET(op, settings) {
		authorize = nil
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

// encodeParams returns the JSON object that stands for in.
func encodeParams(in any) ([]byte, error) {
	if in == nil {
		return []byte("{}"), nil // the server refuses an empty body
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(in); err != nil {
		return nil, fmt.Errorf("encoding the parameters: %w", err)
	}
	data := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	switch {
	case string(data) == "null": // of a nil pointer or map
		return []byte("{}"), nil
	case data[0] != '{':
		return nil, fmt.Errorf("the parameters are no JSON object, but made from %T", in)
	}
	return data, nil
}
