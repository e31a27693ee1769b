package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	cited   = regexp.MustCompile(`protocol ((?:[A-K]\.[0-9]+|Appendix [0-9]+)(?:,? (?:and )?(?:[A-K]\.[0-9]+|Appendix [0-9]+))*)`)
	section = regexp.MustCompile(`[A-K]\.[0-9]+|Appendix [0-9]+`)
	heading = regexp.MustCompile(`(?m)^#+ ([A-K]\.[0-9]+|Appendix [0-9]+)\b`)
)

// Anyone who reads "protocol A.5" in a comment or in the overlay finds the
// section in docs/protocol.md.
func TestCitationsOfTheProtocolResolve(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		sections[m[1]] = true
	}
	citations := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go", ".yaml", ".md":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range cited.FindAllStringSubmatch(unwrap(string(text)), -1) {
			for _, s := range section.FindAllString(m[1], -1) {
				citations++
				if !sections[s] {
					t.Errorf("%s cites protocol %s, which docs/protocol.md does not have", path, s)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if citations < 300 {
		t.Errorf("found %d citations, want at least 300: has their form changed?", citations)
	}
}

// unwrap joins the lines of comments, so that a citation may be broken across two.
func unwrap(text string) string {
	return regexp.MustCompile(`\s*\n\s*(?://|#)?\s*`).ReplaceAllString(strings.ReplaceAll(text, "\r", ""), " ")
}
