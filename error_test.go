package misskey

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/misskey-go/misskey/api"
)

func TestError(t *testing.T) {
	const html = "text/html; charset=utf-8"
	for _, tt := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        Error
		says        string
	}{
		{"of an endpoint", 400, jsonType,
			`{"error":{"message":"Not there.","code":"NO_SUCH_NOTE","id":"24fcbfc6","kind":"client"}}`,
			Error{Code: "NO_SUCH_NOTE", ID: "24fcbfc6", Kind: "client", Message: "Not there."},
			"misskey: notes/show: NO_SUCH_NOTE: Not there. (HTTP 400)"},
		{"parameter", 400, jsonType,
			`{"error":{"message":"Bad.","code":"INVALID_PARAM","id":"3d81","kind":"client","info":{"param":"#/properties/limit/maximum","reason":"must be <= 100"}}}`,
			Error{Code: "INVALID_PARAM", ID: "3d81", Kind: "client", Message: "Bad.", Info: json.RawMessage(`{"param":"#/properties/limit/maximum","reason":"must be <= 100"}`)},
			"misskey: notes/show: INVALID_PARAM: Bad. (HTTP 400; #/properties/limit/maximum must be <= 100)"},
		{"internal", 500, jsonType,
			`{"error":{"message":"Oh.","code":"INTERNAL_ERROR","id":"5d37","kind":"server","info":{"e":{"message":"incorrect password","code":"Error"}}}}`,
			Error{Code: "INTERNAL_ERROR", ID: "5d37", Kind: "server", Message: "Oh.", Info: json.RawMessage(`{"e":{"message":"incorrect password","code":"Error"}}`)},
			"misskey: notes/show: INTERNAL_ERROR: Oh. (HTTP 500; incorrect password)"},
		{"internal without info", 500, jsonType, `{"error":{"message":"Oh.","code":"INTERNAL_ERROR","id":"5d37","kind":"server","info":null}}`,
			Error{Code: "INTERNAL_ERROR", ID: "5d37", Kind: "server", Message: "Oh."},
			"misskey: notes/show: INTERNAL_ERROR: Oh. (HTTP 500)"},
		{"message only", 500, jsonType, `{"error":{"message":"of null"}}`,
			Error{Message: "of null"}, "misskey: notes/show: of null (HTTP 500)"},
		{"id only", 403, jsonType, `{"error":{"id":"932c904e"}}`,
			Error{ID: "932c904e"}, "misskey: notes/show: forbidden (HTTP 403)"},
		{"framework", 400, jsonType, `{"statusCode":400,"code":"FST_ERR_CTP_INVALID_JSON_BODY","error":"Bad Request","message":"no JSON"}`,
			Error{Code: "FST_ERR_CTP_INVALID_JSON_BODY", Message: "no JSON"},
			"misskey: notes/show: FST_ERR_CTP_INVALID_JSON_BODY: no JSON (HTTP 400)"},
		{"framework, no route", 404, jsonType, `{"message":"Route POST:/api/nope not found","error":"Not Found","statusCode":404}`,
			Error{Code: "UNKNOWN_API_ENDPOINT", ID: "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1", Kind: "client", Message: "Route POST:/api/nope not found"},
			"misskey: notes/show: UNKNOWN_API_ENDPOINT: Route POST:/api/nope not found (HTTP 404)"},
		{"no route elsewhere", 404, jsonType, `{"message":"Route 66 not found","error":"Not Found","statusCode":404}`,
			Error{Message: "Route 66 not found"}, "misskey: notes/show: Route 66 not found (HTTP 404)"},
		{"signup", 400, jsonType, `{"statusCode":400,"error":"Bad Request","message":"DUPLICATED_USERNAME"}`,
			Error{Code: "DUPLICATED_USERNAME", Message: "DUPLICATED_USERNAME"}, "misskey: notes/show: DUPLICATED_USERNAME: DUPLICATED_USERNAME (HTTP 400)"},
		{"OAuth", 400, jsonType, `{"error":"invalid_grant","error_description":"too old"}`,
			Error{Code: "invalid_grant", Message: "too old"}, "misskey: notes/show: invalid_grant: too old (HTTP 400)"},
		{"error a string alone", 418, jsonType, `{"error":"teapot"}`,
			Error{Message: "teapot"}, "misskey: notes/show: teapot (HTTP 418)"},
		{"wrong types", 400, jsonType, `{"error":{"message":["x"],"code":7,"id":{},"kind":null,"info":[1]}}`,
			Error{Info: json.RawMessage(`[1]`)}, "misskey: notes/show: bad request (HTTP 400)"},
		{"empty object", 400, jsonType, `{}`, Error{}, "misskey: notes/show: bad request (HTTP 400)"},
		{"error null", 400, jsonType, `{"error":null}`, Error{}, "misskey: notes/show: bad request (HTTP 400)"},
		{"empty", 413, "", ``, Error{}, "misskey: notes/show: request entity too large (HTTP 413)"},
		{"empty JSON", 400, jsonType, ``, Error{}, "misskey: notes/show: bad request (HTTP 400)"},
		{"unknown status", 599, "", ``, Error{}, "misskey: notes/show: unknown status (HTTP 599)"},
		{"not changed", 304, "", ``, Error{}, "misskey: notes/show: not modified (HTTP 304)"},
		{"JSON of another kind", 500, jsonType, `"sorry"`, Error{Message: `"sorry"`}, `misskey: notes/show: "sorry" (HTTP 500)`},
		{"cut off", 500, jsonType, `{"error":{"code":"NO`, Error{Message: `{"error":{"code":"NO`}, `misskey: notes/show: {"error":{"code":"NO (HTTP 500)`},
		{"page", 502, html, "<html><head><TITLE lang=en>502 Bad\nGateway &amp; more</TITLE></head></html>",
			Error{Message: "a page of HTML in place of a response: 502 Bad Gateway & more"},
			"misskey: notes/show: a page of HTML in place of a response: 502 Bad Gateway & more (HTTP 502)"},
		{"page without title", 503, html, "<p>x", Error{Message: "a page of HTML in place of a response"},
			"misskey: notes/show: a page of HTML in place of a response (HTTP 503)"},
		{"page that is called JSON", 503, jsonType, "\n<p>x", Error{Message: "a page of HTML in place of a response"},
			"misskey: notes/show: a page of HTML in place of a response (HTTP 503)"},
		{"page with success", 200, html, "<title>Just a moment...</title>",
			Error{Message: "a page of HTML in place of a response: Just a moment..."},
			"misskey: notes/show: a page of HTML in place of a response: Just a moment... (HTTP 200)"},
		{"page with success that is called JSON", 200, jsonType, " <title>x</title>",
			Error{Message: "a page of HTML in place of a response: x"},
			"misskey: notes/show: a page of HTML in place of a response: x (HTTP 200)"},
		{"text", 400, "text/plain", "Invalid Preflight Request", Error{Message: "Invalid Preflight Request"},
			"misskey: notes/show: Invalid Preflight Request (HTTP 400)"},
		{"text with success", 200, "text/plain", "hello", Error{Message: "hello"}, "misskey: notes/show: hello (HTTP 200)"},
		{"something with success", 200, "", "hello", Error{Message: "hello"}, "misskey: notes/show: hello (HTTP 200)"},
		{"nothing with success", 200, jsonType, "", Error{Message: "no content where a response was expected"},
			"misskey: notes/show: no content where a response was expected (HTTP 200)"},
		{"space with success", 200, jsonType, " \n", Error{Message: "no content where a response was expected"},
			"misskey: notes/show: no content where a response was expected (HTTP 200)"},
		{"204 for a response", 204, "", "", Error{Message: "no content where a response was expected"},
			"misskey: notes/show: no content where a response was expected (HTTP 204)"},
		{"terminal", 400, jsonType, `{"error":{"message":"\u001b[2J\u001b]0;x\u0007a\r\nb\u202Ec\u2066d\u2028e\u0085f\u0000g\u200Fh\u007F","code":"\u001b[31m"}}`,
			Error{Code: "\x1b[31m", Message: "\x1b[2J\x1b]0;x\aa\r\nb\u202Ec\u2066d\u2028e\u0085f\x00g\u200fh\x7f"},
			"misskey: notes/show: \uFFFD[31m: \uFFFD[2J\uFFFD]0;x\uFFFDa  b\uFFFDc\uFFFDd e f\uFFFDg\uFFFDh\uFFFD (HTTP 400)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
				return answer(tt.status, tt.contentType, tt.body), nil
			})
			var out any
			err := mk.Call(t.Context(), opShow, nil, &out)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("not an *Error: %v", err)
			}
			tt.want.Endpoint, tt.want.Status = "notes/show", tt.status
			if fmt.Sprintf("%+v", *e) != fmt.Sprintf("%+v", tt.want) {
				t.Errorf("is   %+v\nwant %+v", *e, tt.want)
			}
			if err.Error() != tt.says {
				t.Errorf("says %q\nwant %q", err, tt.says)
			}
			if out != nil {
				t.Errorf("out became %v", out)
			}
		})
	}
}

