package misskeytest

import (
	"net/url"
	"slices"

	"github.com/misskey-go/misskey/gen"
)

// Accounts of other servers live on this one, as if their servers had sent all
// that they do.

// uri is what all servers know an account by.
func (s *Server) userURI(a *account) string { return s.origin(a) + "/users/" + a.id }

// uri is what all servers know a note by.
func (s *Server) noteURI(n *note) string { return s.origin(n.author) + "/notes/" + n.id }

// origin is where the server of an account is.
func (s *Server) origin(a *account) string {
	if a.host == "" {
		return s.URL
	}
	return "https://" + a.host
}

// resolveURI is the endpoint ap/show, of accounts and notes that are known. Other
// servers cannot be asked for more.
func resolveURI(c *call) (any, error) {
	s, uri := c.s, c.text("uri")
	if a := s.accounts.find(func(a *account) bool { return uri == s.userURI(a) || uri == s.origin(a)+"/@"+a.username }); a != nil {
		return object{"type": "User", "object": s.userDetailed(a, c.account)}, nil
	}
	if n := s.notes.find(func(n *note) bool { return uri == s.noteURI(n) }); n != nil {
		return object{"type": "Note", "object": s.packNote(n, c.account)}, nil
	}
	u, err := url.Parse(uri)
	blocked, _ := s.setting("blockedHosts").([]any)
	switch {
	case err == nil && u.Host != s.host() && (s.setting("federation") == "none" || slices.Contains(blocked, any(u.Host))):
		return nil, c.refuse("FEDERATION_NOT_ALLOWED")
	case err != nil || u.Host == "" || u.Fragment != "":
		return nil, c.refuse("URI_INVALID")
	case u.Host == s.host():
		return nil, c.refuse(gen.ErrNoSuchObject)
	}
	return nil, c.refuse("REQUEST_FAILED")
}
