package misskey

import (
	"errors"
	"net/http"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// GET sends a call as GET, where the endpoint can be read that way, and
// without the token: servers let the answers to everybody be cached, by a CDN for
// instance, those to an account not. An endpoint that needs a token, and a
// parameter that a query cannot say, such as null, are errors; nothing is sent.
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
