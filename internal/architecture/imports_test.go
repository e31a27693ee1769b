package architecture

import (
	"slices"
	"strings"
	"testing"
)

// The packages that programs link, and all that each may link in turn besides
// the standard library. What the generator needs is not among it.
func TestImports(t *testing.T) {
	var (
		api     = []string{module + "/api", module + "/internal/oneline"}
		gen     = append([]string{module + "/gen", "github.com/oapi-codegen/runtime", "github.com/google/uuid"}, api...)
		misskey = append([]string{module, module + "/internal/decode", module + "/internal/secret", module + "/internal/wire"}, gen...)
		miauth  = append([]string{module + "/miauth", module + "/internal/login"}, misskey...)
		appauth = append([]string{module + "/appauth", module + "/internal/login"}, misskey...)
		oauth   = append([]string{module + "/oauth", module + "/internal/login", "golang.org/x/oauth2"}, misskey...)
		event   = append([]string{module + "/event", module + "/internal/eventmeta"}, misskey...)
		stream  = append([]string{module + "/stream", "github.com/coder/websocket"}, event...)
		mfm     = []string{module + "/mfm", "github.com/clipperhouse/displaywidth", "github.com/clipperhouse/uax29/v2"}
		// Only tests link it, and what it checks requests with.
		misskeytest = append([]string{module + "/misskeytest", "github.com/coder/websocket", "github.com/santhosh-tekuri/jsonschema/v6", "golang.org/x/text"}, misskey...)
	)
	for _, test := range []struct {
		name    string
		allowed []string
	}{
		{module + "/api", api},
		{module + "/gen", gen},
		{module, misskey},
		{module + "/miauth", miauth},
		{module + "/appauth", appauth},
		{module + "/oauth", oauth},
		{module + "/stream", stream},
		{module + "/event", event},
		{module + "/webhook", append([]string{module + "/webhook"}, event...)},
		{module + "/mfm", mfm},
		{module + "/bot", append(append([]string{module + "/bot"}, mfm...), stream...)},
		{module + "/misskeytest", misskeytest},
		{module + "/ids", []string{module + "/ids"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			linked := goLines(t, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", test.name)
			if !slices.Contains(linked, test.name) {
				t.Fatalf("go list does not list the package itself: %q", linked)
			}
			for _, path := range linked {
				if path != "" && !slices.ContainsFunc(test.allowed, func(allowed string) bool {
					return path == allowed || !strings.HasPrefix(allowed, module) && strings.HasPrefix(path, allowed+"/")
				}) {
					t.Errorf("it links %s", path)
				}
			}
		})
	}
}
