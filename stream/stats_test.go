package stream_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

func TestStreamStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := misskeytest.NewServer(t, misskeytest.Options{InMemory: true})
		st := stream.New(srv.Client("alice"), stream.Options{}, stream.HomeTimeline{}, stream.Main{})
		defer st.Close()
		if s := st.Stats(); s.Connected != 0 || s.Subscriptions != 2 || s.Confirmed != 0 {
			t.Errorf("before: %+v", s)
		}
		for event, err := range st.Events(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			switch event.(type) {
			case *stream.Connected:
				st.Capture("n1", "n2")
				if s := st.Stats(); s.Connections != 1 || s.Connected != 1 || s.Confirmed != 2 || s.Captured != 2 || s.Events != 1 || s.Disconnects != 0 {
					t.Errorf("connected: %+v", s)
				}
				time.Sleep(3 * time.Second)
				srv.CutStreams()
			case *stream.Disconnected:
				if s := st.Stats(); s.Disconnects != 1 || s.LoopTime < 3*time.Second {
					t.Errorf("cut: %+v", s)
				}
			case *stream.Reconnected:
				if s := st.Stats(); s.Connected != 1 || s.Confirmed != 2 || s.Gaps != 1 { // of what no endpoint lists
					t.Errorf("again: %+v", s)
				}
				srv.Publish("alice", "main", "novelty", map[string]int{"n": 1})
			case *stream.Unknown:
				if s := st.Stats(); s.Unknown != 1 {
					t.Errorf("unknown: %+v", s)
				}
				return
			}
		}
	})
}
