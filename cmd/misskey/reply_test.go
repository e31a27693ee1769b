package main

import (
	"encoding/json"
	"testing"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A reply is as private as the note that it replies to, unless a flag says
// otherwise.
func TestReplyKeepsPrivacy(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	bob := srv.Client("bob")
	id := func(name string) string {
		me, err := srv.Client(name).I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return me.ID
	}
	send := func(req gen.NotesCreateRequest) string {
		req.Text = new("psst")
		res, err := bob.NotesCreate(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return res.CreatedNote.ID
	}
	secret := send(gen.NotesCreateRequest{Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{id("alice"), id("carol")}})
	local := send(gen.NotesCreateRequest{Visibility: new(gen.NoteVisibilityHome), LocalOnly: new(true), CW: new("animals")})
	for _, test := range []struct {
		args []string
		want gen.Note
		to   int
	}{
		{[]string{"--reply", secret, "yes"}, gen.Note{Visibility: gen.NoteVisibilitySpecified}, 2},
		{[]string{"--reply", local, "yes"}, gen.Note{Visibility: gen.NoteVisibilityHome, LocalOnly: true, CW: new("animals")}, 0},
		{[]string{"--reply", local, "--visibility", "followers", "--cw", "no", "yes"}, gen.Note{Visibility: gen.NoteVisibilityFollowers, LocalOnly: true, CW: new("no")}, 0},
	} {
		out, stderr, status := command(t, srv, append([]string{"post", "--json"}, test.args...)...)
		var res gen.NotesCreateResponse
		if err := json.Unmarshal([]byte(out), &res); err != nil || status != 0 {
			t.Fatalf("%q: %v, status %d, %s", test.args, err, status, stderr)
		}
		got := res.CreatedNote
		if got.Visibility != test.want.Visibility || got.LocalOnly != test.want.LocalOnly || gen.Or(got.CW, "") != gen.Or(test.want.CW, "") || len(got.VisibleUserIDs) != test.to {
			t.Errorf("%q posts %+v", test.args, got)
		}
	}
}
