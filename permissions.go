package misskey

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/misskey-go/misskey/api"
)

// A Requirement is something that an app token needs permissions for: an operation
// such as gen.OpNotesCreate, or what stream.Permissions returns for channels.
type Requirement interface {
	// RequiredPermissions returns the permissions that an app token needs, which
	// may be none, or an error if no app token is sufficient.
	RequiredPermissions() ([]api.Permission, error)
}

var _ Requirement = (*api.Operation)(nil)

// PermissionsFor returns the permissions that an app token needs to meet all
// requirements, and no others, in alphabetical order. The error names each
// requirement that refuses app tokens; those need the account token. A permission
// is not a role: an endpoint for moderators also needs the account of a moderator.
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

// WithPermissions declares that the token is an app token with these permissions;
// an instance does not report them. A call that needs another permission then fails
// without being sent. Its [Error] has Status 0 and the code that the instance would
// use: PERMISSION_DENIED, or ACCESS_DENIED for an endpoint that refuses app tokens.
// i/revoke-token is sent all the same: since Misskey 2026.9 an app may revoke its
// own token, and older instances refuse that themselves.
// [Call] is not checked, because its endpoints are unknown. The option does not
// apply to clients that [Client.As] returns, which have other tokens.
func WithPermissions(permissions ...api.Permission) Option {
	return func(o *options) error {
		o.permissions = append([]api.Permission{}, permissions...)
		return nil
	}
}

// selfRevocation is the endpoint that takes app tokens since Misskey 2026.9, for
// their own revocation (protocol J.2).
const selfRevocation = "i/revoke-token"

// permit returns an error for a call that the token is known to be insufficient for.
func (o *options) permit(op *api.Operation) error {
	if o.permissions == nil || op.Endpoint == selfRevocation {
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
