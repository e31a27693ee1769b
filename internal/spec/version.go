package spec

import (
	"runtime/debug"
	"strings"
)

const modulePath = "github.com/misskey-go/misskey"

// generatorVersion is the release of this module that runs, or "devel" where it
// is built from a working copy: what it prints is committed there with it.
func generatorVersion() string {
	info, _ := debug.ReadBuildInfo()
	return versionIn(info)
}

func versionIn(info *debug.BuildInfo) string {
	const devel = "devel"
	if info == nil {
		return devel
	}
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs.") && info.Main.Path == modulePath {
			return devel // the version is that of a commit, with changes or without
		}
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path != modulePath {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		if strings.HasPrefix(m.Version, "v") {
			return m.Version
		}
	}
	return devel
}
