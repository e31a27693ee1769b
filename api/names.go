package api

// An ErrorCode is the machine-readable name of an error, such as
// "NO_SUCH_NOTE". The same code is used for several causes; an [ErrorID] is
// not. It is an error, so that errors.Is can be asked for it.
type ErrorCode string

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// An ErrorID is the identifier, a UUID, of one cause of an error at one
// endpoint. It is an error, so that errors.Is can be asked for it.
type ErrorID string

// Error returns the identifier.
func (id ErrorID) Error() string { return string(id) }

// A Permission is what the token of an app is allowed to do, such as
// "write:notes".
type Permission string
