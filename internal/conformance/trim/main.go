// Command trim makes the recordings that are committed as test data from a
// folder of whole ones:
//
//	go run ./internal/conformance/trim FOLDER
//
// It reads every *.jsonl and *.jsonl.gz in FOLDER, all of one version of Misskey,
// and writes the recording of that version for the conformance test and, if FOLDER has a folder bench, the responses of the
// benchmarks.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/misskey-go/misskey/internal/conformance"
)

func main() {
	out := flag.String("o", "internal/conformance/testdata", "`folder` for the conformance test's data")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: go run ./internal/conformance/trim [flags] FOLDER\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
}

func run(folder, out string) error {
	exchanges, skipped, err := conformance.ReadFolder(folder)
	if err != nil {
		return err
	}
	for _, name := range skipped {
		fmt.Printf("%s holds no HTTP exchanges\n", name)
	}
	trimmed, err := conformance.Trim(exchanges)
	if err != nil {
		return err
	}
	path := filepath.Join(out, conformance.RecordingName(conformance.Version(trimmed)))
	if err := conformance.WriteFile(path, trimmed); err != nil {
		return err
	}
	if err := report(path, len(trimmed), len(exchanges), "exchanges"); err != nil {
		return err
	}
	for _, b := range []struct {
		from, to string
		items    int
	}{
		{"timeline-100.json", "timeline.json.gz", 30},
		{"emojis-2000.json", "emojis.json.gz", 600},
	} {
		if err := bench(filepath.Join(folder, "bench", b.from), filepath.Join(out, b.to), b.items); err != nil {
			return err
		}
	}
	return nil
}

// bench keeps the first items of the array, or of the arrays in the object, of
// a file of JSON.
func bench(path, target string, items int) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var whole any
	list := []json.RawMessage{}
	object := map[string][]json.RawMessage{}
	if json.Unmarshal(data, &list) == nil {
		whole = list[:min(items, len(list))]
	} else if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf("%s: want an array or an object of arrays: %w", path, err)
	} else {
		for name, list := range object {
			object[name] = list[:min(items, len(list))]
		}
		whole = object
	}
	short, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	if err := conformance.WriteCompressed(target, short); err != nil {
		return err
	}
	return report(target, len(short), len(data), "bytes")
}

func report(path string, kept, of int, what string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d of %d %s, %d bytes on disk\n", path, kept, of, what, info.Size())
	return nil
}
