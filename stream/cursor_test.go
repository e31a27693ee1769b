package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// texts runs a loop over notes until it has the text last, or the stream is silent,
// and returns the texts. It ends in the body of the loop, so that the last one does
// not count as handled.
func texts(t *testing.T, mk *misskey.Client, opts stream.Options, last string, channels ...stream.Channel) (all []string, back *stream.Reconnected) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for event, err := range stream.New(mk, opts, channels...).Events(ctx) {
		if err != nil {
			t.Fatalf("%v after %q", err, all)
		}
		switch event := event.(type) {
		case *stream.Note:
			all = append(all, *event.Text)
			if *event.Text == last {
				return all, back
			}
		case *stream.Reconnected:
			back = event
		case *stream.NotSaved:
			t.Error(event.Err)
		}
	}
	return all, back
}

func TestCursorGoesOnWhereTheLoopLeftOff(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		opts := stream.Options{Cursor: stream.NewFileCursor(filepath.Join(t.TempDir(), "cursor"))}
		say := func(texts ...string) {
			for _, text := range texts {
				time.Sleep(10 * time.Millisecond)
				post(t, bob, gen.NotesCreateRequest{Text: &text})
			}
		}
		say("before")
		time.Sleep(time.Second)
		go func() { time.Sleep(time.Second); say("1", "2", "3", "4") }()
		if got, _ := texts(t, alice, opts, "3", stream.LocalTimeline{}); !slices.Equal(got, []string{"1", "2", "3"}) {
			t.Errorf("%q", got)
		}
		time.Sleep(time.Hour)
		say("5", "6")
		go func() { time.Sleep(time.Second); say("7", "8") }()
		got, back := texts(t, alice, opts, "8", stream.LocalTimeline{})
		if want := []string{"3", "4", "5", "6", "7", "8"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if back == nil || back.Filled != 4 || len(back.Missed) > 0 || time.Since(back.Since) < time.Hour {
			t.Errorf("%+v", back)
		}
		// A channel that is new begins now, one that is left out is forgotten.
		go func() { time.Sleep(time.Second); say("9") }()
		if got, _ := texts(t, alice, opts, "9", stream.GlobalTimeline{}); !slices.Equal(got, []string{"9"}) {
			t.Errorf("%q", got)
		}
	})
}

// A dying is a cursor of a program that is killed: nothing is saved from then on.
type dying struct {
	stream.Cursor
	mu    sync.Mutex
	dead  bool
	fails int // how many times saving fails
	saves int
	last  []byte
}

func (c *dying) Save(ctx context.Context, state []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return nil
	}
	if c.fails > 0 {
		c.fails--
		return errors.New("no space left on device")
	}
	c.saves++
	c.last = state
	return c.Cursor.Save(ctx, state)
}

func (c *dying) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
}

// Whenever the program is killed, nothing is lost, and what comes twice is not older
// than a batch.
func TestCursorSurvivesKills(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		memory := &stream.MemoryCursor{}
		var want []string
		posted := make(chan struct{})
		begin := make(chan struct{})
		go func() {
			defer close(posted)
			<-begin
			for n := range 300 {
				time.Sleep(time.Duration(n*7919%400) * time.Millisecond)
				want = append(want, post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint(n))}).ID)
			}
		}()
		got := map[string]int{}
		var order []string
		begun := false
		for run := range 40 {
			cursor := &dying{Cursor: memory}
			ctx, cancel := context.WithCancel(t.Context())
			life := time.Duration(run*104729%4000) * time.Millisecond
			go func() {
				time.Sleep(life)
				if run == 39 {
					<-posted
					time.Sleep(time.Minute)
				}
				cursor.kill()
				cancel()
			}()
			handled := map[string]time.Time{}
			for event, err := range stream.New(alice, stream.Options{Cursor: cursor}, stream.LocalTimeline{}).Events(ctx) {
				if err != nil {
					break
				}
				switch event := event.(type) {
				case *stream.Connected:
					if !begun {
						begun = true
						close(begin)
					}
				case *stream.Note:
					got[event.ID]++
					handled[event.ID] = time.Now()
					order = append(order, event.ID)
				case *stream.Reconnected:
					if len(event.Missed) > 0 {
						t.Errorf("run %d: %+v", run, event.Missed)
					}
				}
			}
			cancel()
			time.Sleep(time.Duration(run%5) * 300 * time.Millisecond)
		}
		twice := 0
		for _, id := range want {
			if got[id] == 0 {
				t.Errorf("%s is lost", id)
			}
			twice += got[id] - 1
		}
		if len(got) != len(want) {
			t.Errorf("%d different notes, want %d", len(got), len(want))
		}
		// Some 5 notes a second, and a second of them between two saves.
		if twice == 0 || twice > 40*12 {
			t.Errorf("%d came again after %d kills", twice, 40)
		}
		t.Logf("%d notes, 40 kills: %d came again", len(want), twice)
	})
}

