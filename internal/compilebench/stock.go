package main

import (
	"context"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// printStock writes what oapi-codegen makes of a document without our overlay,
// our shape and our templates: models and a client.
func printStock(document, file string) error {
	doc, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		return fmt.Errorf("loading %s: %w", document, err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	config := codegen.Configuration{
		PackageName: "stock",
		Generate:    codegen.GenerateOptions{Models: true, Client: true},
		// Without it the names of wrappers and of types collide.
		OutputOptions: codegen.OutputOptions{ResponseTypeSuffix: "Reply"},
	}
	if err := config.Validate(); err != nil {
		return err
	}
	code, err := codegen.Generate(doc, config)
	if err != nil {
		return fmt.Errorf("oapi-codegen: %w", err)
	}
	return os.WriteFile(file, []byte(code), 0o600)
}
