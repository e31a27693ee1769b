package misskeytest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A version is that of a server, such as 2026.7.0, as far as it is numbers. What
// follows them, such as the name of a fork, does not count.
type version [3]int

// newest is the last version of which differences in behaviour are known.
var newest = version{2026, 7, 0}

func parseVersion(s string) (version, error) {
	var v version
	numbers, _, _ := strings.Cut(s, "-")
	numbers, _, _ = strings.Cut(numbers, "+")
	for i, part := range strings.SplitN(numbers, ".", len(v)) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return version{}, fmt.Errorf("%q is not a version such as 2026.7.0", s)
		}
		v[i] = n
	}
	return v, nil
}

// since reports whether the server does what Misskey does since a version.
func (s *Server) since(v string) bool {
	since, err := parseVersion(v)
	if err != nil {
		panic(err)
	}
	for i := range since {
		if s.behaves[i] != since[i] {
			return s.behaves[i] > since[i]
		}
	}
	return true
}

// versionText is the version that the server reports.
func (s *Server) versionText() string { return cmp.Or(s.options.Version, s.document.version) }
