package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/misskey-go/misskey/gen"
)

const (
	// saveEvery is how long what was handled waits to be saved at most, unless
	// saving takes longer or fails. If saveMany events were handled, it waits only
	// saveSoon.
	saveEvery = time.Second
	saveSoon  = 100 * time.Millisecond
	saveMany  = 100

	// saveIdle is how often the time is saved up to which nothing has come.
	saveIdle = time.Minute

	// saveTimeout is how long saving may take at the end.
	saveTimeout = 10 * time.Second
)

// A keeping is the use that a stream makes of its cursor.
type keeping struct {
	changed chan struct{} // holds one when something has been handled
	many    chan struct{} // holds one when saveMany events have been
	handled int           // since something was saved; guarded by the mutex of the stream

	mu       sync.Mutex // held while the cursor works; before the mutex of the stream
	loaded   bool
	state    *cursorState // what was loaded, until it is known whose account it is
	fresh    bool         // nothing was
	checked  bool         // the account is known
	last     []byte       // what was saved
	failing  bool         // the last attempt has failed
	released bool
}

// touch notes that an event has been handled, with the mutex of the stream held.
func (k *keeping) touch() {
	signal(k.changed)
	if k.handled++; k.handled >= saveMany {
		signal(k.many)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// load loads the cursor, once. An error is final.
func (s *Stream) load(ctx context.Context) error {
	k := &s.keeping
	if s.opts.Cursor == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded {
		return nil
	}
	data, err := s.opts.Cursor.Load(ctx)
	if errors.Is(err, ErrCursor) || errors.Is(err, ErrCursorInUse) {
		return err
	}
	if err != nil {
		return fmt.Errorf("stream: loading the cursor: %w", err)
	}
	state, err := parseCursor(data, s.mk.BaseURL())
	if err != nil {
		return err
	}
	k.loaded, k.fresh, k.state, k.last = true, state == nil, state, data
	if state == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		if sub.progress != nil {
			sub.progress.saved = state.channel(sub.key)
		}
	}
	return nil
}

// takeOver lets a link go on where the cursor stands, if it has not done so. There
// is a connection, so that the instance can be asked whose token it is.
func (l *link) takeOver(ctx context.Context) error {
	s, k := l.s, &l.s.keeping
	if s.opts.Cursor == nil || l.restored {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.checked {
		id := ""
		if !l.anonymous {
			var err error
			if id, err = s.me(ctx); err != nil {
				err = fmt.Errorf("stream: asking whose account it is, for the cursor: %w", err)
				if errors.Is(err, gen.ErrAuthenticationFailed) || errors.Is(err, gen.ErrYourAccountSuspended) {
					return &finalError{err}
				}
				return err
			}
		}
		if k.state != nil {
			if err := k.state.checkAccount(id); err != nil {
				return &finalError{err}
			}
		}
		k.checked, k.state = true, nil
	}
	now, _, ok := s.readClock(ctx)
	if !ok {
		now = clock{time.Now(), time.Now()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.restore(now)
	l.restored = true
	return nil
}

// saveFirst saves where the stream begins, so that nothing is lost from the first
// event on.
func (s *Stream) saveFirst(ctx context.Context) {
	if s.opts.Cursor == nil {
		return
	}
	s.keeping.mu.Lock()
	defer s.keeping.mu.Unlock()
	if s.keeping.fresh {
		s.keeping.fresh = false
		_ = s.save(ctx) // it has been reported
	}
}

// keepSaving saves what was handled, now and then.
func (s *Stream) keepSaving(ctx context.Context) {
	idle := time.NewTicker(saveIdle)
	defer idle.Stop()
	k := &s.keeping
	pause := s.opts.Pause // after a failure
	for {
		select {
		case <-k.changed:
		case <-idle.C:
		case <-ctx.Done():
			return
		}
		k.mu.Lock()
		err := s.save(ctx)
		k.mu.Unlock()
		if err != nil {
			signal(k.changed)
			if !sleep(ctx, pause) {
				return
			}
			pause = min(pause*2, s.opts.MaxPause)
			continue
		}
		pause = s.opts.Pause
		if !sleep(ctx, saveSoon) {
			return
		}
		timer := time.NewTimer(saveEvery - saveSoon)
		select {
		case <-timer.C:
		case <-k.many:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// save saves what has changed, with the mutex of the keeping held.
func (s *Stream) save(ctx context.Context) error {
	k := &s.keeping
	if !k.checked || k.released {
		return nil
	}
	s.mu.Lock()
	state := s.snapshot()
	k.handled = 0
	select {
	case <-k.many:
	default:
	}
	s.mu.Unlock()
	data, err := json.Marshal(state)
	if err == nil {
		if bytes.Equal(data, k.last) {
			return nil
		}
		err = s.opts.Cursor.Save(ctx, data)
	}
	if err != nil {
		if ctx.Err() != nil && s.ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return err // the last attempt is still to come
		}
		if !k.failing {
			k.failing = true
			s.log(slog.LevelError, "stream: saving the cursor has failed", slog.Any("error", err))
			s.mu.Lock()
			s.push(&NotSaved{Err: err})
			s.mu.Unlock()
		}
		return err
	}
	if k.failing {
		k.failing = false
		s.log(slog.LevelInfo, "stream: the cursor is saved again")
	}
	k.last = data
	return nil
}

// release saves what has been handled, and closes the cursor once no loop can go
// on.
func (s *Stream) release() {
	k := &s.keeping
	if s.opts.Cursor == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.released {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
	defer cancel()
	_ = s.save(ctx) // it has been reported
	s.mu.Lock()
	looping := s.looping
	s.mu.Unlock()
	if looping {
		return
	}
	k.released = true
	if closer, ok := s.opts.Cursor.(io.Closer); ok {
		if err := closer.Close(); err != nil {
			s.log(slog.LevelWarn, "stream: closing the cursor has failed", slog.Any("error", err))
		}
	}
}
