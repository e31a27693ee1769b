package stream

import (
	"context"
	"errors"
	"sync"
)

// A Cursor keeps how far a program has come, so that a stream goes on there after
// the program has started again: see [Options].Cursor. [FileCursor] is one in a
// file, [MemoryCursor] one for tests; others may keep the state in a database. If a
// Cursor is an [io.Closer], the stream closes it at its end.
type Cursor interface {
	// Load returns what was last saved, or nil if nothing was. It is called once,
	// before the stream connects; an error of it ends the stream.
	Load(ctx context.Context) ([]byte, error)

	// Save replaces what was saved before, as a whole or not at all. It is not
	// called by several goroutines at once. After an error the stream reports a
	// [NotSaved], goes on, and tries again.
	Save(ctx context.Context, state []byte) error
}

// Errors of cursors. They end the stream.
var (
	// ErrCursorInUse reports that another program, or another stream of this one,
	// uses the cursor.
	ErrCursorInUse = errors.New("stream: the cursor is in use")

	// ErrCursor reports that a cursor cannot be used: it is damaged, is that of
	// another account or instance, or was saved by a later version of this
	// package.
	ErrCursor = errors.New("stream: the cursor cannot be used")
)

// NotSaved reports that saving to [Options].Cursor has failed. The stream goes on,
// and tries again; no other NotSaved comes until that has worked. After a crash
// meanwhile, events come again that were handled since.
type NotSaved struct {
	Meta

	// Err is what the cursor returned.
	Err error
}

// A MemoryCursor is a [Cursor] in memory. It survives streams, but not the program.
// The zero value is empty.
type MemoryCursor struct {
	mu    sync.Mutex
	state []byte
}

// Load returns what was last saved.
func (c *MemoryCursor) Load(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}

// Save replaces what was saved.
func (c *MemoryCursor) Save(_ context.Context, state []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = append([]byte(nil), state...)
	return nil
}

// Hold keeps an event from counting as handled when the loop goes on to the next
// one. It counts once done is called, which can be at any time and in any
// goroutine, also more than once. An event that is not done when the stream ends
// comes again after the next start. Hold must be called in the loop, while the
// event is the current one. Without [Options].Cursor it does nothing.
func (s *Stream) Hold(event Event) (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if track, id := trackOf(event); track != nil {
		if open, ok := track.open[id]; ok {
			open.held = true
			track.open[id] = open
		}
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.handled(event)
	}
}
