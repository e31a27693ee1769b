package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/internal/decode"
)

// A Delivery is what is known of an event beside its body. [From] returns it.
type Delivery struct {
	// ID is Misskey's id of the event. It stays the same when an instance delivers
	// the event again.
	ID string

	// Type is what Misskey calls the event, such as "mention".
	Type string

	// Host is the instance, such as misskey.example, as the header X-Misskey-Host
	// names it. Server is its URL, as the body names it.
	Host, Server string

	// HookID is the id of the webhook.
	HookID string

	// UserID is the account that the event is for. It is empty for the event of a
	// system webhook.
	UserID string

	// CreatedAt is when the event happened, by the clock of the instance. It stays
	// the same when the event is delivered again.
	CreatedAt time.Time

	// Test reports that somebody has pressed the test button of the webhook. Such
	// an event is made up: its ids are not ids. The test of a type whose body has
	// no id, such as [InactiveModeratorsWarning], looks like a real one.
	Test bool
}

// From returns the delivery that an event came with, or nil for an event that did not
// come by webhook.
func From(ev event.Event) *Delivery {
	if ev == nil {
		return nil
	}
	d, _ := event.Kept(ev).Source.(*Delivery)
	return d
}

// maxBuilt is how many bytes of memory an event may take once it is decoded. No event
// of a Misskey comes near.
const maxBuilt = 64 << 20

// A decoder makes events of the bodies of requests.
type decoder struct {
	keepRaw bool
}

// decode makes an event of the body of a request. An error means that the body is not
// a delivery at all. An event that is not known, or whose own body cannot be read, is
// an *event.Unknown.
func (dec decoder) decode(host string, data []byte) (event.Event, error) {
	var envelope struct {
		Server    string          `json:"server"`
		HookID    string          `json:"hookId"`
		UserID    string          `json:"userId"`
		EventID   string          `json:"eventId"`
		CreatedAt int64           `json:"createdAt"`
		Type      string          `json:"type"`
		Body      json.RawMessage `json:"body"`
	}
	_, err := decode.Unmarshal(context.Background(), data, &envelope, decode.Options{MaxMemory: maxBuilt})
	if err != nil {
		return nil, fmt.Errorf("the body is not a delivery: %w", err)
	}
	if envelope.Type == "" {
		return nil, errors.New("the body is not a delivery: it has no type")
	}
	var report decode.Report
	read := func(out any) (err error) {
		report, err = decode.Unmarshal(context.Background(), envelope.Body, out, decode.Options{MaxMemory: maxBuilt})
		return err
	}
	var ev event.Event
	if of := kinds[envelope.Type]; of != nil {
		ev, err = of(read)
	}
	if ev == nil || err != nil {
		if err != nil {
			err = fmt.Errorf("webhook: reading %s: %w", envelope.Type, err)
		}
		ev = &event.Unknown{Type: "webhook", Event: envelope.Type, Body: envelope.Body, Err: err}
	}
	kept := event.Kept(ev)
	kept.Source = &Delivery{
		ID: envelope.EventID, Type: envelope.Type, Host: host, Server: envelope.Server,
		HookID: envelope.HookID, UserID: envelope.UserID, CreatedAt: time.UnixMilli(envelope.CreatedAt),
		Test: isTest(envelope.Body),
	}
	kept.Size = int(report.Memory) + len(data)
	if dec.keepRaw {
		kept.Raw = envelope.Body
	}
	if err == nil {
		kept.SetMismatches(report.Mismatches)
	}
	return ev, nil
}

// isTest reports whether the body of an event is what the test buttons of Misskey
// send: a user, note or report whose id begins with dummy- (observed on 2026.7.0).
func isTest(body []byte) bool {
	if !bytes.Contains(body, []byte(`"dummy-`)) {
		return false
	}
	type thing struct {
		ID string `json:"id"`
	}
	var b struct {
		thing
		Note thing `json:"note"`
		User thing `json:"user"`
	}
	_, err := decode.Unmarshal(context.Background(), body, &b, decode.Options{MaxMemory: maxBuilt})
	return err == nil && (strings.HasPrefix(b.ID, "dummy-") || strings.HasPrefix(b.Note.ID, "dummy-") || strings.HasPrefix(b.User.ID, "dummy-"))
}
