package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// after returns a shaper whose passes have run up to the one called last, over
// a document in short.
func after(t *testing.T, last, short string, strict bool) *shaper {
	t.Helper()
	names, err := readNames(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newShaper(parsed(t, string(document(t, short))), shapeOptions{strict: strict, names: names})
	for _, p := range passes {
		p.run(s)
		if p.name == last || len(s.errs) > 0 {
			return s
		}
	}
	t.Fatalf("there is no pass %q", last)
	return nil
}

// A schemaTest says what becomes of a schema, the component T.
type schemaTest struct {
	in   string
	want string
	note string // what a note says; with err, what strict passes say instead
}

// testSchemas runs the passes up to last over each schema, beside components
// that they can refer to.
func testSchemas(t *testing.T, last, components string, tests map[string]schemaTest) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			short := "operations: {t: {response: {$ref: '#/components/schemas/T'}}}\nschemas:\n  T: " + test.in + "\n" + components
			s := after(t, last, short, false)
			if err := errors.Join(s.errs...); err != nil {
				t.Fatal(err)
			}
			got := get(s.schemas(), "T")
			if want := get(parsed(t, "want: "+test.want), "want"); canonical(got) != canonical(want) {
				t.Errorf("got  %s\nwant %s", oneLine(t, got), oneLine(t, want))
			}
			said := slices.ContainsFunc(s.notes, func(n Note) bool { return strings.Contains(n.Place+": "+n.Text, test.note) })
			if test.note == "" {
				if len(s.notes) > 0 {
					t.Errorf("notes: %v", s.notes)
				}
				return
			}
			if !said {
				t.Errorf("no note says %q: %v", test.note, s.notes)
			}
			strict := after(t, last, short, true)
			if err := errors.Join(strict.errs...); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(strings.TrimSuffix(test.note, "; left as raw JSON"), "; left out")) {
				t.Errorf("strict: %v, want %q", err, test.note)
			}
		})
	}
}

// oneLine returns a tree as YAML on one line.
func oneLine(t *testing.T, n *yaml.Node) string {
	t.Helper()
	n = clone(n)
	var flow func(*yaml.Node)
	flow = func(n *yaml.Node) {
		n.Style = yaml.FlowStyle
		for _, child := range n.Content {
			flow(child)
		}
	}
	if n == nil {
		return "nothing"
	}
	flow(n)
	data, err := yaml.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(string(data))
}
