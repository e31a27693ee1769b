package misskey

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// parseInstance reads what New is given. The result has a scheme, a host in
// lower case without the scheme's own port, and a path without a slash at the
// end and without the /api of the API.
func parseInstance(instance string, plainHTTP bool) (*url.URL, error) {
	u, err := parseBase(instance, plainHTTP)
	if err != nil {
		return nil, fmt.Errorf("instance%s: %w; give a host such as misskey.example or a URL such as https://misskey.example", quoteInstance(instance), err)
	}
	return u, nil
}

// quoteInstance repeats what was given, but for where people have secrets.
func quoteInstance(instance string) string {
	if strings.Contains(instance, "@") {
		return ""
	}
	if i := strings.IndexAny(instance, "?#"); i >= 0 {
		instance = instance[:i]
	}
	return fmt.Sprintf(" %q", clip(instance, 100))
}

// accountPage matches the address of an account's page or note, such as
// https://misskey.example/@alice, where the @ is not that of a password.
var accountPage = regexp.MustCompile(`^(https?://)?[^/@]+/@[^/:]+(/|$)`)

func parseBase(instance string, plainHTTP bool) (*url.URL, error) {
	switch {
	case instance == "":
		return nil, errors.New("it is empty")
	case strings.ContainsFunc(instance, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return nil, errors.New("it has white space or control characters in it")
	case accountPage.MatchString(instance):
		return nil, errors.New("it is the page of an account; leave out the account and what comes after it")
	case strings.Contains(instance, "@"):
		return nil, errors.New("it has a user name or password in it")
	case strings.ContainsAny(instance, "?#"):
		return nil, errors.New("it has a query or a fragment")
	}
	raw := instance
	bare := !strings.Contains(raw, "://")
	if bare {
		if addr, err := netip.ParseAddr(raw); err == nil && addr.Is6() {
			raw = "[" + raw + "]"
		}
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is not an address") // the error of url.Parse repeats what was given
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("its scheme is %s, not https", u.Scheme)
	}
	host, local, err := checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	path, err := checkPath(u.EscapedPath())
	if err != nil {
		return nil, err
	}
	scheme := u.Scheme
	if bare && local {
		scheme = "http"
	}
	if scheme == "http" && !local && !plainHTTP {
		return nil, errors.New("by plain http everybody on the way could read the token; use https, or misskey.WithPlainHTTP")
	}
	if port := u.Port(); port != "" {
		if port, err = parsePort(port); err != nil {
			return nil, err
		}
		if port != defaultPorts[scheme] {
			host += ":" + port
		}
	}
	return &url.URL{Scheme: scheme, Host: host, Path: path}, nil
}

// parsePort returns a port without zeros in front.
func parsePort(port string) (string, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("its port %s is not between 1 and 65535", clip(port, 10))
	}
	return strconv.FormatUint(n, 10), nil
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// checkHost returns a host in the form that it has in a URL; local says that it
// is this machine.
func checkHost(name string) (host string, local bool, err error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		if addr.Zone() != "" {
			return "", false, errors.New("its address has a zone")
		}
		local = addr.Unmap().IsLoopback()
		if addr.Is6() {
			return "[" + addr.String() + "]", local, nil
		}
		return addr.String(), local, nil
	}
	name = strings.ToLower(name)
	if name == "" || len(name) > 253 {
		return "", false, errors.New("it has no host name")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.N, unicode.M)
		}) {
			return "", false, errors.New("its host is not the name of one")
		}
	}
	return name, name == "localhost", nil
}

// checkPath returns the path below which the instance is installed, "" mostly.
func checkPath(path string) (string, error) {
	path = strings.TrimRight(path, "/")
	path = strings.TrimSuffix(path, "/api")
	if path == "" {
		return "", nil
	}
	first, _, _ := strings.Cut(path[1:], "/")
	if pages[first] {
		return "", fmt.Errorf("its path is that of the page %s; leave it out", path)
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if !isPathSegment(segment) {
			return "", errors.New("its path is not the base of an API")
		}
	}
	return path, nil
}

// pages are what the paths of the pages of Misskey begin with. People copy their
// addresses from a browser. (Router of the frontend, 2026.3.2.)
var pages = map[string]bool{
	"about": true, "about-misskey": true, "achievements": true, "admin": true, "ads": true, "announcements": true, "antenna": true,
	"api-console": true, "api-doc": true, "auth": true, "authorize-follow": true, "avatar-decorations": true, "bubble-game": true,
	"channels": true, "chat": true, "clicker": true, "clips": true, "contact": true, "custom-emojis-manager": true, "debug": true,
	"explore": true, "files": true, "flushes": true, "follow-me": true, "gallery": true, "games": true, "install-extensions": true,
	"instance-info": true, "invite": true, "list": true, "lookup": true, "miauth": true, "my": true, "notes": true, "oauth": true,
	"onboarding": true, "pages": true, "play": true, "preview": true, "qr": true, "registry": true, "reset-password": true,
	"reversi": true, "roles": true, "scratchpad": true, "search": true, "settings": true, "share": true, "signup-complete": true,
	"streaming": true, "tags": true, "theme-editor": true, "timeline": true, "user-info": true, "user-tags": true, "users": true,
	"verify-email": true, "welcome": true,
}

// isPathSegment reports whether s can stand between the slashes of a path as it
// is: letters, digits and -._~, but neither "." nor "..".
func isPathSegment(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~", r))
	})
}
