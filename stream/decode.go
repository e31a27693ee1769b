package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A frame is what the server sends.
type frame struct {
	Type string          `json:"type"`
	Body json.RawMessage `json:"body"`
}

// A channelBody is the body of a frame of the type channel, and with another
// meaning of one of the type noteUpdated.
type channelBody struct {
	ID   string          `json:"id"`
	Type string          `json:"type"`
	Body json.RawMessage `json:"body"`
}

// decode makes an event of a frame. subscription finds the one that an id is of,
// or nil. The event is nil where there is none: for confirmations, whose id is
// returned, and for what comes from a subscription that is over.
func decode(data []byte, subscription func(id string) *Subscription) (event Event, confirmed string) {
	if kind, b, ok := split(data); ok {
		event, _ = decodeBody(kind, b, subscription)
		if _, unknown := event.(*Unknown); event != nil && !unknown && event.payload() != nil {
			return event, "" // its body has been read, so it is one
		}
	}
	return decodeWhole(data, subscription)
}

// decodeWhole makes an event of a frame, however it is written.
func decodeWhole(data []byte, subscription func(id string) *Subscription) (event Event, confirmed string) {
	var f struct {
		Type string      `json:"type"`
		Body channelBody `json:"body"`
	}
	if err := json.Unmarshal(data, &f); err != nil || f.Body.ID == "" {
		return decodeOther(data), ""
	}
	switch f.Type {
	case "connected", "channel", "noteUpdated":
		return decodeBody(f.Type, f.Body, subscription)
	}
	return decodeOther(data), ""
}

// split takes a frame of a channel or a note apart that is written just as Misskey
// does. Frames are long, and to read them once less saves half of the time. That
// the body is JSON remains to be seen; if it is, so is the frame.
func split(data []byte) (kind string, b channelBody, ok bool) {
	data, ok = bytes.CutPrefix(data, []byte(`{"type":"`))
	if !ok {
		return "", b, false
	}
	for _, part := range []struct {
		to   *string
		tail string
	}{{&kind, `","body":{"id":"`}, {&b.ID, `","type":"`}, {&b.Type, `","body":`}} {
		end := bytes.IndexByte(data, '"')
		if end <= 0 || !bytes.HasPrefix(data[end:], []byte(part.tail)) || bytes.IndexByte(data[:end], '\\') >= 0 {
			return "", b, false
		}
		*part.to, data = string(data[:end]), data[end+len(part.tail):]
	}
	b.Body, ok = bytes.CutSuffix(data, []byte("}}"))
	return kind, b, ok && (kind == "channel" || kind == "noteUpdated")
}

// decodeBody makes an event of a frame that has a body with an id.
func decodeBody(kind string, b channelBody, subscription func(id string) *Subscription) (event Event, confirmed string) {
	var make func() Event
	switch kind {
	case "connected":
		return nil, b.ID
	case "channel":
		sub := subscription(b.ID)
		if sub == nil {
			return nil, ""
		}
		if known := kinds[sub.channel.channelName()]; known != nil {
			make = known.events[b.Type]
		}
		event = fill(kind, b, make)
		event.setFrom(sub)
	case "noteUpdated":
		if of := noteKinds[b.Type]; of != nil {
			make = func() Event { return of() }
		}
		event = fill(kind, b, make)
		switch event := event.(type) {
		case noteEvent:
			event.setNote(b.ID)
		case *Unknown:
			event.NoteID = b.ID
		}
	}
	return event, ""
}

// decodeOther makes an event of a frame that has a body of its own form, or is
// not as it should be.
func decodeOther(data []byte) Event {
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		return &Unknown{Body: clone(data), Err: fmt.Errorf("stream: reading a message: %w", err)}
	}
	whole := channelBody{Body: f.Body}
	switch f.Type {
	case "connected", "channel", "noteUpdated":
		err := json.Unmarshal(f.Body, &channelBody{})
		if err == nil {
			err = errors.New("it has no id")
		}
		return unreadable(f.Type, whole, err)
	}
	return fill(f.Type, whole, broadcasts[f.Type])
}

// fill makes an event with a body.
func fill(kind string, b channelBody, make func() Event) Event {
	if make == nil {
		return unknown(kind, b, nil)
	}
	event := make()
	event.setRaw(b.Body)
	if payload := event.payload(); payload != nil {
		if err := json.Unmarshal(b.Body, payload); err != nil {
			return unreadable(kind, b, err)
		}
	}
	return event
}

func unreadable(kind string, b channelBody, err error) Event {
	return unknown(kind, b, fmt.Errorf("stream: reading %s %s: %w", kind, b.Type, err))
}

func unknown(kind string, b channelBody, err error) Event {
	body := clone(b.Body)
	return &Unknown{In: In{raw: body}, Type: kind, Event: b.Type, Body: body, Err: err}
}

// clone copies what is part of a buffer.
func clone(data []byte) json.RawMessage { return append(json.RawMessage(nil), data...) }
