// Package event holds the events that reach a program both ways: over a stream
// (package stream) and by webhook (package webhook). One function handles both:
//
//	func handle(ctx context.Context, ev event.Event) error {
//		switch ev := ev.(type) {
//		case *event.Mention:
//			fmt.Println(ev.User.Username, "mentions you")
//		case *event.Followed:
//			fmt.Println(ev.Username, "follows you")
//		}
//		return nil
//	}
//
// Package stream has these types, too: stream.Mention is event.Mention. The events
// that only one of the two has are types of that package.
package event

import (
	"encoding/json"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/eventmeta"
)

// An Event is a pointer to one of the event types of this package, of package stream
// or of package webhook. A type switch distinguishes them. An event that this version
// does not know is an *[Unknown], so that nothing is lost. The methods are those of
// [Meta], which each event embeds.
type Event interface {
	Raw() json.RawMessage
	Mismatches() []misskey.Mismatch

	meta() *eventmeta.Meta
}

// Meta is the part that all events have. Events embed it, and a program never fills
// it in. The functions stream.From and webhook.From return where an event comes from.
type Meta struct {
	kept eventmeta.Meta
}

// Raw returns the body of the event as it was received or fetched, if the KeepRaw of
// the options of the stream or the webhook handler is set. It is nil otherwise, and
// for events about a stream itself.
func (m *Meta) Raw() json.RawMessage { return m.kept.Raw }

// Mismatches returns the values in the body that did not fit their field, such as a
// string for a number. Such a field is left at zero. Mostly there are none.
func (m *Meta) Mismatches() []misskey.Mismatch {
	if m.kept.Mismatches == nil {
		return nil
	}
	return *m.kept.Mismatches
}

func (m *Meta) meta() *eventmeta.Meta { return &m.kept }

// Kept returns what the package that made an event keeps in it. It is for the
// packages of this module.
func Kept(ev Event) *eventmeta.Meta { return ev.meta() }

// Events about notes. Filled reports that the note was fetched after an interruption
// of the stream; it is never set for an event of a webhook.
type (
	// A Note is a new note: on a stream one of a timeline, by webhook one that the
	// account itself has written. The instance sends the same to everybody: without
	// the reader's own reaction, and with counts of 0.
	Note struct {
		Meta
		gen.Note
		Filled bool
	}

	// Mention reports a note that mentions the account, replies to it or is for it
	// alone.
	Mention struct {
		Meta
		gen.Note
		Filled bool
	}

	// Reply reports a note that replies to one of the account. The same note
	// comes as a [Mention], too.
	Reply struct {
		Meta
		gen.Note
		Filled bool
	}

	// Renote reports a note of somebody else that renotes or quotes one of the
	// account.
	Renote struct {
		Meta
		gen.Note
		Filled bool
	}
)

// Events about who follows whom.
type (
	// Follow reports that the account now follows a user. It also comes when that
	// user has accepted the account's request.
	Follow struct {
		Meta
		gen.UserDetailed
	}

	// Followed reports a new follower of the account.
	Followed struct {
		Meta
		gen.UserLite
	}

	// Unfollow reports that the account no longer follows a user.
	Unfollow struct {
		Meta
		gen.UserDetailed
	}
)

// Unknown is an event that this version does not know, or cannot read.
type Unknown struct {
	Meta

	// Type is the type of the message: "channel" for an event of a channel of a
	// stream, "noteUpdated" for one of a captured note, "webhook" for a delivery.
	Type string

	// Event is the type of the event in it, and NoteID the captured note that it
	// is about, if any.
	Event, NoteID string

	// Body is the body of the event, or all of a message that cannot be read.
	Body json.RawMessage

	// Err says why the event cannot be read. It is nil for an event that is just
	// not known.
	Err error
}
