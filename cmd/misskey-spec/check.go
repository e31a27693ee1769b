package main

import (
	"context"
	"fmt"

	"github.com/misskey-go/misskey/internal/spec"
)

var checkCommand = command{
	name:    "check",
	usage:   "[arguments]",
	summary: "report whether the package matches api.yaml, and api.yaml matches an instance",
	details: `It generates the package, with the flags that were given to generate, and
compares; nothing is written. With -against it also reports what differs between
the document and that of an instance. The exit status is 0 if all is the same,
1 if not, and 2 where that could not be found out.`,
	run:   runCheck,
	finds: true,
}

func runCheck(ctx context.Context, c command, args []string, std stdio) error {
	f := c.flags(std)
	gen := generationFlags(f)
	against := f.String("against", "", "also compare the document with that of an `INSTANCE`, or of another source that import takes")
	if err := c.parse(f, args, 0); err != nil {
		return err
	}
	g, err := gen.generate(false)
	if err != nil {
		return err
	}
	drift, err := gen.drift(g)
	if err != nil {
		return err
	}
	report(std, g.Notes, gen.verbose)
	for _, d := range drift {
		fmt.Fprintln(std.out, d)
	}
	if len(drift) > 0 {
		fmt.Fprintf(std.out, "%s is not what %s gives; run generate\n", gen.out, gen.document)
	} else {
		fmt.Fprintf(std.out, "%s is up to date with %s %s\n", gen.out, g.Software, g.Version)
	}
	same := true
	if *against != "" {
		if same, err = compareWith(ctx, gen, *against, std); err != nil {
			return err
		}
	}
	if len(drift) > 0 || !same {
		return errFound
	}
	return nil
}

// drift lists what of the generated files is not as it should be.
func (g *generation) drift(made *spec.Generated) ([]string, error) {
	drift, err := spec.PackageDrift(g.out, made.Files)
	if err != nil {
		return nil, err
	}
	for _, file := range []struct {
		name string
		data []byte
	}{{g.names, made.Names}, {g.overlaid, made.Document}} {
		if file.name == "" {
			continue
		}
		d, err := spec.FileDrift(file.name, file.data)
		if err != nil {
			return nil, err
		}
		drift = append(drift, d...)
	}
	return drift, nil
}

// compareWith reports what differs between the document and another one, and
// reports whether they are the same.
func compareWith(ctx context.Context, gen *generation, against string, std stdio) (bool, error) {
	overlays, err := gen.overlays()
	if err != nil {
		return false, err
	}
	document, err := spec.ReadFile(gen.document)
	if err != nil {
		return false, err
	}
	served, notes, err := spec.Fetch(ctx, against, std.in)
	if err != nil {
		return false, err
	}
	report(std, notes, true)
	old := spec.DiffSource{Name: gen.document, Document: document, Overlays: overlays}
	d, err := spec.Compare(old, spec.DiffSource{Name: name(against), Document: served, Overlays: overlays})
	if err != nil {
		return false, err
	}
	report(std, d.Notes, true)
	verdict := "is what"
	switch {
	case len(d.Changes) > 0:
		verdict = "is not what"
		out, err := d.Format("text")
		if err != nil {
			return false, err
		}
		if _, err := std.out.Write(out); err != nil {
			return false, err
		}
	case d.Old.Digest != d.New.Digest:
		verdict = "differs in nothing that matters from what"
	}
	fmt.Fprintf(std.out, "%s, of Misskey %s, %s %s serves, Misskey %s\n", gen.document, d.Old.Version, verdict, name(against), d.New.Version)
	return len(d.Changes) == 0, nil
}
