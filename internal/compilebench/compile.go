package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A unit is one package to compile.
type unit struct {
	name  string // its import path
	files []string
}

// A cost is what a unit takes to compile.
type cost struct {
	lines int
	cpu   time.Duration
	peak  int64 // bytes; 0 where the system does not report it
}

// measure compiles u several times and returns the lowest figures.
func measure(u unit, dir string, runs int) (cost, error) {
	lines, err := countLines(u.files)
	if err != nil {
		return cost{}, err
	}
	config, err := importConfig(u.files, dir)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", u.name, err)
	}
	compiler, err := exec.Command("go", "tool", "-n", "compile").Output()
	if err != nil {
		return cost{}, fmt.Errorf("looking for the compiler: %w", explain(err))
	}
	// The flags of go build.
	args := append([]string{
		"-o", filepath.Join(dir, "out.a"), "-p", u.name, "-lang=go1.26", "-complete",
		"-c=" + strconv.Itoa(min(4, runtime.GOMAXPROCS(0))), "-nolocalimports", "-importcfg", config, "-pack",
	}, u.files...)
	best := cost{lines: lines}
	for run := range max(1, runs) {
		cmd := exec.Command(strings.TrimSpace(string(compiler)), args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return cost{}, fmt.Errorf("compiling %s: %w\n%s", u.name, err, head(out))
		}
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		peak := peakMemory(cmd.ProcessState)
		if run == 0 || cpu < best.cpu {
			best.cpu = cpu
		}
		if run == 0 || peak < best.peak {
			best.peak = peak
		}
	}
	return best, nil
}

// importConfig has the dependencies of files compiled and returns the name of a
// file that lists for the compiler where they are.
func importConfig(files []string, dir string) (string, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,DepOnly"}, files...)...)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("compiling the dependencies: %w", explain(err))
	}
	var config bytes.Buffer
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			ImportPath, Export string
			DepOnly            bool
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", fmt.Errorf("reading the response of go list: %w", err)
		}
		if p.DepOnly && p.Export != "" {
			fmt.Fprintf(&config, "packagefile %s=%s\n", p.ImportPath, p.Export)
		}
	}
	name := filepath.Join(dir, "importcfg")
	return name, os.WriteFile(name, config.Bytes(), 0o600)
}

func countLines(files []string) (int, error) {
	lines := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		lines += bytes.Count(data, []byte("\n"))
	}
	return lines, nil
}

// explain adds what a command said to its exit status.
func explain(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return err
}

// head returns the first lines of a compiler's complaints.
func head(out []byte) []byte {
	const most = 2000
	return out[:min(len(out), most)]
}
