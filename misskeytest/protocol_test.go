package misskeytest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A response is what came back, as far as tests look at it.
type answer struct {
	status int
	code   string
	id     string
	info   string // as param and reason
	header http.Header
	body   string
}

// send sends a request and reads the response.
func send(t *testing.T, srv *misskeytest.Server, method, path, contentType, body string, header ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, srv.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := srv.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
	var failed struct {
		Code  string
		Error json.RawMessage
	}
	if json.Unmarshal(data, &failed) == nil {
		a.code = failed.Code
		var inner struct {
			Code, ID string
			Info     struct{ Param, Reason string }
		}
		if json.Unmarshal(failed.Error, &inner) == nil {
			a.code, a.id, a.info = inner.Code, inner.ID, strings.TrimSpace(inner.Info.Param+" "+inner.Info.Reason)
		}
	}
	return a
}

const jsonType = "application/json"

// What Misskey answers to requests that are not as they should be.
func TestProtocol(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	native, weak := srv.Token("alice"), srv.AppToken("alice")
	strong := srv.AppToken("alice", gen.PermissionReadAccount)
	srv.AddUser(misskeytest.User{Username: "sue", Suspended: true})
	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }

	for _, tt := range []struct {
		name, method, path, contentType, body string
		header                                []string
		status                                int
		code, info                            string
	}{
		{name: "unknown endpoint", method: "POST", path: "/api/nope", contentType: jsonType, body: "{}", status: 404},
		{name: "a slash too much", method: "POST", path: "/api/ping/", contentType: jsonType, body: "{}", status: 404},
		{name: "unknown endpoint by GET", method: "GET", path: "/api/nope", status: 404, code: "UNKNOWN_API_ENDPOINT"},
		{name: "a route that is not an endpoint by GET", method: "GET", path: "/api/miauth/x/check", status: 404, code: "UNKNOWN_API_ENDPOINT"},
		{name: "GET where it is not allowed", method: "GET", path: "/api/notes/show", status: 405},
		{name: "GET", method: "GET", path: "/api/get-online-users-count", status: 200},
		{name: "GET with a number", method: "GET", path: "/api/federation/instances?limit=5", status: 200},
		{name: "GET with no number", method: "GET", path: "/api/federation/instances?limit=x", status: 400, code: "INVALID_PARAM", info: "limit cannot cast to integer"},
		{name: "PUT is POST", method: "PUT", path: "/api/ping", contentType: jsonType, body: "{}", status: 200},
		{name: "another page", method: "GET", path: "/about", status: 200},

		{name: "no body", method: "POST", path: "/api/ping", status: 400, code: "INVALID_PARAM", info: "#/type must be object"},
		{name: "no body where it does no harm", method: "POST", path: "/api/reversi/invitations", header: bearer(native), status: 200},
		{name: "no body, but a credential comes first", method: "POST", path: "/api/i", status: 401, code: "CREDENTIAL_REQUIRED"},
		{name: "empty JSON", method: "POST", path: "/api/ping", contentType: jsonType, status: 400, code: "FST_ERR_CTP_EMPTY_JSON_BODY"},
		{name: "malformed JSON", method: "POST", path: "/api/ping", contentType: jsonType, body: "{", status: 400, code: "FST_ERR_CTP_INVALID_JSON_BODY"},
		{name: "a poisoned prototype", method: "POST", path: "/api/ping", contentType: jsonType, body: `{"a":{"__proto__":1}}`, status: 400, code: "FST_ERR_CTP_INVALID_JSON_BODY"},
		{name: "an array", method: "POST", path: "/api/ping", contentType: jsonType, body: "[]", status: 400, code: "INVALID_PARAM", info: "#/type must be object"},
		{name: "null", method: "POST", path: "/api/ping", contentType: jsonType, body: "null", status: 400, code: "INVALID_PARAM", info: "#/type must be object"},
		{name: "a BOM", method: "POST", path: "/api/ping", contentType: jsonType, body: "\ufeff{}", status: 200},
		{name: "plain text", method: "POST", path: "/api/ping", contentType: "text/plain", body: "{}", status: 400, code: "INVALID_PARAM", info: "#/type must be object"},
		{name: "a form", method: "POST", path: "/api/ping", contentType: "application/x-www-form-urlencoded", body: "a=b", status: 415, code: "FST_ERR_CTP_INVALID_MEDIA_TYPE"},
		{name: "as much as fits", method: "POST", path: "/api/ping", contentType: jsonType, body: `{"a":"` + strings.Repeat("x", 1<<20-8) + `"}`, status: 200},
		{name: "more than fits", method: "POST", path: "/api/ping", contentType: jsonType, body: `{"a":"` + strings.Repeat("x", 1<<20-7) + `"}`, status: 413, code: "FST_ERR_CTP_BODY_TOO_LARGE"},
		{name: "compressed", method: "POST", path: "/api/ping", contentType: jsonType, body: "xx", header: []string{"Content-Encoding", "gzip"}, status: 400, code: "FST_ERR_CTP_INVALID_CONTENT_LENGTH"},
		{name: "an upload without a form", method: "POST", path: "/api/drive/files/create", contentType: jsonType, body: "{}", status: 400},

		{name: "a token in the body", method: "POST", path: "/api/i", contentType: jsonType, body: `{"i":"` + native + `"}`, status: 200},
		{name: "the header goes before it", method: "POST", path: "/api/i", contentType: jsonType, body: `{"i":"` + native + `"}`, header: bearer("wrong"), status: 401, code: "AUTHENTICATION_FAILED"},
		{name: "another word for it", method: "POST", path: "/api/i", contentType: jsonType, body: `{"i":"` + native + `"}`, header: []string{"Authorization", "bearer wrong"}, status: 200},
		{name: "null is not a token", method: "POST", path: "/api/i", contentType: jsonType, body: `{"i":null}`, status: 401, code: "CREDENTIAL_REQUIRED"},
		{name: "an empty token is a wrong one", method: "POST", path: "/api/ping", contentType: jsonType, body: `{"i":""}`, status: 401, code: "AUTHENTICATION_FAILED"},
		{name: "a wrong token where none is needed", method: "POST", path: "/api/ping", contentType: jsonType, body: "{}", header: bearer("0123456789abcdef"), status: 401, code: "AUTHENTICATION_FAILED"},
		{name: "a token in the query of a POST", method: "POST", path: "/api/i?i=" + native, contentType: jsonType, body: "{}", status: 401, code: "CREDENTIAL_REQUIRED"},

		{name: "secure, nobody", method: "POST", path: "/api/i/apps", contentType: jsonType, body: "{}", status: 400, code: "ACCESS_DENIED"},
		{name: "secure, an app", method: "POST", path: "/api/i/apps", contentType: jsonType, body: "{}", header: bearer(strong), status: 400, code: "ACCESS_DENIED"},
		{name: "suspended", method: "POST", path: "/api/i", contentType: jsonType, body: "{}", header: bearer(srv.Token("sue")), status: 403, code: "YOUR_ACCOUNT_SUSPENDED"},
		{name: "suspended, but anybody may", method: "POST", path: "/api/ping", contentType: jsonType, body: "{}", header: bearer(srv.Token("sue")), status: 200},
		{name: "no moderator", method: "POST", path: "/api/admin/announcements/list", contentType: jsonType, body: "{}", header: bearer(native), status: 403, code: "ROLE_PERMISSION_DENIED"},
		{name: "no administrator", method: "POST", path: "/api/admin/meta", contentType: jsonType, body: "{}", header: bearer(native), status: 403, code: "ROLE_PERMISSION_DENIED"},
		{name: "no policy", method: "POST", path: "/api/invite/create", contentType: jsonType, body: "{}", header: bearer(native), status: 403, code: "ROLE_PERMISSION_DENIED"},
		{name: "an app without the permission", method: "POST", path: "/api/i", contentType: jsonType, body: "{}", header: bearer(weak), status: 403, code: "PERMISSION_DENIED"},
		{name: "an app with it", method: "POST", path: "/api/i", contentType: jsonType, body: "{}", header: bearer(strong), status: 200},
		{name: "an app without it where nobody may", method: "POST", path: "/api/clips/show", contentType: jsonType, body: `{"clipId":"x"}`, header: bearer(weak), status: 403, code: "PERMISSION_DENIED"},
		{name: "permissions go before parameters", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"text":1}`, header: bearer(weak), status: 403, code: "PERMISSION_DENIED"},

		{name: "missing", method: "POST", path: "/api/notes/show", contentType: jsonType, body: "{}", status: 400, code: "INVALID_PARAM", info: "#/required must have required property 'noteId'"},
		{name: "no id", method: "POST", path: "/api/notes/show", contentType: jsonType, body: `{"noteId":"a/b"}`, status: 400, code: "INVALID_PARAM", info: `#/properties/noteId/format must match format "misskey:id"`},
		{name: "too many", method: "POST", path: "/api/notes", contentType: jsonType, body: `{"limit":101}`, status: 400, code: "INVALID_PARAM", info: "#/properties/limit/maximum must be <= 100"},
		{name: "too few", method: "POST", path: "/api/notes", contentType: jsonType, body: `{"limit":0}`, status: 400, code: "INVALID_PARAM", info: "#/properties/limit/minimum must be >= 1"},
		{name: "null", method: "POST", path: "/api/notes", contentType: jsonType, body: `{"limit":null}`, status: 400, code: "INVALID_PARAM", info: "#/properties/limit/type must be integer"},
		{name: "text for a number", method: "POST", path: "/api/notes", contentType: jsonType, body: `{"limit":"5"}`, status: 400, code: "INVALID_PARAM", info: "#/properties/limit/type must be integer"},
		{name: "then", method: "POST", path: "/api/notes/create", contentType: jsonType, body: "{}", header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/then/required must have required property 'text'"},
		{name: "then null", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"text":null}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/then/properties/text/type must be string"},
		{name: "only blanks", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"text":" "}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: `#/then/properties/text/pattern must match pattern "[^\s]+"`},
		{name: "no items", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"fileIds":[]}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/properties/fileIds/minItems must NOT have fewer than 1 items"},
		{name: "items alike", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"fileIds":["a","a"]}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/properties/fileIds/uniqueItems must NOT have duplicate items (items ## 1 and 0 are identical)"},
		{name: "no such value", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"text":"a","visibility":"all"}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/properties/visibility/enum must be equal to one of the allowed values"},
		{name: "none of the ways", method: "POST", path: "/api/users/show", contentType: jsonType, body: "{}", status: 400, code: "INVALID_PARAM", info: "#/allOf/0/anyOf/0/required must have required property 'userId'"},
		{name: "neither form", method: "POST", path: "/api/users/relation", contentType: jsonType, body: `{"userId":5}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: "#/properties/userId/oneOf/0/type must be string"},
		{name: "of an item", method: "POST", path: "/api/i/registry/set", contentType: jsonType, body: `{"scope":["a!"],"key":"k","value":1}`, header: bearer(native), status: 400, code: "INVALID_PARAM", info: `#/properties/scope/items/pattern must match pattern "^[a-zA-Z0-9_]+$"`},
		{name: "required, but with a default", method: "POST", path: "/api/i/registry/keys", contentType: jsonType, body: "{}", header: bearer(native), status: 200},
		{name: "unknown parameters do not matter", method: "POST", path: "/api/ping", contentType: jsonType, body: `{"what":"ever"}`, status: 200},
		{name: "3000 letters beyond 16 bits", method: "POST", path: "/api/notes/create", contentType: jsonType, body: `{"text":"` + strings.Repeat("🐟", 3000) + `"}`, header: bearer(native), status: 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := send(t, srv, tt.method, tt.path, tt.contentType, tt.body, tt.header...)
			if a.status != tt.status || a.code != tt.code || a.info != tt.info {
				t.Errorf("%d %s %q, want %d %s %q\n%.300s", a.status, a.code, a.info, tt.status, tt.code, tt.info, a.body)
			}
			if a.status == 405 && a.body != "" {
				t.Errorf("the body is %q", a.body)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	const private, public = "private, max-age=0, must-revalidate", "public, max-age=60"
	for _, tt := range []struct {
		method, path, token string
		cache, challenge    string
	}{
		{"GET", "/api/get-online-users-count", "", public, ""},
		{"GET", "/api/get-online-users-count", srv.Token("alice"), private, ""},
		{"POST", "/api/get-online-users-count", "", private, ""},
		{"POST", "/api/i", "", private, `Bearer realm="Misskey"`},
		{"POST", "/api/i", "wrong", private, `Bearer realm="Misskey", error="invalid_token", error_description="authentication failed"`},
		{"POST", "/api/notes/show", "", private, `Bearer realm="Misskey", error="invalid_request", error_description="invalid param"`},
		{"POST", "/api/admin/meta", srv.Token("alice"), private, ""},
	} {
		body := "{}"
		if tt.method == "GET" {
			body = ""
		}
		var header []string
		if tt.token != "" {
			header = []string{"Authorization", "Bearer " + tt.token}
		}
		a := send(t, srv, tt.method, tt.path, jsonType, body, header...)
		if got := a.header.Get("Cache-Control"); got != tt.cache {
			t.Errorf("%s %s: Cache-Control is %q, want %q", tt.method, tt.path, got, tt.cache)
		}
		if got := a.header.Get("WWW-Authenticate"); got != tt.challenge {
			t.Errorf("%s %s: WWW-Authenticate is %q, want %q", tt.method, tt.path, got, tt.challenge)
		}
		if got := a.header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s %s: Access-Control-Allow-Origin is %q", tt.method, tt.path, got)
		}
	}
}
