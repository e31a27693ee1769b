package spec

import (
	"strings"
	"testing"
)

func TestOverlayVersions(t *testing.T) {
	const actions = `
  - {target: $, x-misskey-from: 2026.5.0, update: {from: true}}
  - {target: $, x-misskey-until: 2026.9.0, update: {until: true}}
  - {target: $, x-misskey-from: 2026.5.0, x-misskey-until: 2026.9.0, update: {between: true}}
`
	for version, want := range map[string]string{
		"2025.11.0":        "until",
		"2026.3.2":         "until",
		"2026.5.0":         "from until between",
		"2026.5.0-alpha.1": "from until between", // it is a preview of 2026.5.0
		"2026.10.0":        "from",               // a later month than 9
		"2026.9.0":         "from",
		"2025.11.1-io.0":   "until",
		"4.17.0":           "from until between", // its base is not known
		"develop":          "from until between",
		"":                 "from until between",
	} {
		doc := parsed(t, "info: {title: a, version: '"+version+"'}")
		if _, _, err := applyOverlay(doc, []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:"+actions), true); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, key := range []string{"from", "until", "between"} {
			if get(doc, key) != nil {
				got = append(got, key)
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%q: the actions %q hold, want %q", version, got, want)
		}
	}
}

func TestOverlayVersionsRefused(t *testing.T) {
	for _, bound := range []string{"x-misskey-from: 2026.5", "x-misskey-until: soon", "x-misskey-until: [2026.9.0]"} {
		overlay := "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- {target: $, " + bound + ", update: {a: b}}"
		_, _, err := applyOverlay(parsed(t, "info: {title: a, version: 2026.3.2}"), []byte(overlay), false)
		if key, _, _ := strings.Cut(bound, ":"); err == nil || !strings.Contains(err.Error(), "overlay action 1: "+key) {
			t.Errorf("%s: error %v, want one that names the action and %s", bound, err, key)
		}
	}
}

// What is announced for 2026.9 holds for its document as soon as there is one.
func TestOverlayOf2026_9(t *testing.T) {
	for version, want := range map[string]string{"2026.7.0": ", ", "2026.9.0": "administrator, 30"} {
		doc := parsed(t, string(repositoryDocument(t)))
		set(get(doc, "info"), "version", str(version))
		if _, _, err := applyOverlay(doc, builtinOverlay, false); err != nil {
			t.Fatal(err)
		}
		got := text(get(doc, "paths", "/admin/emoji/import-zip", "post", extRole)) + ", " +
			text(get(doc, "paths", "/federation/update-remote-user", "post", extLimit, "max"))
		if got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}
