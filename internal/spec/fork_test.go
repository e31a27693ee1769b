package spec

import (
	"strings"
	"testing"
)

// forkDocument is a document of a fork: /notes/create says its limit and its role
// itself, /mute/create does not.
const forkDocument = `{"openapi":"3.1.0","info":{"title":"Cat API","version":"2026.3.2"},"paths":{
"/notes/create":{"post":{"description":"**Credential required**: *Yes*\n\n**Rate limit**: 7 calls / 60000ms","responses":{"204":{"description":""}}}},
"/mute/create":{"post":{"description":"**Credential required**: *Yes*","responses":{"204":{"description":""}}}},
"/admin/meta":{"post":{"description":"**Credential required**: *Yes*","responses":{"204":{"description":""}}}}}}`

func generatedFork(t *testing.T, document string) (*Generated, string) {
	t.Helper()
	g, err := Generate(GenerateOptions{Document: []byte(document), Package: "cat"})
	if err != nil {
		t.Fatal(err)
	}
	compiled(t, g.Files)
	return g, source(g) + string(g.Files["OPERATIONS.md"])
}

// What is known of Misskey only is not printed as a fact of the fork.
func TestForkFacts(t *testing.T) {
	_, src := generatedFork(t, forkDocument)
	for _, want := range []string{
		"It is limited to 7 calls in 1 minute.",
		"In Misskey itself: It refuses accounts that have",
		"In Misskey itself: The account must be an",
	} {
		if !strings.Contains(src, want) {
			t.Errorf("the package does not say %q", want)
		}
	}
	for _, never := range []string{"Role: api.RoleAdministrator", "Max: 20", "20 in 1 hour", "| administrator |", "Max: 300"} {
		if strings.Contains(src, never) {
			t.Errorf("the package says %q, which is known of Misskey only", never)
		}
	}
	_, src = generatedFork(t, strings.Replace(forkDocument, "Cat API", "Misskey API", 1))
	for _, want := range []string{"Role: api.RoleAdministrator", "Max: 20", "20 in 1 hour", "| administrator |"} {
		if !strings.Contains(src, want) {
			t.Errorf("the package of Misskey does not say %q", want)
		}
	}
}

func TestForkName(t *testing.T) {
	g, src := generatedFork(t, forkDocument)
	if g.Software != "Cat" || !strings.Contains(src, "// the API of Cat 2026.3.2. It is") || !strings.Contains(src, "# Operations of Cat 2026.3.2\n") {
		t.Errorf("%s: %.300s", g.Software, string(g.Files["doc.go"]))
	}
	for version, want := range map[string]bool{"2026.7.0": false, "2026.9.0-beta.1": false, "2025.11.1-io.0": true, "2026.3.2-cat": true, "": true} {
		doc := parsed(t, "info: {title: Misskey API, version: '"+version+"'}")
		if got := isFork(doc); got != want {
			t.Errorf("%q is of a fork: %v", version, got)
		}
	}
}
