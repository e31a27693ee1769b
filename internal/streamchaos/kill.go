package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A killPlan is how often a program that reads a stream with a cursor is killed.
type killPlan struct {
	notes int           // posted meanwhile
	rate  int           // of them a second, at most
	kills int           // with SIGKILL, at random moments
	life  time.Duration // of a process at most, from when it starts to write
}

// A killReport is what came of it.
type killReport struct {
	took         time.Duration
	notes, kills int
	lost         int // published by the server, and never written
	again        int // written again by the process after
	most         int // of them after one kill
	tooOld       int // of them that the process before had saved as handled
	twice        int // written twice by the same process
	misordered   int
}

func (r killReport) String() string {
	return fmt.Sprintf("took %v: %d notes on two timelines, %d kills; %d lost, %d again, at most %d after a kill, %d of them saved before, %d twice in one life, %d out of order",
		r.took.Round(time.Millisecond), r.notes, r.kills, r.lost, r.again, r.most, r.tooOld, r.twice, r.misordered)
}

func (r killReport) ok() bool {
	return r.lost == 0 && r.tooOld == 0 && r.twice == 0 && r.misordered == 0
}

// The environment of the process that is killed.
const (
	readerURL    = "STREAMCHAOS_READER_URL"
	readerToken  = "STREAMCHAOS_READER_TOKEN"
	readerCursor = "STREAMCHAOS_READER_CURSOR"
)

// maxBehind is how many notes the process may be behind: on a busy machine it may be
// killed before it has fetched what was posted since the last one.
const maxBehind = 1_000_000

// isReader reports whether this process is the one that is killed.
func isReader() bool { return os.Getenv(readerURL) != "" }

// readAndWrite reads two timelines, and writes what it has handled to w, a line
// each, until it is killed.
func readAndWrite(ctx context.Context, w io.Writer) error {
	mk, err := misskey.New(os.Getenv(readerURL), misskey.WithToken(os.Getenv(readerToken)))
	if err != nil {
		return err
	}
	cursor := &writingCursor{Cursor: stream.NewFileCursor(os.Getenv(readerCursor)), w: w}
	st := stream.New(mk, stream.Options{Cursor: cursor, Pause: 50 * time.Millisecond, MaxFill: maxBehind}, stream.HomeTimeline{}, stream.GlobalTimeline{})
	for event, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
		switch event := event.(type) {
		case *stream.Connected:
			cursor.line("connected")
		case *stream.Note:
			cursor.line("note %s %s", endpoints[stream.From(event).Channel()], event.ID)
		case *stream.Reconnected:
			if len(event.Missed) > 0 {
				cursor.line("error it says that something is missing: %+v", event.Missed)
			}
		case *stream.NotSaved:
			cursor.line("error %v", event.Err)
		}
	}
	return nil
}

var endpoints = map[stream.Channel]string{stream.HomeTimeline{}: "notes/timeline", stream.GlobalTimeline{}: "notes/global-timeline"}

// A writingCursor writes what it has saved as the last that was handled.
type writingCursor struct {
	stream.Cursor
	mu sync.Mutex
	w  io.Writer
}

func (c *writingCursor) line(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(c.w, format+"\n", args...)
}

