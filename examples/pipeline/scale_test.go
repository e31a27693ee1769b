package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// TestManyStreams measures streams of many accounts in one process, each with two
// subscriptions and one note a second:
//
//	PIPELINE_STREAMS=1000 PIPELINE_SECONDS=30 go test -v -run ManyStreams .
//
// The instance is another process. Without these variables it is a short test that
// each stream gets each note.
func TestManyStreams(t *testing.T) {
	streams, seconds := number("PIPELINE_STREAMS", 20), number("PIPELINE_SECONDS", 3)
	server := exec.CommandContext(t.Context(), os.Args[0])
	server.Env = append(os.Environ(), "PIPELINE_TEST_PROCESS=instance", fmt.Sprintf("PIPELINE_STREAMS=%d", streams))
	server.Stderr = t.Output()
	begin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = begin.Close()
		_ = server.Wait()
	}()
	var at struct {
		URL    string
		Tokens []string
	}
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := memory()
	root, err := misskey.New(at.URL, misskey.WithHTTPClient(&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}))
	if err != nil {
		t.Fatal(err)
	}
	var got atomic.Int64
	var connected, running sync.WaitGroup
	connected.Add(streams)
	for _, token := range at.Tokens {
		running.Go(func() {
			once := sync.OnceFunc(connected.Done)
			for ev, err := range stream.New(root.As(token), stream.Options{}, stream.HomeTimeline{}, stream.Main{}).Events(ctx) {
				switch ev.(type) {
				case *stream.Connected:
					once()
				case *stream.Note:
					got.Add(1)
				}
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					once()
				}
			}
		})
	}
	connected.Wait()
	idle := memory()
	busy := cpu()
	start := time.Now()
	if _, err := begin.Write([]byte(strconv.Itoa(seconds) + "\n")); err != nil {
		t.Fatal(err)
	}
	want := int64(streams * seconds)
	for end := time.Now().Add(time.Duration(seconds)*time.Second + time.Minute); got.Load() < want && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	took, used := time.Since(start), cpu()-busy
	loaded := memory()
	cancel()
	running.Wait()
	if got.Load() != want {
		t.Errorf("%d notes came, want %d", got.Load(), want)
	}
	t.Logf("%d streams, %d notes in %v: CPU %v, that is %.1f %% of one core and %v a note; memory of the Go runtime %.1f MB before, "+
		"%.1f MB connected, %.1f MB with notes: %.1f kB a stream", streams, want, took.Round(time.Millisecond), used.Round(time.Millisecond),
		100*used.Seconds()/took.Seconds(), (used / time.Duration(want)).Round(time.Microsecond), mb(before), mb(idle), mb(loaded), float64(loaded-before)/1e3/float64(streams))
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// memory returns how many bytes the heap and the stacks of this process take, after
// what is not used has been given back.
func memory() uint64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func mb(n uint64) float64 { return float64(n) / 1e6 }

// instance is the process of the instance: all accounts follow one that posts a note a
// second, for as many seconds as a line of its input says.
func instance() error {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return err
	}
	defer srv.Close()
	poster := srv.Client("poster")
	var tokens []string
	for i := range number("PIPELINE_STREAMS", 1) {
		name := fmt.Sprintf("reader%d", i)
		if _, err := srv.Client(name).FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("poster")}); err != nil {
			return err
		}
		tokens = append(tokens, srv.Token(name))
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"URL": srv.URL, "Tokens": tokens}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		seconds, err := strconv.Atoi(in.Text())
		if err != nil {
			return err
		}
		tick := time.NewTicker(time.Second)
		for i := range seconds {
			<-tick.C
			if _, err := poster.NotesCreate(ctx, gen.NotesCreateRequest{Text: new(fmt.Sprintf("note %d, about as long as most notes are", i))}); err != nil {
				return err
			}
		}
		tick.Stop()
	}
	return in.Err()
}
