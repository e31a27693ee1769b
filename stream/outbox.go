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
	writing bool          // something sends what is waiting
	write   func(*outbox) // begins to do so
}

func newOutbox(write func(*outbox)) *outbox { return &outbox{write: write} }

func (o *outbox) add(data []byte) {
	o.waiting = append(o.waiting, data)
	if !o.writing {
		o.writing = true
		o.write(o)
	}
}

// write sends what is to be sent, until there is nothing more.
func (l *link) write(ctx context.Context, conn *websocket.Conn, out *outbox) error {
	for {
		l.s.mu.Lock()
		batch := out.waiting
		out.waiting = nil
		out.writing = len(batch) > 0
		l.s.mu.Unlock()
		if len(batch) == 0 {
			return nil
		}
		for _, data := range batch {
			l.writeFrame("→", data)
			wait, cancel := context.WithTimeout(ctx, writeTimeout)
			err := conn.Write(wait, websocket.MessageText, data)
			cancel()
			if err != nil {
				return fmt.Errorf("stream: sending: %w", err)
			}
		}
	}
}