func TestHeldEventsComeAgain(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		cursor := &stream.MemoryCursor{}
		run := func(handle func(st *stream.Stream, note *stream.Note) bool) (got []string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			st := stream.New(alice, stream.Options{Cursor: cursor}, stream.LocalTimeline{})
			for event, err := range st.Events(ctx) {
				if err != nil {
					break
				}
				if note, ok := event.(*stream.Note); ok {
					got = append(got, *note.Text)
					if !handle(st, note) {
						break
					}
				}
			}
			return got
		}
		go func() {
			time.Sleep(time.Second)
			for n := range 6 {
				post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint(n))})
				time.Sleep(time.Second)
			}
		}()
		if got := run(func(st *stream.Stream, note *stream.Note) bool {
			switch done := st.Hold(note); *note.Text {
			case "1", "4": // never done
			case "3":
				time.AfterFunc(time.Second, func() { done(); done() })
			default:
				done()
			}
			return true
		}); len(got) != 6 {
			t.Errorf("%q", got)
		}
		if got := run(func(*stream.Stream, *stream.Note) bool { return true }); !slices.Equal(got, []string{"1", "4"}) {
			t.Errorf("%q", got)
		}
		if got := run(func(*stream.Stream, *stream.Note) bool { return true }); len(got) > 0 {
			t.Errorf("%q", got)
		}
	})
}

// A cursor that is not for this stream ends it, and says what to do.
func TestUnusableCursors(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		end := func(mk *misskey.Client, cursor stream.Cursor) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for _, err := range stream.New(mk, stream.Options{Cursor: cursor}, stream.Main{}).Events(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}
		good := &stream.MemoryCursor{}
		if err := end(srv.Client("alice"), good); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		state, _ := good.Load(t.Context())
		saved := func(old, new string) stream.Cursor {
			c := &stream.MemoryCursor{}
			if !strings.Contains(string(state), old) {
				t.Fatalf("no %q in %s", old, state)
			}
			_ = c.Save(t.Context(), []byte(strings.Replace(string(state), old, new, 1)))
			return c
		}
		other := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		defer other.Close()
		for name, tt := range map[string]struct {
			mk     *misskey.Client
			cursor stream.Cursor
			want   string
		}{
			"account":  {srv.Client("bob"), good, "each account its own cursor"},
			"nobody":   {srv.Client(""), good, "the token of nobody"},
			"instance": {other.Client("alice"), saved(srv.URL, "https://misskey.example"), "https://misskey.example"},
			"later":    {srv.Client("alice"), saved(`"format":1`, `"format":2`), "has format 2"},
			"damaged":  {srv.Client("alice"), saved(`"channels":[`, `"channels":[[`), "damaged"},
			"absurd":   {srv.Client("alice"), saved(`"position":"`, `"position":"x`), "damaged"},
		} {
			if err := end(tt.mk, tt.cursor); !errors.Is(err, stream.ErrCursor) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %q", name, err, tt.want)
			}
		}
		if err := end(srv.Client("alice"), failing{}); err == nil || !strings.Contains(err.Error(), "loading the cursor: no such table") {
			t.Error(err)
		}
		if after, _ := good.Load(t.Context()); !bytes.Equal(after, state) {
			t.Error("a refused cursor was changed")
		}
	})
}

type failing struct{}

func (failing) Load(context.Context) ([]byte, error) { return nil, errors.New("no such table") }
func (failing) Save(context.Context, []byte) error   { return nil }

// A full disk is reported once, and does not end the stream.
func TestFullDisk(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		cursor := &dying{Cursor: &stream.MemoryCursor{}}
		r := read(t, stream.New(alice, stream.Options{Cursor: cursor}, stream.LocalTimeline{}))
		until[*stream.Connected](r)
		cursor.mu.Lock()
		cursor.fails = 5
		cursor.mu.Unlock()
		post(t, bob, gen.NotesCreateRequest{Text: new("1")})
		until[*stream.Note](r)
		if e := until[*stream.NotSaved](r); !strings.Contains(e.Err.Error(), "no space left") {
			t.Error(e.Err)
		}
		note := post(t, bob, gen.NotesCreateRequest{Text: new("2")})
		until[*stream.Note](r)
		time.Sleep(5 * time.Minute)
		r.silent()
		cursor.mu.Lock()
		defer cursor.mu.Unlock()
		if cursor.fails != 0 || !strings.Contains(string(cursor.last), note.ID) {
			t.Errorf("%d failures to come; saved: %s", cursor.fails, cursor.last)
		}
	})
}

