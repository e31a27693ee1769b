package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A FileCursor is a [Cursor] in a file. Saving replaces the file as a whole, and
// waits until it is on the disk. While a stream uses it, a lock on a second file,
// with ".lock" after the name, keeps other processes and streams away, which get an
// [ErrCursorInUse]. The lock ends with the process, however that ends; the file of
// the lock stays. Use a local file system: locks of network file systems cannot be
// relied on.
type FileCursor struct {
	path string
	mu   sync.Mutex
	lock *os.File // nil while it is not held
}

// NewFileCursor returns a cursor in a file, which need not exist; its directory
// must. Nothing is opened before [FileCursor.Load].
func NewFileCursor(path string) *FileCursor { return &FileCursor{path: path} }

// cursorMagic begins the first line of the file.
const cursorMagic = "misskey-go cursor"

// Load locks the file and reads it. The error is an [ErrCursorInUse] if another
// process or stream has locked it, and an [ErrCursor] if it is damaged.
func (c *FileCursor) Load(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.lock != nil
	if err := c.hold(); err != nil {
		return nil, err
	}
	state, err := c.read()
	if err != nil && !held {
		_ = c.release()
	}
	return state, err
}

func (c *FileCursor) read() ([]byte, error) {
	data, err := os.ReadFile(c.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	damaged := func(how string) error {
		return fmt.Errorf("%w: the file %s %s; restore it, or delete it to begin with what comes from now on", ErrCursor, c.path, how)
	}
	line, state, _ := bytes.Cut(data, []byte("\n"))
	var version, length int
	var sum uint32
	if !bytes.HasPrefix(line, []byte(cursorMagic)) {
		return nil, damaged("is not that of a cursor")
	}
	if _, err := fmt.Sscanf(string(line[len(cursorMagic):]), " %d", &version); err == nil && version != 1 {
		return nil, damaged(fmt.Sprintf("was saved by a later version of misskey-go (its version is %d)", version))
	}
	if _, err := fmt.Sscanf(string(line[len(cursorMagic):]), " %d %d %08x", &version, &length, &sum); err != nil {
		return nil, damaged("is damaged")
	}
	if len(state) != length {
		return nil, damaged(fmt.Sprintf("is damaged: it has %d bytes, and %d were saved", len(state), length))
	}
	if crc32.ChecksumIEEE(state) != sum {
		return nil, damaged("is damaged: its checksum is wrong")
	}
	return state, nil
}

// Save writes a new file, and puts it in the place of the old one.
func (c *FileCursor) Save(_ context.Context, state []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.hold(); err != nil {
		return err
	}
	data := append(fmt.Appendf(nil, "%s 1 %d %08x\n", cursorMagic, len(state), crc32.ChecksumIEEE(state)), state...)
	next := c.path + ".new" // the lock keeps others from it
	if err := writeSynced(next, data); err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("stream: saving the cursor: %w", err)
	}
	if err := os.Rename(next, c.path); err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("stream: saving the cursor: %w", err)
	}
	if err := syncDir(filepath.Dir(c.path)); err != nil {
		return fmt.Errorf("stream: saving the cursor: %w", err)
	}
	return nil
}

// writeSynced writes a file, and waits until it is on the disk.
func writeSynced(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

// Close ends the lock. The stream calls it at its end; the cursor can be used again
// then.
func (c *FileCursor) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.release()
}

// hold gets the lock, unless it is held.
func (c *FileCursor) hold() error {
	if c.lock != nil {
		return nil
	}
	path := c.path + ".lock"
	file, err := lockFile(path)
	if errors.Is(err, errLocked) {
		holder := ""
		if pid, err := os.ReadFile(path); err == nil && len(pid) > 0 {
			holder = fmt.Sprintf(" (process %s)", bytes.TrimSpace(pid))
		}
		return fmt.Errorf("%w: another program or stream%s has locked %s; give each its own file", ErrCursorInUse, holder, path)
	}
	if err != nil {
		return fmt.Errorf("stream: locking the cursor: %w", err)
	}
	if err := file.Truncate(0); err == nil { // for the error above; on a full disk it is not there
		_, _ = fmt.Fprintln(file, os.Getpid())
	}
	c.lock = file
	return nil
}

func (c *FileCursor) release() error {
	if c.lock == nil {
		return nil
	}
	err := c.lock.Close()
	c.lock = nil
	return err
}

// errLocked reports that somebody else has locked a file.
var errLocked = errors.New("it is locked")
