package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// A plan is how much is measured.
type plan struct {
	turns int
	each  time.Duration
	heap  int // megabytes
}

// The contenders.
const (
	ours = iota
	theirs
	v8
	contenders
)

// A subject is JSON that is decoded: one document, or several one after the other.
type subject struct {
	name string
	typ  reflect.Type
	docs [][]byte
}

// A result is what was measured of a subject.
type result struct {
	name              string
	bytes             int // of a document, on average
	allocs, allocated int64
	turns             [][contenders]time.Duration // by the document
}

func (r *result) best(contender int) time.Duration {
	best := r.turns[0][contender]
	for _, turn := range r.turns {
		best = min(best, turn[contender])
	}
	return best.Round(10 * time.Nanosecond)
}

// ratio returns the median of the turns' ratios, the lowest and the highest.
func (r *result) ratio(a, b int) string {
	var all []float64
	for _, turn := range r.turns {
		all = append(all, float64(turn[a])/float64(turn[b]))
	}
	slices.Sort(all)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", all[len(all)/2], all[0], all[len(all)-1])
}

// subjects returns what is decoded.
func subjects() ([]subject, error) {
	timeline, err := unpack("internal/conformance/testdata/timeline.json.gz")
	if err != nil {
		return nil, fmt.Errorf("%w (run it in the folder of the module)", err)
	}
	emojis, err := unpack("internal/conformance/testdata/emojis.json.gz")
	if err != nil {
		return nil, err
	}
	frames, err := frames("stream/testdata/stream.jsonl.gz")
	if err != nil {
		return nil, err
	}
	return []subject{
		{"timeline", reflect.TypeFor[[]gen.Note](), [][]byte{timeline}},
		{"emojis", reflect.TypeFor[gen.EmojisResponse](), [][]byte{emojis}},
		{"frames", reflect.TypeFor[frame](), frames},
	}, nil
}

// A frame is what a timeline of the stream sends.
type frame struct {
	Type string `json:"type"`
	Body struct {
		ID   string   `json:"id"`
		Type string   `json:"type"`
		Body gen.Note `json:"body"`
	} `json:"body"`
}

func frames(path string) (all [][]byte, err error) {
	data, err := unpack(path)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(data) {
		var recorded struct {
			Dir   string
			Frame json.RawMessage
		}
		if err := json.Unmarshal(line, &recorded); err != nil {
			return nil, err
		}
		var f frame
		if json.Unmarshal(recorded.Frame, &f) == nil && recorded.Dir == "in" && f.Type == "channel" && f.Body.Type == "note" {
			all = append(all, recorded.Frame)
		}
	}
	return all, nil
}

func unpack(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// run measures all subjects.
func run(p plan) ([]*result, error) {
	all, err := subjects()
	if err != nil {
		return nil, err
	}
	node, err := startNode(all)
	if err != nil {
		return nil, err
	}
	defer node.stop()
	ballast := make([][]byte, p.heap)
	for i := range ballast {
		ballast[i] = make([]byte, 1<<20)
	}
	var results []*result
	for i, s := range all {
		r := &result{name: s.name}
		for _, doc := range s.docs {
			r.bytes += len(doc) / len(s.docs)
		}
		ctx := context.Background()
		decoders := [...]func(data []byte, out any) error{
			ours: func(data []byte, out any) error {
				_, err := decode.Unmarshal(ctx, data, out, decode.Options{Strict: true})
				return err
			},
			theirs: json.Unmarshal,
		}
		for range p.turns {
			var turn [contenders]time.Duration
			for n, unmarshal := range decoders {
				if turn[n], err = s.decode(p.each, unmarshal); err != nil {
					return nil, fmt.Errorf("%s: %w", s.name, err)
				}
			}
			if turn[v8], err = node.decode(i, p.each); err != nil {
				return nil, fmt.Errorf("node: %w", err)
			}
			r.turns = append(r.turns, turn)
		}
		r.allocs, r.allocated = s.memory(decoders[ours])
		results = append(results, r)
	}
	runtime.KeepAlive(ballast)
	return results, nil
}

// decode decodes for a while and returns how long a document took in the best
// batch.
func (s *subject) decode(each time.Duration, unmarshal func([]byte, any) error) (best time.Duration, err error) {
	for begin := time.Now(); time.Since(begin) < each; {
		took, err := s.batch(unmarshal)
		if err != nil {
			return 0, err
		}
		if best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// batchBytes is about how much is decoded between two looks at the clock, so that
// the garbage collector has its share of every batch.
const batchBytes = 8 << 20

func (s *subject) rounds() int {
	total := 0
	for _, doc := range s.docs {
		total += len(doc)
	}
	return max(1, batchBytes/total)
}

func (s *subject) batch(unmarshal func([]byte, any) error) (time.Duration, error) {
	rounds := s.rounds()
	start := time.Now()
	for range rounds {
		for _, doc := range s.docs {
			if err := unmarshal(doc, reflect.New(s.typ).Interface()); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(start) / time.Duration(rounds*len(s.docs)), nil
}

// memory returns the allocations for a document.
func (s *subject) memory(unmarshal func([]byte, any) error) (allocs, allocated int64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = s.batch(unmarshal)
	runtime.ReadMemStats(&after)
	n := int64(s.rounds() * len(s.docs))
	return int64(after.Mallocs-before.Mallocs) / n, int64(after.TotalAlloc-before.TotalAlloc) / n
}

//go:embed bench.mjs
var script []byte

// A node is a process that decodes with V8.
type node struct {
	cmd *exec.Cmd
	dir string
	in  io.WriteCloser
	out *bufio.Reader
}

func startNode(all []subject) (n *node, err error) {
	n = new(node)
	if n.dir, err = os.MkdirTemp("", "decodebench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(n.dir)
		}
	}()
	if err := os.WriteFile(filepath.Join(n.dir, "bench.mjs"), script, 0o600); err != nil {
		return nil, err
	}
	for i, s := range all {
		if err := os.WriteFile(filepath.Join(n.dir, strconv.Itoa(i)), bytes.Join(s.docs, []byte("\n")), 0o600); err != nil {
			return nil, err
		}
	}
	n.cmd = exec.Command("node", filepath.Join(n.dir, "bench.mjs"), n.dir, strconv.Itoa(len(all)), strconv.Itoa(batchBytes))
	n.cmd.Stderr = os.Stderr
	if n.in, err = n.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.out = bufio.NewReader(out)
	return n, n.cmd.Start()
}

func (n *node) decode(subject int, each time.Duration) (time.Duration, error) {
	if _, err := fmt.Fprintf(n.in, "%d %d\n", subject, each.Milliseconds()); err != nil {
		return 0, err
	}
	line, err := n.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(strings.TrimSpace(line) + "ms")
}

func (n *node) stop() {
	n.in.Close()
	_ = n.cmd.Wait()
	os.RemoveAll(n.dir)
}
