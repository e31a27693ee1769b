package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Everything that a program can use says what it is. Only the fields of
// generated types, whose meaning is Misskey's, need not.
func TestDocComments(t *testing.T) {
	for _, dir := range []string{"api", ".", "gen", "misskeytest"} {
		ids := identifiers(t, dir)
		if len(ids) < 5 {
			t.Errorf("%s has %d exported identifiers only; does the test see them?", dir, len(ids))
		}
		for _, id := range ids {
			if !id.documented && (dir != "gen" || id.kind != "field") {
				t.Errorf("%s: %s has no doc comment", id.position, id)
			}
		}
	}
}

// README.ja.md says the same as README.md: the same code, the same number of
// sections in the same order of levels, the same links.
func TestReadmeInJapaneseIsInStep(t *testing.T) {
	english, japanese := read(t, "README.md"), read(t, "README.ja.md")
	for what, pattern := range map[string]*regexp.Regexp{
		"code blocks": regexp.MustCompile("(?s)\n```\\w+\n.*?\n```"),
		"headings":    regexp.MustCompile(`(?m)^#+ `),
		"links":       regexp.MustCompile(`\]\([^)]+\)`),
	} {
		en, ja := pattern.FindAllString(english, -1), pattern.FindAllString(japanese, -1)
		if what == "links" { // each page links to the other in its third line
			en, ja = en[1:], ja[1:]
		}
		if len(en) == 0 || !slices.Equal(en, ja) {
			t.Errorf("the %s of README.md and README.ja.md differ:\n%q\n%q", what, en, ja)
		}
	}
}

// README is read by people who have never heard of the project: at most 8 kB.
func TestReadmeIsShort(t *testing.T) {
	if size := len(read(t, "README.md")); size > 8000 {
		t.Errorf("README.md has %d bytes, more than 8,000; move what is not for newcomers to docs", size)
	}
}

// Every relative link in the pages of the repository leads to a file.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):#\s]+)(?:#[^)]*)?\)`)
	for _, page := range []string{"README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
		"docs/README.md", "docs/cli.md", "docs/compatibility.md", "docs/figures.md", "docs/forks.md", "docs/protocol.md", "docs/scaling.md", "docs/upgrading.md"} {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
	}
}

// ARCHITECTURE.md names files as they are.
func TestArchitectureNamesFilesThatExist(t *testing.T) {
	names := regexp.MustCompile("`([\\w./-]+\\.(?:go|yaml|md))`").FindAllStringSubmatch(read(t, "ARCHITECTURE.md"), -1)
	if len(names) < 20 {
		t.Fatalf("ARCHITECTURE.md names %d files; does the test see them?", len(names))
	}
	for _, m := range names {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", m[1], err)
		}
	}
}
