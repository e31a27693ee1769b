package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A plan is how much chaos there is to be.
type plan struct {
	notes int // posted while the stream is read
	rate  int // of them a second
	cuts  int // of its connection, at random places
}

// A report is what came of it.
type report struct {
	took                    time.Duration
	down                    time.Duration // the longest time without a connection
	cuts, reconnects        int
	filled                  int    // notes that were fetched after a cut, of both timelines
	lost, twice, misordered int    // of both timelines together
	heap                    uint64 // most bytes in use
}

func (r report) String() string {
	return fmt.Sprintf("took %v: %d cuts, %d reconnects after at most %v, %d notes fetched after them; %d lost, %d twice, %d out of order; at most %d MiB of heap",
		r.took.Round(time.Millisecond), r.cuts, r.reconnects, r.down.Round(time.Millisecond), r.filled, r.lost, r.twice, r.misordered, r.heap>>20)
}

// ok reports whether every note came once and in order.
func (r report) ok() bool { return r.lost == 0 && r.twice == 0 && r.misordered == 0 }

// run posts notes to an instance inside the process, cuts the connections of a
// stream that reads two timelines of it, and compares.
func run(ctx context.Context, p plan) (report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return report{}, err
	}
	defer srv.Close()
	proxy, err := startProxy(srv.URL[len("http://"):])
	if err != nil {
		return report{}, err
	}
	defer proxy.close()
	mk, err := misskey.New(proxy.url(), misskey.WithToken(srv.Token("alice")), misskey.WithHTTPClient(&http.Client{Transport: misskey.NewTransport()}))
	if err != nil {
		return report{}, err
	}
	st := stream.New(mk, stream.Options{}, stream.HomeTimeline{}, stream.GlobalTimeline{})

	var r report
	start := time.Now()
	posted := make(chan []string, 1)
	failed := make(chan error, 1)
	begin := make(chan struct{})
	go func() {
		<-begin
		ids, err := post(ctx, srv.Client("alice"), p, proxy)
		if err != nil {
			failed <- err
			cancel()
			return
		}
		posted <- ids
	}()

	got := map[stream.Channel][]string{stream.HomeTimeline{}: nil, stream.GlobalTimeline{}: nil}
	var want []string
	var memory runtime.MemStats
	for event, err := range st.Events(ctx) {
		if err != nil {
			select {
			case err = <-failed:
			default:
			}
			return r, err
		}
		switch event := event.(type) {
		case *stream.Connected:
			close(begin)
		case *stream.Reconnected:
			r.reconnects++
			r.down = max(r.down, time.Since(event.Since))
			if len(event.Missed) > 0 {
				return r, fmt.Errorf("it says that something is missing: %+v", event.Missed)
			}
		case *stream.Note:
			channel := stream.From(event).Channel()
			got[channel] = append(got[channel], event.ID)
			if event.Filled {
				r.filled++
			}
			if len(got[channel])%1000 == 0 {
				runtime.ReadMemStats(&memory)
				r.heap = max(r.heap, memory.HeapInuse)
			}
		}
		if want == nil {
			select {
			case want = <-posted:
			default:
			}
		}
		if want != nil && len(got[stream.HomeTimeline{}]) >= len(want) && len(got[stream.GlobalTimeline{}]) >= len(want) {
			break
		}
	}
	r.took, r.cuts = time.Since(start), proxy.cuts()
	for _, ids := range got {
		r.compare(ids, want)
	}
	return r, nil
}

// compare counts what is wrong about a timeline.
func (r *report) compare(got, want []string) {
	seen := map[string]bool{}
	for i, id := range got {
		if seen[id] {
			r.twice++
		}
		seen[id] = true
		if i > 0 && id <= got[i-1] {
			r.misordered++
		}
	}
	for _, id := range want {
		if !seen[id] {
			r.lost++
		}
	}
}

// post posts the notes, and cuts the connections meanwhile.
func post(ctx context.Context, mk *misskey.Client, p plan, proxy *proxy) (ids []string, err error) {
	length := time.Duration(p.notes) * time.Second / time.Duration(p.rate)
	cutting := make(chan error, 1)
	go func() { cutting <- proxy.cutAll(ctx, p.cuts, length) }()
	ticker := time.NewTicker(time.Second / time.Duration(p.rate))
	defer ticker.Stop()
	for n := range p.notes {
		if n == p.notes-1 { // the last one comes when all is quiet
			if err := <-cutting; err != nil {
				return nil, err
			}
		}
		res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new(fmt.Sprint("note ", n))})
		if err != nil {
			return nil, fmt.Errorf("posting note %d: %w", n, err)
		}
		ids = append(ids, res.CreatedNote.ID)
		<-ticker.C
	}
	return ids, nil
}

// cutAll cuts the connection of the stream so often within a time, at random.
func (p *proxy) cutAll(ctx context.Context, cuts int, length time.Duration) error {
	for range cuts {
		select {
		case <-time.After(rand.N(2 * length / time.Duration(cuts+1))):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.cut(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A proxy stands between a client and a server, and cuts the connections of the
// stream wherever they are.
type proxy struct {
	listener net.Listener
	target   string
	streams  chan func() // what cuts each that there is
	ended    chan struct{}
	count    int
}

func startProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, target: target, streams: make(chan func(), 1000), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p, nil
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

func (p *proxy) cuts() int { return p.count }

func (p *proxy) close() {
	_ = p.listener.Close()
	<-p.ended
}

// serve passes a connection on, in pieces of random sizes, so that a cut may be
// in the middle of a frame.
func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	end := func() {
		_ = client.Close()
		_ = server.Close()
	}
	defer end()
	first := make([]byte, 16)
	n, err := io.ReadAtLeast(client, first, len("GET /streaming"))
	if err != nil {
		return
	}
	if _, err := server.Write(first[:n]); err != nil {
		return
	}
	if string(first[:len("GET /streaming")]) == "GET /streaming" {
		p.streams <- end
	}
	go func() {
		defer end()
		_, _ = io.Copy(server, client)
	}()
	buffer := make([]byte, 1024)
	for {
		n, err := server.Read(buffer[:1+rand.IntN(len(buffer))])
		if err != nil {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut cuts the connection of the stream, and waits for the next if there is none.
func (p *proxy) cut(ctx context.Context) error {
	select {
	case end := <-p.streams:
		// Somewhere: while it connects, while the gap is filled, or later.
		time.Sleep(rand.N([]time.Duration{2 * time.Millisecond, 200 * time.Millisecond, time.Second}[rand.IntN(3)]))
		end()
		p.count++
		return nil
	case <-time.After(time.Minute):
		return errors.New("the stream does not connect any more")
	case <-ctx.Done():
		return ctx.Err()
	}
}
