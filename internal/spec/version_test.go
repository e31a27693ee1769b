package spec

import (
	"runtime/debug"
	"testing"
)

func TestGeneratorVersion(t *testing.T) {
	main := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: version}, Settings: settings}
	}
	dep := func(m debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: "example.com/fork", Version: "(devel)"}, Deps: []*debug.Module{&m}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}}
	}
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"unknown":            {nil, "devel"},
		"go run":             {main("(devel)"), "devel"},
		"a release":          {main("v1.2.3"), "v1.2.3"},
		"a working copy":     {main("v1.2.4-0.20260101000000-abcdefabcdef+dirty", debug.BuildSetting{Key: "vcs.revision", Value: "abc"}), "devel"},
		"a tool of a fork":   {dep(debug.Module{Path: modulePath, Version: "v1.2.3"}), "v1.2.3"},
		"a fork of this one": {dep(debug.Module{Path: modulePath, Version: "v1.2.3", Replace: &debug.Module{Path: "../misskey"}}), "devel"},
	} {
		if got := versionIn(test.info); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if got := generatorVersion(); got != "devel" {
		t.Errorf("in this test: %s", got)
	}
}
