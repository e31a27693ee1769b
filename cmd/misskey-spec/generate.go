package main

import (
	"context"
	"fmt"

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
	gen := generationFlags(f)
	accept := f.Bool("accept-names", false, "let names vanish from the name table")
	if err := c.parse(f, args, 0); err != nil {
		return err
	}
	if *accept && gen.names == "" {
		return fmt.Errorf("-accept-names needs a name table: give one with -names")
	}
	g, err := gen.generate(*accept)
	if err != nil {
		return err
	}
	changed, err := spec.WritePackage(gen.out, g.Files)
	if err != nil {
		return err
	}
	if g.Names != nil {
		if _, err := spec.WriteFile(gen.names, g.Names); err != nil {
			return err
		}
	}
	if gen.overlaid != "" {
		did, err := spec.WriteCompressed(gen.overlaid, g.Document)
		if err != nil {
			return err
		}
		changed = changed || did
	}
	report(std, g.Notes, gen.verbose)
	if changed {
		fmt.Fprintf(std.out, "wrote package %s for %s %s to %s\n", gen.pkg, g.Software, g.Version, gen.out)
	} else {
		fmt.Fprintf(std.out, "%s is up to date with %s %s\n", gen.out, g.Software, g.Version)
	}
	return nil
}

// report lists what the user should know.
func report(std stdio, notes []spec.Note, verbose bool) {
	const most = 20
	for i, note := range notes {
		if i == most && !verbose {
			fmt.Fprintf(std.err, "… and %d more; -v lists them\n", len(notes)-most)
			return
		}
		fmt.Fprintf(std.err, "note: %s: %s\n", note.Place, note.Text)
	}
}
