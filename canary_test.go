package misskey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// What is secret, and where it may be: the token in the body or in the header of
// a request to the instance, the session of MiAuth in the address of one.
const (
	canary        = "CANARYtoken00042"
	canarySession = "CANARY-session/42"
)

// echoes are servers that repeat what they were sent, in every place where a
// client could read it. said is one line.
var echoes = map[string]func(said string) string{
	"reason of the status":     func(said string) string { return "HTTP/1.1 400 " + said + "\r\nContent-Length: 0\r\n\r\n" },
	"status":                   func(said string) string { return "HTTP/1.1 " + said + "\r\n\r\n" },
	"protocol":                 func(said string) string { return said + "\r\n\r\n" },
	"header without a colon":   func(said string) string { return "HTTP/1.1 200 OK\r\nX " + said + "\r\n\r\n" },
	"header":                   func(said string) string { return message("400 Oh", "X: "+said, "") },
	"WWW-Authenticate":         func(said string) string { return message("401 Oh", "WWW-Authenticate: "+said, "") },
	"Content-Length":           func(said string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + said + "\r\n\r\n" },
	"Transfer-Encoding":        func(said string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + said + "\r\n\r\n" },
	"Content-Type":             func(said string) string { return message("200 OK", "Content-Type: "+said, "{}") },
	"Content-Encoding":         func(said string) string { return message("200 OK", jsonHeader+"\r\nContent-Encoding: "+said, "x") },
	"Retry-After":              func(said string) string { return message("429 Oh", "Retry-After: "+said, "") },
	"chunk":                    func(said string) string { return chunked() + said + "\r\n" },
	"trailer":                  func(said string) string { return chunked("{}") + "0\r\n" + said + "\r\n\r\n" },
	"Location":                 func(said string) string { return message("307 Oh", "Location: "+said, "") },
	"host of the location":     func(said string) string { return message("308 Oh", "Location: https://"+said+".example/", "") },
	"path of the location":     func(said string) string { return message("302 Oh", "Location: https://x.example/"+said, "") },
	"query of the location":    func(said string) string { return message("301 Oh", "Location: https://x.example/?i="+said, "") },
	"fragment of the location": func(said string) string { return message("303 Oh", "Location: https://x.example/#"+said, "") },
	"user of the location":     func(said string) string { return message("307 Oh", "Location: https://"+said+"@x.example/", "") },
	"broken location":          func(said string) string { return message("307 Oh", "Location: http://[::1/"+said, "") },
	"empty response":           func(string) string { return message("500 Oh", "", "") },
	"page": func(said string) string {
		return message("200 OK", "Content-Type: text/html", "<title>"+said+"</title>")
	},
	"page of a gateway": func(said string) string {
		return message("502 Oh", "Content-Type: text/html", "<title>"+said+"</title>")
	},
	"text":          func(said string) string { return message("400 Oh", "Content-Type: text/plain", said) },
	"text with 200": func(said string) string { return message("200 OK", "Content-Type: text/plain", said) },
	"number":        func(said string) string { return answerJSON("400 Oh", quote(said)) },
	"framework": func(said string) string {
		return answerJSON("404 Oh", `{"statusCode":404,"error":"Not Found","message":`+quote("Route POST:"+said+" not found")+`}`)
	},
	"framework's code": func(said string) string {
		return answerJSON("400 Oh", `{"error":`+quote(said)+`,"code":`+quote(said)+`}`)
	},
	"OAuth": func(said string) string {
		return answerJSON("400 Oh", `{"error":`+quote(said)+`,"error_description":`+quote(said)+`}`)
	},
	"error": func(said string) string {
		q := quote(said)
		return answerJSON("400 Oh", `{"error":{"message":`+q+`,"code":`+q+`,"id":`+q+`,"kind":`+q+`}}`)
	},
	"parameter": func(said string) string {
		return answerJSON("400 Oh", `{"error":{"code":"INVALID_PARAM","info":{"param":`+quote(said)+`,"reason":`+quote(said)+`}}}`)
	},
	"reason": func(said string) string {
		return answerJSON("500 Oh", `{"error":{"info":{"e":{"message":`+quote(said)+`}}}}`)
	},
	"information": func(said string) string {
		return answerJSON("429 Oh", `{"error":{"info":{`+quote(said)+`:`+quote(said)+`}}}`)
	},
	"error, broken off": func(said string) string { return answerJSON("400 Oh", `{"error":{"message":`+quote(said)) },
	"time":              func(said string) string { return answerJSON("200 OK", `{"createdAt":`+quote(said)+`}`) },
	"text for a number": func(said string) string {
		return answerJSON("200 OK", `{"repliesCount":`+quote(said)+`,"size":`+quote(said)+`,"ok":`+quote(said)+`}`)
	},
	"name of a member": func(said string) string {
		return answerJSON("200 OK", `{"reactions":{`+quote(said)+`:{}},"properties":{`+quote(said)+`:1},"size":{`+quote(said)+`:1},"ok":{`+quote(said)+`:1}}`)
	},
	"answer":                     func(said string) string { return answerJSON("200 OK", `{"id":`+quote(said)+`}`) },
	"answer, broken off":         func(said string) string { return answerJSON("200 OK", `{"id":`+quote(said)) },
	"answer and more":            func(said string) string { return answerJSON("200 OK", `{"id":"x"}`+said) },
	"answer without quotes":      func(said string) string { return answerJSON("200 OK", `{"id":`+said+`}`) },
	"answer before the response": func(said string) string { return "HTTP/1.1 103 Oh\r\nLink: " + said + "\r\n\r\n" },
	"nothing, and bytes":         func(said string) string { return "HTTP/1.1 204 No Content\r\n\r\n" + said },
	"nothing, and another":       func(said string) string { return "HTTP/1.1 204 No Content\r\n\r\n" + message("200 "+said, "", "") },
	"body shorter than it said":  func(said string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + said },
	"compressed":                 func(said string) string { return message("200 OK", "Content-Encoding: gzip", said) },
}

