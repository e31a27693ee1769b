package spec

import (
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/exp/apidiff"
)

// compatible compares two packages as apidiff does, and returns for the symbols
// that differ whether programs go on compiling.
func apiChanges(t testing.TB, old, next map[string][]byte) map[string]bool {
	t.Helper()
	changes := map[string]bool{}
	for _, c := range apidiff.Changes(compiled(t, old), compiled(t, next)).Changes {
		name, _, _ := strings.Cut(c.Message, ": ")
		name, _, _ = strings.Cut(name, ", ")
		name = strings.NewReplacer("(*", "", "(", "", ")", "").Replace(name)
		if slices.Contains(provenance, name) {
			continue
		}
		if had, ok := changes[name]; ok {
			c.Compatible = c.Compatible && had
		}
		changes[name] = c.Compatible
	}
	// apidiff does not look into what generic types of other packages hold.
	was, is := members(compiled(t, old)), members(compiled(t, next))
	for name, typ := range was {
		if _, told := changes[name]; !told && is[name] != "" && is[name] != typ && strings.Contains(typ, "[") && strings.Contains(is[name], "[") {
			changes[name] = false
		}
	}
	return changes
}

// members returns the types of the exported fields and methods of a package.
func members(pkg *types.Package) map[string]string {
	found := map[string]string{}
	text := func(t types.Type) string { return types.TypeString(t, types.RelativeTo(pkg)) }
	for _, name := range pkg.Scope().Names() {
		named, ok := pkg.Scope().Lookup(name).Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		if s, ok := named.Underlying().(*types.Struct); ok {
			for f := range s.Fields() {
				if f.Exported() {
					found[name+"."+f.Name()] = text(f.Type())
				}
			}
		}
		for m := range named.Methods() {
			if m.Exported() {
				found[name+"."+m.Name()] = text(m.Signature().Results())
			}
		}
	}
	return found
}

// checkGo reports where the Go side of a diff says anything else than apidiff,
// name by name.
func checkGo(t testing.TB, d *Diff, old, next map[string][]byte) {
	t.Helper()
	want := map[string]bool{}
	maps.Copy(want, apiChanges(t, old, next))
	got := map[string]bool{}
	for _, c := range d.Changes {
		worst := Harmless
		for _, s := range c.Symbols {
			name, _, _ := strings.Cut(s, ":")
			name, _, _ = strings.Cut(name, " ")
			got[name] = strings.HasSuffix(s, " added")
			if got[name] {
				worst = max(worst, Notable)
			} else {
				worst = Breaking
			}
		}
		if worst != c.Go {
			t.Errorf("%s %s: Go is %s, its symbols say %s", c.Place, c.Kind, c.Go, worst)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have, ok := got[name]; !ok || have != want[name] {
			t.Errorf("%s: apidiff: compatible %v; diff: told %v, compatible %v", name, want[name], ok, have)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: diff: compatible %v; apidiff: nothing", name, got[name])
		}
	}
}

func filesOf(t testing.TB, doc []byte) map[string][]byte {
	t.Helper()
	g, err := Generate(GenerateOptions{Document: doc, Package: "gen"})
	if err != nil {
		t.Fatal(err)
	}
	return g.Files
}

func TestDiffX(t *testing.T) {
	d, err := Compare(DiffSource{Name: "old", Document: olderDocument(t)}, DiffSource{Name: "new", Document: repositoryDocument(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats {
		b, _ := d.Format(f)
		os.WriteFile("/tmp/diff."+f, b, 0o644)
	}
	checkGo(t, d, filesOf(t, olderDocument(t)), filesOf(t, repositoryDocument(t)))
}
