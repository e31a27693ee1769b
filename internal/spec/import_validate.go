package spec

import (
	"context"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v4"
)

// validateOpenAPI lets kin-openapi, which later feeds the code generator, load
// and check the document. The importer's own checks come first, because they
// know the place in the source; this one knows OpenAPI's rules. A document that is
// not strict needs to be loaded only: that breaks rules has its own effect.
func validateOpenAPI(doc *yaml.Node, strict bool) error {
	t, err := loadOpenAPI(doc)
	if err == nil && strict {
		// Some versions give GET and POST of an endpoint the same id, which
		// OpenAPI forbids. Nothing depends on it: the path has the name.
		for _, item := range t.Paths.Map() {
			for _, operation := range item.Operations() {
				operation.OperationID = ""
			}
		}
		err = t.Validate(context.Background(),
			// Patterns are ECMAScript's, by JSON Schema's rule. Go's regexp
			// does not know all of them, and a client matches none.
			openapi3.DisableSchemaPatternValidation(),
			// A default that its own schema does not allow is legal in JSON
			// Schema, and what the server assumes all the same.
			openapi3.DisableSchemaDefaultsValidation(),
		)
	}
	if err != nil {
		// What comes after the first lines is a dump of the schema.
		message, _, _ := strings.Cut(err.Error(), "\nSchema:")
		return fmt.Errorf("the document is not valid OpenAPI: %s", message)
	}
	return nil
}
