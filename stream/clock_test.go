package stream_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A wrongClock is a way to an instance that says it is another time there.
type wrongClock struct {
	by atomic.Int64 // milliseconds
	http.RoundTripper
}

func (w *wrongClock) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/api/ping") {
		return resp, err
	}
	var body struct {
		Pong int64 `json:"pong"`
	}
	err = json.NewDecoder(resp.Body).Decode(&body)
	_ = resp.Body.Close()
	body.Pong += w.by.Load()
	data, _ := json.Marshal(body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	resp.Header.Del("Content-Length")
	return resp, err
}

// Whatever the clocks do, what was missed comes, once, and nothing older than the
// subscription.
func TestClocks(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		name                               string
		before, connected, missed, between time.Duration // by how much the clock of the instance jumps
		wrong                              time.Duration // by how much it is wrong until the interruption
		told                               string
	}{
		{name: "as here"},
		{name: "ahead", before: 300 * day},
		{name: "set forward while connected", connected: 2 * day},
		// The same is seen where this machine sleeps: its monotonic clock
		// stands still.
		{name: "set forward while there is no connection", missed: day},
		{name: "set forward after another interruption", between: day},
		{name: "set back a little", wrong: 5 * time.Minute},
		{name: "set back a lot", wrong: day, told: "set back by 24h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, srv *misskeytest.Server) {
				bob := srv.Client("bob")
				srv.Advance(test.before)
				post(t, bob, gen.NotesCreateRequest{Text: new("older than the subscription")})
				time.Sleep(time.Second)
				way := &wrongClock{RoundTripper: srv.HTTPClient().Transport}
				way.by.Store(test.wrong.Milliseconds())
				mk, err := misskey.New(srv.URL, misskey.WithHTTPClient(&http.Client{Transport: way}))
				if err != nil {
					t.Fatal(err)
				}
				r := read(t, stream.New(mk, stream.Options{}, stream.GlobalTimeline{}))
				until[*stream.Connected](r)
				live := func() {
					t.Helper()
					n := post(t, bob, gen.NotesCreateRequest{Text: new("live")})
					if got := until[*stream.Note](r); got.ID != n.ID || got.Filled {
						t.Errorf("%s, want %s", got.ID, n.ID)
					}
				}
				interrupt := func(jump time.Duration) *stream.Reconnected {
					t.Helper()
					srv.CutStreams()
					until[*stream.Disconnected](r)
					var want []string
					for range 3 { // no time passes before it connects again
						want = append(want, post(t, bob, gen.NotesCreateRequest{Text: new("missed")}).ID)
						srv.Advance(jump)
					}
					for _, id := range want {
						if got := until[*stream.Note](r); got.ID != id || !got.Filled {
							t.Errorf("%s, want %s", got.ID, id)
						}
					}
					return until[*stream.Reconnected](r)
				}
				live()
				time.Sleep(30 * time.Minute) // longer than is remembered what has come
				live()
				srv.Advance(test.connected)
				live()
				time.Sleep(time.Minute)
				way.by.Store(0)
				back := interrupt(test.missed)
				if test.told == "" && len(back.Missed) > 0 || test.told != "" && (len(back.Missed) != 1 || !strings.Contains(back.Missed[0].Why, test.told)) {
					t.Errorf("told %v, want %q", back.Missed, test.told)
				}
				live()
				srv.Advance(test.between)
				time.Sleep(time.Minute)
				if back := interrupt(0); len(back.Missed) > 0 {
					t.Errorf("told %v", back.Missed)
				}
			})
		})
	}
}
