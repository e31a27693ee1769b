package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

const (
	// storeFormat is the version of what is saved.
	storeFormat = 1

	// maxHandled is how many notes are remembered as handled, and maxThreads how
	// many as belonging to a conversation.
	maxHandled, maxThreads = 5000, 10_000

	// maxState is how many bytes the states of a bot may have together, and
	// forgetAfter when one is forgotten that was not saved again.
	maxState    = 16 << 20
	forgetAfter = 180 * 24 * time.Hour

	// saveEvery is how often a state is saved that has changed.
	saveEvery = time.Second
)

// saved is what the cursor of a bot keeps.
type saved struct {
	Format int `json:"bot"`

	// Running says that the bot has not ended as it should: what was left open
	// may have been answered.
	Running bool              `json:"running"`
	Stream  json.RawMessage   `json:"stream,omitempty"`
	Handled []string          `json:"handled,omitempty"` // notes
	Threads []thread          `json:"threads,omitempty"`
	Chats   map[string]string `json:"chats,omitempty"` // the last message that was handled, by conversation
	States  map[string]entry  `json:"states,omitempty"`
}

// A thread is the conversation that a note belongs to.
type thread struct {
	Note string `json:"note"`
	Of   string `json:"of"`
}

type entry struct {
	Value json.RawMessage `json:"value"` // null for none
	Saved time.Time       `json:"saved"`
}

// A store is the cursor of the stream of a bot, which keeps the state of the bot in
// the cursor of the program, together with that of the stream.
type store struct {
	cursor stream.Cursor

	mu       sync.Mutex
	data     saved
	started  bool            // data was loaded
	again    bool            // the bot has run before
	crash    bool            // the last run has not ended as it should
	open     map[string]bool // notes that are being handled
	handled  map[string]bool
	threads  map[string]string
	size     int  // of the states
	changed  bool // since it was saved
	unclean  bool // something was left open that may have been answered
	writing  sync.Mutex
	finished bool
}

func newStore(cursor stream.Cursor) *store {
	return &store{cursor: cursor, open: map[string]bool{}, handled: map[string]bool{}, threads: map[string]string{}}
}

// Load loads everything, and saves that the bot runs.
func (s *store) Load(ctx context.Context) ([]byte, error) {
	data, err := s.cursor.Load(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	var loaded saved
	if len(data) == 0 {
		loaded.Format = storeFormat
	} else {
		if err := json.Unmarshal(data, &loaded); err != nil {
			s.mu.Unlock()
			return nil, fmt.Errorf("%w: what it has loaded is damaged (%v)", stream.ErrCursor, err)
		}
	}
	if loaded.Format != storeFormat {
		s.mu.Unlock()
		return nil, fmt.Errorf("%w: it is not that of a bot, or was saved by another version of misskey-go (format %d, not %d)", stream.ErrCursor, loaded.Format, storeFormat)
	}
	s.data, s.crash, s.started = loaded, loaded.Running, true
	s.again = len(data) > 0
	s.data.Running = true
	for _, id := range loaded.Handled {
		s.handled[id] = true
	}
	for _, t := range loaded.Threads {
		s.threads[t.Note] = t.Of
	}
	if s.data.States == nil {
		s.data.States = map[string]entry{}
	}
	if s.data.Chats == nil {
		s.data.Chats = map[string]string{}
	}
	for key, e := range s.data.States {
		s.size += len(key) + len(e.Value)
	}
	stream := s.data.Stream
	s.mu.Unlock()
	if len(data) == 0 { // the stream saves it
		return nil, nil
	}
	if loaded.Running { // so it says already
		return stream, nil
	}
	return stream, s.write(ctx, nil)
}

// Save saves everything, with another state of the stream.
func (s *store) Save(ctx context.Context, state []byte) error { return s.write(ctx, state) }

// write saves everything; state is nil if that of the stream has not changed.
func (s *store) write(ctx context.Context, state []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	if state != nil {
		s.data.Stream = state
	}
	s.trim(time.Now())
	data, err := json.Marshal(s.data)
	s.changed = false
	s.mu.Unlock()
	if err == nil {
		err = s.cursor.Save(ctx, data)
	}
	if err != nil {
		s.mu.Lock()
		s.changed = true
		s.mu.Unlock()
	}
	return err
}

// Close saves that the bot has ended, and closes the cursor.
func (s *store) Close() error {
	s.mu.Lock()
	started := s.started && !s.finished
	s.finished = true
	s.data.Running = s.unclean || len(s.open) > 0
	s.mu.Unlock()
	var err error
	if started {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = s.write(ctx, nil)
	}
	if closer, ok := s.cursor.(io.Closer); ok {
		err = errors.Join(err, closer.Close())
	}
	return err
}

// keepSaving saves what has changed beside the stream, now and then.
func (s *store) keepSaving(ctx context.Context, report func(error)) {
	failing := false
	for wait(ctx, saveEvery) == nil {
		s.mu.Lock()
		due := s.changed && s.started && !s.finished && s.data.Stream != nil
		s.mu.Unlock()
		if !due {
			continue
		}
		err := s.write(ctx, nil)
		if err != nil && !failing && ctx.Err() == nil {
			report(fmt.Errorf("bot: saving the state: %w", err))
		}
		failing = err != nil
	}
}

// trim forgets what is old, with the mutex held.
func (s *store) trim(now time.Time) {
	if n := len(s.data.Handled) - maxHandled; n > 0 {
		for _, id := range s.data.Handled[:n] {
			delete(s.handled, id)
		}
		s.data.Handled = slices.Clone(s.data.Handled[n:])
	}
	if n := len(s.data.Threads) - maxThreads; n > 0 {
		for _, t := range s.data.Threads[:n] {
			delete(s.threads, t.Note)
		}
		s.data.Threads = slices.Clone(s.data.Threads[n:])
	}
	maps.DeleteFunc(s.data.States, func(key string, e entry) bool {
		old := now.Sub(e.Saved) > forgetAfter
		if old {
			s.size -= len(key) + len(e.Value)
		}
		return old
	})
}

// crashed reports whether the last run has not ended as it should.
func (s *store) crashed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.crash
}

