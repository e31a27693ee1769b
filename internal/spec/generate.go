package spec

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"go/token"
	"slices"

	"go.yaml.in/yaml/v4"
)

//go:embed names.yaml
var builtinNames []byte

//go:embed raw.yaml
var builtinRaw []byte

//go:embed oapi-config.yaml
var builtinConfig []byte

// GenerateOptions say what to generate from.
type GenerateOptions struct {
	Document []byte // as Import writes it, or as an instance serves it
	Package  string // the name of the package; empty for that of the configuration

	// Overlay is applied after the built-in one. NoBuiltin leaves that out;
	// Builtin, unless it is nil, takes its place.
	Overlay   []byte
	NoBuiltin bool
	Builtin   []byte

	// Docs describes what the document has, as the files in docs do, and wins
	// over those. NoBuiltin leaves those out, too.
	Docs []byte

	// Strict stops at everything that is not understood, instead of leaving
	// it as free JSON or leaving it out, with a note.
	Strict bool

	// Names is the name table to check and bring up to date; without one the
	// built-in table gives the names and is not checked. AcceptNames lets
	// names vanish. NewNames makes a table of what the built-in one gives.
	Names       []byte
	AcceptNames bool
	NewNames    bool

	// Config is an oapi-codegen configuration; nil is the built-in one. Stock
	// leaves out our templates, and all but what oapi-codegen prints.
	Config []byte
	Stock  bool
}

// Generated is a package of Go.
type Generated struct {
	Files   map[string][]byte // by name
	Names   []byte            // the name table, brought up to date; nil without one
	Notes   []Note
	Version string // of Misskey, or of the fork

	// Software is what the document is of: Misskey, or what a fork calls itself.
	Software string

	// Document is what it was made from, as JSON: the document after the
	// overlays, and before it was shaped.
	Document []byte
}

// Generate makes Go of an OpenAPI document of Misskey or a fork of it.
func Generate(opts GenerateOptions) (*Generated, error) {
	shaped, err := prepare(opts)
	if err != nil {
		return nil, err
	}
	return shaped.generate(opts)
}

// generate prints the document.
func (shaped *prepared) generate(opts GenerateOptions) (*Generated, error) {
	code, err := printGo(shaped, opts)
	if err != nil {
		return nil, err
	}
	g := &Generated{Files: code, Notes: shaped.notes, Version: shaped.version, Software: line(shaped.software), Document: shaped.document}
	if opts.Stock {
		return g, nil
	}
	if err := addRest(g, shaped, opts); err != nil {
		return nil, err
	}
	if err := formatAll(g.Files); err != nil {
		return nil, err
	}
	identifiers, err := exported(g.Files)
	if err != nil {
		return nil, err
	}
	names := shaped.names
	if opts.NewNames {
		names = &nameTable{Types: names.Types, used: names.used}
	}
	if opts.Names != nil || opts.NewNames {
		next, err := names.check(identifiers, opts.AcceptNames || opts.NewNames)
		if err != nil {
			return nil, err
		}
		if g.Names, err = next.bytes(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// Overlaid returns a document as it is after the built-in overlay: what
// Misskey's servers really take and send.
func Overlaid(document []byte) (*yaml.Node, error) {
	in, err := importTree(document, true)
	if err != nil {
		return nil, err
	}
	_, err = in.overlaid(GenerateOptions{Strict: true})
	return in.doc, err
}

// overlaid applies the overlays to the document, and returns notes on those.
// Corrections that Misskey's own document does not need are in in.needless; a
// strict run has a note on each.
func (in *imported) overlaid(opts GenerateOptions) ([]Note, error) {
	dropSteering(in.doc, false)
	var notes []Note
	if !opts.NoBuiltin {
		builtin := builtinOverlay
		if opts.Builtin != nil {
			builtin = opts.Builtin
		}
		said := saidFacts(in.doc)
		unmatched, needless, err := applyOverlay(in.doc, builtin, opts.Strict)
		if err != nil {
			return nil, err
		}
		notes = append(notes, unmatched...)
		if isFork(in.doc) {
			markAssumed(in.doc, said)
		} else {
			in.needless = needless
		}
		if opts.Strict {
			notes = append(notes, needless...)
		}
	}
	if opts.Overlay != nil {
		_, needless, err := applyOverlay(in.doc, opts.Overlay, true)
		if err != nil {
			return nil, err
		}
		notes = append(notes, needless...)
	}
	if !opts.NoBuiltin { // which endpoints are Misskey's is part of what is known of it
		notes = append(notes, declareAnything(in.doc)...)
	}
	return notes, nil
}

// prepared is a document on its way to the printer.
type prepared struct {
	*shaped
	software string // what the document is of: Misskey or a fork
	version  string
	digest   string
	document []byte
	overlaid *yaml.Node // what document holds
	left     []Note     // what was left out of it
	needless []Note     // the corrections that it does not need
	docs     *Descriptions
	names    *nameTable
}

func prepare(opts GenerateOptions) (*prepared, error) {
	if opts.Package != "" && (!token.IsIdentifier(opts.Package) || opts.Package == "_") {
		return nil, fmt.Errorf("%q is not a name for a package", opts.Package)
	}
	in, err := importTree(opts.Document, opts.Strict)
	if err != nil {
		return nil, err
	}
	digest, err := in.digest()
	if err != nil {
		return nil, err
	}
	notes, err := in.overlaid(opts)
	if err != nil {
		return nil, err
	}
	table := opts.Names
	if table == nil {
		table = builtinNames
	}
	names, err := readNames(table)
	if err != nil {
		return nil, err
	}
	var raw rawPlaces
	if !opts.NoBuiltin { // the list is part of what is known of Misskey
		if raw, err = readRaw(builtinRaw); err != nil {
			return nil, err
		}
	}
	declared := clone(in.doc)
	nullTypes(declared)
	document, err := jsonBytes(declared)
	if err != nil {
		return nil, fmt.Errorf("writing the document as JSON: %w", err)
	}
	docs, err := docs(opts)
	if err != nil {
		return nil, err
	}
	shaped, err := shape(in.doc, shapeOptions{strict: opts.Strict, names: names, raw: raw, docs: docs})
	if err != nil {
		return nil, err
	}
	shaped.notes = slices.Concat(in.notes, notes, shaped.notes)
	return &prepared{
		shaped: shaped, docs: docs, names: names, document: document, overlaid: in.doc, left: in.notes, needless: in.needless,
		software: software(in.doc), version: text(get(in.doc, "info", "version")), digest: digest,
	}, nil
}

// yamlBytes returns doc as YAML.
func yamlBytes(doc *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	// The encoder takes tags off what it is given.
	if err := errors.Join(encoder.Encode(clone(doc)), encoder.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
