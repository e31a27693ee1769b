package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A plan is how much is measured.
type plan struct {
	notes, connections, captures, runs int
	js                                 bool
}

// A result is what was measured of a client.
type result struct {
	name                 string
	rate, bytesPerSecond float64
	cpu                  time.Duration // by the note
	perConnection        float64       // bytes
	perCapture           float64       // bytes; 0 where the client has no captures
}

// A contestant is a program that takes notes. It reads in its environment where
// from and what to measure, see client.go.
type contestant struct {
	name     string
	command  func(ctx context.Context) *exec.Cmd
	captures bool
}

// What a process of this program is, instead of the one that measures.
const roleVariable = "STREAMBENCH_ROLE"

var roles = map[string]func(context.Context) error{"server": serve, "stream": takeByStream, "hand": takeByHand}

//go:embed misskey.mjs
var script []byte

// run measures all contestants.
func run(ctx context.Context, p plan) ([]result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	role := func(name string) func(context.Context) *exec.Cmd {
		return func(ctx context.Context) *exec.Cmd {
			cmd := exec.CommandContext(ctx, self)
			cmd.Env = append(os.Environ(), roleVariable+"="+name)
			return cmd
		}
	}
	contestants := []contestant{{"package stream", role("stream"), true}, {"by hand", role("hand"), false}}
	if p.js {
		dir, err := os.MkdirTemp("", "streambench-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		node, err := installMisskeyJS(ctx, dir)
		if err != nil {
			return nil, err
		}
		contestants = append(contestants, contestant{"misskey-js " + misskeyJS, node, false})
	}

	server, err := launch(role("server")(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { cancel(); _ = server.cmd.Wait() }()
	url, err := server.line()
	if err != nil {
		return nil, fmt.Errorf("the server: %w", err)
	}
	notes, err := templates()
	if err != nil {
		return nil, err
	}
	length := 0.0 // of a frame, on average
	for _, note := range notes {
		length += float64(len(note.head)+len("n123456")+len(note.tail)) / float64(len(notes))
	}
	results := make([]result, len(contestants))
	for range p.runs {
		for i, c := range contestants { // in turns, should the machine be busy for a while
			if err := results[i].measure(ctx, c, url, p); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			results[i].bytesPerSecond = results[i].rate * length
		}
	}
	return results, nil
}

// measure measures a contestant, and keeps what is better than before.
func (r *result) measure(ctx context.Context, c contestant, url string, p plan) error {
	r.name = c.name
	took, _, client, err := task(c.command(ctx), url, "notes", p.notes)
	if err != nil {
		return err
	}
	r.rate = max(r.rate, float64(p.notes)/took)
	cpu := (client.ProcessState.UserTime() + client.ProcessState.SystemTime()) / time.Duration(p.notes)
	if r.cpu == 0 || cpu < r.cpu {
		r.cpu = cpu.Round(10 * time.Nanosecond)
	}
	for _, m := range []struct {
		what  string
		count int
		best  *float64
		can   bool
	}{{"connections", p.connections, &r.perConnection, true}, {"captures", p.captures, &r.perCapture, c.captures}} {
		if !m.can {
			continue
		}
		_, memory, _, err := task(c.command(ctx), url, m.what, m.count)
		if err != nil {
			return err
		}
		if each := float64(memory) / float64(m.count); *m.best == 0 || each < *m.best {
			*m.best = each
		}
	}
	return nil
}

// task lets a client do something. It says when it has begun and when it is done,
// and waits each time, so that its memory can be looked at. took is in seconds, of
// the notes.
func task(cmd *exec.Cmd, url, what string, count int) (took float64, memory int64, client *exec.Cmd, err error) {
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "STREAMBENCH_URL="+url, "STREAMBENCH_TASK="+what, "STREAMBENCH_COUNT="+strconv.Itoa(count))
	p, err := launch(cmd)
	if err != nil {
		return 0, 0, nil, err
	}
	var sizes [2]int64
	for i := range sizes {
		line, err := p.line()
		if err == nil && i == 1 && what == "notes" {
			_, err = fmt.Sscan(line, &took)
		}
		if err == nil {
			sizes[i], err = resident(cmd.Process.Pid)
		}
		if err == nil {
			_, err = io.WriteString(p.in, "\n")
		}
		if err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return 0, 0, nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	return took, sizes[1] - sizes[0], cmd, cmd.Wait()
}

// A process is one that talks by lines.
type process struct {
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Reader
}

func launch(cmd *exec.Cmd) (*process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = time.Second
	return &process{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (p *process) line() (string, error) {
	s, err := p.out.ReadString('\n')
	return strings.TrimSpace(s), err
}

// resident is how much of a process is in RAM; 0 where the system has no /proc.
func resident(pid int) (int64, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	_, rest, ok := strings.Cut(string(data), "VmRSS:")
	if err != nil || !ok {
		return 0, err
	}
	var kB int64
	_, err = fmt.Sscan(rest, &kB)
	return kB * 1024, err
}

// What is fetched from npm.
const (
	misskeyJS = "2026.5.1"
	ws        = "8.23.0" // the WebSocket of most programs in Node.js
)

// installMisskeyJS puts misskey-js and a program that uses it into a folder.
func installMisskeyJS(ctx context.Context, dir string) (func(context.Context) *exec.Cmd, error) {
	npm := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--silent",
		"misskey-js@"+misskeyJS, "ws@"+ws)
	npm.Stderr = os.Stderr
	if err := npm.Run(); err != nil {
		return nil, fmt.Errorf("fetching misskey-js: %w", err)
	}
	file := filepath.Join(dir, "misskey.mjs")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return nil, err
	}
	return func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "node", "--expose-gc", file) }, nil
}
