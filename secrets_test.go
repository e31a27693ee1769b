package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
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

// A server can spell a token in many ways.
func TestSecretsInAnotherSpelling(t *testing.T) {
	const token = "CANARYtoken_0042-x"
	first := func(spelled string) string { return strings.Replace(token, "t", spelled, 1) }
	for name, body := range map[string]string{
		"code":             `{"error":{"code":"` + first(`\u0074`) + `"}}`,
		"id":               `{"error":{"id":"` + first(`\u0074`) + `"}}`,
		"kind":             `{"error":{"kind":"` + first(`\u0074`) + `"}}`,
		"message":          `{"error":{"message":"` + first(`\u0074`) + `"}}`,
		"message, twice":   `{"error":{"message":"` + first(`\\u0074`) + `"}}`,
		"message in HTML":  `{"error":{"message":"` + first(`&#116;`) + `"}}`,
		"info":             `{"error":{"info":{"e":{"message":"` + first(`\u0074`) + `"},"` + first(`\u0074`) + `":1}}}`,
		"info, twice":      `{"error":{"info":{"e":"` + first(`\u0074`) + `","e":1}}}`,
		"description":      `{"error":"` + first(`\u0074`) + `","error_description":"` + first(`\u0074`) + `"}`,
		"framework":        `{"statusCode":400,"code":"` + first(`\u0074`) + `","message":"` + first(`\u0074`) + `"}`,
		"title":            `<title>` + first(`&#116;`) + `</title>`,
		"title, by name":   `<title>` + strings.Replace(token, "_", "&lowbar;", 1) + `</title>`,
		"title, in hex":    `<title>` + first(`&#x74;`) + `</title>`,
		"title, cut":       `<title>` + strings.Repeat("x", 195) + token + `</title>`,
		"text":             first("%74"),
		"text, cut":        strings.Repeat("x", 295) + token,
		"in capitals":      strings.ToUpper(token),
		"a part of a word": "x" + token + "x",
	} {
		for _, status := range []int{200, 400, 502} {
			mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
				contentType := jsonType
				if body[0] != '{' {
					contentType = "text/plain"
				}
				return answer(status, contentType, body), nil
			}, WithToken(token))
			err := mk.Call(t.Context(), opShow, nil, new(struct{ X int }))
			shown := fmt.Sprintf("%v %#v", err, err)
			if e, ok := errors.AsType[*Error](err); ok {
				var info any
				json.Unmarshal(e.Info, &info)
				shown += fmt.Sprint(string(e.Info), info)
				if len(e.Info) > 0 && info == nil {
					t.Errorf("%s: info %s", name, e.Info)
				}
			}
			shown = strings.ToLower(shown)
			if strings.Contains(shown, "anary") || strings.Contains(shown, "0042") {
				t.Errorf("%s, %d: %s", name, status, shown)
			}
		}
	}
}

// A token that is as short as a word gives no reason to hide words, and none to
// take an error for another.
func TestShortToken(t *testing.T) {
	for _, token := range []string{"e", "N", "NOTE", "not", "EOF", "error"} {
		mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
			return answer(400, jsonType, `{"error":{"message":"No such note.","code":"NO_SUCH_NOTE","id":"24fcbfc6-2e37-42b6-8388-c29b3861a08d","kind":"client"}}`), nil
		}, WithToken(token))
		err := mk.Call(t.Context(), opShow, nil, nil)
		if !errors.Is(err, gen.ErrNoSuchNote) || !errors.Is(err, api.ErrorID("24fcbfc6-2e37-42b6-8388-c29b3861a08d")) || token != "NOTE" && !strings.Contains(err.Error(), "No such note.") {
			t.Errorf("%s: %v", token, err)
		}
		for _, cause := range []error{&net.OpError{Op: "dial", Net: "tcp", Err: timeout{}}, io.EOF, io.ErrUnexpectedEOF} {
			attempts := 0
			mk = fakeClient(t, func(*http.Request) (*http.Response, error) {
				attempts++
				return nil, cause
			}, WithToken(token), WithRetry(RetryPolicy{Attempts: 2, MaxWait: 1}))
			err = mk.Call(t.Context(), opRead, nil, nil)
			if attempts != 2 || token != "EOF" && !strings.Contains(err.Error(), cause.Error()) {
				t.Errorf("%s: %v after %d attempts", token, err, attempts)
			}
			if _, ok := errors.AsType[net.Error](cause); ok != errors.As(err, new(net.Error)) {
				t.Errorf("%s: %#v", token, err)
			}
		}
	}
}