func TestErrorIs(t *testing.T) {
	err := fmt.Errorf("around: %w", &Error{Code: "NO_SUCH_NOTE", ID: "24fcbfc6"})
	for target, want := range map[error]bool{
		api.ErrorCode("NO_SUCH_NOTE"): true,
		api.ErrorCode("NO_SUCH_USER"): false,
		api.ErrorID("24fcbfc6"):       true,
		api.ErrorID("NO_SUCH_NOTE"):   false,
		api.ErrorCode("24fcbfc6"):     false,
	} {
		if errors.Is(err, target) != want {
			t.Errorf("errors.Is(%T %q) is %v", target, target, !want)
		}
	}
	// What is not known is not equal to what is not known.
	if errors.Is(&Error{}, api.ErrorCode("")) || errors.Is(&Error{}, api.ErrorID("")) {
		t.Error("an empty code is found in an error without one")
	}
}

func TestErrorIsShort(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	e := &Error{Endpoint: long, Code: api.ErrorCode(long), ID: api.ErrorID(long), Message: long,
		Info: json.RawMessage(`{"param":"` + long + `","reason":"` + long + `"}`)}
	if n := utf8.RuneCountInString(e.Error()); n > 1000 {
		t.Errorf("the message has %d characters", n)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.UnixMilli(1_795_329_200_000)
	resetMS := func(ms string) json.RawMessage {
		return json.RawMessage(`{"remaining":0,"reset":1795329215,"resetMs":` + ms + `,"total":1}`)
	}
	for _, tt := range []struct {
		header string
		info   json.RawMessage
		want   time.Duration
	}{
		{"", nil, 0},
		{"0", nil, 0},
		{"16", nil, 16 * time.Second},
		{" 16 ", nil, 16 * time.Second},
		{"-5", nil, 0},
		{"-9223372036854775808", nil, 0},
		{"9223372036854775807", nil, math.MaxInt64 / time.Second * time.Second},
		{"99999999999999999999", nil, math.MaxInt64 / time.Second * time.Second},
		{"-99999999999999999999", nil, 0},
		{"soon", nil, 0},
		{"1.5", nil, 0},
		{now.Add(time.Minute).UTC().Format(http.TimeFormat), nil, time.Minute},
		{now.Add(-time.Minute).UTC().Format(http.TimeFormat), nil, 0},
		{"", resetMS("1795329215737"), 15737 * time.Millisecond},
		{"", resetMS("1795329215737.0"), 15737 * time.Millisecond},
		{"", resetMS("1795329100000"), 0},
		{"", resetMS("-1"), 0},
		{"", resetMS("1e300"), 0},
		{"", resetMS("1e400"), 0},
		{"", resetMS(`"x"`), 0},
		{"", json.RawMessage(`[]`), 0},
		{"2", resetMS("1795329215737"), 2 * time.Second},
		{"0", resetMS("1795329215737"), 0},
		{"soon", resetMS("1795329215737"), 15737 * time.Millisecond},
	} {
		if got := retryAfter(tt.header, tt.info, now); got != tt.want {
			t.Errorf("%q, %s: %v, want %v", tt.header, tt.info, got, tt.want)
		}
	}

	mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
		resp := answer(429, jsonType, `{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Slow."}}`)
		resp.Header.Set("Retry-After", "16")
		return resp, nil
	})
	err := mk.Call(t.Context(), opShow, nil, nil)
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 16*time.Second || !strings.Contains(err.Error(), "retry after 16s") {
		t.Errorf("%v", err)
	}
}

