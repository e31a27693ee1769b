package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/api"
)

// However a call goes wrong, and whatever is printed, the token is nowhere but
// in the body or in the header of the request.
func TestTokenIsNowhere(t *testing.T) {
	echo := func(req *http.Request) string { // a server that quotes what it got
		var all strings.Builder
		fmt.Fprintln(&all, req.Header)
		if req.Body != nil {
			io.Copy(&all, req.Body)
		}
		return all.String()
	}
	quote := func(s string) string { data, _ := json.Marshal(s); return string(data) }
	transports := map[string]roundTripper{
		"page": func(req *http.Request) (*http.Response, error) {
			return answer(200, "text/html", "<title>"+echo(req)+"</title>"), nil
		},
		"gateway": func(req *http.Request) (*http.Response, error) {
			return answer(502, "text/html", "<title>"+echo(req)+"</title>"), nil
		},
		"rate limit": func(req *http.Request) (*http.Response, error) {
			return answer(429, jsonType, `{"error":{"message":`+quote(echo(req))+`,"code":"RATE_LIMIT_EXCEEDED","info":{"resetMs":1,"x":`+quote(echo(req))+`}}}`), nil
		},
		"text": func(req *http.Request) (*http.Response, error) { return answer(400, "text/plain", echo(req)), nil },
		"framework": func(req *http.Request) (*http.Response, error) {
			return answer(400, jsonType, `{"statusCode":400,"error":"Bad Request","message":`+quote(echo(req))+`}`), nil
		},
		"error": func(req *http.Request) (*http.Response, error) {
			return answer(400, jsonType, `{"error":{"message":`+quote(echo(req))+`,"code":`+quote(echo(req))+`,"info":{"param":"x","reason":`+quote(echo(req))+`}}}`), nil
		},
		"internal": func(req *http.Request) (*http.Response, error) {
			return answer(500, jsonType, `{"error":{"info":{"e":{"message":`+quote(echo(req))+`}}}}`), nil
		},
		"redirect": func(req *http.Request) (*http.Response, error) {
			resp := answer(307, "", "")
			resp.Header.Set("Location", "https://"+canary+".example/"+canary+"?i="+canary)
			return resp, nil
		},
		"empty":     func(*http.Request) (*http.Response, error) { return answer(204, "", ""), nil },
		"success":   func(*http.Request) (*http.Response, error) { return answer(200, jsonType, `{}`), nil },
		"not JSON":  func(*http.Request) (*http.Response, error) { return answer(200, jsonType, `{`), nil },
		"transport": func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") },
		"panic":     func(*http.Request) (*http.Response, error) { panic("oh") },
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, f := range transports {
		for kind, option := range map[string]Option{
			"token": WithToken(canary), "bearer": WithBearer(canary), "editor": WithRequestEditor(TokenEditor(canary)),
			"query": WithRequestEditor(QueryTokenEditor(canary)), "header": WithRequestEditor(BearerEditor(canary)),
		} {
			for _, op := range []*api.Operation{opShow, opPeers, opUpload, opEmojis, {Endpoint: "no endpoint"}} {
				for _, ctx := range []context.Context{t.Context(), canceled} {
					var log bytes.Buffer
					var waits strings.Builder
					urls := ""
					mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
						urls += req.URL.String()
						return f(req)
					}, option, WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
						WithRetry(RetryPolicy{Attempts: 2, MaxWait: 1}),
						WithRetryNotify(func(e RetryEvent) { fmt.Fprintf(&waits, "%v %+v %#v %v", e, e, e, e.Err) }))
					opts := []api.CallOption{ReadOnly()}
					if op == opEmojis {
						opts = append(opts, GETWithToken())
					}
					var err error
					func() {
						defer func() {
							if p := recover(); p != nil {
								err = fmt.Errorf("panic: %v", p)
							}
						}()
						err = mk.Call(ctx, op, uploadRequest{File: api.File{Body: strings.NewReader("x")}}, new(struct{ X int }), opts...)
					}()
					printed := fmt.Sprintf("%v %+v %#v %s %v %+v %v %+v", err, err, err, log.String(), mk, mk, *mk, *mk) + waits.String()
					if e, ok := errors.AsType[*Error](err); ok {
						printed += fmt.Sprintf("%+v %s", *e, e.Info)
					}
					if kind != "query" {
						printed += urls
					}
					if strings.Contains(printed, canary) {
						t.Errorf("%s, %s, %s: %s", name, kind, op.Endpoint, printed)
					}
				}
			}
		}
	}
}

// Those who send requests of their own can hide the token as calls do.
func TestHideSecrets(t *testing.T) {
	mk, err := New("misskey.example", WithToken("sesame+1"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, "https://misskey.example/streaming?i=other", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := mk.HideSecrets(req, fmt.Errorf("sesame+1 sesame%%2B1 other: %w", io.EOF))
	if want := "[secret] [secret] [secret]: EOF"; got.Error() != want || !errors.Is(got, io.EOF) {
		t.Errorf("%v, want %s", got, want)
	}
	if err := mk.HideSecrets(nil, io.EOF); err != io.EOF {
		t.Errorf("an error without secrets became %v", err)
	}
}
