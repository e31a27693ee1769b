package architecture

import "testing"

// Everything that a program can use says what it is. Only the fields of
// generated types, whose meaning is Misskey's, need not.
func TestDocComments(t *testing.T) {
	for _, dir := range []string{"api", ".", "gen", "misskeytest"} {
		ids := identifiers(t, dir)
		if len(ids) < 5 {
			t.Errorf("%s has %d exported identifiers only; does the test see them?", dir, len(ids))
		}
		for _, id := range ids {
			if !id.documented && (dir != "gen" || id.kind != "field") {
				t.Errorf("%s: %s has no doc comment", id.position, id)
			}
		}
	}
}
