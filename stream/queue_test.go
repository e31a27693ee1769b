package stream_test

import (
	"testing"
	"time"

	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A program that takes nothing for hours, while the connection comes and goes,
// costs a bounded number of events.
func TestStuckProgram(t *testing.T) {
	for _, taken := range []bool{true, false} {
		bubble(t, func(t *testing.T, srv *misskeytest.Server) {
			st := stream.New(srv.Client("alice"), stream.Options{Pause: -1, Ping: -1, Queue: -1}, stream.HomeTimeline{})
			defer st.Close()
			var r *reader
			if taken {
				r = read(t, st)
				until[*stream.Connected](r)
			} else if _, err := st.Subscribe(t.Context(), stream.Main{}); err != nil {
				t.Fatal(err)
			}
			for range 1500 {
				time.Sleep(3 * time.Second)
				srv.CutStreams()
			}
			time.Sleep(time.Minute)
			if !taken {
				r = read(t, st)
			}
			own := 0
			for {
				select {
				case event := <-r.events:
					if _, ok := event.(*stream.Dropped); !ok {
						own++
					}
					continue
				case err := <-r.ended:
					t.Fatal(err)
				case <-time.After(10 * time.Second):
				}
				break
			}
			if own == 0 || own > 1100 {
				t.Errorf("%d events, taken %v", own, taken)
			}
			srv.CutStreams() // it goes on
			until[*stream.Disconnected](r)
			until[*stream.Reconnected](r)
		})
	}
}
