// Package wire writes what goes over the wire, for people who look for a mistake.
// Secrets are left out by where they stand, not by what they look like.
package wire

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// MaxBody is how much of a body is written.
const MaxBody = 64 << 10

// writing keeps blocks apart, also those of clients and streams that share a writer.
var writing sync.Mutex

// A Log writes blocks to a writer, each with one call of Write. What the writer
// returns is ignored: a log that fails must not make a call fail.
type Log struct {
	w    io.Writer
	last atomic.Int64
}

// New returns a log, or nil for a nil writer. The methods of a nil log do nothing.
func New(w io.Writer) *Log {
	if w == nil {
		return nil
	}
	return &Log{w: w}
}

// Next returns the number of the next exchange, by which a response can be told to
// belong to a request.
func (l *Log) Next() int64 { return l.last.Add(1) }

// Block writes a line and, indented as it is, a text below it.
func (l *Log) Block(line, text string) {
	if l == nil {
		return
	}
	block := line + "\n"
	if text != "" {
		block += text + "\n"
	}
	writing.Lock()
	defer writing.Unlock()
	_, _ = io.WriteString(l.w, block)
}

// A Body keeps the beginning of a body that somebody else reads, and counts it.
type Body struct {
	io.ReadCloser
	Size  int64
	start bytes.Buffer
}

// Read reads, and keeps what it has read if that is of the beginning.
func (b *Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if room := MaxBody - b.start.Len(); room > 0 {
		b.start.Write(p[:min(n, room)])
	}
	b.Size += int64(n)
	return n, err
}

// Bytes is how many bytes there are, for people.
func Bytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// Text returns what is written of the body: see [JSON].
func (b *Body) Text(endpoint string, hide func(string) string) string {
	return JSON(endpoint, b.start.Bytes(), b.Size, hide)
}