func quote(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

// secretCalls are calls with a secret.
var secretCalls = map[string]struct {
	options []misskey.Option
	call    func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error
}{
	"token":  {[]misskey.Option{misskey.WithToken(canary)}, callShow},
	"bearer": {[]misskey.Option{misskey.WithBearer(canary)}, callShow},
	"editor": {[]misskey.Option{misskey.WithRequestEditor(misskey.TokenEditor(canary))}, callShow},
	"write": {[]misskey.Option{misskey.WithToken(canary)}, func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
		_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")}, opts...)
		return err
	}},
	"account": {nil, func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
		return callShow(ctx, mk.As(canary), opts...)
	}},
	"GET": {[]misskey.Option{misskey.WithToken(canary)}, func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
		_, err := mk.Emojis(ctx, append(opts, misskey.GETWithToken())...)
		return err
	}},
	"upload": {[]misskey.Option{misskey.WithToken(canary)}, callUpload},
	"large upload": {[]misskey.Option{misskey.WithBearer(canary)}, func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
		_, err := mk.Upload(ctx, misskey.File{Body: strings.NewReader(strings.Repeat("x", 2<<20))}, opts...)
		return err
	}},
	"session": {nil, func(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
		_, err := mk.MiAuthCheck(ctx, canarySession, opts...)
		return err
	}},
}

func callShow(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
	_, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "x"}, opts...)
	return err
}

func callUpload(ctx context.Context, mk *misskey.Client, opts ...api.CallOption) error {
	_, err := mk.Upload(ctx, misskey.File{Name: "a", Body: strings.NewReader("x")}, opts...)
	return err
}

// printed is all that a program could print.
type printed struct {
	mu sync.Mutex
	strings.Builder
}

func (p *printed) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Builder.Write(data)
}

// all prints values in all ways, errors with what is in them.
func (p *printed) all(values ...any) {
	for _, v := range values {
		fmt.Fprintf(p, "%v\n%+v\n%#v\n", v, v, v)
		switch v.(type) {
		case error, fmt.Stringer, string: // %s of others reads what others write meanwhile
			fmt.Fprintf(p, "%s\n", v)
		}
		if data, err := json.Marshal(v); err == nil {
			p.Write(data)
		}
		switch err := v.(type) {
		case *misskey.Error:
			p.all(*err, string(err.Info))
		case *misskey.DecodeError:
			p.all(*err, err.Err)
		case interface{ Unwrap() error }:
			p.all(err.Unwrap())
		case interface{ Unwrap() []error }:
			for _, err := range err.Unwrap() {
				p.all(err)
			}
		}
	}
}

// check reports a secret that was printed.
func (p *printed) check(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.String()) {
		if strings.Contains(line, "CANARY") {
			t.Errorf("printed: %.300s", line)
			return
		}
	}
}

// Whatever a server repeats, and wherever it breaks, what is secret is not in
// errors, in logs, in what the callback of retries is given, and in what the
// values of the package look like.
func TestSecretsAreNowhere(t *testing.T) {
	quiet(t) // net/http logs bytes that nobody asked for
	for name, echo := range echoes {
		for kind := range secretCalls {
			said := []string{canary}
			if kind == "session" {
				said = []string{canarySession, url.PathEscape(canarySession), "/api/miauth/" + url.PathEscape(canarySession) + "/check"}
			}
			for _, said := range said {
				t.Run(name+", "+kind, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { tellSecret(t, kind, raw(echo(said)), nil) })
				})
			}
		}
	}
	for _, f := range faults() {
		if f.answer == nil || f.client != nil {
			continue
		}
		for _, kind := range []string{"token", "upload", "session"} {
			t.Run(f.name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { tellSecret(t, kind, f.answer, nil) })
			})
		}
	}
}

