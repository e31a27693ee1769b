package stream

import (
	"errors"
	"fmt"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// Permissions is what the token of an app needs to subscribe to channels, and to
// fetch what an interruption of the stream has missed. Without channels it is what
// any stream needs. It goes to [misskey.PermissionsFor], together with operations:
//
//	misskey.PermissionsFor(gen.OpNotesCreate, stream.Permissions(stream.Main{}))
func Permissions(channels ...Channel) misskey.Requirement {
	return requirement(channels)
}

// A requirement is the channels that a program subscribes to.
type requirement []Channel

// RequiredPermissions returns the permissions for all channels, some perhaps twice.
func (r requirement) RequiredPermissions() ([]gen.Permission, error) {
	all := []gen.Permission{gen.PermissionReadAccount}
	var errs []error
	for i, c := range r {
		c, err := checkChannel(c)
		if err != nil {
			errs = append(errs, fmt.Errorf("stream: Permissions: channel %d: %w", i+1, err))
			continue
		}
		all = append(all, needs(c)...)
		if kind := kinds[c.channelName()]; kind != nil && kind.refetch != "" {
			all = append(all, kind.refetch)
		}
	}
	return all, errors.Join(errs...)
}

// needs returns what the instance asks of the token of an app that subscribes to a
// channel.
func needs(c Channel) []gen.Permission {
	all := []gen.Permission{gen.PermissionReadAccount}
	if kind := kinds[c.channelName()]; kind != nil && kind.permission != "" {
		all = append(all, kind.permission)
	}
	if custom, ok := c.(Custom); ok {
		all = append(all, custom.Permissions...)
	}
	return all
}
