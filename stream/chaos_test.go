package stream_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

// A scissors cuts connections after so many bytes, which may be in the middle of
// a frame, of a handshake or of what is fetched over HTTP.
type scissors struct {
	mu   sync.Mutex
	rand *rand.Rand
	cuts int // that are left
}

type cutWire struct {
	net.Conn
	s    *scissors
	left int // bytes until it is cut, if there are cuts left
}

func (s *scissors) wrap(through *http.Client) *http.Client {
	return wrapped(through, func(conn net.Conn) net.Conn {
		s.mu.Lock()
		defer s.mu.Unlock()
		return &cutWire{conn, s, s.rand.IntN(100_000)}
	})
}

func (w *cutWire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if w.left -= n; w.left < 0 && w.s.cuts > 0 {
		w.s.cuts--
		_ = w.Close()
		return max(n+w.left, 0), net.ErrClosed
	}
	return n, err
}

// Wherever the connections are cut, each note comes once and in order.
// internal/streamchaos does the same over real sockets.
func TestChaos(t *testing.T) {
	for seed := range uint64(6) {
		bubble(t, func(t *testing.T, srv *misskeytest.Server) {
			cut := &scissors{rand: rand.New(rand.NewPCG(seed, 0)), cuts: 20}
			pauses := rand.New(rand.NewPCG(seed, 1))
			mk, err := misskey.New(srv.URL, misskey.WithHTTPClient(cut.wrap(srv.HTTPClient())), misskey.WithToken(srv.Token("alice")))
			if err != nil {
				t.Fatal(err)
			}
			st := stream.New(mk, stream.Options{Queue: 50, MaxFill: 10_000}, stream.HomeTimeline{}, stream.GlobalTimeline{})
			r := read(t, st)
			for {
				if _, ok := r.next().(*stream.Connected); ok {
					break
				}
			}
			alice, posted := srv.Client("alice"), make(chan []string, 1)
			go func() {
				var ids []string
				for n := range 300 {
					time.Sleep(time.Duration(pauses.IntN(1000)) * time.Millisecond)
					ids = append(ids, post(t, alice, gen.NotesCreateRequest{Text: new(fmt.Sprint(n))}).ID)
				}
				posted <- ids
			}()
			got, cuts := map[stream.Channel][]string{}, 0
			for len(got[stream.HomeTimeline{}]) < 300 || len(got[stream.GlobalTimeline{}]) < 300 {
				switch event := r.next().(type) {
				case *stream.Note:
					got[stream.From(event).Channel()] = append(got[stream.From(event).Channel()], event.ID)
				case *stream.Disconnected:
					cuts++
				case *stream.Reconnected:
					if len(event.Missed) > 0 {
						t.Errorf("seed %d: %v", seed, event.Missed)
					}
				}
			}
			want := <-posted
			for channel, ids := range got {
				if !slices.Equal(ids, want) {
					t.Errorf("seed %d: %T: %q\nwant %q", seed, channel, ids, want)
				}
			}
			if cuts == 0 {
				t.Errorf("seed %d: nothing was cut", seed)
			}
			r.st.Close()
		})
	}
}
