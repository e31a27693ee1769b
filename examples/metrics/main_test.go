package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

func TestVariables(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener, alice, slog.New(slog.DiscardHandler)) }()
	var vars struct {
		Calls  misskey.CallStats  `json:"misskey_calls"`
		Stream stream.StreamStats `json:"misskey_stream"`
	}
	until := func(what string, is func() bool) {
		t.Helper()
		for range 300 {
			resp, err := http.Get("http://" + listener.Addr().String() + "/debug/vars")
			if err != nil {
				t.Fatal(err)
			}
			err = json.NewDecoder(resp.Body).Decode(&vars)
			resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if is() {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s: %+v", what, vars)
	}
	until("never subscribed", func() bool { return vars.Stream.Confirmed == 2 && vars.Stream.Connected == 1 })
	if _, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")}); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.NotesShow(ctx, gen.NotesShowRequest{NoteID: "0"}); err == nil {
		t.Fatal("no error")
	}
	events := vars.Stream.Events
	until("nothing is counted", func() bool {
		return vars.Calls.Calls >= 2 && vars.Calls.Failed == 1 && vars.Calls.Refused == 1 && vars.Stream.Events > events
	})
	srv.CutStreams()
	until("no interruption is counted", func() bool { return vars.Stream.Disconnects == 1 && vars.Stream.Connected == 1 })
	cancel()
	<-ended
}
