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
	// in is nil for an operation without parameters, else a value that
	// encoding/json turns into an object. out is nil for an operation without
	// a response, else a pointer; it stays as it is where the server answers
	// 204. The error of a refused call is described by the Caller.
	Call(ctx context.Context, op *Operation, in, out any, opts ...CallOption) error
}

// An Operation is what is known of one endpoint. Operations are made by the
// generator and must not be changed.
type Operation struct {
	// Endpoint is the path below /api/, for example "notes/create". A part in
	// braces is a path parameter: see [Operation.WithPath].
	Endpoint string

	// Permission is what the token of an app needs; empty where none would do
	// or none is needed. An account's own token needs none.
	Permission Permission

	// Credential says that the endpoint refuses callers without a token.
	Credential bool

	// Secure says that the endpoint refuses the tokens of apps, whatever
	// their permissions.
	Secure bool

	// Role is the role that the account must have, if any.
	Role Role

	// Policy is the role policy that must be true for the account, if any, for
	// example "canInvite".
	Policy string

	// ProhibitMoved says that an account that has moved elsewhere is refused.
	ProhibitMoved bool

	// Limit is the endpoint's rate limit; its zero value means none.
	Limit Limit

	// GET says that the endpoint can be read with GET, too.
	GET bool

	// GETOnly says that the endpoint knows no other method.
	GETOnly bool

	// CacheFor is how long an anonymous answer to GET may be cached.
	CacheFor time.Duration

	// ReadOnly says that the call changes nothing, so that sending it twice
	// does no harm.
	ReadOnly bool

	// Multipart says that the parameters travel as multipart/form-data.
	Multipart bool

	// MayBeEmpty says that the endpoint, which has a response, answers 204
	// where there is no difference.
	MayBeEmpty bool

	// Errors are the codes of the endpoint's own errors, without those that
	// every endpoint can answer.
	Errors []ErrorCode

	path string
}

// WithPath returns op with the path parameter name replaced by value. The
// Endpoint stays as it is, so that a value that is secret shows up in no error
// and in no log.
func (op *Operation) WithPath(name, value string) *Operation {
	filled := *op
	filled.path = strings.ReplaceAll(op.Path(), "{"+name+"}", url.PathEscape(value))
	return &filled
}

// Path returns the path below /api/ to send the call to.
func (op *Operation) Path() string {
	if op.path != "" {
		return op.path
	}
	return op.Endpoint
}

// RequiredPermissions returns the permission that the token of an app needs for
// the operation, if it needs one, or an error where such tokens are refused
// whatever they may do.
func (op *Operation) RequiredPermissions() ([]Permission, error) {
	switch {
	case op.Secure:
		return nil, fmt.Errorf("%s refuses the tokens of apps: it needs the account's own", op.Endpoint)
	case op.Permission == "":
		return nil, nil
	}
	return []Permission{op.Permission}, nil
}

// A Role is what an account must be to use an endpoint.
type Role string

// The roles that endpoints ask for.
const (
	RoleModerator     Role = "moderator"
	RoleAdministrator Role = "administrator"
)

// A Limit is a rate limit: Max calls in a sliding Window, and at least
// MinInterval between two calls. A part that is zero does not limit.
type Limit struct {
	Max         int
	Window      time.Duration
	MinInterval time.Duration
}
