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
