package stream

import (
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
	// Most frames have a body of this form, and are long: to read them once less
	// saves half of the time.
	var f struct {
		Type string      `json:"type"`
		Body channelBody `json:"body"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return decodeOther(data), ""
	}
	b := f.Body
	switch {
	case b.ID == "":
		return decodeOther(data), ""
	case f.Type == "connected":
		return nil, b.ID
	case f.Type == "channel":
		sub := subscription(b.ID)
		if sub == nil {
			return nil, ""
		}
		var make func() Event
		if kind := kinds[sub.channel.channelName()]; kind != nil {
			make = kind.events[b.Type]
		}
		event = fill(f.Type, b, make)
		event.setFrom(sub)
		return event, ""
	case f.Type == "noteUpdated":
		var make func() Event
		if of := noteKinds[b.Type]; of != nil {
			make = func() Event { return of() }
		}
		event = fill(f.Type, b, make)
		switch event := event.(type) {
		case noteEvent:
			event.setNote(b.ID)
		case *Unknown:
			event.NoteID = b.ID
		}
		return event, ""
	}
	return decodeOther(data), ""
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
		return &Unknown{Type: kind, Event: b.Type, Body: clone(b.Body)}
	}
	event := make()
	if payload := event.payload(); payload != nil {
		if err := json.Unmarshal(b.Body, payload); err != nil {
			return unreadable(kind, b, err)
		}
	}
	return event
}

func unreadable(kind string, b channelBody, err error) Event {
	return &Unknown{Type: kind, Event: b.Type, Body: clone(b.Body), Err: fmt.Errorf("stream: reading %s %s: %w", kind, b.Type, err)}
}

// clone copies what is part of a buffer.
func clone(data []byte) json.RawMessage { return append(json.RawMessage(nil), data...) }
