package stream

import (
	"encoding/json"
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
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		return &Unknown{Body: clone(data), Err: fmt.Errorf("stream: reading a message: %w", err)}, ""
	}
	switch f.Type {
	case "connected":
		var b channelBody
		if err := json.Unmarshal(f.Body, &b); err != nil {
			return unreadable(f, channelBody{Body: f.Body}, err), ""
		}
		return nil, b.ID
	case "channel":
		var b channelBody
		if err := json.Unmarshal(f.Body, &b); err != nil {
			return unreadable(f, channelBody{Body: f.Body}, err), ""
		}
		sub := subscription(b.ID)
		if sub == nil {
			return nil, ""
		}
		var make func() Event
		if kind := kinds[sub.channel.channelName()]; kind != nil {
			make = kind.events[b.Type]
		}
		event = fill(f, b, make)
		event.setFrom(sub)
		return event, ""
	case "noteUpdated":
		var b channelBody
		if err := json.Unmarshal(f.Body, &b); err != nil {
			return unreadable(f, channelBody{Body: f.Body}, err), ""
		}
		var make func() Event
		if of := noteKinds[b.Type]; of != nil {
			make = func() Event { return of() }
		}
		event = fill(f, b, make)
		switch event := event.(type) {
		case noteEvent:
			event.setNote(b.ID)
		case *Unknown:
			event.NoteID = b.ID
		}
		return event, ""
	}
	return fill(f, channelBody{Body: f.Body}, broadcasts[f.Type]), ""
}

// fill makes an event with a body.
func fill(f frame, b channelBody, make func() Event) Event {
	if make == nil {
		return &Unknown{Type: f.Type, Event: b.Type, Body: clone(b.Body)}
	}
	event := make()
	if payload := event.payload(); payload != nil {
		if err := json.Unmarshal(b.Body, payload); err != nil {
			return unreadable(f, b, err)
		}
	}
	return event
}

func unreadable(f frame, b channelBody, err error) Event {
	return &Unknown{Type: f.Type, Event: b.Type, Body: clone(b.Body), Err: fmt.Errorf("stream: reading %s %s: %w", f.Type, b.Type, err)}
}

// clone copies what is part of a buffer.
func clone(data []byte) json.RawMessage { return append(json.RawMessage(nil), data...) }
