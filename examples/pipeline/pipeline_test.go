package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// TestMain is the program itself in the processes that the test starts.
func TestMain(m *testing.M) {
	switch os.Getenv("PIPELINE_TEST_PROCESS") {
	case "":
		os.Exit(m.Run())
	case "instance":
		if err := instance(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		main()
	}
}

// connect runs NATS in the process of the test.
func connect(t *testing.T) (*bus, string) {
	t.Helper()
	url, stop, err := embedded(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	b, err := openBus(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	return b, url
}

const notes = 2000

// Three processes share the work while the one that streams and one that does not
// are killed. Every note is handled, and has one result.
func TestNothingIsLostWhenProcessesAreKilled(t *testing.T) {
	b, natsURL := connect(t)
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if _, err := alice.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "accounts.json")
	data, err := json.Marshal([]Account{{Name: "alice", URL: srv.URL, Token: srv.Token("alice")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	processes := map[int]*exec.Cmd{}
	begin := func() {
		t.Helper()
		cmd := exec.Command(os.Args[0], "-accounts", file)
		cmd.Env = append(os.Environ(), "PIPELINE_TEST_PROCESS=pipeline", "NATS_URL="+natsURL)
		cmd.Stderr = t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes[cmd.Process.Pid] = cmd
	}
	kill := func(pid int) {
		t.Helper()
		cmd := processes[pid]
		delete(processes, pid)
		_ = cmd.Process.Kill() // SIGKILL
		_ = cmd.Wait()
	}
	defer func() {
		for pid := range processes {
			kill(pid)
		}
	}()
	// leader waits until a process other than one has the lease.
	leader := func(other int) int {
		t.Helper()
		for range 600 {
			if entry, err := b.leases.Get(t.Context(), "alice"); err == nil {
				name := string(entry.Value())
				pid, err := strconv.Atoi(name[strings.LastIndex(name, "-")+1:])
				if err == nil && pid != other {
					return pid
				}
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatal("nobody streams")
		return 0
	}
	results, err := b.js.Stream(t.Context(), "RESULTS")
	if err != nil {
		t.Fatal(err)
	}
	// handled waits until so many notes are handled.
	handled := func(n int, patience time.Duration) {
		t.Helper()
		for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			info, err := results.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if int(info.State.Msgs) >= n {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d of %d are handled after %v", info.State.Msgs, n, patience)
			}
		}
	}
	for range 3 {
		begin()
	}
	first := leader(0)
	for range 600 { // until it is subscribed, and has saved where it stands
		if _, err := b.cursors.Get(t.Context(), "alice"); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var posting sync.WaitGroup
	defer posting.Wait()
	for k := range 4 {
		posting.Go(func() {
			for i := range notes / 4 {
				if _, err := bob.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new(fmt.Sprintf("note %d of %d", i, k))}); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	handled(notes/5, time.Minute)
	start := time.Now()
	kill(first)
	begin()
	second := leader(first)
	took := time.Since(start)
	t.Logf("another process streams after %v", took)
	if took > 15*time.Second {
		t.Errorf("another process streams after %v", took)
	}
	for pid := range processes {
		if pid != second {
			kill(pid) // with what it is handling
			break
		}
	}
	posting.Wait()
	handled(notes, 2*time.Minute)
	time.Sleep(time.Second) // in which one that comes twice would come
	seen := map[string]int{}
	consumer, err := results.OrderedConsumer(t.Context(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	info, err := results.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	msgs, err := consumer.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer msgs.Stop()
	for range info.State.Msgs {
		msg, err := msgs.Next()
		if err != nil {
			t.Fatal(err)
		}
		var result struct{ Note string }
		if err := json.Unmarshal(msg.Data(), &result); err != nil {
			t.Fatal(err)
		}
		seen[result.Note]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("note %s has %d results", id, n)
		}
	}
	if len(seen) != notes {
		t.Errorf("%d notes have a result, want %d", len(seen), notes)
	}
}

// A note that comes by stream and by webhook, and twice by each, is one job.
func TestWebhooksAndStreamsShareTheirJobs(t *testing.T) {
	b, _ := connect(t)
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	probe, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		t.Fatal(err)
	}
	addr := probe.Addr().String()
	_ = probe.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.receive(ctx, addr, []Account{{Name: "alice", Secret: "sesame"}, {Name: "bob"}}) }()
	n := gen.Note{ID: "n1", Text: new("hello")}
	deliver := func(path, secret, event string, body any) (status int) {
		t.Helper()
		for range 100 { // until it listens
			if status, err = srv.Deliver(ctx, misskeytest.Delivery{URL: "http://" + addr + path, Secret: secret, Type: "mention", EventID: event, Body: body}); err == nil {
				return status
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatal(err)
		return 0
	}
	body := map[string]any{"note": n}
	if deliver("/alice", "sesame", "1", body) != 204 || deliver("/alice", "sesame", "1", body) != 204 || deliver("/alice", "sesame", "2", body) != 204 {
		t.Error("a delivery is refused")
	}
	if status := deliver("/alice", "wrong", "3", body); status != 403 {
		t.Errorf("status %d for a wrong secret", status)
	}
	if status := deliver("/bob", "", "4", body); status != 404 {
		t.Errorf("status %d for an account without webhooks", status)
	}
	deliver("/alice", "sesame", "5", nil) // the test button
	j, ok := jobOf("alice", &stream.Mention{Note: n})
	if !ok {
		t.Fatal("a mention is no job")
	}
	if err := b.publish(ctx, j); err != nil {
		t.Fatal(err)
	}
	info, err := b.events.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if info.State.Msgs != 1 {
		t.Errorf("%d jobs, want 1", info.State.Msgs)
	}
	cancel()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// Two processes together make as many calls as one.
func TestLimitIsShared(t *testing.T) {
	b, _ := connect(t)
	const interval, calls = 50 * time.Millisecond, 20
	start := time.Now()
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			l := &limiter{b.limits, "alice", interval}
			for range calls / 2 {
				if err := l.Wait(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	if took := time.Since(start); took < (calls-1)*interval {
		t.Errorf("%d calls within %v", calls, took)
	}
}
