package misskey

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// An Address names a user: alice@misskey.example. [ParseAddress] reads one, and
// [FindUser] finds the user. Addresses with == are the same, but for the case of
// the Username, which servers ignore.
type Address struct {
	Username string
	Host     string // in lower case and ASCII, with a port that is not 443; "" for the instance itself
}

// remoteUsername is the form of the usernames that Misskey takes from other
// servers; those of its own accounts have no dots and hyphens.
// (ApPersonService, Misskey 2025.11.1.)
var remoteUsername = regexp.MustCompile(`^[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_])?$`)

const maxUsername = 128

// maxAddress is more bytes than any address has.
const maxAddress = 4096

// ParseAddress reads the address of a user, as people write it and as programs
// show it:
//
//   - alice, @alice: a user of the instance itself
//   - alice@misskey.example, @alice@misskey.example, acct:alice@misskey.example
//   - https://misskey.example/@alice, the page of a user at its own server, and
//     https://misskey.example/@bob@remote.example, its page at another one
//
// Profiles have URLs of the last form at Misskey, Mastodon and most others. Other
// forms of URL do not show whether they lead to a profile: [FindUser] asks the server
// about them.
//
// A host with letters beyond ASCII is in the Host of the result as servers keep
// it: 例え.テスト is xn--r8jz45g.xn--zckzah. Its text is not normalized, as browsers
// do before: an accent that is a character of its own stays one.
func ParseAddress(s string) (Address, error) {
	a, err := Address{}, errors.New("it is too long")
	if len(s) <= maxAddress {
		a, err = parseAddress(strings.TrimSpace(s))
	}
	if err != nil {
		return Address{}, fmt.Errorf("misskey: %q is not the address of a user: %w; give @alice, @alice@misskey.example or https://misskey.example/@alice", clip(s, 100), err)
	}
	return a, nil
}

func parseAddress(s string) (Address, error) {
	if !strings.Contains(s, "://") {
		return parseAcct(strings.TrimPrefix(strings.TrimPrefix(s, "acct:"), "@"))
	}
	u, err := parsePage(s)
	if err != nil {
		return Address{}, err
	}
	acct, ok := strings.CutPrefix(strings.TrimSuffix(u.Path, "/"), "/@")
	if !ok {
		return Address{}, errors.New("the path of its URL does not begin with /@")
	}
	if strings.Contains(acct, "/") {
		return Address{}, errors.New("it is the URL of something that belongs to a user")
	}
	a, err := parseAcct(acct)
	if err == nil && a.Host == "" {
		a.Host = u.Host
	}
	return a, err
}

// parsePage reads the URL of a page of a server. The host of the result is as in
// an Address.
func parsePage(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL") // the error of url.Parse repeats it
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("its URL does not begin with https://")
	case u.User != nil:
		return nil, errors.New("its URL has a user name or password in front of the host")
	}
	u.Host, err = parseHost(u.Host, defaultPorts[u.Scheme])
	return u, err
}

// parseAcct reads alice or alice@misskey.example.
func parseAcct(s string) (Address, error) {
	username, host, remote := strings.Cut(s, "@")
	if len(username) > maxUsername || !remoteUsername.MatchString(username) {
		return Address{}, errors.New("a username has letters, digits and _ only, and at other servers also . and - inside")
	}
	a := Address{Username: username}
	if !remote {
		return a, nil
	}
	var err error
	a.Host, err = parseHost(host, defaultPorts["https"])
	return a, err
}

// parseHost returns a host, with or without a port, as it is in an Address.
func parseHost(s, defaultPort string) (string, error) {
	u, err := url.Parse("//" + s)
	if err != nil || u.Host != s {
		return "", errors.New("its host is not the name of one")
	}
	name, err := asciiHost(u.Hostname())
	if err != nil {
		return "", err
	}
	host, _, err := checkHost(name)
	if err != nil {
		return "", err
	}
	switch port := u.Port(); {
	case port == "" && strings.HasSuffix(s, ":"):
		return "", errors.New("its port is missing")
	case port != "":
		if port, err = parsePort(port); err != nil {
			return "", err
		}
		if port != defaultPort && port != defaultPorts["https"] { // what an Address without a port has
			host += ":" + port
		}
	}
	return host, nil
}

// String returns @alice or @alice@misskey.example.
func (a Address) String() string { return "@" + api.Acct(a.Username, a.Host) }

// WebURL returns the address of the user's page at the instance whose address is
// baseURL, as [Client.BaseURL] returns it: https://misskey.example/@alice, or
// https://misskey.example/@bob@remote.example for a user of another server.
func (a Address) WebURL(baseURL string) string { return api.WebURL(baseURL, a.String()) }

// FindUser returns the user with an address, in any form that [ParseAddress]
// reads. It calls users/show, which needs no token for users of the instance
// itself. For those of other servers, which the instance may have to ask, most
// instances want one.
//
// Any other URL, such as that of a profile at Lemmy, is given to ap/show, which needs
// a token, for that of an app the permission read:account, and which servers limit
// to 30 calls in an hour. The URL of a user of the instance itself that has the id,
// as in https://misskey.example/users/9abcdefghi, is not given to it.
//
// The error of a user that does not exist is [gen.ErrNoSuchUser]. It is
// [gen.ErrFailedToResolveRemoteUser] where the other server does not know the
// user or cannot be reached.
func FindUser(ctx context.Context, c *Client, address string, opts ...gen.CallOption) (*gen.UserDetailed, error) {
	a, err := ParseAddress(address)
	var user *gen.UserDetailed
	what := a.String()
	switch {
	case err == nil:
		req := gen.UsersShowRequest{Username: &a.Username}
		if a.Host != "" && !c.isOwnHost(a.Host) {
			req.Host = &a.Host
		}
		user, err = c.UsersShow(ctx, req, opts...)
	case strings.Contains(address, "://"):
		what = clean(address, 200)
		user, err = c.findByURL(ctx, strings.TrimSpace(address), opts, err)
	default:
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("misskey: finding the user %s: %w", what, err)
	}
	return user, nil
}

// isOwnHost reports whether a host as in an Address is that of the instance.
func (c *Client) isOwnHost(host string) bool {
	own, err := parseHost(c.config.address.Host, defaultPorts[c.config.address.Scheme])
	return err == nil && own == host
}

// findByURL finds a user by a URL that ParseAddress does not read, because of why.
func (c *Client) findByURL(ctx context.Context, address string, opts []gen.CallOption, why error) (*gen.UserDetailed, error) {
	u, err := parsePage(address)
	if err != nil {
		return nil, err
	}
	if c.isOwnHost(u.Host) {
		id, ok := strings.CutPrefix(u.Path, "/users/")
		if !ok || id == "" || strings.Contains(id, "/") {
			return nil, why
		}
		return c.UsersShow(ctx, gen.UsersShowRequest{UserID: &id}, opts...)
	}
	found, err := c.APShow(ctx, gen.APShowRequest{URI: address}, opts...)
	if err != nil {
		return nil, err
	}
	if found.Type != gen.APShowTypeUser {
		return nil, fmt.Errorf("it is a %s", clean(string(found.Type), 50))
	}
	user, err := found.Object.AsUserDetailed()
	return &user, err
}