// What goes wrong before there is a response.
func TestSecretsAreNowhereWithoutAnAnswer(t *testing.T) {
	panics := roundTripper(func(*http.Request) (*http.Response, error) { panic("oh") })
	quotes := roundTripper(func(req *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(req.Body)
		return nil, fmt.Errorf("sending to %s: %v %s", req.URL, req.Header, body)
	})
	canceled := func(context.Context, *http.Request) error { return context.Canceled }
	for kind := range secretCalls {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tellSecret(t, kind, nil, panics)
				tellSecret(t, kind, nil, quotes)
				tellSecret(t, kind, nil, nil, api.RequestEditorFn(canceled))
				tellSecret(t, kind, nil, nil, misskey.Retry(misskey.RetryPolicy{Attempts: -1}))
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// tellSecret makes a call with a secret, of a server or of a transport.
func tellSecret(t *testing.T, kind string, answer func(*exchange), direct http.RoundTripper, opts ...api.CallOption) {
	secret := secretCalls[kind]
	s := &faultServer{answer: answer}
	var out printed
	// What an editor can print of a request, without its header and address.
	look := api.RequestEditorFn(func(_ context.Context, req *http.Request) error {
		seen := *req
		seen.Header, seen.URL = nil, nil
		out.all(&seen, seen)
		return nil
	})
	transport := s.transport()
	hc := &http.Client{Transport: transport}
	if direct != nil {
		hc.Transport = direct
	}
	options := append([]misskey.Option{
		misskey.WithPlainHTTP(), misskey.WithHTTPClient(hc), misskey.WithMaxResponseBytes(1 << 20),
		misskey.WithRequestEditor(look), misskey.WithRetryNotify(func(e misskey.RetryEvent) { out.all(e, e.Err) }),
		misskey.WithLogger(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))),
	}, secret.options...)
	mk, err := misskey.New("http://"+faultHost, options...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	func() {
		defer func() {
			if p := recover(); p != nil {
				out.all(p, string(debug.Stack()))
			}
		}()
		err = secret.call(ctx, mk, append(opts, look)...)
	}()
	other := mk.As(canary)
	// Connections that still end would change the transport while it is printed.
	mk.HTTPClient().CloseIdleConnections()
	transport.CloseIdleConnections()
	synctest.Wait()
	out.all(err, mk, *mk, other, *other, mk.Client, *mk.Client, mk.HTTPClient(), *mk.HTTPClient(), mk.HTTPClient().Transport, options, opts)
	out.check(t)

	// It was sent once with each request, and to nobody else.
	transport.CloseIdleConnections()
	if n := s.strays.Load(); n != 0 {
		t.Errorf("%d connections to another host", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := int64(strings.Count(s.dump.String(), "CANARY")); n != s.requests.Load() {
		t.Errorf("%d requests have the secret %d times: %.300s", s.requests.Load(), n, s.dump.String())
	}
}

// What the parts of the package look like that hold a token.
func TestSecretsAreNotShown(t *testing.T) {
	var out printed
	logger := slog.New(slog.NewTextHandler(&out, nil))
	option, editor, header, query := misskey.WithToken(canary), misskey.TokenEditor(canary), misskey.BearerEditor(canary), misskey.QueryTokenEditor(canary)
	bad := misskey.WithToken(canary + "\n")
	mk, err := misskey.New("misskey.example", option)
	if err != nil {
		t.Fatal(err)
	}
	_, refused := misskey.New("misskey.example", bad)
	_, refusedToo := misskey.New("https://"+canary+"@misskey.example?i="+canary, option)
	var settings api.CallSettings
	editor.Apply(&settings)
	op := gen.OpMiAuthCheck.WithPath("session", canarySession)
	out.all(option, editor, header, query, bad, mk, *mk, refused, refusedToo, settings, &settings, mk.BaseURL(), op.Endpoint)
	logger.Info("x", "client", mk, "value", *mk, "option", option, "editor", editor, "error", refused)

	// A request with the token in its body.
	for _, contentType := range []string{"application/json", "multipart/form-data; boundary=b"} {
		body := "{}"
		if strings.HasPrefix(contentType, "multipart") {
			body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n"
		}
		req, _ := http.NewRequest(http.MethodPost, "https://misskey.example/api/i", io.NopCloser(bytes.NewBufferString(body)))
		req.Header.Set("Content-Type", contentType)
		if err := editor(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		out.all(req, *req, req.Body, errors.Join(editor(t.Context(), req), header(t.Context(), &http.Request{})))
		logger.Info("x", "request", req.Body)
	}
	out.check(t)
}
