package main

import (
	"os"
	"strings"
	"testing"
)

// Half of a setting is told rather than guessed, and reaches no server.
func TestStartWithHalfASetting(t *testing.T) {
	for _, test := range []struct{ url, token, missing string }{
		{"https://misskey.example", "", "MISSKEY_TOKEN"},
		{"", "secret", "MISSKEY_URL"},
	} {
		t.Setenv("MISSKEY_URL", test.url)
		t.Setenv("MISSKEY_TOKEN", test.token)
		err := start(t.Context(), os.Stdout)
		if err == nil || !strings.Contains(err.Error(), "not "+test.missing) {
			t.Errorf("URL %q, token %q: error %v, want one that names %s", test.url, test.token, err, test.missing)
		}
	}
}
