package misskey

import (
	"net/http"
	"strings"

	"github.com/misskey-go/misskey/api"
)

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirectMessage says where a redirect wanted to go, without what might be
// secret in the address: user, query, fragment, path parameters.
func redirectMessage(op *api.Operation, resp *http.Response) string {
	loc, err := resp.Location()
	if err != nil || loc.Host == "" {
		return "redirect to nowhere"
	}
	path := loc.EscapedPath()
	if op.Path() != op.Endpoint {
		path = strings.ReplaceAll(path, op.Path(), op.Endpoint)
	}
	return "redirect to " + loc.Scheme + "://" + loc.Host + path +
		" not followed; if the instance has moved there, give its new address to misskey.New"
}