func (c *writingCursor) Save(ctx context.Context, state []byte) error {
	if err := c.Cursor.Save(ctx, state); err != nil {
		return err
	}
	var saved struct {
		Channels []struct {
			Sources []struct {
				Endpoint string
				Handled  []struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(state, &saved); err != nil {
		return err
	}
	for _, channel := range saved.Channels {
		for _, from := range channel.Sources {
			if n := len(from.Handled); n > 0 {
				c.line("saved %s %s", from.Endpoint, from.Handled[n-1].ID)
			}
		}
	}
	return nil
}

// A life is what one process has written of a timeline.
type life struct {
	ids   []string
	saved string // the last that was handled when something was last saved
}

// runKills posts notes to an instance in this process, kills one that reads them
// again and again, and compares what the instance has with what was written. When
// stop ends it posts and kills no more, and reports what it has done until then.
func runKills(stop context.Context, p killPlan) (r killReport, err error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(stop))
	defer cancel()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
	if err != nil {
		return r, err
	}
	defer srv.Close()
	dir, err := os.MkdirTemp("", "streamchaos")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	mk, err := misskey.New(srv.URL, misskey.WithToken(srv.Token("alice")), misskey.WithHTTPClient(&http.Client{Transport: misskey.NewTransport()}))
	if err != nil {
		return r, err
	}
	environment := append(os.Environ(), readerURL+"="+srv.URL, readerToken+"="+srv.Token("alice"), readerCursor+"="+filepath.Join(dir, "cursor"))

	start := time.Now()
	begin, posted, posting := make(chan struct{}), make(chan []string, 1), make(chan error, 1)
	go func() {
		<-begin
		ids, err := postAll(stop, mk, p)
		posting <- err
		posted <- ids
	}()
	lives := map[string][]life{}
	var want []string
	begun := false
	arrived := map[string]bool{} // where the last note has been written
	complete := func() bool { return want != nil && r.kills >= p.kills && len(arrived) == len(endpoints) }
	for more := 5; !complete(); {
		if stop.Err() != nil {
			p.kills = min(p.kills, r.kills)
			if more--; more < 0 {
				return r, errors.New("the last note does not arrive")
			}
		}
		after := rand.N(p.life)
		if want != nil && r.kills >= p.kills {
			after = time.Minute // the last one may finish
		}
		done := func(now map[string]*life) bool {
			if !begun {
				begun = true
				close(begin)
			}
			if want == nil {
				select {
				case want = <-posted:
				default:
				}
			}
			for name, one := range now {
				if want != nil && len(one.ids) > 0 && one.ids[len(one.ids)-1] == want[len(want)-1] {
					arrived[name] = true
				}
			}
			return complete()
		}
		written, err := live(ctx, environment, after, done)
		if err != nil {
			return r, err
		}
		r.kills++
		for _, name := range endpoints {
			one := life{}
			if written[name] != nil {
				one = *written[name]
			}
			lives[name] = append(lives[name], one)
		}
		done(written)
		select {
		case err := <-posting:
			if err != nil {
				return r, err
			}
		default:
		}
	}
	r.took, r.notes = time.Since(start), len(want)
	for _, all := range lives {
		r.compare(all, want)
	}
	return r, nil
}

// live starts a process, kills it some time after its first line, or when done
// returns true, and returns what it has written of each timeline.
func live(ctx context.Context, environment []string, after time.Duration, done func(map[string]*life) bool) (map[string]*life, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env, cmd.Stderr = environment, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // it may not get that far
	defer timer.Stop()
	written := map[string]*life{}
	lines := bufio.NewScanner(out)
	first := true
	for lines.Scan() {
		line := strings.Fields(lines.Text())
		if first { // also while it fetches, saves or connects
			first = false
			timer.Reset(after)
		}
		switch {
		case line[0] == "error":
			err = errors.New(lines.Text())
			_ = cmd.Process.Kill()
		case line[0] == "connected":
			done(written)
		case len(line) == 3:
			one := written[line[1]]
			if one == nil {
				one = &life{}
				written[line[1]] = one
			}
			if line[0] == "saved" {
				one.saved = line[2]
			} else {
				one.ids = append(one.ids, line[2])
			}
			if done(written) {
				_ = cmd.Process.Kill()
			}
		}
	}
	_ = cmd.Wait() // it was killed
	return written, err
}

// compare counts what is wrong about what the processes have written of a timeline.
func (r *killReport) compare(lives []life, want []string) {
	place := map[string]int{}
	for i, id := range want {
		place[id] = i
	}
	seen := map[string]bool{}
	saved := -1 // up to where it was known to be saved before this life
	for _, one := range lives {
		again, last := 0, -1
		now := map[string]bool{}
		for _, id := range one.ids {
			at := place[id]
			switch {
			case now[id]:
				r.twice++
			case seen[id]:
				again++
				if at <= saved {
					r.tooOld++
				}
			}
			if at < last {
				r.misordered++
			}
			now[id], last = true, at
		}
		for id := range now {
			seen[id] = true
		}
		if one.saved != "" {
			saved = max(saved, place[one.saved])
		}
		r.again += again
		r.most = max(r.most, again)
	}
	for _, id := range want {
		if !seen[id] {
			r.lost++
		}
	}
}

// postAll posts the notes.
func postAll(stop context.Context, mk *misskey.Client, p killPlan) (ids []string, err error) {
	ticker := time.NewTicker(time.Second / time.Duration(p.rate))
	defer ticker.Stop()
	for n := range p.notes {
		res, err := mk.NotesCreate(context.WithoutCancel(stop), gen.NotesCreateRequest{Text: new(fmt.Sprint("note ", n))})
		if err != nil {
			return nil, fmt.Errorf("posting note %d: %w", n, err)
		}
		ids = append(ids, res.CreatedNote.ID)
		select {
		case <-ticker.C:
		case <-stop.Done():
			return ids, nil
		}
	}
	return ids, nil
}
