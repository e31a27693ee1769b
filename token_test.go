package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func post(contentType, body string) *http.Request {
	req, _ := http.NewRequest("POST", "https://misskey.example/api/notes/show", strings.NewReader(body))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

func TestTokenEditorJSON(t *testing.T) {
	const tok = `"i":"` + canary + `"`
	for _, tt := range []struct{ name, in, want string }{
		{"empty body", ``, `{` + tok + `}`},
		{"empty object", `{}`, `{` + tok + `}`},
		{"spaces in empty object", " { \n} ", ` {` + tok + " \n} "},
		{"one member", `{"a":1}`, `{` + tok + `,"a":1}`},
		{"spaces", "{ \"a\" : 1 }\n", `{` + tok + ", \"a\" : 1 }\n"},
		{"not re-encoded", `{"b":1.00,"a":"\u003c<é","big":123456789012345678901}`, `{` + tok + `,"b":1.00,"a":"\u003c<é","big":123456789012345678901}`},
		{"byte order mark", "\uFEFF{\"a\":1}", "\uFEFF{" + tok + `,"a":1}`},
		{"replaced", `{"i":"old"}`, `{` + tok + `}`},
		{"replaced in place", `{"a":[{"i":1}] , "i" : "old" , "b":2}`, `{"a":[{"i":1}] , ` + tok + ` , "b":2}`},
		{"replaced null", `{"i":null,"a":1}`, `{` + tok + `,"a":1}`},
		{"replaced object", `{"i":{"i":["}",{"i":2}]},"a":1}`, `{` + tok + `,"a":1}`},
		{"replaced number at the end", `{"a":1,"i":-1e5}`, `{"a":1,` + tok + `}`},
		{"several", `{"i":"x","a":1,"i":"y","b":2 , "i":3}`, `{` + tok + `,"a":1,"b":2}`},
		{"several in a row", `{"a":1,"i":"x","i":"y","i":"z"}`, `{"a":1,` + tok + `}`},
		{"only several", "{\"i\":1,\n\"i\":2\n}", `{` + tok + "\n}"},
		{"escaped key", `{"\u0069":"old","a":1}`, `{` + tok + `,"a":1}`},
		{"escaped and plain", `{"a":1,"\u0069":"x","i":"y"}`, `{"a":1,` + tok + `}`},
		{"nested is not it", `{"a":{"i":"deep"},"b":["i",{"i":0}]}`, `{` + tok + `,"a":{"i":"deep"},"b":["i",{"i":0}]}`},
		{"other keys are not it", `{"I":1,"i ":2,"ii":3,"":4,"\\u0069":5,"\"i\"":6}`, `{` + tok + `,"I":1,"i ":2,"ii":3,"":4,"\\u0069":5,"\"i\"":6}`},
		{"values with quotes", `{"a":"\\","b":"\"i\":\"x\"","c":"\\\""}`, `{` + tok + `,"a":"\\","b":"\"i\":\"x\"","c":"\\\""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := post("application/json", tt.in)
			if err := TokenEditor(canary)(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			checkBody(t, req, tt.want)
			// Once more: it is replaced, and stays the same.
			if err := TokenEditor(canary)(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			checkBody(t, req, tt.want)
		})
	}
}

// checkBody compares the body of req, what GetBody returns, twice, and the
// length. The body can be read afterwards.
func checkBody(t *testing.T, req *http.Request, want string) {
	t.Helper()
	for range 2 {
		again, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(again); string(got) != want || err != nil {
			t.Errorf("GetBody gives\n%s, %v, want\n%s", got, err, want)
		}
	}
	got, err := io.ReadAll(req.Body)
	if string(got) != want || err != nil {
		t.Errorf("body is\n%s, %v, want\n%s", got, err, want)
	}
	if req.ContentLength != int64(len(want)) {
		t.Errorf("ContentLength is %d, want %d", req.ContentLength, len(want))
	}
	req.Body, _ = req.GetBody()
}

func TestTokenEditorRefuses(t *testing.T) {
	for _, tt := range []struct{ name, contentType, body string }{
		{"array", "application/json", `[1]`},
		{"null", "application/json", `null`},
		{"string", "application/json", `"i"`},
		{"space", "application/json", ` `},
		{"only a byte order mark", "application/json", "\uFEFF"},
		{"two byte order marks", "application/json", "\uFEFF\uFEFF{}"},
		{"cut off", "application/json", `{"a":1`},
		{"cut in a string", "application/json", `{"a":"b\`},
		{"two values", "application/json", `{}{}`},
		{"comma at the end", "application/json", `{"a":1,}`},
		{"comma at the start", "application/json", `{,"a":1}`},
		{"no quotes", "application/json", `{i:1}`},
		{"bad number", "application/json", `{"a":01}`},
		{"bad escape", "application/json", `{"a":"\x"}`},
		{"nesting", "application/json", `{"a":[}]}`},
		{"deep", "application/json", `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`},
		{"text", "text/plain", `{}`},
		{"urlencoded", "application/x-www-form-urlencoded", `a=b`},
		{"form without boundary", "multipart/form-data", `--x`},
		{"other multipart", "multipart/mixed; boundary=x", `--x`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := TokenEditor(canary)(t.Context(), post(tt.contentType, tt.body))
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestTokenEditorContentType(t *testing.T) {
	req := post("", "")
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if ct := req.Header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type is %q", ct)
	}
	for _, ct := range []string{"application/json;charset=utf-8", "Application/JSON"} {
		req = post(ct, "{}")
		if err := TokenEditor(canary)(t.Context(), req); err != nil || req.Header.Get("Content-Type") != ct {
			t.Errorf("%q: %v, %q", ct, err, req.Header.Get("Content-Type"))
		}
	}
	// Made by hand, without anything.
	req = &http.Request{Method: "POST", URL: req.URL}
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	checkBody(t, req, `{"i":"`+canary+`"}`)
}

func TestTokenEditorGET(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", ""} {
		req, _ := http.NewRequest(method, "https://misskey.example/api/emojis?limit=5", nil)
		req.Method = method
		if err := TokenEditor(canary)(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Authorization"); got != "Bearer "+canary {
			t.Errorf("Authorization is %q", got)
		}
		if req.Body != nil || req.URL.RawQuery != "limit=5" {
			t.Errorf("body %v, query %q", req.Body, req.URL.RawQuery)
		}
	}
}

func TestTokenEditorTakesTheHeaderOver(t *testing.T) {
	req := post("application/json", "{}")
	req.Header.Set("Authorization", "Bearer other")
	if err := TokenEditor(canary)(t.Context(), req); err != nil || req.Header.Get("Authorization") != "" {
		t.Errorf("%v, Authorization is %q", err, req.Header.Get("Authorization"))
	}
	req.Header.Set("Authorization", "Basic cHJveHk6eA==")
	if err := TokenEditor(canary)(t.Context(), req); err != nil || req.Header.Get("Authorization") == "" {
		t.Errorf("%v, the proxy's credentials are gone", err)
	}
}

func TestBearerEditor(t *testing.T) {
	req := post("application/json", `{"a":1}`)
	if err := BearerEditor(canary)(t.Context(), req); err != nil || req.Header.Get("Authorization") != "Bearer "+canary {
		t.Errorf("%v, Authorization is %q", err, req.Header.Get("Authorization"))
	}
	checkBody(t, req, `{"a":1}`)
}

func TestQueryTokenEditor(t *testing.T) {
	req, _ := http.NewRequest("GET", "https://misskey.example/api/emojis?limit=5&i=old", nil)
	before := req.URL
	if err := QueryTokenEditor(canary)(t.Context(), req); err != nil || req.URL.RawQuery != "i="+canary+"&limit=5" {
		t.Errorf("%v, %q", err, req.URL.RawQuery)
	}
	if before.RawQuery != "limit=5&i=old" {
		t.Error("a URL that may be shared was changed")
	}
	req = post("application/json", "{}")
	if err := QueryTokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	checkBody(t, req, `{"i":"`+canary+`"}`)
	if req.URL.RawQuery != "" {
		t.Errorf("query of a POST is %q", req.URL.RawQuery)
	}
}

func TestBadTokens(t *testing.T) {
	for _, token := range []string{"", " ", "abc\n", "a b", "a\r\nX: y", "tökén", "a\x00"} {
		for name, opt := range map[string]Option{"WithToken": WithToken(token), "WithBearer": WithBearer(token)} {
			if _, err := New("misskey.example", opt); err == nil || !strings.Contains(err.Error(), "token") {
				t.Errorf("New with %s(%q): %v", name, token, err)
			} else if token != "" && token != " " && strings.Contains(err.Error(), token) {
				t.Errorf("%s: the error shows the token: %v", name, err)
			}
		}
		get, _ := http.NewRequest("GET", "https://misskey.example/api/emojis", nil)
		for _, req := range []*http.Request{post("application/json", "{}"), get} {
			if TokenEditor(token)(t.Context(), req) == nil || BearerEditor(token)(t.Context(), req) == nil || QueryTokenEditor(token)(t.Context(), req) == nil {
				t.Errorf("an editor accepts %q", token)
			}
		}
	}
}

func TestTokenEditorIsLinear(t *testing.T) {
	// Each of these takes ages when a part is read again for every member.
	for _, body := range []string{
		`{"a":[` + strings.Repeat(`{"i":"\\\""},`, 100_000) + `0]}`,
		`{` + strings.Repeat(`"i":1,`, 200_000) + `"i":2}`,
		`{` + strings.Repeat(`"\u0069":1,`, 200_000) + `"a":2}`,
		`{"a":"` + strings.Repeat(`\"`, 500_000) + `"}`,
		`{` + strings.Repeat(" ", 1_000_000) + `}`,
	} {
		out, err := insertToken([]byte(body), canary)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(out) || bytes.Count(out, []byte(canary)) != 1 {
			t.Errorf("wrong result for %.20s…", body)
		}
	}
}

func TestTokenEditorAllocations(t *testing.T) {
	req := post("application/json", "")
	edit := TokenEditor(canary)
	body := []byte(`{"noteId":"abcdefghij","detail":true}`)
	base := testing.AllocsPerRun(100, func() { setJSONBody(req, body) })
	with := testing.AllocsPerRun(100, func() {
		setJSONBody(req, body)
		if err := edit(context.Background(), req); err != nil {
			t.Fatal(err)
		}
	})
	if with-base > 6 {
		t.Errorf("the token costs %v allocations", with-base)
	}
	t.Logf("the token costs %v allocations", with-base)
}

func FuzzTokenEditor(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `{"i":1}`, `{"a":"\"","i":{"i":[]},"i":2}`, `{"\u0069":"x"}`, ` {"a" : 1.50 , "I":null}`,
		`[]`, `nul`, "\uFEFF{}", `{"a":"\ud800"}`, `{"":{"i":"\\"}}`, `{"a":1}{}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		req := post("application/json", string(body))
		err := TokenEditor(canary)(t.Context(), req)
		object := bytes.TrimPrefix(body, byteOrderMark)
		var want map[string]json.RawMessage
		isObject := len(body) == 0 || json.Unmarshal(object, &want) == nil && want != nil
		if (err == nil) != isObject {
			t.Fatalf("%q: %v", body, err)
		}
		if err != nil {
			return
		}
		out, err := io.ReadAll(req.Body)
		if err != nil || int64(len(out)) != req.ContentLength {
			t.Fatalf("%q: %v, length %d of %d", body, err, req.ContentLength, len(out))
		}
		object = bytes.TrimPrefix(out, byteOrderMark)
		var got map[string]json.RawMessage
		if err := json.Unmarshal(object, &got); err != nil {
			t.Fatalf("%q became %q: %v", body, out, err)
		}
		if text(got["i"]) != canary {
			t.Fatalf("%q became %q", body, out)
		}
		_, had := want["i"]
		delete(got, "i")
		delete(want, "i")
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q", body, out)
		}
		if params, err := splitParams(object); err != nil {
			t.Fatal(err)
		} else {
			n := 0
			for _, p := range params {
				if p.name == "i" {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%q became %q, which has %d tokens", body, out, n)
			}
		}
		if !had && len(body) > 0 { // nothing was taken away
			member := `"i":"` + canary + `"`
			if len(want) > 0 {
				member += ","
			}
			if rest := bytes.Replace(out, []byte(member), nil, 1); !bytes.Equal(rest, body) {
				t.Fatalf("%q became %q", body, out)
			}
		}
		if !bytes.Equal(before, body) {
			t.Fatal("the input was changed")
		}
	})
}
