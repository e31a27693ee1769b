package misskey

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/api"
)

func TestCallGET(t *testing.T) {
	type params = map[string]any
	for _, tt := range []struct {
		name string
		op   *api.Operation
		in   any
		want string // "" for an error
	}{
		{"nothing", opEmojis, nil, "/api/emojis"},
		{"scalars", opEmojis, json.RawMessage(`{"limit":5,"f":1.50,"yes":true,"no":false,"s":"a b&c=d","empty":"","n":"null","q":"\"5\""}`),
			"/api/emojis?empty=&f=1.50&limit=5&n=null&no=false&q=%225%22&s=a+b%26c%3Dd&yes=true"},
		{"array", opEmojis, params{"ids": []string{"a", "b"}, "n": []int{1, 2, 3}}, "/api/emojis?ids=a&ids=b&n=1&n=2&n=3"},
		{"empty array", opEmojis, params{"ids": []string{}}, ""},
		{"array of one", opEmojis, params{"ids": []string{"a"}}, ""},
		{"null", opEmojis, params{"host": nil}, ""},
		{"null in an array", opEmojis, params{"host": []any{"a", nil}}, ""},
		{"object", opEmojis, params{"query": params{}}, ""},
		{"array in an array", opEmojis, params{"query": []any{[]any{}, 1}}, ""},
		{"GET only", opPeers, nil, "/api/v1/instance/peers"},
		{"not GET-able", opShow, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, f := recorder(200, jsonType, `[]`)
			var opts []api.CallOption
			if !tt.op.GETOnly {
				opts = append(opts, GET())
			}
			err := fakeClient(t, f, WithToken(canary)).Call(t.Context(), tt.op, tt.in, nil, opts...)
			if tt.want == "" {
				if err == nil || len(*all) > 0 {
					t.Errorf("sent %v, %v", *all, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := (*all)[0]
			if s.method != "GET" || s.uri != tt.want || s.body != "" || s.header.Get("Content-Type") != "" {
				t.Errorf("sent %+v, want %s", s, tt.want)
			}
			if s.header["Authorization"] != nil {
				t.Errorf("Authorization is %q", s.header["Authorization"])
			}
		})
	}
}

func TestTokenOnGET(t *testing.T) {
	opPrivate := &api.Operation{Endpoint: "fork/private", GET: true, Credential: true}
	opPrivateOnly := &api.Operation{Endpoint: "fork/private-only", GETOnly: true, Credential: true}
	const alice, bob = "Bearer alice", "Bearer bob"
	type options []api.CallOption
	for _, tt := range []struct {
		name      string
		op        *api.Operation
		opts      options
		anonymous bool // the client has no token
		want      string
		fails     string
	}{
		{name: "nobody's", op: opEmojis, opts: options{GET()}},
		{name: "nobody's by nobody", op: opEmojis, opts: options{GET()}, anonymous: true},
		{name: "the account's", op: opEmojis, opts: options{GETWithToken()}, want: alice},
		{name: "the account's, without one", op: opEmojis, opts: options{GETWithToken()}, anonymous: true},
		{name: "both", op: opEmojis, opts: options{GET(), GETWithToken()}, want: alice},
		{name: "both, the other way round", op: opEmojis, opts: options{GETWithToken(), GET()}, want: alice},
		{name: "of the call", op: opEmojis, opts: options{GET(), TokenEditor("bob")}, want: bob},
		{name: "of the call and the account's", op: opEmojis, opts: options{GETWithToken(), TokenEditor("bob")}, want: bob},
		{name: "GET only", op: opPeers},
		{name: "GET only, asked for", op: opPeers, opts: options{GET()}},
		{name: "GET only, with token", op: opPeers, opts: options{GETWithToken()}, want: alice},
		{name: "not for nobody", op: opPrivate, opts: options{GET()}, fails: "GETWithToken"},
		{name: "private", op: opPrivate, opts: options{GETWithToken()}, want: alice},
		{name: "private, of the call", op: opPrivate, opts: options{GET(), TokenEditor("bob")}, want: bob},
		{name: "private, without one", op: opPrivate, opts: options{GETWithToken()}, anonymous: true, fails: "the client has none"},
		{name: "private GET only", op: opPrivateOnly, want: alice},
		{name: "private GET only, without one", op: opPrivateOnly, anonymous: true, fails: "the client has none"},
		{name: "private GET only, asked for", op: opPrivateOnly, opts: options{GET()}, fails: "GETWithToken"},
	} {
		for kind, option := range map[string]Option{"token": WithToken("alice"), "bearer": WithBearer("alice"), "none": WithoutRetry()} {
			if tt.anonymous != (kind == "none") {
				continue
			}
			all, f := recorder(200, jsonType, `[]`)
			err := fakeClient(t, f, option).Call(t.Context(), tt.op, nil, nil, tt.opts...)
			switch {
			case tt.fails != "":
				if err == nil || !strings.Contains(err.Error(), tt.fails) || len(*all) > 0 {
					t.Errorf("%s, %s: %v, sent %v", tt.name, kind, err, *all)
				}
			case err != nil:
				t.Errorf("%s, %s: %v", tt.name, kind, err)
			default:
				s := (*all)[0]
				if s.header.Get("Authorization") != tt.want || s.uri != "/api/"+tt.op.Endpoint {
					t.Errorf("%s, %s: sent %s with %q, want %q", tt.name, kind, s.uri, s.header.Get("Authorization"), tt.want)
				}
			}
		}
	}

	// One that travels in the URL is one, too.
	all, f := recorder(200, jsonType, `[]`)
	err := fakeClient(t, f).Call(t.Context(), opPrivate, nil, nil, GET(), QueryTokenEditor("bob"))
	if err != nil || (*all)[0].uri != "/api/fork/private?i=bob" {
		t.Errorf("%v, sent %v", err, *all)
	}
}
