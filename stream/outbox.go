package stream

import (
	"context"
	"fmt"

	"github.com/coder/websocket"
)

// An outbox holds what is to be sent over one connection. It is guarded by the
// mutex of the stream.
type outbox struct {
	waiting [][]byte
	news    chan struct{} // holds one when something has been put in
}

func newOutbox() *outbox { return &outbox{news: make(chan struct{}, 1)} }

func (o *outbox) add(data []byte) {
	o.waiting = append(o.waiting, data)
	select {
	case o.news <- struct{}{}:
	default:
	}
}

// write sends what is to be sent.
func (l *link) write(ctx context.Context, conn *websocket.Conn, out *outbox) error {
	for {
		l.s.mu.Lock()
		batch := out.waiting
		out.waiting = nil
		l.s.mu.Unlock()
		for _, data := range batch {
			wait, cancel := context.WithTimeout(ctx, writeTimeout)
			err := conn.Write(wait, websocket.MessageText, data)
			cancel()
			if err != nil {
				return fmt.Errorf("stream: sending: %w", err)
			}
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-out.news:
		case <-ctx.Done():
			return nil
		}
	}
}
