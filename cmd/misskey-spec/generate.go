package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/misskey-go/misskey/internal/spec"
)

var generateCommand = command{
	name:    "generate",
	usage:   "[arguments]",
	summary: "make a Go package of api.yaml",
	details: `The document is api.yaml or another one, of Misskey or a fork of it, as import
writes it or as an instance serves it. What is not understood becomes free JSON
and is listed, unless -strict is given.`,
	run: runGenerate,
}

func runGenerate(_ context.Context, c command, args []string, std stdio) error {
	f := c.flags(std)
	var (
		document = f.String("spec", "api.yaml", "the OpenAPI document, a `FILE`")
		overlay  = f.String("overlay", "", "a `FILE` with an OpenAPI Overlay to apply after the built-in one, or none to apply neither")
		out      = f.String("out", "gen", "the `DIR` to write the package to")
		pkg      = f.String("package", "", "the `NAME` of the package; by default that of the directory")
		config   = f.String("config", "", "an oapi-codegen configuration, a `FILE`, instead of the built-in one")
		names    = f.String("names", "", "a name table, a `FILE`, to check and bring up to date, instead of the built-in one")
		overlaid = f.String("document", "", "also write the document, after the overlay, to `FILE` as JSON compressed with gzip")
		accept   = f.Bool("accept-names", false, "let names vanish from the name table")
		strict   = f.Bool("strict", false, "stop at what is not understood")
		verbose  = f.Bool("v", false, "list everything that was noted")
	)
	if err := c.parse(f, args, 0); err != nil {
		return err
	}
	opts := spec.GenerateOptions{Package: *pkg, Strict: *strict, AcceptNames: *accept, NoBuiltin: *overlay == "none"}
	if opts.Package == "" {
		dir, err := filepath.Abs(*out)
		if err != nil {
			return err
		}
		opts.Package = filepath.Base(dir)
	}
	if *overlay == "none" {
		*overlay = ""
	}
	for _, file := range []struct {
		name string
		data *[]byte
	}{{*document, &opts.Document}, {*overlay, &opts.Overlay}, {*config, &opts.Config}, {*names, &opts.Names}} {
		if file.name == "" {
			continue
		}
		data, err := os.ReadFile(file.name)
		if err != nil {
			return err
		}
		*file.data = data
	}
	if *accept && *names == "" {
		return fmt.Errorf("-accept-names needs a name table: give one with -names")
	}

	g, err := spec.Generate(opts)
	if err != nil {
		return fmt.Errorf("%s: %w", *document, err)
	}
	changed, err := spec.WritePackage(*out, g.Files)
	if err != nil {
		return err
	}
	if g.Names != nil {
		if _, err := spec.WriteFile(*names, g.Names); err != nil {
			return err
		}
	}
	if *overlaid != "" {
		did, err := spec.WriteCompressed(*overlaid, g.Document)
		if err != nil {
			return err
		}
		changed = changed || did
	}
	report(std, g, *verbose)
	if changed {
		fmt.Fprintf(std.out, "wrote package %s for Misskey %s to %s\n", opts.Package, g.Version, *out)
	} else {
		fmt.Fprintf(std.out, "%s is up to date with Misskey %s\n", *out, g.Version)
	}
	return nil
}

// report lists what the user of the package should know.
func report(std stdio, g *spec.Generated, verbose bool) {
	const most = 20
	for i, note := range g.Notes {
		if i == most && !verbose {
			fmt.Fprintf(std.err, "… and %d more; -v lists them\n", len(g.Notes)-most)
			return
		}
		fmt.Fprintf(std.err, "note: %s: %s\n", note.Place, note.Text)
	}
}
