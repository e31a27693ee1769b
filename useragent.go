package misskey

import (
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/misskey-go/misskey"

// ownUserAgent is what the User-Agent header ends in.
var ownUserAgent = sync.OnceValue(func() string {
	info, _ := debug.ReadBuildInfo()
	return "misskey-go/" + moduleVersion(info) + " (+https://" + modulePath + ")"
})

// moduleVersion is the version of this module in a program, or "devel".
func moduleVersion(info *debug.BuildInfo) string {
	if info == nil {
		return "devel"
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path != modulePath {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		if v, ok := strings.CutPrefix(m.Version, "v"); ok {
			return v
		}
	}
	return "devel"
}
