package main

import (
	"context"
	"fmt"
	"os"

	"github.com/misskey-go/misskey/internal/spec"
)

var importCommand = command{
	name:    "import",
	usage:   "[-o FILE] [-lenient] SRC",
	summary: "read Misskey's OpenAPI document and write api.yaml",
	details: `SRC is a file (JSON or YAML, gzipped or not), - for standard input, or a
Misskey instance: misskey.example, https://misskey.example or the full address
of its document; or git:REV or git:REV:PATH, a file at a revision of the git
repository around the working directory, api.yaml if no path is given. A file
that is there goes before an instance of that name. What is not understood stops
the import, unless -lenient is given, for the documents of forks. Where the new
document is less precise than the one that FILE held, that is listed.`,
	run: runImport,
}

func runImport(ctx context.Context, c command, args []string, std stdio) error {
	f := c.flags(std)
	out := f.String("o", "api.yaml", "write to `FILE`, or to standard output if it is -")
	lenient := f.Bool("lenient", false, "leave out what is not understood, and list it")
	if err := c.parse(f, args, 1); err != nil {
		return err
	}
	src, notes, err := spec.Fetch(ctx, f.Arg(0), std.in)
	if err != nil {
		return err
	}
	report(std, notes, true)
	var doc []byte
	if *lenient {
		doc, notes, err = spec.ImportLenient(src)
		report(std, notes, true)
	} else {
		doc, err = spec.Import(src)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name(f.Arg(0)), err)
	}
	if *out == "-" {
		_, err := std.out.Write(doc)
		return err
	}
	before, _ := os.ReadFile(*out) // for the report only
	changed, err := spec.WriteFile(*out, doc)
	if err != nil {
		return err
	}
	now, err := spec.Describe(doc)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "imported %s\n", now)
	switch was, err := spec.Describe(before); {
	case !changed:
		fmt.Fprintf(std.out, "%s is unchanged\n", *out)
	case err != nil: // there was no file, or no document in it
		fmt.Fprintf(std.out, "%s is written\n", *out)
	default:
		fmt.Fprintf(std.out, "%s is written; it held %s\n", *out, was)
		lost, err := spec.LostDetail(before, doc)
		if err != nil {
			return err
		}
		report(std, lost, true)
	}
	return nil
}

// name says where a document is from, for messages.
func name(src string) string {
	if src == "-" {
		return "standard input"
	}
	return src
}