func TestErrorBodyIsLimited(t *testing.T) {
	body := &endless{head: strings.NewReader(`{"error":{"message":"`)}
	mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
		resp := answer(500, jsonType, "")
		resp.Body = struct {
			*endless
			closer
		}{body, func() {}}
		return resp, nil
	})
	err := mk.Call(t.Context(), opShow, nil, nil)
	if _, ok := errors.AsType[*Error](err); !ok || body.read > 1<<20 {
		t.Errorf("%d bytes read, %v", body.read, err)
	}
}

// A Status of 0 says that nothing was sent, so no response may have it.
func TestMalformedStatus(t *testing.T) {
	mk := fakeClient(t, func(*http.Request) (*http.Response, error) {
		return answer(0, jsonType, `{"error":"0"}`), nil
	})
	err := mk.Call(t.Context(), opShow, nil, nil)
	if _, ok := errors.AsType[*Error](err); ok || err == nil || !strings.Contains(err.Error(), "malformed HTTP status 000") {
		t.Errorf("%v", err)
	}
}

func FuzzError(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `{"error":{"message":"m","code":"c","id":"i","kind":"k","info":{"param":"p","reason":"r"}}}`,
		`{"statusCode":400,"error":"Bad Request","message":"SOME_THING"}`, `{"error":"x","error_description":"y"}`,
		`<title>x</title>`, `{"error":{"info":{"e":{"message":"\u001b"},"resetMs":1e99}}}`, `{"error":{"info":{"remaining":0,"reset":1795329215,"total":1}}}`, `null`, `[[[`, "\xff\x1b[0m",
	} {
		f.Add(400, jsonType, "7", []byte(s))
		f.Add(429, jsonType, "", []byte(s))
		f.Add(200, "text/html", "", []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, contentType, retry string, body []byte) {
		if status < 100 {
			t.Skip("readResponse refuses these, see TestMalformedStatus")
		}
		resp := answer(status, contentType, string(body))
		resp.Header.Set("Retry-After", retry)
		if isRedirect(status) {
			resp.Header.Set("Location", contentType)
		}
		e := newError(opShow, resp, body, secrets{canary})
		if e.RetryAfter < 0 {
			t.Errorf("RetryAfter is %v", e.RetryAfter)
		}
		if e.Info != nil && !json.Valid(e.Info) {
			t.Errorf("Info is %q", e.Info)
		}
		if limit, ok := e.RateLimit(); ok && (limit.Reset.UTC().Year() < 1970 || limit.Reset.UTC().Year() > 9999) || !ok && limit != (RateLimit{}) {
			t.Errorf("RateLimit is %+v, %v", limit, ok)
		}
		s := e.Error()
		if !strings.HasPrefix(s, "misskey: notes/show: ") || !strings.Contains(s, "(HTTP "+strconv.Itoa(status)) {
			t.Errorf("says %q", s)
		}
		if len(s) > 4*1200 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("unfit message %q", s)
		}
		if e.Code != "" && !errors.Is(e, e.Code) || e.ID != "" && !errors.Is(e, e.ID) {
			t.Error("is not itself")
		}
	})
}
