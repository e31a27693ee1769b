// Command mfmdiff compares package mfm with mfm.js, the parser of Misskey itself.
//
//	go run ./internal/mfmdiff                        the texts of this repository, and 200,000 random ones
//	go run ./internal/mfmdiff -corpus 'dir/*.jsonl'  and the texts of those files, with random changes
//	go run ./internal/mfmdiff -bench                 how many notes a second each of both parses
//	go run ./internal/mfmdiff -write                 writes what the test of this package compares with
//	go run ./internal/mfmdiff -emoji                 writes mfm/emoji.txt
//
// It installs mfm.js with npm, in a folder of its own, and exits with status 1 if
// there is a difference.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// version is that of mfm.js which package mfm follows.
const version = "0.26.0"

//go:embed parse.mjs
var parseScript []byte

//go:embed emoji.mjs
var emojiScript []byte

//go:embed bench.mjs
var benchScript []byte

const expectations = "internal/mfmdiff/testdata/expected.jsonl.gz"

type options struct {
	dir, corpus         string
	random              int
	seed                uint64
	write, emoji, bench bool
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "the `folder` to install mfm.js in; it is kept (default a temporary one)")
	flag.StringVar(&o.corpus, "corpus", "", "a `pattern` of files of JSON, the texts in which are compared, too")
	flag.IntVar(&o.random, "n", 200_000, "how many random texts to compare, and how many random changes of others")
	flag.Uint64Var(&o.seed, "seed", 1, "where the random texts start")
	flag.BoolVar(&o.write, "write", false, "write "+expectations)
	flag.BoolVar(&o.emoji, "emoji", false, "write mfm/emoji.txt")
	flag.BoolVar(&o.bench, "bench", false, "measure speed")
	flag.Parse()
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mfmdiff:", err)
		os.Exit(1)
	}
}

func run(o options, out io.Writer) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "mfmdiff")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	if err := install(o.dir); err != nil {
		return err
	}
	switch {
	case o.emoji:
		return writeEmoji(o.dir)
	case o.bench:
		return bench(o.dir, out)
	case o.write:
		return writeExpectations(o)
	}
	return compareAll(o, out)
}

// install installs mfm.js, unless it is there.
func install(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "mfm-js")); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		cmd := exec.Command("npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "mfm-js@"+version)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("npm install mfm-js: %w\n%s", err, out)
		}
	}
	for name, script := range map[string][]byte{"parse.mjs": parseScript, "emoji.mjs": emojiScript, "bench.mjs": benchScript} {
		if err := os.WriteFile(filepath.Join(dir, name), script, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compareAll compares the texts of the corpus, the edges, changes of both, and
// random texts.
func compareAll(o options, out io.Writer) error {
	corpus, err := corpusTexts(o.corpus)
	if err != nil {
		return err
	}
	own := slices.Concat(corpus, edges)
	random := rand.New(rand.NewPCG(o.seed, 0))
	differences := 0
	for _, part := range []struct {
		name string
		n    int
		text func(i int) string
	}{
		{"texts of the corpus", len(corpus), func(i int) string { return corpus[i] }},
		{"edges", len(edges), func(i int) string { return edges[i] }},
		{"changes of these", o.random, func(int) string { return mutate(random, own) }},
		{"random texts", o.random, func(int) string { return randomText(random) }},
	} {
		start := time.Now()
		texts := make([]string, part.n)
		for i := range texts {
			texts[i] = part.text(i)
		}
		found := 0
		err := reference(o.dir, texts, func(text string, want []byte) {
			got, err := ours(text)
			if err == nil && same(got, want) {
				return
			}
			if found++; found <= 20 {
				fmt.Fprintf(out, "%q\n  mfm.js %s\n  mfm    %s %v\n", text, want, got, err)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%d %s: %d differences (%v)\n", part.n, part.name, found, time.Since(start).Round(time.Second))
		differences += found
	}
	if differences > 0 {
		return fmt.Errorf("%d differences", differences)
	}
	return nil
}

// reference calls got for each text with what mfm.js makes of it.
func reference(dir string, texts []string, got func(text string, want []byte)) error {
	cmd := exec.Command("node", "parse.mjs")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		w := bufio.NewWriter(in)
		enc := json.NewEncoder(w)
		for _, text := range texts {
			if err := enc.Encode(text); err != nil {
				written <- err
				return
			}
		}
		written <- errors.Join(w.Flush(), in.Close())
	}()
	lines := bufio.NewReaderSize(out, 1<<20)
	for _, text := range texts {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return errors.Join(fmt.Errorf("mfm.js at %q: %w", text, err), in.Close(), cmd.Wait())
		}
		got(text, bytes.TrimSuffix(line, []byte("\n")))
	}
	return errors.Join(<-written, cmd.Wait())
}

// writeEmoji writes the emoji that mfm.js knows.
func writeEmoji(dir string) error {
	cmd := exec.Command("node", "emoji.mjs")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	list, err := cmd.Output()
	if err != nil {
		return err
	}
	return os.WriteFile("mfm/emoji.txt", list, 0o644)
}

// writeExpectations writes what mfm.js makes of the edges and of a part of the
// other texts.
func writeExpectations(o options) error {
	const changed, made = 1500, 1500
	corpus, err := corpusTexts("")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(o.seed, 0))
	texts := slices.Concat(edges, corpus)
	own := len(texts)
	for range changed {
		texts = append(texts, mutate(random, texts[:own]))
	}
	for range made {
		texts = append(texts, randomText(random))
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)

	var file bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&file, gzip.BestCompression) // which is a level
	enc := json.NewEncoder(zip)
	enc.SetEscapeHTML(false)
	err = reference(o.dir, texts, func(text string, want []byte) {
		// Neither the buffer of gzip nor that of bytes fails.
		_ = enc.Encode(expectation{text, want})
	})
	if err := errors.Join(err, zip.Close()); err != nil {
		return err
	}
	return os.WriteFile(expectations, file.Bytes(), 0o644)
}

// bench measures both parsers on the notes of a timeline.
func bench(dir string, out io.Writer) error {
	texts, err := fileTexts(timeline)
	if err != nil {
		return err
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	ns := benchOurs(texts)
	cmd := exec.Command("node", "bench.mjs")
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		return err
	}
	var theirs float64
	if _, err := fmt.Sscan(strings.TrimSpace(string(answer)), &theirs); err != nil {
		return fmt.Errorf("bench.mjs wrote %q: %w", answer, err)
	}
	fmt.Fprintf(out, "%d texts of a timeline, nanoseconds a text: mfm %.0f, mfm.js %.0f, ratio %.1f\n", len(texts), ns, theirs, theirs/ns)
	return nil
}
