package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

// What a client reads in its environment.
var (
	taskURL      = os.Getenv("STREAMBENCH_URL")
	taskWhat     = os.Getenv("STREAMBENCH_TASK")
	taskCount, _ = strconv.Atoi(os.Getenv("STREAMBENCH_COUNT"))
)

var input = bufio.NewReader(os.Stdin)

// pause says something, without garbage, and waits.
func pause(line string) error {
	debug.FreeOSMemory()
	fmt.Println(line)
	_, err := input.ReadString('\n')
	return err
}

// A taker counts notes.
type taker struct {
	start time.Time
	count int
	bytes int // of texts, so that nothing can be left out
}

func (t *taker) take(n *gen.Note) {
	if t.count == 0 {
		t.start = time.Now()
	}
	t.count++
	if n.Text != nil {
		t.bytes += len(*n.Text)
	}
}

// done says how long it took, in seconds.
func (t *taker) done() error { return pause(fmt.Sprint(time.Since(t.start).Seconds())) }

// timeline is one that the server knows, with as many notes as wanted.
func timeline(notes int) stream.Channel {
	return stream.Custom{Name: "homeTimeline", Params: map[string]any{"notes": notes}}
}

// takeByStream is a client made with package stream.
func takeByStream(ctx context.Context) error {
	mk, err := misskey.New(taskURL, misskey.WithToken("token"))
	if err != nil {
		return err
	}
	if err := pause(""); err != nil {
		return err
	}
	switch taskWhat {
	case "notes":
		var t taker
		for event, err := range stream.New(mk, stream.Options{}, timeline(taskCount)).Events(ctx) {
			if err != nil {
				return err
			}
			switch event := event.(type) {
			case *stream.Note:
				if t.take(&event.Note); t.count == taskCount {
					return t.done()
				}
			case *stream.Disconnected:
				return event.Err
			}
		}
	case "connections":
		all := make([]*stream.Stream, taskCount)
		for i := range all {
			all[i] = stream.New(mk, stream.Options{})
			defer all[i].Close()
			if _, err := all[i].Subscribe(ctx, timeline(0)); err != nil {
				return err
			}
		}
		return pause("")
	case "captures":
		st := stream.New(mk, stream.Options{})
		defer st.Close()
		if _, err := st.Subscribe(ctx, timeline(0)); err != nil {
			return err
		}
		for n := range taskCount {
			st.Capture("note" + strconv.Itoa(n))
		}
		time.Sleep(time.Second) // until all is sent
		return pause("")
	}
	return fmt.Errorf("no such task: %q", taskWhat)
}

// takeByHand is a client as one would write it for this alone.
func takeByHand(ctx context.Context) error {
	connect := func(notes int) (*websocket.Conn, error) {
		conn, _, err := websocket.Dial(ctx, strings.Replace(taskURL, "http", "ws", 1)+"/streaming", nil)
		if err != nil {
			return nil, err
		}
		conn.SetReadLimit(16 << 20)
		body := fmt.Sprintf(`{"type":"connect","body":{"channel":"homeTimeline","id":"1","params":{"notes":%d}}}`, notes)
		return conn, conn.Write(ctx, websocket.MessageText, []byte(body))
	}
	if err := pause(""); err != nil {
		return err
	}
	switch taskWhat {
	case "notes":
		conn, err := connect(taskCount)
		if err != nil {
			return err
		}
		defer func() { _ = conn.CloseNow() }()
		var t taker
		for t.count < taskCount {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return err
			}
			var frame struct {
				Type string
				Body struct {
					ID, Type string
					Body     gen.Note
				}
			}
			if err := json.Unmarshal(data, &frame); err != nil {
				return err
			}
			if frame.Type == "channel" && frame.Body.Type == "note" {
				t.take(&frame.Body.Body)
			}
		}
		return t.done()
	case "connections":
		for range taskCount {
			conn, err := connect(0)
			if err != nil {
				return err
			}
			defer func() { _ = conn.CloseNow() }()
			if _, _, err := conn.Read(ctx); err != nil {
				return err
			}
			ctx := conn.CloseRead(ctx) // somebody has to read, for pings
			defer func() { <-ctx.Done() }()
			defer func() { _ = conn.CloseNow() }()
		}
		return pause("")
	}
	return fmt.Errorf("no such task: %q", taskWhat)
}
