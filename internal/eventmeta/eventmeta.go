// Package eventmeta holds what the packages that make events keep in each of them.
// Programs read it through the methods of package event and the functions From of
// packages stream and webhook.
package eventmeta

import (
	"encoding/json"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/internal/decode"
)

// A Meta belongs to one event.
type Meta struct {
	// Source is what the event comes from: a *stream.Subscription, a
	// *webhook.Delivery, or nil.
	Source any

	// Size is about how many bytes of memory the event takes.
	Size int

	// Raw is the body of the event as it was received, where it is kept.
	Raw json.RawMessage

	// Mismatches point to the values in the body that did not fit their field;
	// nil for none. It is a pointer because most events have none.
	Mismatches *[]misskey.Mismatch
}

// SetMismatches keeps what the decoder reports.
func (m *Meta) SetMismatches(found []decode.Mismatch) {
	if len(found) == 0 {
		return
	}
	all := make([]misskey.Mismatch, len(found))
	for i, mismatch := range found {
		all[i] = misskey.Mismatch(mismatch)
	}
	m.Mismatches = &all
}
