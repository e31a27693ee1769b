package spec

import (
	"slices"
	"strings"
	"testing"
)

func table(t *testing.T, data string) *nameTable {
	t.Helper()
	names, err := readNames([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestReadNames(t *testing.T) {
	names := table(t, "types: {A: B}\nreleased: [B]\nremoved: [C]\n")
	if names.apply("A") != "B" || names.apply("X") != "X" || !names.used["A"] || names.used["X"] || !names.chosen["B"] {
		t.Errorf("got %+v", names)
	}
	table(t, "")
	table(t, "# nothing\n{}\n")
	for data, want := range map[string]string{
		"types: {A: A}":             "types: A is mapped to itself; remove it",
		"types: {A: B, B: C}":       "types: A is mapped to B, which is mapped on to C; map it once",
		"types: {A: B, B: A}":       "types: B is mapped to A, which is mapped on to B; map it once",
		"types: {A: b}":             `types: A is mapped to "b", which is not an exported identifier`,
		"types: {A: 'B C'}":         `"B C", which is not an exported identifier`,
		"types: {A: C, B: C}":       "",
		"typos: {A: B}":             "field typos not found",
		"types: [A]":                "reading the name table",
		"types: {A: B, A: C}":       "already defined",
		"types: {A: ''}":            "not an exported identifier",
		"released: {a: b}":          "reading the name table",
		"types: {A: B}\n---\nx: {}": "",
	} {
		_, err := readNames([]byte(data))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", data, err, want)
		}
	}
}

func TestCheckNames(t *testing.T) {
	const before = "types: {Rule: Chosen, Old: Gone}\nreleased: [Chosen, Client.Call, Vanished]\nremoved: [Back, Earlier]\n"
	now := []string{"Back", "Chosen", "Client.Call", "New"}

	names := table(t, before)
	names.apply("Rule")
	_, err := names.check(now, false)
	for _, want := range []string{"released: Vanished vanished", "types: no type is called Old any more", "generate -accept-names"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}

	next, err := names.check(now, true)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(next.Released, now) || !slices.Equal(next.Removed, []string{"Earlier", "Vanished"}) || len(next.Types) != 1 || next.Types["Rule"] != "Chosen" {
		t.Errorf("got %+v", next)
	}

	// What was written is read again and changes nothing.
	data, err := next.bytes()
	if err != nil {
		t.Fatal(err)
	}
	again := table(t, string(data))
	again.apply("Rule")
	if again, err = again.check(now, false); err != nil {
		t.Fatal(err)
	}
	if second, err := again.bytes(); err != nil || string(second) != string(data) {
		t.Errorf("got %s, %v, want %s", second, err, data)
	}
}

// The whole way: names are checked at generation, and brought up to date.
func TestGenerateWithNames(t *testing.T) {
	const short = `operations: {a: {response: {type: object, properties: {x: {type: string}}}}}`
	opts := lenient(document(t, short))
	opts.Names = []byte("types: {AResponse: Answer}\n")
	g, err := Generate(opts)
	if err != nil {
		t.Fatal(err)
	}
	if written := table(t, string(g.Names)); !slices.Contains(written.Released, "Answer") || !slices.Contains(written.Released, "Client.A") {
		t.Errorf("got %s", g.Names)
	}
	opts.Names = []byte(strings.Replace(string(g.Names), "released:\n", "released:\n  - Zzz\n", 1))
	if _, err := Generate(opts); err == nil || !strings.Contains(err.Error(), "Zzz vanished") {
		t.Errorf("a vanished name: %v", err)
	}
	opts.AcceptNames = true
	if g, err = Generate(opts); err != nil || !slices.Contains(table(t, string(g.Names)).Removed, "Zzz") {
		t.Errorf("an accepted loss: %v", err)
	}
	if g, err = Generate(lenient(document(t, short))); err != nil || g.Names != nil {
		t.Errorf("a table came of none: %v", err)
	}
}
