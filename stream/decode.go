package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/misskey-go/misskey/internal/decode"
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

// maxBuilt is how many bytes of memory a message may take at most once it is
// decoded. No message of a Misskey comes near.
const maxBuilt = 64 << 20

// A decoder makes events of frames. subscription finds the subscription of an id,
// or nil.
type decoder struct {
	opts         *Options
	subscription func(id string) *Subscription
}

// decode makes an event of a frame. The event is nil where there is none: for
// confirmations, whose id is returned, and for what comes from a subscription that
// is over. Nothing of the frame is kept.
func (d *decoder) decode(data []byte) (event Event, confirmed string) {
	if kind, b, ok := split(data); ok {
		event, _ = d.body(kind, b)
		switch unknown, ok := event.(*Unknown); {
		case ok && errors.Is(unknown.Err, decode.ErrTooMuch):
			return event, ""
		case event != nil && !ok && payload(event) != nil:
			return event, "" // its body has been read, so it is one
		}
	}
	return d.whole(data)
}

// whole makes an event of a frame, however it is written.
func (d *decoder) whole(data []byte) (event Event, confirmed string) {
	var f struct {
		Type string      `json:"type"`
		Body channelBody `json:"body"`
	}
	if err := unmarshal(data, &f); err != nil || f.Body.ID == "" {
		return d.other(data), ""
	}
	switch f.Type {
	case "connected", "channel", "noteUpdated":
		return d.body(f.Type, f.Body)
	}
	return d.other(data), ""
}

// unmarshal decodes what is not the body of an event, strictly.
func unmarshal(data []byte, out any) error {
	_, err := decode.Unmarshal(context.Background(), data, out, decode.Options{Strict: true, MaxMemory: maxBuilt})
	return err
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

// body makes an event of a frame that has a body with an id.
func (d *decoder) body(kind string, b channelBody) (event Event, confirmed string) {
	var make func() Event
	switch kind {
	case "connected":
		return nil, b.ID
	case "channel":
		sub := d.subscription(b.ID)
		if sub == nil {
			return nil, ""
		}
		if known := kinds[sub.channel.channelName()]; known != nil {
			make = known.events[b.Type]
		}
		event = d.fill(kind, b, make)
		kept(event).Source = sub
	case "noteUpdated":
		if of := noteKinds[b.Type]; of != nil {
			make = func() Event { return of() }
		}
		event = d.fill(kind, b, make)
		switch event := event.(type) {
		case noteEvent:
			event.setNote(b.ID)
		case *Unknown:
			event.NoteID = b.ID
		}
	}
	return event, ""
}

// other makes an event of a frame that has a body of its own form, or is not as it
// should be.
func (d *decoder) other(data []byte) Event {
	var f frame
	if err := unmarshal(data, &f); err != nil {
		return d.unknown("", channelBody{Body: data}, fmt.Errorf("stream: reading a message: %w", err))
	}
	whole := channelBody{Body: f.Body}
	switch f.Type {
	case "connected", "channel", "noteUpdated":
		err := unmarshal(f.Body, &channelBody{})
		if err == nil {
			err = errors.New("it has no id")
		}
		return d.unreadable(f.Type, whole, err)
	}
	return d.fill(f.Type, whole, broadcasts[f.Type])
}

// fill makes an event with a body.
func (d *decoder) fill(kind string, b channelBody, make func() Event) Event {
	if make == nil {
		return d.unknown(kind, b, nil)
	}
	event := make()
	size := int(reflect.TypeOf(event).Elem().Size())
	if payload := payload(event); payload != nil {
		decoded, err := decode.Unmarshal(context.Background(), b.Body, payload, decode.Options{Strict: d.opts.Strict, MaxMemory: maxBuilt})
		if err != nil {
			return d.unreadable(kind, b, err)
		}
		if len(decoded.Mismatches) > 0 {
			kept(event).SetMismatches(decoded.Mismatches)
		}
		size += int(decoded.Memory) + len(b.Body) // as long as its texts, at most
	}
	if d.opts.KeepRaw {
		kept(event).Raw = clone(b.Body)
		size += len(b.Body)
	}
	kept(event).Size = size
	return event
}

func (d *decoder) unreadable(kind string, b channelBody, err error) Event {
	at := ""
	if mismatch, ok := errors.AsType[*decode.MismatchError](err); ok && mismatch.First.Pointer != "" {
		at = " at " + mismatch.First.Pointer
	}
	return d.unknown(kind, b, fmt.Errorf("stream: reading %s %s%s: %w", kind, b.Type, at, err))
}

func (d *decoder) unknown(kind string, b channelBody, err error) Event {
	event := &Unknown{Type: kind, Event: b.Type, Body: clone(b.Body), Err: err}
	if d.opts.KeepRaw {
		kept(event).Raw = event.Body
	}
	kept(event).Size = int(reflect.TypeFor[Unknown]().Size()) + len(event.Body) + len(kind) + len(b.Type)
	return event
}

// clone copies what is part of a buffer.
func clone(data []byte) json.RawMessage { return append(json.RawMessage(nil), data...) }
