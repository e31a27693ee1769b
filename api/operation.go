package api

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A Caller performs operations. The client of package misskey is one; generated
// clients are built on it.
type Caller interface {
	// Call sends in as the parameters of op and decodes the response into out.
	//
	// in is nil for an operation without parameters; otherwise encoding/json
	// encodes it as an object. out is nil for an operation without a response;
	// otherwise it is a pointer, which Call leaves unchanged if the server
	// responds with 204. The Caller documents the errors of refused calls.
	Call(ctx context.Context, op *Operation, in, out any, opts ...CallOption) error
}

// An Operation holds the facts about one endpoint. The generator makes Operations;
// programs must not change them.
type Operation struct {
	// Endpoint is the path below /api/, for example "notes/create". A part in
	// braces is a path parameter: see [Operation.WithPath].
	Endpoint string

	// Permission is the permission that an app token needs. It is empty if none is
	// needed, or if no permission suffices. An account token needs none.
	Permission Permission

	// Credential reports whether the endpoint refuses calls without a token.
	Credential bool

	// Secure reports whether the endpoint refuses all app tokens.
	Secure bool

	// Role is the role that the account must have, if any.
	Role Role

	// Policy is the role policy that must be true for the account, if any, for
	// example "canInvite".
	Policy string

	// ProhibitMoved reports whether the endpoint refuses accounts that have moved
	// to another server.
	ProhibitMoved bool

	// Limit is the rate limit of the endpoint. The zero value means none.
	Limit Limit

	// GET reports whether the endpoint also accepts GET.
	GET bool

	// GETOnly reports whether the endpoint accepts nothing but GET.
	GETOnly bool

	// CacheFor is how long a response to GET without a token may be cached.
	CacheFor time.Duration

	// ReadOnly reports whether the call changes nothing, so that repeating it does
	// no harm.
	ReadOnly bool

	// Multipart reports whether the parameters are sent as multipart/form-data.
	Multipart bool

	// MayBeEmpty reports whether the endpoint can respond with 204 although it has
	// a response.
	MayBeEmpty bool

	// Errors are the codes of the endpoint's own errors, without those that are
	// common to all endpoints.
	Errors []ErrorCode

	path string
}

// WithPath returns a copy of op with the path parameter name set to value. Endpoint
// does not change, so that a secret value appears in no error and in no log.
func (op *Operation) WithPath(name, value string) *Operation {
	filled := *op
	filled.path = strings.ReplaceAll(op.Path(), "{"+name+"}", url.PathEscape(value))
	return &filled
}

// Path returns the path of the call below /api/.
func (op *Operation) Path() string {
	if op.path != "" {
		return op.path
	}
	return op.Endpoint
}

// RequiredPermissions returns the permission that an app token needs for the
// operation, if any, or an error if the endpoint refuses app tokens.
func (op *Operation) RequiredPermissions() ([]Permission, error) {
	switch {
	case op.Secure:
		return nil, fmt.Errorf("%s refuses the tokens of apps: it needs the account's own", op.Endpoint)
	case op.Permission == "":
		return nil, nil
	}
	return []Permission{op.Permission}, nil
}

// A Role is the role that an account needs to use an endpoint.
type Role string

// The roles that endpoints require.
const (
	RoleModerator     Role = "moderator"
	RoleAdministrator Role = "administrator"
)

// A Limit is a rate limit: Max calls in a sliding Window, and at least
// MinInterval between two calls. A zero part means no limit.
type Limit struct {
	Max         int
	Window      time.Duration
	MinInterval time.Duration
}
