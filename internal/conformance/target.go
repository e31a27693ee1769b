package conformance

import (
	"net/http"

	"github.com/misskey-go/misskey/api"
)

// A Target is the client under test.
type Target struct {
	// Operations are those that the client has methods for. The method's
	// name, read without case, is the endpoint without its separators and
	// path parameters.
	Operations []*api.Operation

	// Client makes a client that sends through the transport: with some token
	// or, if anonymous, without.
	Client func(transport http.RoundTripper, anonymous bool) (api.Caller, error)

	// Error returns what the client's error type holds of a refusal; ok is
	// false for an error of another type.
	Error func(err error) (e Refusal, ok bool)

	// NullMeansAbsent says that the null of a parameter, named by its path such as
	// "$.poll.expiresAt", is the same to the endpoint as no parameter.
	NullMeansAbsent func(endpoint, place string) bool

	// Options are given to every call.
	Options []api.CallOption
}

// A Refusal is what an error response says.
type Refusal struct {
	Status int
	Code   api.ErrorCode
	ID     api.ErrorID
}

// asGET asks for a call to be sent as GET.
type asGET struct{}

func (asGET) Apply(s *api.CallSettings) { s.GET = true }
