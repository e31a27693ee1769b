package stream

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// A keeper calls an instance and keeps what it answers, for [Options].KeepRaw.
type keeper struct {
	mk   *misskey.Client
	raws map[string]json.RawMessage // by the id of the object
}

// fetcher returns what gaps are filled with, and where that keeps what is
// answered, or nil.
func (s *Stream) fetcher() (*gen.Client, *keeper) {
	if !s.opts.KeepRaw {
		return s.mk.Client, nil
	}
	k := &keeper{s.mk, map[string]json.RawMessage{}}
	return gen.NewClient(k), k
}

// Call is that of an [api.Caller].
func (k *keeper) Call(ctx context.Context, op *api.Operation, in, out any, opts ...api.CallOption) error {
	var answer json.RawMessage
	if err := k.mk.Call(ctx, op, in, out, append(slices.Clip(opts), misskey.Raw(&answer))...); err != nil {
		return err
	}
	var objects []json.RawMessage
	if json.Unmarshal(answer, &objects) != nil {
		objects = []json.RawMessage{answer}
	}
	for _, object := range objects {
		var named struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(object, &named) == nil {
			k.raws[named.ID] = object
		}
	}
	return nil
}

// give gives an event what was fetched of an id.
func (k *keeper) give(event Event, id string) {
	if k != nil {
		kept(event).Raw = rawOf(event, k.raws[id])
	}
}
