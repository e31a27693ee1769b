package misskeytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/conformance"
)

// The bindings work with a server that is older than they are: what it answers
// decodes, and what it does not have yet is an error of its own.
func TestOlderServer(t *testing.T) {
	for _, version := range []string{"2025.11.0", "2026.3.2"} {
		t.Run(version, func(t *testing.T) { testOlderServer(t, version) })
	}
}

func testOlderServer(t *testing.T, version string) {
	s := NewServer(t, Options{Document: olderDocument(t, version)})
	var exchanges []*conformance.Exchange
	for _, endpoint := range slices.Sorted(maps.Keys(s.document.paths)) {
		op, err := s.document.read(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		if op.multipart || !op.post || op.route {
			continue
		}
		for seed := range uint64(3) {
			r := sampleCall(t, s, op, seed)
			request, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(request))
			r.Header.Set("Authorization", "Bearer "+s.Token("root"))
			resp, err := s.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode > 299 {
				continue // there is no such note, or the like
			}
			if len(response) == 0 {
				response = []byte("null")
			}
			exchanges = append(exchanges, &conformance.Exchange{
				Endpoint: endpoint, Method: http.MethodPost, Auth: "root", ContentType: "application/json", Request: request,
				Status: resp.StatusCode, Headers: map[string]string{"content-type": resp.Header.Get("Content-Type")}, Response: json.RawMessage(response),
				Source: fmt.Sprintf("%s, seed %d", endpoint, seed),
			})
		}
	}
	report, err := conformance.Replay(t.Context(), conformance.Target{
		Operations: gen.Operations(),
		Client: func(transport http.RoundTripper, _ bool) (api.Caller, error) {
			return misskey.New("misskey.example", misskey.WithHTTPClient(&http.Client{Transport: transport}), misskey.WithToken("token"))
		},
		Error:           func(error) (conformance.Refusal, bool) { return conformance.Refusal{}, false },
		NullMeansAbsent: func(string, string) bool { return true },
	}, exchanges)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d answers of %d endpoints", report.Answers, len(report.Successes))
	for _, f := range report.Findings {
		// What has been taken out since cannot be said any more.
		if f.Kind == conformance.Failed {
			t.Errorf("%s: %s: %s", f.Source, f.Place, f.Detail)
		}
	}
	if len(report.Successes) < 250 {
		t.Errorf("%d endpoints have been seen to answer", len(report.Successes))
	}

	mk := s.Client("alice")
	missing := 0
	for _, op := range gen.Operations() {
		if ok, err := mk.Supports(t.Context(), op); err != nil || ok {
			continue
		}
		missing++
		s.Expect(op.Endpoint, gen.ErrUnknownAPIEndpoint)
		if err := mk.Call(t.Context(), op, nil, nil); !errors.Is(err, gen.ErrUnknownAPIEndpoint) || !errors.Is(err, gen.ErrIDUnknownAPIEndpoint) {
			t.Errorf("%s: %v", op.Endpoint, err)
		}
	}
	if missing == 0 {
		t.Error("nothing is missing from the older server")
	}
}

// olderDocument is that of a release before that of gen. It is made by the command rather
// than by its package: the tests of a package that programs import must not
// import the generator, whose modules those programs would fetch.
func olderDocument(t *testing.T, version string) []byte {
	t.Helper()
	document := filepath.Join(t.TempDir(), "document.json.gz")
	cmd := exec.CommandContext(t.Context(), "go", "run", "../cmd/misskey-spec", "generate",
		"-spec", "../internal/spec/testdata/misskey-"+version+".yaml.gz", "-package", "older", "-out", t.TempDir(), "-document", document)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
