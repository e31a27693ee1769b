package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/misskey-go/misskey/internal/spec"
)

var referenceCommand = command{
	name:    "reference",
	usage:   "[arguments]",
	summary: "write a reference of the API in Markdown",
	details: `The pages say what each endpoint takes, returns and refuses, in English below
DIR/en and in Japanese below DIR/ja. Other pages in these folders are removed.`,
	run: runReference,
}

func runReference(_ context.Context, c command, args []string, std stdio) error {
	f := c.flags(std)
	document := f.String("spec", "api.yaml", "the OpenAPI document, a `FILE`, compressed with gzip or not")
	docs := f.String("docs", "", "a `FILE` that describes what the document has, and wins over our own descriptions")
	out := f.String("out", "docs/reference", "the `DIR` to write to")
	if err := c.parse(f, args, 0); err != nil {
		return err
	}
	var opts spec.GenerateOptions
	for name, data := range map[string]*[]byte{*document: &opts.Document, *docs: &opts.Docs} {
		if name == "" {
			continue
		}
		var err error
		if *data, err = spec.ReadFile(name); err != nil {
			return err
		}
	}
	pages, err := spec.Reference(opts, spec.Languages...)
	if err != nil {
		return fmt.Errorf("%s: %w", *document, err)
	}
	for language, files := range pages {
		dir := filepath.Join(*out, language)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		old, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range old {
			if files[entry.Name()] == nil && strings.HasSuffix(entry.Name(), ".md") {
				if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
					return err
				}
			}
		}
		for name, data := range files {
			if _, err := spec.WriteFile(filepath.Join(dir, name), data); err != nil {
				return err
			}
		}
	}
	return nil
}
