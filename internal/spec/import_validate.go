package spec

import (
	"context"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// validateOpenAPI lets kin-openapi, which later feeds the code generator, load and
// check the document. The importer's own checks come first, because they know
// the place in the source; this one knows OpenAPI's rules.
func validateOpenAPI(doc []byte) error {
	loader := openapi3.NewLoader() // does not follow references to other documents
	t, err := loader.LoadFromData(doc)
	if err != nil {
		return fmt.Errorf("the document is not valid OpenAPI: %w", err)
	}
	if err := t.Validate(context.Background()); err != nil {
		return fmt.Errorf("the document is not valid OpenAPI: %w", err)
	}
	return nil
}
