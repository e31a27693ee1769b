package api

import (
	"encoding/json"
	"fmt"
)

// A QueueDelay is the Count of jobs for a Host that a queue holds back. It travels
// as an array of the two. Source: admin/queue/deliver-delayed and inbox-delayed.
type QueueDelay struct {
	Host  string
	Count int64
}

// MarshalJSON returns an array of the host and the count.
func (d QueueDelay) MarshalJSON() ([]byte, error) {
	return marshal([]any{d.Host, d.Count})
}

// UnmarshalJSON takes an array of a host and a count. What follows them is
// ignored; null is the zero value.
func (d *QueueDelay) UnmarshalJSON(data []byte) error { return unmarshal(d, data) }

// DecodeJSON is UnmarshalJSON for a decoder that reads the value itself; see
// [OneOrMany.DecodeJSON].
func (d *QueueDelay) DecodeJSON(first byte, decode func(any) error) error {
	*d = QueueDelay{}
	if first == 'n' {
		return nil
	}
	var parts []json.RawMessage
	if err := decode(&parts); err != nil {
		return fmt.Errorf("misskey: a queue's delay: %w", err)
	}
	if len(parts) < 2 {
		return fmt.Errorf("misskey: a queue's delay: %d elements instead of a host and a count", len(parts))
	}
	var read QueueDelay
	if err := json.Unmarshal(parts[0], &read.Host); err != nil {
		return fmt.Errorf("misskey: a queue's delay: its host: %w", err)
	}
	if err := json.Unmarshal(parts[1], &read.Count); err != nil {
		return fmt.Errorf("misskey: a queue's delay: its count: %w", err)
	}
	*d = read
	return nil
}
