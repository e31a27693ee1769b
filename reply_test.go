package misskey_test

import (
	"encoding/json"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestReplyTo(t *testing.T) {
	long := strings.Repeat("あ", 101)
	for name, tt := range map[string]struct {
		note gen.Note
		me   string
		want string
	}{
		"public":      {gen.Note{ID: "n", UserID: "u", Visibility: "public"}, "me", `{"replyId":"n","visibility":"public"}`},
		"home":        {gen.Note{ID: "n", UserID: "u", Visibility: "home"}, "me", `{"replyId":"n","visibility":"home"}`},
		"followers":   {gen.Note{ID: "n", UserID: "u", Visibility: "followers", Mentions: []string{"me", "v"}}, "me", `{"replyId":"n","visibility":"followers"}`},
		"specified":   {gen.Note{ID: "n", UserID: "u", Visibility: "specified", VisibleUserIDs: []string{"v", "me", "u", "v", ""}}, "me", `{"replyId":"n","visibility":"specified","visibleUserIds":["u","v"]}`},
		"one's own":   {gen.Note{ID: "n", UserID: "me", Visibility: "specified", VisibleUserIDs: []string{"v"}}, "me", `{"replyId":"n","visibility":"specified","visibleUserIds":["v"]}`},
		"for oneself": {gen.Note{ID: "n", UserID: "me", Visibility: "specified"}, "me", `{"replyId":"n","visibility":"specified"}`},
		"me unknown":  {gen.Note{ID: "n", UserID: "u", Visibility: "specified", VisibleUserIDs: []string{"me"}}, "", `{"replyId":"n","visibility":"specified","visibleUserIds":["u","me"]}`},
		"of a fork":   {gen.Note{ID: "n", UserID: "u", Visibility: "cats"}, "me", `{"replyId":"n","visibility":"cats"}`},
		"unknown":     {gen.Note{ID: "n", UserID: "u"}, "me", `{"replyId":"n","visibility":"specified","visibleUserIds":["u"]}`},
		"warning":     {gen.Note{ID: "n", Visibility: "public", CW: new("food")}, "me", `{"cw":"food","replyId":"n","visibility":"public"}`},
		"no warning":  {gen.Note{ID: "n", Visibility: "public", CW: new("")}, "me", `{"replyId":"n","visibility":"public"}`},
		"long":        {gen.Note{ID: "n", Visibility: "public", CW: &long}, "me", `{"cw":"` + strings.Repeat("あ", 99) + `…","replyId":"n","visibility":"public"}`},
		"just fits":   {gen.Note{ID: "n", Visibility: "public", CW: new(long[3:])}, "me", `{"cw":"` + long[3:] + `","replyId":"n","visibility":"public"}`},
		"local":       {gen.Note{ID: "n", Visibility: "home", LocalOnly: true}, "me", `{"localOnly":true,"replyId":"n","visibility":"home"}`},
		"channel":     {gen.Note{ID: "n", Visibility: "public", ChannelID: new("c")}, "me", `{"channelId":"c","localOnly":true,"replyId":"n","visibility":"public"}`},
		"renote": {
			gen.Note{ID: "r", Visibility: "public", UserID: "v", RenoteID: new("n"), Renote: &gen.Note{ID: "n", UserID: "u", Visibility: "home", CW: new("food"), LocalOnly: true}}, "me",
			`{"cw":"food","localOnly":true,"replyId":"n","visibility":"home"}`,
		},
		"renote of what is not there": {
			gen.Note{ID: "r", Visibility: "home", UserID: "v", RenoteID: new("n"), ChannelID: new("c")}, "me",
			`{"replyId":"n","visibility":"home"}`,
		},
		"quote": {
			gen.Note{ID: "q", Visibility: "followers", Text: new("see"), RenoteID: new("n"), Renote: &gen.Note{ID: "n", Visibility: "public"}}, "me",
			`{"replyId":"q","visibility":"followers"}`,
		},
	} {
		before := fmt.Sprintf("%#v", tt.note)
		got, err := json.Marshal(misskey.ReplyTo(&tt.note, tt.me))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, tt.want)
		}
		if fmt.Sprintf("%#v", tt.note) != before {
			t.Errorf("%s: the note has changed", name)
		}
	}
}

// What is done to a reply does not change the note.
func TestReplyToKeepsTheNote(t *testing.T) {
	note := gen.Note{ID: "n", UserID: "u", Visibility: "specified", VisibleUserIDs: []string{"v", "w"}, CW: new("food"), ChannelID: new("c")}
	req := misskey.ReplyTo(&note, "me")
	*req.ReplyID, *req.Visibility, *req.CW, *req.ChannelID, req.VisibleUserIDs[0] = "x", "public", "x", "x", "x"
	if note.ID != "n" || note.Visibility != "specified" || *note.CW != "food" || *note.ChannelID != "c" || !slices.Equal(note.VisibleUserIDs, []string{"v", "w"}) {
		t.Errorf("%#v", note)
	}
}

// A whole thread of direct messages stays among those whom it is for.
func TestReplyToSecret(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	ids := map[string]string{}
	for _, name := range []string{"alice", "bob", "carol", "mallory"} {
		me, err := srv.Client(name).I(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = me.ID
	}
	res, err := srv.Client("alice").NotesCreate(t.Context(), gen.NotesCreateRequest{
		Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{ids["bob"], ids["carol"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bob", "carol", "alice"} {
		req := misskey.ReplyTo(&res.CreatedNote, ids[name])
		req.Text = new("yes?")
		if res, err = srv.Client(name).NotesCreate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(res.CreatedNote.Mentions, ids[name]) {
			t.Errorf("%s is mentioned to itself", name)
		}
		for reader, id := range ids {
			note, err := srv.Client(reader).NotesShow(t.Context(), gen.NotesShowRequest{NoteID: res.CreatedNote.ID})
			if err != nil {
				t.Fatal(err)
			}
			if saw := note.Text != nil; saw == (id == ids["mallory"]) {
				t.Errorf("%s can read the reply of %s: %v", reader, name, saw)
			}
		}
	}
}

func ExampleReplyTo() {
	srv := serve(`{"id": "9mentioned", "userId": "9alicealic", "text": "@bot don't tell!", "visibility": "specified", "visibleUserIds": ["9botbotbot"]}`,
		`{"createdNote": {"id": "9abcdefghi"}}`)
	defer srv.Close()
	mk := client(srv)
	const me = "9botbotbot" // the id of the bot's account, as mk.I returns it

	note, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9mentioned"})
	if err != nil {
		log.Fatal(err)
	}
	reply := misskey.ReplyTo(note, me)
	reply.Text = new("I won't.")
	if _, err := mk.NotesCreate(ctx, reply); err != nil {
		log.Fatal(err)
	}
	// Output:
	// POST /api/notes/show {"i":"a9Xk2","noteId":"9mentioned"}
	// POST /api/notes/create {"i":"a9Xk2","replyId":"9mentioned","text":"I won't.","visibility":"specified","visibleUserIds":["9alicealic"]}
}
