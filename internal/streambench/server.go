package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// recording has the frames that are sent.
const recording = "stream/testdata/stream.jsonl.gz"

// A template is a recorded frame with a note, cut where its id belongs.
type template struct{ head, tail []byte }

// templates returns the recorded notes of timelines, as of the subscription 1.
func templates() (all []template, err error) {
	f, err := os.Open(recording)
	if err != nil {
		return nil, fmt.Errorf("%w (run it in the folder of the module)", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Dir   string
			Frame struct {
				Type string
				Body struct {
					Type string
					Body json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, err
		}
		note, ok := bytes.CutPrefix(line.Frame.Body.Body, []byte(`{"id":"`))
		if !ok || line.Dir != "in" || line.Frame.Type != "channel" || line.Frame.Body.Type != "note" {
			continue
		}
		_, rest, _ := bytes.Cut(note, []byte(`"`))
		all = append(all, template{
			[]byte(`{"type":"channel","body":{"id":"1","type":"note","body":{"id":"`), append(append([]byte(`"`), rest...), "}}"...),
		})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no notes", recording)
	}
	return all, nil
}

// serve is the server. It confirms subscriptions, and then sends as many notes as
// the parameter "notes" of the URL says.
func serve(ctx context.Context) error {
	notes, err := templates()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/ping" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"pong":%d}`, time.Now().UnixMilli())
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_ = converse(r.Context(), conn, notes)
	})}
	fmt.Println("http://" + l.Addr().String())
	go func() { <-ctx.Done(); _ = srv.Close() }()
	if err := srv.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// converse serves a connection. The channel says how many notes are wanted: that
// is the one place where every client can say it.
func converse(ctx context.Context, conn *websocket.Conn, notes []template) error {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var message struct {
			Type string
			Body struct {
				ID     string
				Params struct{ Notes int }
			}
		}
		if err := json.Unmarshal(data, &message); err != nil || message.Type != "connect" {
			continue
		}
		if message.Body.ID != "1" {
			return fmt.Errorf("the frames are made for subscription 1, not %q", message.Body.ID)
		}
		if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connected","body":{"id":"1"}}`)); err != nil {
			return err
		}
		var frame []byte
		for n := range message.Body.Params.Notes {
			note := notes[n%len(notes)]
			frame = append(frame[:0], note.head...)
			frame = strconv.AppendInt(append(frame, 'n'), int64(n), 10)
			frame = append(frame, note.tail...)
			if err := conn.Write(ctx, websocket.MessageText, frame); err != nil {
				return err
			}
		}
	}
}
