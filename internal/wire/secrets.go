package wire

import (
	"net/url"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/internal/secret"
)

// secretNames are the properties and parameters whose values are secrets, without
// regard to case. A test compares them with all names that package gen has.
var secretNames = []string{
	"i", "auth", "authorization", "backupcodes", "cookie", "credential", "headers", "invitationcode", "qr", "requestheaders", "session",
	"signinresponse", "smtppass",
}

// secretEndings are how the names of others end.
var secretEndings = []string{"token", "tokens", "secret", "password", "secretkey", "privatekey", "authkey", "apikey", "accesskey"}

// secretsOf are those whose names mean something harmless elsewhere, by endpoint.
var secretsOf = map[string][]string{
	"admin/invite/create":    {"code"},
	"admin/invite/list":      {"code"},
	"auth/session/generate":  {"url"}, // has the token of the session in it
	"i/2fa/register":         {"url"}, // has the secret in it
	"invite/create":          {"code"},
	"invite/list":            {"code"},
	"signin-with-passkey":    {"context"},
	"signup-pending":         {"code"},
	"sw/register":            {"endpoint"}, // anyone who knows it can send to the browser
	"sw/show-registration":   {"endpoint"},
	"sw/unregister":          {"endpoint"},
	"sw/update-registration": {"endpoint"},
}

// isSecret reports whether the value of a property or parameter is a secret.
func isSecret(endpoint, name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(secretNames, name) || slices.Contains(secretsOf[endpoint], name) ||
		slices.ContainsFunc(secretEndings, func(end string) bool { return strings.HasSuffix(name, end) })
}

// Query returns a query without secrets, for people.
func Query(endpoint string, query url.Values, hide func(string) string) string {
	var pairs []string
	for name, values := range query {
		for _, value := range values {
			value = hide(value)
			if isSecret(endpoint, name) {
				value = secret.Hidden
			}
			pairs = append(pairs, quote(hide(name) + "=" + value)[1:])
		}
	}
	slices.Sort(pairs)
	for i, pair := range pairs {
		pairs[i] = strings.TrimSuffix(pair, `"`)
	}
	return strings.Join(pairs, "&")
}
