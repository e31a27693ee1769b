package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// A player is a transport that keeps the request and plays the recorded
// answer.
type player struct {
	exchange *Exchange
	sent     *sentRequest
}

// A sentRequest is what a client sent.
type sentRequest struct {
	*http.Request
	body []byte
}

// RoundTrip implements [http.RoundTripper].
func (p *player) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	sent := &sentRequest{Request: req}
	if req.Body != nil {
		var err error
		if sent.body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("reading the request's body: %w", err)
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	p.sent = sent
	body := p.exchange.Body()
	header := http.Header{}
	for name, value := range p.exchange.Headers {
		header.Set(name, value)
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", p.exchange.Status, http.StatusText(p.exchange.Status)),
		StatusCode:    p.exchange.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

// endpoint returns the path below /api/.
func (s *sentRequest) endpoint() string { return strings.TrimPrefix(s.URL.Path, "/api/") }

// object returns the JSON body without the token.
func (s *sentRequest) object() (map[string]any, error) {
	if kind, _, err := mime.ParseMediaType(s.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("Content-Type is %q instead of application/json", s.Header.Get("Content-Type"))
	}
	v, err := parse(s.body)
	if err != nil {
		return nil, fmt.Errorf("body is not JSON: %w", err)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("body is %s instead of an object", brief(v))
	}
	delete(object, "i")
	return object, nil
}

// form returns the fields of a multipart body without the token, with the file
// as it would have been recorded.
func (s *sentRequest) form() (map[string]any, error) {
	kind, params, err := mime.ParseMediaType(s.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, fmt.Errorf("Content-Type is %q instead of multipart/form-data", s.Header.Get("Content-Type"))
	}
	fields := map[string]any{}
	parts := multipart.NewReader(bytes.NewReader(s.body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			delete(fields, "i")
			return fields, nil
		}
		if err != nil {
			return nil, fmt.Errorf("body is no form: %w", err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, fmt.Errorf("body is no form: %w", err)
		}
		name := part.FormName()
		if _, twice := fields[name]; twice {
			return nil, fmt.Errorf("form has two fields %q", name)
		}
		if _, late := fields["file"]; late {
			return nil, fmt.Errorf("form has the field %q after the file, where servers do not see it", name)
		}
		if name != "file" {
			fields[name] = string(content)
			continue
		}
		fields[name] = map[string]any{
			"filename":    part.FileName(),
			"contentType": part.Header.Get("Content-Type"),
			"size":        number(len(content)),
		}
	}
}
