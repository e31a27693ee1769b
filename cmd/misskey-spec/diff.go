package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/internal/spec"
)

var diffCommand = command{
	name:    "diff",
	usage:   "[arguments] OLD NEW",
	summary: "report what differs between two documents, for servers and for Go code",
	details: `OLD and NEW are what import takes as SRC. A difference is reported once, at the type
that it belongs to, as it is after the overlay. The exit status is 1 if there is
what -fail-on names, and 2 where the documents could not be compared.`,
	run:   runDiff,
	finds: true,
}

// failures are what -fail-on takes.
var failures = map[string]func(*spec.Diff) bool{
	"none":        func(*spec.Diff) bool { return false },
	"any":         func(d *spec.Diff) bool { return len(d.Changes) > 0 },
	"breaking":    func(d *spec.Diff) bool { return d.Wire() == spec.Breaking || d.Go() == spec.Breaking },
	"go-breaking": func(d *spec.Diff) bool { return d.Go() == spec.Breaking },
}

func runDiff(ctx context.Context, c command, args []string, std stdio) error {
	f := c.flags(std)
	var (
		format     = f.String("format", "text", "the `FORM` to write: "+strings.Join(spec.Formats, ", ")+" (a draft)")
		failOn     = f.String("fail-on", "none", "end with exit status 1 on `WHAT`: none, any, breaking (for deployed programs or for Go code), go-breaking")
		overlay    = f.String("overlay", "", "a `FILE` with an OpenAPI Overlay to apply to both after the built-in one, or none to apply neither")
		oldOverlay = f.String("old-overlay", "", "a `FILE` or git:REV:PATH to use for OLD instead of the built-in overlay")
	)
	if err := c.parse(f, args, 2); err != nil {
		return err
	}
	fails, ok := failures[*failOn]
	if !ok {
		return fmt.Errorf("-fail-on %s: expected none, any, breaking or go-breaking", *failOn)
	}
	if !slices.Contains(spec.Formats, *format) {
		return fmt.Errorf("-format %s: expected %s", *format, strings.Join(spec.Formats, ", "))
	}
	gen := &generation{overlay: *overlay}
	overlays, err := gen.overlays()
	if err != nil {
		return err
	}
	var sources [2]spec.DiffSource
	for i := range sources {
		data, notes, err := spec.Fetch(ctx, f.Arg(i), std.in)
		if err != nil {
			return err
		}
		report(std, notes, true)
		sources[i] = spec.DiffSource{Name: name(f.Arg(i)), Document: data, Overlays: overlays}
	}
	if *oldOverlay != "" {
		if sources[0].Builtin, _, err = spec.Fetch(ctx, *oldOverlay, std.in); err != nil {
			return err
		}
	}
	d, err := spec.Compare(sources[0], sources[1])
	if err != nil {
		return err
	}
	report(std, d.Notes, true)
	out, err := d.Format(*format)
	if err != nil {
		return err
	}
	if _, err := std.out.Write(out); err != nil {
		return err
	}
	if fails(d) {
		return errFound
	}
	return nil
}