// A cursor that is months old brings as much as Options.MaxFill, and reports that
// there is more; one of the future reports that, and begins now.
func TestCursorsOfOtherTimes(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		var posting sync.WaitGroup
		defer posting.Wait()
		cursor := &stream.MemoryCursor{}
		opts := stream.Options{Cursor: cursor, MaxFill: 50}
		posting.Go(func() { time.Sleep(time.Second); post(t, bob, gen.NotesCreateRequest{Text: new("first")}) })
		texts(t, alice, opts, "first", stream.LocalTimeline{})
		time.Sleep(90 * 24 * time.Hour)
		for n := range 80 {
			post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint(n))})
		}
		posting.Go(func() { time.Sleep(time.Second); post(t, bob, gen.NotesCreateRequest{Text: new("last")}) })
		got, back := texts(t, alice, opts, "last", stream.LocalTimeline{})
		if len(got) != 51 || got[0] != "first" || got[49] != "48" {
			t.Errorf("%d: %q", len(got), got)
		}
		if back == nil || len(back.Missed) != 1 || !back.Missed[0].Cut || !strings.Contains(back.Missed[0].Why, "more than the 50") {
			t.Errorf("%+v", back)
		}

		state, _ := cursor.Load(t.Context())
		year := time.Now().UTC().Format(`"position":"2006-`)
		if !bytes.Contains(state, []byte(year)) {
			t.Fatalf("no %s in %s", year, state)
		}
		_ = cursor.Save(t.Context(), bytes.ReplaceAll(state, []byte(year), []byte(`"position":"2999-`)))
		posting.Go(func() { time.Sleep(time.Second); post(t, bob, gen.NotesCreateRequest{Text: new("now")}) })
		got, back = texts(t, alice, opts, "now", stream.LocalTimeline{})
		if got[len(got)-1] != "now" || back == nil || len(back.Missed) != 1 || !strings.Contains(back.Missed[0].Why, "ahead of the clock") {
			t.Errorf("%q %+v", got, back)
		}
	})
}

// Of Main each endpoint has its own place, so that one that was fetched before the
// program ended does not hide what the other lists.
func TestCursorOfMain(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		cursor := &stream.MemoryCursor{}
		opts := stream.Options{Cursor: cursor}
		read := func(ends func(stream.Event) bool) (got []string) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for event, err := range stream.New(alice, opts, stream.Main{}).Events(ctx) {
				if err != nil {
					break
				}
				switch event := event.(type) {
				case *stream.Mention:
					got = append(got, "mention "+*event.Text)
				case *stream.Notification:
					got = append(got, "notification "+*event.Note.Text)
				}
				if ends(event) {
					break
				}
			}
			return got
		}
		read(func(stream.Event) bool { return false })
		for n := range 3 {
			time.Sleep(time.Minute)
			post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint("@alice ", n))})
		}
		first := read(func(event stream.Event) bool { // ends before the notifications
			m, ok := event.(*stream.Mention)
			return ok && strings.HasSuffix(*m.Text, "2")
		})
		if want := []string{"mention @alice 0", "mention @alice 1", "mention @alice 2"}; !slices.Equal(first, want) {
			t.Errorf("%q, want %q", first, want)
		}
		then := read(func(stream.Event) bool { return false })
		if want := []string{"mention @alice 2", "notification @alice 0", "notification @alice 1", "notification @alice 2"}; !slices.Equal(then, want) {
			t.Errorf("%q, want %q", then, want)
		}
		if again := read(func(stream.Event) bool { return false }); len(again) > 0 {
			t.Errorf("%q", again)
		}
	})
}

