package spec

import "testing"

// What go generate does but for reading and writing files.
func BenchmarkGenerate(b *testing.B) {
	opts := GenerateOptions{Document: repositoryDocument(b), Package: "gen", Strict: true}
	for b.Loop() {
		if _, err := Generate(opts); err != nil {
			b.Fatal(err)
		}
	}
}

// Two documents from bytes to the page: both are imported, shaped and printed.
func BenchmarkDiff(b *testing.B) {
	old, next := DiffSource{Name: "old", Document: olderDocument(b, olderVersions[0])}, DiffSource{Name: "new", Document: repositoryDocument(b)}
	for b.Loop() {
		if _, err := Compare(old, next); err != nil {
			b.Fatal(err)
		}
	}
}
