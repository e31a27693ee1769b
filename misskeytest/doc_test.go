package misskeytest

import (
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The documentation names all endpoints that have behaviour of their own and no
// others.
func TestDocumentedEndpoints(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(file.Doc.Text(), "# What it remembers")
	list, _, _ = strings.Cut(list, "All others answer")
	var named []string
	for line := range strings.SplitSeq(list, "\n") {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		named = append(named, strings.Fields(strings.ReplaceAll(line, ",", ""))...)
	}
	slices.Sort(named)
	if all := slices.Sorted(maps.Keys(endpoints)); !slices.Equal(named, all) {
		t.Errorf("named:\n%s\nthere are:\n%s", strings.Join(named, "\n"), strings.Join(all, "\n"))
	}
}
