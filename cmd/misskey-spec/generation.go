package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/misskey-go/misskey/internal/spec"
)

// A generation is what generate makes and check compares, by their flags.
type generation struct {
	document, overlay, out, pkg, config, names, docs, overlaid string
	strict, verbose                                            bool
}

func generationFlags(f *flag.FlagSet) *generation {
	g := &generation{}
	f.StringVar(&g.document, "spec", "api.yaml", "the OpenAPI document, a `FILE`, compressed with gzip or not")
	f.StringVar(&g.overlay, "overlay", "", "a `FILE` with an OpenAPI Overlay to apply after the built-in one, or none to apply neither")
	f.StringVar(&g.out, "out", "gen", "the `DIR` of the package")
	f.StringVar(&g.pkg, "package", "", "the `NAME` of the package; by default that of the directory")
	f.StringVar(&g.config, "config", "", "an oapi-codegen configuration, a `FILE`, instead of the built-in one")
	f.StringVar(&g.names, "names", "", "a name table, a `FILE`, to check and keep up to date, instead of the built-in one; it is made if it is not there")
	f.StringVar(&g.docs, "docs", "", "a `FILE` that describes what the document has, as internal/spec/docs do, and wins over those")
	f.StringVar(&g.overlaid, "document", "", "a `FILE` for the document, after the overlay, as JSON compressed with gzip")
	f.BoolVar(&g.strict, "strict", false, "stop at what is not understood")
	f.BoolVar(&g.verbose, "v", false, "list everything that was noted")
	return g
}

// generate makes the package. Nothing is written.
func (g *generation) generate(acceptNames bool) (*spec.Generated, error) {
	if g.pkg == "" {
		dir, err := filepath.Abs(g.out)
		if err != nil {
			return nil, err
		}
		g.pkg = filepath.Base(dir)
	}
	overlays, err := g.overlays()
	if err != nil {
		return nil, err
	}
	opts := spec.GenerateOptions{
		Package: g.pkg, Strict: g.strict, AcceptNames: acceptNames, NoBuiltin: overlays.NoBuiltin, Overlay: overlays.Overlay,
	}
	for _, file := range []struct {
		name string
		data *[]byte
	}{{g.document, &opts.Document}, {g.config, &opts.Config}, {g.names, &opts.Names}, {g.docs, &opts.Docs}} {
		if file.name == "" {
			continue
		}
		data, err := spec.ReadFile(file.name)
		if file.data == &opts.Names && errors.Is(err, fs.ErrNotExist) {
			opts.NewNames = true
			continue
		}
		if err != nil {
			return nil, err
		}
		*file.data = data
	}
	made, err := spec.Generate(opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.document, err)
	}
	return made, nil
}

// overlays returns which overlays -overlay names.
func (g *generation) overlays() (spec.Overlays, error) {
	switch g.overlay {
	case "":
		return spec.Overlays{}, nil
	case "none":
		return spec.Overlays{NoBuiltin: true}, nil
	}
	data, err := os.ReadFile(g.overlay)
	return spec.Overlays{Overlay: data}, err
}
