package misskeytest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// An apiError is an error of the API on its way to the caller.
type apiError struct {
	status     int
	code       string
	id         string
	kind       string
	message    string // made of the code where it is empty
	info       any
	ordered    bool // by Fail
	retryAfter time.Duration
}

func (e *apiError) Error() string { return e.code }

// The errors that every endpoint can answer.
var (
	errAuthenticationFailed = apiError{status: 401, kind: "client", code: "AUTHENTICATION_FAILED", id: "b0a7f5f8-dc2f-4171-b91f-de88ad238e14"}
	errCredentialRequired   = apiError{status: 401, kind: "client", code: "CREDENTIAL_REQUIRED", id: "1384574d-a912-4b81-8601-c7b1c4085df1"}
	errAccessDenied         = apiError{status: 400, kind: "client", code: "ACCESS_DENIED", id: "56f35758-7dd5-468b-8439-5d6fb8ec9b8e"}
	errSuspended            = apiError{status: 403, kind: "permission", code: "YOUR_ACCOUNT_SUSPENDED", id: "a8c724b3-6e9c-4b46-b1a8-bc3ed6258370"}
	errMoved                = apiError{status: 403, kind: "permission", code: "YOUR_ACCOUNT_MOVED", id: "56f20ec9-fd06-4fa5-841b-edd6d7d4fa31"}
	errNotModerator         = apiError{status: 403, kind: "permission", code: "ROLE_PERMISSION_DENIED", id: "d33d5333-db36-423d-a8f9-1a2b9549da41"}
	errNotAdministrator     = apiError{status: 403, kind: "permission", code: "ROLE_PERMISSION_DENIED", id: "c3d38592-54c0-429d-be96-5636b0431a61"}
	errNoPolicy             = apiError{status: 403, kind: "permission", code: "ROLE_PERMISSION_DENIED", id: "7f86f06f-7e15-4057-8561-f4b6d4ac755a"}
	errPermissionDenied     = apiError{status: 403, kind: "permission", code: "PERMISSION_DENIED", id: "1370e5b7-d4eb-4566-bb1d-7748ee6a1838"}
	errInvalidParam         = apiError{status: 400, kind: "client", code: "INVALID_PARAM", id: "3d81ceae-475f-4600-b2a8-2bc116157532"}
	errCannotCast           = apiError{status: 400, kind: "client", code: "INVALID_PARAM", id: "0b5f1631-7c1a-41a6-b399-cce335f34d85"}
	errRateLimit            = apiError{status: 429, kind: "client", code: "RATE_LIMIT_EXCEEDED", id: "d5826d14-3982-4d2e-8011-b9e9f02499ef"}
	errInternal             = apiError{status: 500, kind: "server", code: "INTERNAL_ERROR", id: "5d37dbcb-891e-41ca-a3d6-e690c97775ac"}
	errUnknownOAuthEndpoint = apiError{status: 404, kind: "client", code: "UNKNOWN_OAUTH_ENDPOINT", id: "aa49e620-26cb-4e28-aad6-8cbcb58db147"}
	errUnknownEndpoint      = apiError{status: 404, kind: "client", code: "UNKNOWN_API_ENDPOINT", id: "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1"}
)

var generalErrors = []apiError{errAuthenticationFailed, errCredentialRequired, errAccessDenied, errSuspended, errMoved,
	errNotModerator, errNotAdministrator, errNoPolicy, errPermissionDenied, errInvalidParam, errCannotCast, errRateLimit,
	errInternal, errUnknownEndpoint}

// with returns the error with a further detail.
func (e apiError) with(info any) *apiError {
	e.info = info
	return &e
}

// find returns the error of an operation with a code or an id: one of its own or
// else one that every endpoint has.
func (op *operation) find(codeOrID string) (apiError, bool) {
	for _, list := range [][]apiError{op.errors, generalErrors} {
		for _, e := range list {
			if e.code == codeOrID || e.id == codeOrID {
				return e, true
			}
		}
	}
	return apiError{}, false
}

// refuse returns the error of the called endpoint with a code.
func (c *call) refuse(code gen.ErrorCode) error {
	if e, ok := c.op.find(string(code)); ok {
		return &e
	}
	return internalError("the document has no error " + string(code) + " here")
}

// refuseSince returns the error of the called endpoint with a code, which Misskey
// has since a version. Before, and where the document does not know it, it was
// an internal error.
func (c *call) refuseSince(version string, code gen.ErrorCode) error {
	if e, ok := c.op.find(string(code)); ok && c.s.since(version) {
		return &e
	}
	return internalError(string(code))
}

// internalError is what becomes of mistakes that an endpoint has no error for.
func internalError(message string) error {
	return errInternal.with(object{"e": object{"message": message, "code": "Error", "id": "00000000-0000-4000-8000-000000000000"}})
}

// write sends the error.
func (e *apiError) write(w http.ResponseWriter) {
	message := e.message
	if message == "" {
		message = strings.ToLower(strings.ReplaceAll(e.code, "_", " "))
	}
	challenge := ""
	switch {
	case e.code == errCredentialRequired.code:
		challenge = `Bearer realm="Misskey"`
	case e.code == errAuthenticationFailed.code:
		challenge = fmt.Sprintf(`Bearer realm="Misskey", error="invalid_token", error_description=%q`, message)
	case e.id == errPermissionDenied.id:
		challenge = fmt.Sprintf(`Bearer realm="Misskey", error="insufficient_scope", error_description=%q`, message)
	case e.kind == "client" && e.status != http.StatusTooManyRequests:
		challenge = fmt.Sprintf(`Bearer realm="Misskey", error="invalid_request", error_description=%q`, message)
	}
	if challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	if e.status == http.StatusTooManyRequests && e.id != errTooManySignins.id {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
	}
	inner := object{"message": message}
	for name, v := range map[string]string{"code": e.code, "id": e.id, "kind": e.kind} {
		if v != "" {
			inner[name] = v
		}
	}
	if e.info != nil {
		inner["info"] = e.info
	}
	writeJSON(w, e.status, object{"error": inner})
}

// A frameworkError is a response of the web framework below the API.
type frameworkError struct {
	status  int
	code    string // empty for an unknown route
	message string
}

func (e *frameworkError) Error() string { return e.code }

func (e *frameworkError) write(w http.ResponseWriter) {
	body := object{"statusCode": e.status, "error": http.StatusText(e.status), "message": e.message}
	if e.code != "" {
		body["code"] = e.code
		w.Header().Set("Connection", "close")
	}
	writeJSON(w, e.status, body)
}

// An emptyError is a status without a body.
type emptyError int

func (e emptyError) Error() string { return http.StatusText(int(e)) }
