package misskeytest_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// The first server of a process reads the document; others share it.
func BenchmarkNewServer(b *testing.B) {
	for b.Loop() {
		srv, err := misskeytest.Start(b.Context(), "", misskeytest.Options{})
		if err != nil {
			b.Fatal(err)
		}
		srv.Close()
	}
}

// BenchmarkFirstServer measures a new process each time: what its first server
// takes to start.
func BenchmarkFirstServer(b *testing.B) {
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	n := 0
	for b.Loop() {
		out, err := exec.CommandContext(b.Context(), program, "-test.run=^TestFirstServer$", "-test.v").CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		_, rest, _ := strings.Cut(string(out), "first server: ")
		word, _, _ := strings.Cut(rest, "\n")
		d, err := time.ParseDuration(strings.TrimSpace(word))
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		took += d
		n++
	}
	b.ReportMetric(float64(took.Microseconds())/1000/float64(n), "ms/server")
}

func TestFirstServer(t *testing.T) {
	start := time.Now()
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	took := time.Since(start)
	if _, err := srv.Client("alice").NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")}); err != nil {
		t.Fatal(err)
	}
	t.Logf("first server: %v", took)
}

// A thousand accounts and ten thousand notes.
func BenchmarkTimeline(b *testing.B) {
	srv := misskeytest.NewServer(b, misskeytest.Options{})
	for i := range 1000 {
		srv.AddUser(misskeytest.User{Username: fmt.Sprintf("user%d", i)})
	}
	alice := srv.Client("alice")
	for i := range 10_000 {
		if _, err := srv.Client(fmt.Sprintf("user%d", i%1000)).NotesCreate(b.Context(), gen.NotesCreateRequest{Text: new("words")}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		notes, err := alice.NotesLocalTimeline(b.Context(), gen.NotesLocalTimelineRequest{Limit: new(100)})
		if err != nil || len(notes) != 100 {
			b.Fatalf("%d notes, %v", len(notes), err)
		}
	}
}

// A note that is posted while a thousand accounts read the stream.
func BenchmarkStream(b *testing.B) {
	for _, readers := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%dReaders", readers), func(b *testing.B) {
			srv := misskeytest.NewServer(b, misskeytest.Options{})
			for range readers {
				conn, _, err := handshake(b.Context(), srv, "")
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { conn.CloseNow() })
				err = conn.Write(b.Context(), websocket.MessageText, []byte(`{"type":"connect","body":{"channel":"globalTimeline","id":"g","pong":true}}`))
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := conn.Read(b.Context()); err != nil { // connected
					b.Fatal(err)
				}
				go func() {
					for {
						if _, _, err := conn.Read(b.Context()); err != nil {
							return
						}
					}
				}()
			}
			mk := srv.Client("alice")
			for b.Loop() {
				if _, err := mk.NotesCreate(b.Context(), gen.NotesCreateRequest{Text: new("words")}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