// resumed reports whether the bot has run before.
func (s *store) resumed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.again
}

// begin reports whether a note was not handled and is not being, and notes that it
// is.
func (s *store) begin(note string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[note] || s.handled[note] {
		return false
	}
	s.open[note] = true
	return true
}

// forget notes that nothing has been done about a message, which comes again.
func (s *store) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, id)
}

// abandon notes that a message was left open, and may have been answered.
func (s *store) abandon(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unclean = true
	delete(s.open, id)
}

// commit notes that a message was handled, with what its handler has saved.
func (s *store) commit(m *Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	for key, e := range m.staged {
		s.set(key, e)
	}
	if m.Note == nil {
		s.data.Chats[m.thread] = m.ChatMessage.ID
		return
	}
	id := m.Note.ID
	delete(s.open, id)
	if !s.handled[id] {
		s.handled[id] = true
		s.data.Handled = append(s.data.Handled, id)
	}
}

func (s *store) set(key string, e entry) {
	if old, ok := s.data.States[key]; ok {
		s.size -= len(key) + len(old.Value)
		delete(s.data.States, key)
	}
	if e.Value != nil {
		s.size += len(key) + len(e.Value)
		s.data.States[key] = e
	}
}

// setThread notes the conversation that a note belongs to.
func (s *store) setThread(note, of string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	s.addThread(note, of)
}

func (s *store) addThread(note, of string) {
	if _, ok := s.threads[note]; !ok {
		s.data.Threads = append(s.data.Threads, thread{note, of})
	}
	s.threads[note] = of
}

// threadOf returns the conversation that a note belongs to: that of the note which it
// replies to or quotes, or one of its own.
func (s *store) threadOf(note *gen.Note) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	above := []*string{note.ReplyID, note.RenoteID}
	if note.Reply != nil {
		above = slices.Insert(above, 1, note.Reply.ReplyID)
	}
	for _, id := range above {
		if id != nil && s.threads[*id] != "" {
			return s.threads[*id]
		}
	}
	return cmp.Or(gen.Or(note.ReplyID, ""), note.ID)
}

// lastChat returns the last message of a chat that was handled.
func (s *store) lastChat(conversation string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.Chats[conversation]
}

// A State is what a bot remembers of a conversation, of a user or of something else.
// It is kept in [Options].Cursor, as JSON, until it was not saved again for 180 days.
// What handlers save is kept when they return without an error, and not otherwise.
type State struct {
	s   *store
	key string
	m   *Message // nil outside of a message
}

// ErrStateFull reports that the states of a bot have more than 16 MiB together.
var ErrStateFull = errors.New("bot: the states have more than 16 MiB together; keep what is large elsewhere")

// State returns the state of a name, for what belongs to no message. What is saved to
// it counts at once.
func (b *Bot) State(name string) *State { return &State{b.store, "name " + name, nil} }

// Load decodes what was last saved into v, and reports whether there was anything.
func (t *State) Load(v any) (found bool, err error) {
	t.s.mu.Lock()
	e, ok := t.s.data.States[t.key]
	if t.m != nil {
		if staged, has := t.m.staged[t.key]; has {
			e, ok = staged, staged.Value != nil
		}
	}
	t.s.mu.Unlock()
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(e.Value, v); err != nil {
		return false, fmt.Errorf("bot: loading the state %q: %w", t.key, err)
	}
	return true, nil
}

// Save replaces what was saved. The error is [ErrStateFull], or that v cannot be
// encoded as JSON.
func (t *State) Save(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("bot: saving the state %q: %w", t.key, err)
	}
	return t.put(entry{data, time.Now().UTC()})
}

// Delete deletes what was saved.
func (t *State) Delete() { _ = t.put(entry{}) }

func (t *State) put(e entry) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if e.Value != nil && t.s.size+len(t.key)+len(e.Value) > maxState {
		return ErrStateFull
	}
	if t.m != nil {
		if t.m.staged == nil {
			t.m.staged = map[string]entry{}
		}
		t.m.staged[t.key] = e
		return nil
	}
	if t.s.data.States == nil {
		t.s.data.States = map[string]entry{}
	}
	t.s.set(t.key, e)
	t.s.changed = true
	return nil
}
