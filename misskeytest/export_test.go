package misskeytest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// ValidateAnswers makes the test fail where a client of the server gets a response
// that the document does not allow.
func ValidateAnswers(tb testing.TB, s *Server) {
	s.client.Transport = &validator{tb: tb, next: s.client.Transport, document: s.document, schemas: answerSchemas(tb, s.document)}
}

type validator struct {
	tb       testing.TB
	next     http.RoundTripper
	document *document
	schemas  func(place string) *jsonschema.Schema
}

func (v *validator) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := v.next.RoundTrip(r)
	if err != nil || resp.StatusCode > 299 {
		return resp, err
	}
	endpoint, _ := strings.CutPrefix(r.URL.Path, "/api/")
	op, _ := v.document.find(endpoint)
	if op == nil {
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	validateAnswer(v.tb, v.schemas, op, resp.StatusCode, body)
	return resp, err
}

func (v *validator) CloseIdleConnections() { v.next.(*http.Transport).CloseIdleConnections() }

// validateAnswer compares the answer to a call that has succeeded with the
// document.
func validateAnswer(tb testing.TB, schemas func(string) *jsonschema.Schema, op *operation, status int, body []byte) {
	tb.Helper()
	switch {
	case op.response == nil && undeclared[op.endpoint] && string(body) == "{}":
		return
	case op.response == nil || status == http.StatusNoContent:
		if status != http.StatusNoContent || len(body) > 0 {
			tb.Errorf("%s answers %d %s, but the document declares no response", op.endpoint, status, body)
		}
		return
	}
	value, err := decodeJSON(body)
	if err != nil {
		tb.Errorf("%s: %v in %s", op.endpoint, err, body)
		return
	}
	if err := schemas(op.endpoint).Validate(value); err != nil {
		tb.Errorf("%s: %v in %s", op.endpoint, err, body)
	}
}

// undeclared are endpoints that respond with {} where the document declares nothing.
var undeclared = map[string]bool{"i/2fa/remove-key": true, "i/2fa/update-key": true}

// answerSchemas returns what compiles the schemas of responses. An account that is
// shown to itself has all that others see of it, too, so that it is one of
// several, and oneOf is taken for anyOf.
func answerSchemas(tb testing.TB, d *document) func(endpoint string) *jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, ignored := range []string{"url", "uri"} { // may be relative, or an id
		c.RegisterFormat(&jsonschema.Format{Name: ignored, Validate: func(any) error { return nil }})
	}
	for _, id := range []string{"id", "misskey:id"} {
		c.RegisterFormat(&jsonschema.Format{Name: id, Validate: func(v any) error {
			if s, ok := v.(string); ok && !validID.MatchString(s) {
				return io.ErrUnexpectedEOF
			}
			return nil
		}})
	}
	compiled := map[string]*jsonschema.Schema{}
	var mu sync.Mutex
	return func(endpoint string) *jsonschema.Schema {
		mu.Lock()
		defer mu.Unlock()
		if s := compiled[endpoint]; s != nil {
			return s
		}
		item, err := decodeJSON(d.paths[endpoint])
		if err != nil {
			tb.Fatal(err)
		}
		loosen(item)
		method := "post"
		if at(item, method) == nil {
			method = "get"
		}
		url := "misskey:answer/" + url.PathEscape(endpoint)
		if err := c.AddResource(url, object{"paths": object{"x": item}, "components": d.components()}); err != nil {
			tb.Fatal(err)
		}
		s, err := c.Compile(url + pointer("paths", "x", method, "responses", "200", "content", "application/json", "schema"))
		if err != nil {
			tb.Fatal(err)
		}
		compiled[endpoint] = s
		return s
	}
}

// HasState reports whether an endpoint has behaviour of its own.
func HasState(endpoint string) bool { return endpoints[endpoint] != nil }
