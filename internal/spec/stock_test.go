package spec

import (
	"testing"

	// What a stock configuration of oapi-codegen prints needs it. Nothing else
	// in the module does, so this keeps the requirement in go.mod.
	_ "github.com/oapi-codegen/runtime"
)

// The way back: without our templates, oapi-codegen must still print Go that
// compiles from the shaped document.
func TestStock(t *testing.T) {
	for name, opts := range map[string]GenerateOptions{
		"ours":      {Document: repositoryDocument(t), Strict: true},
		"2025.11.0": {Document: olderDocument(t)},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Package, opts.Stock = "stock", true
			g, err := Generate(opts)
			if err != nil {
				t.Fatal(err)
			}
			if pkg := compiled(t, g.Files); pkg.Scope().Lookup("ClientWithResponses") == nil {
				t.Error("this is not what a stock configuration prints")
			}
		})
	}
}
