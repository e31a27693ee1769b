package http2fault

import (
	"encoding/binary"
	"sync"
)

// A Fault is what becomes of frames. Its functions look at a frame, which they
// may change, and report whether it passes; nil passes all. They are called by
// one goroutine for each direction of each connection.
type Fault struct {
	FromClient, FromServer func(c *Conn, f *Frame) bool
}

// reset ends a stream.
func reset(stream uint32, code Code) Frame {
	return Frame{Type: Reset, Stream: stream, Payload: binary.BigEndian.AppendUint32(nil, uint32(code))}
}

// goAway ends a connection for streams above last.
func goAway(last uint32, code Code) Frame {
	payload := binary.BigEndian.AppendUint32(nil, last)
	return Frame{Type: GoAway, Payload: binary.BigEndian.AppendUint32(payload, uint32(code))}
}

// ResetBefore refuses every request with a code before the handler gets its body.
func ResetBefore(code Code) *Fault {
	return &Fault{FromClient: func(c *Conn, f *Frame) bool {
		if f.Type != Headers {
			return true
		}
		c.Drop(f.Stream)
		c.ToServer(*f) // whose headers later ones refer to
		c.ToServer(reset(f.Stream, Cancel))
		c.ToClient(reset(f.Stream, code))
		return false
	}}
}

// ResetAfter ends the stream of every request with a code when the handler has
// answered.
func ResetAfter(code Code) *Fault {
	return &Fault{FromServer: func(c *Conn, f *Frame) bool {
		if f.Type != Headers {
			return true
		}
		c.Drop(f.Stream)
		c.ToClient(reset(f.Stream, code))
		return false
	}}
}

// ResetWithin ends the stream of every request with a code after the headers of
// its response.
func ResetWithin(code Code) *Fault {
	return &Fault{FromServer: func(c *Conn, f *Frame) bool {
		if f.Type != Data {
			return true
		}
		c.Drop(f.Stream)
		c.ToClient(reset(f.Stream, code))
		return false
	}}
}

// GoAwayAfter ends the connection with a code when the handler has answered, and
// claims that no stream was looked at.
func GoAwayAfter(code Code) *Fault {
	return &Fault{FromServer: func(c *Conn, f *Frame) bool {
		if f.Type != Headers {
			return true
		}
		c.Drop(f.Stream)
		c.ToClient(goAway(0, code))
		return false
	}}
}

// GoAwayEvery ends every connection after n requests, as a well-behaved server
// does: those are answered, and what is sent after them is not looked at.
func GoAwayEvery(n int) *Fault {
	var mu sync.Mutex
	streams := map[*Conn]int{}
	last := map[*Conn]uint32{}
	return &Fault{FromClient: func(c *Conn, f *Frame) bool {
		mu.Lock()
		defer mu.Unlock()
		switch end, ending := last[c]; {
		case ending && f.Stream > end:
			return false
		case ending || f.Type != Headers:
			return true
		}
		if streams[c]++; streams[c] == n {
			last[c] = f.Stream
			c.ToClient(goAway(f.Stream, NoError))
		}
		return true
	}}
}

// IgnorePings never answers a ping.
func IgnorePings() *Fault {
	return &Fault{FromClient: func(_ *Conn, f *Frame) bool { return f.Type != Ping }}
}

// WindowZero never lets the client send a byte of a body.
func WindowZero() *Fault {
	return &Fault{FromServer: func(_ *Conn, f *Frame) bool {
		if f.Type == Settings && f.Flags&Ack == 0 {
			f.set(initialWindowSize, 0)
		}
		return f.Type != WindowUpdate
	}}
}

// WindowStops takes what fits into the first window of a stream, and then nothing.
func WindowStops() *Fault {
	return &Fault{FromServer: func(_ *Conn, f *Frame) bool {
		if f.Type == Settings && f.Flags&Ack == 0 {
			f.set(initialWindowSize, 1<<15)
		}
		return f.Type != WindowUpdate
	}}
}

// NoAnswer drops all that the server sends of a request.
func NoAnswer() *Fault {
	return &Fault{FromServer: func(_ *Conn, f *Frame) bool { return f.Type != Headers && f.Type != Data }}
}

// AnswerStops passes the headers of a response, and nothing of its body.
func AnswerStops() *Fault {
	return &Fault{FromServer: func(_ *Conn, f *Frame) bool { return f.Type != Data }}
}
