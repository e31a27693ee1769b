package misskey

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/api"
)

const canary = "CANARYtoken00042"

// The operations of these tests. What the generator makes of the real ones is
// tested with the recordings.
var (
	opShow   = &api.Operation{Endpoint: "notes/show"}
	opDelete = &api.Operation{Endpoint: "notes/delete"}
	opEmojis = &api.Operation{Endpoint: "emojis", GET: true, ReadOnly: true}
	opPeers  = &api.Operation{Endpoint: "v1/instance/peers", GETOnly: true}
	opMatch  = &api.Operation{Endpoint: "reversi/match", MayBeEmpty: true}
	opUpload = &api.Operation{Endpoint: "drive/files/create", Multipart: true}
	opCheck  = &api.Operation{Endpoint: "miauth/{session}/check"}
)

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answer is a response without a server.
func answer(status int, contentType, body string) *http.Response {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return &http.Response{
		StatusCode:    status,
		Header:        header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: -1,
	}
}

const jsonType = "application/json; charset=utf-8"

// fakeClient returns a client of misskey.example whose transport is f. It sends
// every call once, unless an option says otherwise.
func fakeClient(t testing.TB, f roundTripper, opts ...Option) *Client {
	t.Helper()
	mk, err := New("misskey.example", append([]Option{WithHTTPClient(&http.Client{Transport: f}), WithoutRetry()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return mk
}

// serverClient returns a client of a server that lives as long as the test. It
// sends every call once, unless an option says otherwise.
func serverClient(t testing.TB, h http.Handler, opts ...Option) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	mk, err := New(srv.URL, append([]Option{WithHTTPClient(srv.Client()), WithoutRetry()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return mk
}

// sent is a request as a server reads it.
type sent struct {
	method, uri, body string
	header            http.Header
	length            int64
}

// recorder answers every request in the same way and keeps it.
func recorder(status int, contentType, body string) (*[]sent, roundTripper) {
	var all []sent
	return &all, func(req *http.Request) (*http.Response, error) {
		s := sent{method: req.Method, uri: req.URL.RequestURI(), header: req.Header, length: req.ContentLength}
		if req.Body != nil {
			data, err := io.ReadAll(req.Body)
			req.Body.Close()
			if err != nil {
				return nil, err
			}
			s.body = string(data)
		}
		all = append(all, s)
		return answer(status, contentType, body), nil
	}
}

// zip writes n spaces, compressed.
func zip(w io.Writer, n int) {
	z := gzip.NewWriter(w)
	defer z.Close()
	spaces := bytes.Repeat([]byte(" "), 1<<16)
	for ; n > 0; n -= len(spaces) {
		if _, err := z.Write(spaces); err != nil {
			return
		}
	}
}
