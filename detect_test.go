package misskey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/misskeytest"
)

func ExampleDetect() {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	instance, err := misskey.Detect(ctx, srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(instance.Software, "fork:", instance.Fork, "characters in a note:", instance.MaxNoteTextLength)
	// Output: misskey fork: false characters in a note: 3000
}

// A host answers these paths, and 404 for all others.
type host map[string]string

func (h host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	text, ok := h[r.URL.Path]
	switch {
	case !ok:
		http.NotFound(w, r)
	case strings.HasPrefix(text, "HTTP "):
		var status int
		_, _ = fmt.Sscanf(text, "HTTP %d", &status)
		w.WriteHeader(status)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, strings.ReplaceAll(text, "HOST", "http://"+r.Host))
	}
}

const index = `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"HOST/nodeinfo/2.0"},` +
	`{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"HOST/nodeinfo/2.1"}]}`

func software(name, version, repository string) string {
	return fmt.Sprintf(`{"version":"2.1","software":{"name":%q,"version":%q,"repository":%q},"metadata":{"x":[1]}}`, name, version, repository)
}

func meta(version string, more ...string) string {
	return fmt.Sprintf(`{"version":%q,"maxNoteTextLength":3000,"maxFileSize":262144000,"name":"An instance"%s}`, version, strings.Join(more, ""))
}

func TestDetect(t *testing.T) {
	const repository = "https://github.com/misskey-dev/misskey"
	for name, tt := range map[string]struct {
		host host
		want string
		fork bool
		api  bool
	}{
		"Misskey":                 {host{"/.well-known/nodeinfo": index, "/nodeinfo/2.1": software("misskey", "2026.7.0", repository), "/api/meta": meta("2026.7.0")}, "misskey 2026.7.0", false, true},
		"a beta of Misskey":       {host{"/nodeinfo/2.1": software("misskey", "2026.7.0-beta.1", repository), "/api/meta": meta("2026.7.0-beta.1")}, "misskey 2026.7.0-beta.1", false, true},
		"without federation":      {host{"/.well-known/nodeinfo": "HTTP 403", "/nodeinfo/2.1": software("misskey", "2026.7.0", repository+"/"), "/api/meta": meta("2026.7.0")}, "misskey 2026.7.0", false, true},
		"without nodeinfo":        {host{"/api/meta": meta("2026.7.0")}, "misskey 2026.7.0", false, true},
		"a broken nodeinfo":       {host{"/.well-known/nodeinfo": `{"links":7}`, "/nodeinfo/2.1": `[`, "/api/meta": meta("2026.7.0")}, "misskey 2026.7.0", false, true},
		"a nodeinfo elsewhere":    {host{"/.well-known/nodeinfo": `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://evil.example/"}]}`, "/nodeinfo/2.1": software("misskey", "2026.7.0", ""), "/api/meta": meta("2026.7.0")}, "misskey 2026.7.0", false, true},
		"a fork with a suffix":    {host{"/nodeinfo/2.1": software("misskey", "2025.11.1-io.0", repository), "/api/meta": meta("2025.11.1-io.0")}, "misskey 2025.11.1-io.0", true, true},
		"a fork with a place":     {host{"/nodeinfo/2.1": software("misskey", "2026.7.0", ""), "/api/meta": meta("2026.7.0", `,"repositoryUrl":"https://git.example/ours"`)}, "misskey 2026.7.0", true, true},
		"a fork with a name":      {host{"/nodeinfo/2.1": software("Sharkey", "2025.4.3", "https://activitypub.software/TransFem-org/Sharkey"), "/api/meta": meta("2025.4.3")}, "sharkey 2025.4.3", true, true},
		"other software":          {host{"/.well-known/nodeinfo": index, "/nodeinfo/2.1": software("mastodon", "4.5.0", "https://github.com/mastodon/mastodon")}, "mastodon 4.5.0", false, false},
		"an instance of 2.0 only": {host{"/.well-known/nodeinfo": strings.Replace(index, "2.1", "1.0", 2), "/nodeinfo/2.0": software("pleroma", "2.9.0", "")}, "pleroma 2.9.0", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(tt.host)
			defer srv.Close()
			got, err := misskey.Detect(t.Context(), srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			if want := srv.URL + ": " + tt.want; got.String() != want || got.Fork != tt.fork || (got.Meta != nil) != tt.api {
				t.Errorf("%s, fork %v, API %v; want %s, %v, %v", got, got.Fork, got.Meta != nil, want, tt.fork, tt.api)
			}
			if tt.api && (got.MaxNoteTextLength != 3000 || got.MaxFileSize != 262144000 || got.Name != "An instance") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDetectThatFails(t *testing.T) {
	for name, h := range map[string]host{
		"nothing there":           {},
		"no API and no name":      {"/nodeinfo/2.1": `{"software":{}}`},
		"an instance in trouble":  {"/nodeinfo/2.1": software("misskey", "2026.7.0", ""), "/api/meta": "HTTP 500"},
		"a nodeinfo without end":  {"/nodeinfo/2.1": `{"x":"` + strings.Repeat("x", 2<<20) + `"}`},
		"a meta that is not JSON": {"/api/meta": "{"},
	} {
		srv := httptest.NewServer(h)
		if got, err := misskey.Detect(t.Context(), srv.URL); err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: %v, %.1000v", name, got, err)
		}
		srv.Close()
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := misskey.Detect(canceled, "misskey.example"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := misskey.Detect(t.Context(), "127.0.0.1:1", misskey.WithHTTPClient(misskey.PublicHTTPClient())); !errors.Is(err, misskey.ErrNotPublic) {
		t.Errorf("the host of a stranger: %v", err)
	}
}

// Asking what a host is does not give it the token of another.
func TestDetectSendsTheTokenToTheAPIOnly(t *testing.T) {
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.URL.Path+fmt.Sprint(r.Header)+string(body))
		http.NotFound(w, r)
	}))
	defer srv.Close()
	_, _ = misskey.Detect(t.Context(), srv.URL, misskey.WithToken("s3cret"))
	for _, request := range got {
		if strings.Contains(request, "s3cret") && !strings.HasPrefix(request, "/api/meta") {
			t.Error(request)
		}
	}
	if len(got) < 3 {
		t.Errorf("%d requests", len(got))
	}
}
