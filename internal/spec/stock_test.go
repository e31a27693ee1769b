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
	t.Parallel()
	g, err := Generate(GenerateOptions{Document: repositoryDocument(t), Package: "stock", Strict: true, Stock: true})
	if err != nil {
		t.Fatal(err)
	}
	pkg := compiled(t, g.Files)
	for _, name := range []string{"ClientWithResponses", "NotesCreateRequest", "Note"} {
		if pkg.Scope().Lookup(name) == nil {
			t.Errorf("there is no %s, so this is not what a stock configuration prints", name)
		}
	}
}
