package misskey

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/misskey-go/misskey/api"
)

// A Requirement is something for which the token of an app needs permissions: an
// operation such as gen.OpNotesCreate, or what stream.Permissions returns for
// channels.
type Requirement interface {
	// RequiredPermissions returns what the token of an app needs, which may be
	// nothing, or an error that says why no such token will do.
	RequiredPermissions() ([]api.Permission, error)
}

var _ Requirement = (*api.Operation)(nil)

// PermissionsFor returns the permissions that the token of an app needs for all
// of that, and no others, in alphabetical order. The error names each
// requirement that refuses the tokens of apps whatever their permissions; those
// need the account's own token. A permission is not a role: what is for moderators
// needs the account of one, too.
func PermissionsFor(requirements ...Requirement) ([]api.Permission, error) {
	var all []api.Permission
	var errs []error
	for i, r := range requirements {
		if isNil(r) {
			errs = append(errs, fmt.Errorf("PermissionsFor: requirement %d is nil", i+1))
			continue
		}
		permissions, err := r.RequiredPermissions()
		if err != nil {
			errs = append(errs, err)
		}
		all = append(all, permissions...)
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("misskey: %w", errors.Join(errs...))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// isNil reports whether r is nil, or a nil pointer.
func isNil(r Requirement) bool {
	v := reflect.ValueOf(r)
	return r == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// WithPermissions says which permissions the token has, which is that of an app:
// an instance does not report. Calls for which they do not suffice fail without
// being sent, with an [Error] whose Status is 0 and whose code is the one that
// the instance would respond with: PERMISSION_DENIED, or ACCESS_DENIED where the
// tokens of apps are refused whatever they may do. [Call] does not know what its
// endpoints need. A client that [Client.As] returns has another token, of which
// nothing is known.
func WithPermissions(permissions ...api.Permission) Option {
	return func(o *options) error {
		o.permissions = append([]api.Permission{}, permissions...)
		return nil
	}
}

// permit refuses a call for which the token is known not to suffice.
func (o *options) permit(op *api.Operation) error {
	if o.permissions == nil {
		return nil
	}
	needed, err := op.RequiredPermissions()
	e := &Error{Endpoint: op.Endpoint, Kind: "permission"}
	switch {
	case err != nil:
		e.Code, e.Message = "ACCESS_DENIED", "not sent: the endpoint refuses the tokens of apps; it needs the account's own"
		return e
	case len(needed) > 0 && !slices.Contains(o.permissions, needed[0]):
		e.Permission = needed[0]
		e.Code, e.Message = "PERMISSION_DENIED", fmt.Sprintf("not sent: the token lacks the permission %s", needed[0])
		return e
	}
	return nil
}
