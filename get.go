package misskey

import (
	"errors"
	"net/http"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// GET sends a call as an HTTP GET, without the token, so that caches such as a CDN
// can serve the response. The call fails without being sent if the endpoint does not
// accept GET or needs a token, or if a query cannot express a parameter, such as
// null.
func GET() gen.CallOption { return getOption{} }

// GETWithToken is [GET], but with the token, in the header.
func GETWithToken() gen.CallOption { return getOption{token: true} }

type getOption struct{ token bool }

func (o getOption) Apply(s *api.CallSettings) {
	s.GET = true
	s.GETToken = s.GETToken || o.token
}

// tokenOnGET reports whether the token of the client goes along with a GET. What
// knows nothing but GET gets it where it cannot do without.
func tokenOnGET(op *api.Operation, settings *api.CallSettings) bool {
	return settings.GETToken || !settings.GET && op.Credential
}

// checkGET refuses a GET that the server would refuse.
func checkGET(req *http.Request, op *api.Operation, settings *api.CallSettings) error {
	if !op.Credential || sentToken(req) != "" {
		return nil
	}
	if settings.GET && !settings.GETToken {
		return errors.New("the endpoint needs a token, and misskey.GET sends none; use misskey.GETWithToken")
	}
	return errors.New("the endpoint needs a token, and the client has none")
}
