package stream

import (
	"encoding/json"
	"fmt"
	"time"
)

// cursorFormat is the version of what is saved.
const cursorFormat = 1

// A cursorState is what a [Cursor] saves: for each channel that New names, and each
// endpoint that lists its events, since when events have not been handled, and the
// ids of those since shortly before that have been.
type cursorState struct {
	Format   int             `json:"format"`
	Instance string          `json:"instance"`
	Account  string          `json:"account,omitempty"` // its id, empty for none
	Channels []cursorChannel `json:"channels"`
}

type cursorChannel struct {
	Channel string         `json:"channel"` // the key of the subscription
	Since   time.Time      `json:"since"`   // when it was first subscribed to, by the clock of the instance
	Sources []cursorSource `json:"sources,omitempty"`
}

type cursorSource struct {
	Endpoint string `json:"endpoint"`

	// Position is the time, by the clock of the instance, before which everything
	// has been handled that was sent or fetched.
	Position time.Time `json:"position"`

	// Forgotten is since when Handled has all events that were handled, if it
	// has not all.
	Forgotten time.Time `json:"forgotten,omitzero"`

	// Handled are events from shortly before Position on.
	Handled []handledEvent `json:"handled,omitempty"`
}

type handledEvent struct {
	ID      string `json:"id"` // as idOf returns it
	Created int64  `json:"at"` // in milliseconds since 1970, by the clock of the instance
}

// parseCursor reads what a cursor has loaded, and checks that it is that of an
// instance. The result is nil if nothing was saved.
func parseCursor(data []byte, instance string) (*cursorState, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%w: what it has loaded is damaged (%v); restore it, or delete it to begin with what comes from now on", ErrCursor, err)
	}
	if head.Format != cursorFormat {
		return nil, fmt.Errorf("%w: it has format %d, and this version of misskey-go reads %d; use the version that saved it, or delete it to begin with what comes from now on",
			ErrCursor, head.Format, cursorFormat)
	}
	var state cursorState
	if err := json.Unmarshal(data, &state); err != nil {
		return nil, fmt.Errorf("%w: what it has loaded is damaged (%v); restore it, or delete it to begin with what comes from now on", ErrCursor, err)
	}
	if state.Instance != instance {
		return nil, fmt.Errorf("%w: it is that of %s, and the client is for %s; give each instance its own cursor", ErrCursor, state.Instance, instance)
	}
	return &state, nil
}

// checkAccount checks that a cursor is that of an account.
func (c *cursorState) checkAccount(id string) error {
	name := func(id string) string {
		if id == "" {
			return "nobody"
		}
		return "the account " + id
	}
	if c.Account != id {
		return fmt.Errorf("%w: it is that of %s, and the client has the token of %s; give each account its own cursor", ErrCursor, name(c.Account), name(id))
	}
	return nil
}

// channel returns what was saved of a channel, or nil.
func (c *cursorState) channel(key string) *cursorChannel {
	for i := range c.Channels {
		if c.Channels[i].Channel == key {
			return &c.Channels[i]
		}
	}
	return nil
}