// What waits in the queue when the program ends is not lost, however much it is.
func TestCursorWithASlowLoop(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		alice, bob := srv.Client("alice"), srv.Client("bob")
		opts := stream.Options{Cursor: &stream.MemoryCursor{}, Queue: 20}
		stop, posted := make(chan struct{}), 0
		go func() {
			defer close(stop)
			time.Sleep(time.Second)
			for ; posted < 150; posted++ {
				post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint(posted))})
				time.Sleep(50 * time.Millisecond)
			}
		}()
		got := map[string]int{}
		for range 12 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			for event, err := range stream.New(alice, opts, stream.LocalTimeline{}).Events(ctx) {
				if err != nil {
					break
				}
				if note, ok := event.(*stream.Note); ok {
					got[*note.Text]++
					time.Sleep(500 * time.Millisecond)
				}
			}
			cancel()
		}
		<-stop
		twice := 0
		for n := range 150 {
			if got[fmt.Sprint(n)] == 0 {
				t.Errorf("%d is lost", n)
			}
			twice += got[fmt.Sprint(n)] - 1
		}
		if twice > 12 {
			t.Errorf("%d came again", twice)
		}
	})
}

func TestFileCursor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cursor")
	c := stream.NewFileCursor(path)
	if state, err := c.Load(t.Context()); state != nil || err != nil {
		t.Fatalf("%q, %v", state, err)
	}
	for _, state := range []string{"one", "two\nlines"} {
		if err := c.Save(t.Context(), []byte(state)); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Load(t.Context()); string(got) != state || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	other := stream.NewFileCursor(path)
	if _, err := other.Load(t.Context()); !errors.Is(err, stream.ErrCursorInUse) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	if err := other.Save(t.Context(), []byte("three")); !errors.Is(err, stream.ErrCursorInUse) {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := other.Load(t.Context()); string(got) != "two\nlines" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := errors.Join(other.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) != 2 {
		t.Errorf("%q", files)
	}

	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(data []byte) error {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err := c.Load(t.Context())
		return err
	}
	for n := range whole {
		if err := try(whole[:n]); !errors.Is(err, stream.ErrCursor) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1
		if err := try(flipped); !errors.Is(err, stream.ErrCursor) {
			t.Fatalf("with another byte %d: %v", n, err)
		}
	}
	if err := try(bytes.Replace(whole, []byte("cursor 1 "), []byte("cursor 2 "), 1)); !errors.Is(err, stream.ErrCursor) || !strings.Contains(err.Error(), "later version") {
		t.Error(err)
	}
	if _, err := stream.NewFileCursor(filepath.Join(path, "below", "a file")).Load(t.Context()); err == nil {
		t.Error("a cursor below a file loads")
	}
}

// The lock ends with the process, even if it is killed, and keeps others away until
// then.
func TestLockOfAKilledProcess(t *testing.T) {
	if path := os.Getenv("STREAM_TEST_LOCK"); path != "" {
		if _, err := stream.NewFileCursor(path).Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		fmt.Println("locked")
		select {}
	}
	path := filepath.Join(t.TempDir(), "cursor")
	cmd := exec.Command(os.Args[0], "-test.run=^TestLockOfAKilledProcess$")
	cmd.Env = append(os.Environ(), "STREAM_TEST_LOCK="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, len("locked"))
	if _, err := out.Read(line); err != nil || string(line) != "locked" {
		t.Fatalf("%q, %v", line, err)
	}
	c := stream.NewFileCursor(path)
	if _, err := c.Load(t.Context()); !errors.Is(err, stream.ErrCursorInUse) {
		t.Error(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if _, err := c.Load(t.Context()); err != nil {
		t.Error(err)
	}
	_ = c.Close()
}

// Channels of further connections go on where they were, too, and without an account.
func TestCursorOfManyChannels(t *testing.T) {
	bubble(t, func(t *testing.T, srv *misskeytest.Server) {
		nobody, bob := srv.Client(""), srv.Client("bob")
		var channels []stream.Channel
		for n := range 40 {
			channels = append(channels, stream.Hashtag{Query: [][]string{{fmt.Sprint("tag", n)}}})
		}
		opts := stream.Options{Cursor: &stream.MemoryCursor{}}
		run := func() (got []string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for event, err := range stream.New(nobody, opts, channels...).Events(ctx) {
				if err != nil {
					break
				}
				if note, ok := event.(*stream.Note); ok {
					got = append(got, *note.Text)
				}
			}
			slices.Sort(got)
			return got
		}
		if got := run(); len(got) > 0 {
			t.Errorf("%q", got)
		}
		for _, n := range []int{0, 31, 32, 39} {
			post(t, bob, gen.NotesCreateRequest{Text: new(fmt.Sprint("#tag", n))})
		}
		if got := run(); !slices.Equal(got, []string{"#tag0", "#tag31", "#tag32", "#tag39"}) {
			t.Errorf("%q", got)
		}
		if got := run(); len(got) > 0 {
			t.Errorf("%q", got)
		}
	})
}
