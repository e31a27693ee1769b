package stream_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/stream"
)

// hostile is a client of a server that does with connections what serve does, and
// answers nothing else.
func hostile(t *testing.T, serve func(ctx context.Context, conn *websocket.Conn)) *misskey.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/streaming" {
			http.Error(w, "{}", http.StatusInternalServerError)
			return
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		serve(r.Context(), conn)
	}))
	t.Cleanup(srv.Close)
	mk, err := misskey.New(srv.URL, misskey.WithPlainHTTP(), misskey.WithoutRetry())
	if err != nil {
		t.Fatal(err)
	}
	return mk
}

// unknown is a message of a length that no stream has a type for.
func unknown(length int) []byte {
	const frame = `{"type":"odd","body":""}`
	return append([]byte(frame[:len(frame)-2]), append(bytes.Repeat([]byte("x"), length), `"}`...)...)
}

func TestMalformed(t *testing.T) {
	mk := hostile(t, func(ctx context.Context, conn *websocket.Conn) {
		for _, data := range []string{"", "no JSON", "[]", "null", `{"type":7}`, `{"type":"channel"}`, `{"type":"channel","body":"x"}`, `{"type":"noteUpdated","body":{"id":1}}`, "\xff\x00"} {
			_ = conn.Write(ctx, websocket.MessageBinary, []byte(data))
		}
		_ = conn.Write(ctx, websocket.MessageText, unknown(10<<20))
		_, _, _ = conn.Read(ctx) // until the client goes
	})
	r := read(t, stream.New(mk, stream.Options{}))
	until[*stream.Connected](r)
	for {
		event := until[*stream.Unknown](r)
		if event.Type == "odd" {
			if len(event.Body) != 10<<20+2 {
				t.Errorf("%d bytes", len(event.Body))
			}
			return
		}
	}
}

func TestTooLong(t *testing.T) {
	mk := hostile(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, unknown(2<<20))
		_, _, _ = conn.Read(ctx)
	})
	r := read(t, stream.New(mk, stream.Options{MaxMessage: 1 << 20, Pause: time.Millisecond}))
	for {
		if event, ok := r.next().(*stream.Disconnected); ok {
			if !errors.Is(event.Err, websocket.ErrMessageTooBig) {
				t.Error(event.Err)
			}
			return
		}
	}
}

// What waits has a bound in bytes, too.
func TestFlood(t *testing.T) {
	const size, count = 8 << 20, 24
	begin, sent := make(chan struct{}), make(chan struct{})
	mk := hostile(t, func(ctx context.Context, conn *websocket.Conn) {
		<-begin
		for range count {
			if conn.Write(ctx, websocket.MessageText, unknown(size)) != nil {
				return
			}
		}
		close(sent)
		_, _, _ = conn.Read(ctx)
	})
	r := read(t, stream.New(mk, stream.Options{Overflow: stream.OverflowDropOldest}))
	until[*stream.Connected](r)
	close(begin)
	<-sent // and nothing is taken meanwhile
	dropped, got := 0, 0
	for dropped+got < count {
		switch event := r.next().(type) {
		case *stream.Dropped:
			dropped += event.Count
		case *stream.Unknown:
			got++
		}
	}
	// What is in the buffers of the socket, up to 32 MiB, comes while the loop runs.
	if dropped == 0 || got > (64<<20+32<<20)/size+4 {
		t.Errorf("%d dropped, %d came", dropped, got)
	}
}

func TestNeverConfirmed(t *testing.T) {
	mk := hostile(t, func(ctx context.Context, conn *websocket.Conn) {
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	})
	r := read(t, stream.New(mk, stream.Options{AckTimeout: 50 * time.Millisecond}))
	until[*stream.Connected](r)
	_, err := r.st.Subscribe(t.Context(), stream.QueueStats{})
	if e, ok := errors.AsType[*stream.RefusedError](err); !ok || e.Channel != (stream.QueueStats{}) {
		t.Error(err)
	}
}
