package misskey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/misskey-go/misskey/gen"
)

func ExampleNote_methods() {
	note := gen.Note{
		ID: "9abcdefghi", Text: new("Hello, world!\nHow are you?"), Visibility: gen.NoteVisibilityHome,
		User: gen.UserLite{ID: "9alicealic", Username: "alice", Host: new("remote.example"), Name: new("Alice Archer")},
		URL:  new("https://remote.example/@alice/1"),
	}
	fmt.Println(note)
	fmt.Println(note.User.Acct(), note.User.DisplayName())
	fmt.Println(note.WebURL("https://misskey.example"))
	fmt.Println(note.OriginURL("https://misskey.example"))
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("read", "note", note)
	// Output:
	// 9abcdefghi @alice@remote.example: Hello, world! How are you? (home)
	// alice@remote.example Alice Archer
	// https://misskey.example/notes/9abcdefghi
	// https://remote.example/@alice/1
	// level=INFO msg=read note.id=9abcdefghi note.user=alice@remote.example note.visibility=home
}

func TestRenoteOrQuote(t *testing.T) {
	for name, tt := range map[string]struct {
		note          gen.Note
		renote, quote bool
	}{
		"a note":               {gen.Note{Text: new("a")}, false, false},
		"a reply":              {gen.Note{Text: new("a"), ReplyID: new("x")}, false, false},
		"a renote":             {gen.Note{RenoteID: new("x"), FileIDs: []string{}}, true, false},
		"with a text":          {gen.Note{RenoteID: new("x"), Text: new("a")}, false, true},
		"with a warning":       {gen.Note{RenoteID: new("x"), CW: new("")}, false, true},
		"with a file":          {gen.Note{RenoteID: new("x"), FileIDs: []string{"f"}}, false, true},
		"with a poll":          {gen.Note{RenoteID: new("x"), Poll: &gen.NotePoll{}}, false, true},
		"of one, reply to one": {gen.Note{RenoteID: new("x"), ReplyID: new("y")}, false, true},
	} {
		if tt.note.IsRenote() != tt.renote || tt.note.IsQuote() != tt.quote {
			t.Errorf("%s: renote %v, quote %v", name, tt.note.IsRenote(), tt.note.IsQuote())
		}
	}
}

func TestAddressesOfNotes(t *testing.T) {
	for _, tt := range []struct{ base, url, uri, web, origin string }{
		{"https://misskey.example", "", "", "https://misskey.example/notes/9a", "https://misskey.example/notes/9a"},
		{"misskey.example/", "", "https://r.example/notes/1", "https://misskey.example/notes/9a", "https://r.example/notes/1"},
		{"http://localhost:3000/sub", "https://r.example/@a/1", "https://r.example/notes/1", "http://localhost:3000/sub/notes/9a", "https://r.example/@a/1"},
		{"https://misskey.example", "javascript:alert(1)", "", "https://misskey.example/notes/9a", "https://misskey.example/notes/9a"},
		{"https://misskey.example", "//r.example", "https://%zz", "https://misskey.example/notes/9a", "https://misskey.example/notes/9a"},
	} {
		n := gen.Note{ID: "9a", URL: &tt.url, URI: &tt.uri}
		if web, origin := n.WebURL(tt.base), n.OriginURL(tt.base); web != tt.web || origin != tt.origin {
			t.Errorf("%+v: %s, %s", tt, web, origin)
		}
	}
	if got := (gen.Note{ID: "../../a?b"}).WebURL("https://misskey.example"); got != "https://misskey.example/notes/..%2F..%2Fa%3Fb" {
		t.Error(got)
	}
	if got := (gen.UserLite{Username: "alice", Host: new("remote.example")}).WebURL("https://misskey.example"); got != "https://misskey.example/@alice@remote.example" {
		t.Error(got)
	}
}

// What is printed is one line, the same of a value and of a pointer to it.
func TestStrings(t *testing.T) {
	alice := gen.UserLite{ID: "9a", Username: "alice", Name: new("Alice Archer")}
	bob := gen.UserLite{ID: "9b", Username: "bob", Host: new("remote.example")}
	note := gen.Note{ID: "9n", User: alice, Text: new("Hello,\nworld!"), Visibility: gen.NoteVisibilityPublic}
	for _, tt := range []struct {
		value, pointer any
		want           string
	}{
		{alice, &alice, "9a @alice (Alice Archer)"},
		{bob, &bob, "9b @bob@remote.example"},
		{gen.UserDetailed{UserLite: bob}, &gen.UserDetailed{UserLite: bob}, "9b @bob@remote.example"},
		{gen.MeDetailed{UserLite: bob}, &gen.MeDetailed{UserLite: bob}, "9b @bob@remote.example"},
		{gen.UserLite{}, &gen.UserLite{}, "no user"},
		{note, &note, "9n @alice: Hello, world!"},
		{gen.Note{}, &gen.Note{}, "no note"},
		{gen.Note{ID: "9m", User: bob, RenoteID: new("9n"), Visibility: "home"}, &gen.Note{ID: "9m", User: bob, RenoteID: new("9n"), Visibility: "home"}, "9m @bob@remote.example (home, renote of 9n)"},
		{
			gen.Note{ID: "9m", User: bob, CW: new("food"), Text: new("cake"), ReplyID: new("9n"), FileIDs: []string{"f", "g"}, Poll: &gen.NotePoll{}},
			&gen.Note{ID: "9m", User: bob, CW: new("food"), Text: new("cake"), ReplyID: new("9n"), FileIDs: []string{"f", "g"}, Poll: &gen.NotePoll{}},
			"9m @bob@remote.example: [food] (reply to 9n, 2 files, poll)",
		},
		{gen.DriveFile{ID: "9f", Name: "cat.webp", Type: "image/webp", Size: 12345}, &gen.DriveFile{ID: "9f", Name: "cat.webp", Type: "image/webp", Size: 12345}, "9f cat.webp (image/webp, 12345 bytes)"},
		{gen.DriveFile{}, &gen.DriveFile{}, "no file"},
		{
			gen.Notification{ID: "9x", Type: gen.NotificationTypeReaction, Reaction: new("👍"), User: &bob, Note: &note},
			&gen.Notification{ID: "9x", Type: gen.NotificationTypeReaction, Reaction: new("👍"), User: &bob, Note: &note},
			"9x reaction 👍 from @bob@remote.example: 9n @alice: Hello, world!",
		},
		{gen.Notification{ID: "9x", Type: gen.NotificationTypeMention, User: &alice, Note: &note}, &gen.Notification{ID: "9x", Type: gen.NotificationTypeMention, User: &alice, Note: &note}, "9x mention: 9n @alice: Hello, world!"},
		{gen.Notification{ID: "9x", Type: gen.NotificationTypeApp, Body: new("done")}, &gen.Notification{ID: "9x", Type: gen.NotificationTypeApp, Body: new("done")}, "9x app: done"},
		{gen.Notification{}, &gen.Notification{}, "no notification"},
	} {
		for _, format := range []string{"%v", "%s", "%+v"} {
			if got := fmt.Sprintf(format, tt.value); got != tt.want {
				t.Errorf("%s of a value: %s\nwant %s", format, got, tt.want)
			}
			if got := fmt.Sprintf(format, tt.pointer); got != tt.want {
				t.Errorf("%s of a pointer: %s\nwant %s", format, got, tt.want)
			}
		}
	}
	if got := fmt.Sprint([]gen.UserLite{alice}, (*gen.Note)(nil)); got != "[9a @alice (Alice Archer)] <nil>" {
		t.Error(got)
	}
}

// hostile is what strangers can send.
var hostile = "\x1b[2J\r\nlevel=ERROR \u202e\u2066\x00\xff" + strings.Repeat("x", 1<<20)

// What strangers send does not leave its line, nor fill the terminal.
func TestHostileStrings(t *testing.T) {
	user := gen.UserLite{ID: hostile, Username: hostile, Host: &hostile, Name: &hostile}
	note := gen.Note{
		ID: hostile, User: user, Text: &hostile, Visibility: gen.NoteVisibility(hostile), ReplyID: &hostile, RenoteID: &hostile,
	}
	warned := note
	warned.CW = &hostile
	for _, v := range []any{
		user, note, warned, gen.DriveFile{ID: hostile, Name: hostile, Type: hostile},
		gen.Notification{ID: hostile, Type: gen.NotificationType(hostile), Reaction: &hostile, User: &user, Note: &note, Body: &hostile},
	} {
		check := func(how, s string) {
			if len(s) > 5000 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s of %T: %d bytes, %.200q", how, v, len(s), s)
			}
		}
		check("String", fmt.Sprint(v))
		check("LogValue", fmt.Sprint(v.(slog.LogValuer).LogValue()))
	}
}

// A log holds what happened to which note, but nothing that somebody said, and
// nothing of an account that others cannot see.
func TestLogValues(t *testing.T) {
	const secret = "do-not-log"
	alice := gen.UserLite{ID: "9a", Username: "alice", Name: new("Alice")}
	note := gen.Note{
		ID: "9n", User: alice, UserID: "9a", Text: new(secret), CW: new(secret), Visibility: "specified", VisibleUserIDs: []string{secret},
		Poll: &gen.NotePoll{Choices: []gen.NotePollChoice{{Text: secret}}}, Files: []gen.DriveFile{{URL: secret}}, FileIDs: []string{"9f"},
		Reply: &gen.Note{Text: new(secret)}, Renote: &gen.Note{Text: new(secret)}, URL: new("https://r.example/" + secret),
	}
	var all bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&all, nil))
	for _, v := range []any{
		note, &note, gen.NoteDraft{ID: "9d", Text: new(secret), User: alice},
		gen.UserDetailed{UserLite: alice, Email: new(secret), Description: new(secret)},
		&gen.MeDetailed{UserLite: alice, Email: new(secret)},
		gen.DriveFile{ID: "9f", Name: secret, Comment: new(secret), URL: secret, MD5: secret, Type: "image/png"},
		&gen.Notification{ID: "9x", Type: "app", Header: new(secret), Body: new(secret), Message: new(secret), Note: &note},
	} {
		log.Info("it happened", "to", v)
	}
	if strings.Contains(all.String(), secret) || strings.Contains(all.String(), "panic") {
		t.Errorf("the log is\n%s", &all)
	}
	var first struct {
		To struct {
			ID, User, Visibility string
			Files                int
			Poll                 bool
		}
	}
	line, _, _ := strings.Cut(all.String(), "\n")
	if err := json.Unmarshal([]byte(line), &first); err != nil {
		t.Fatal(err)
	}
	if to := first.To; to.ID != "9n" || to.User != "alice" || to.Visibility != "specified" || to.Files != 1 || !to.Poll {
		t.Errorf("the note is logged as %s", line)
	}
	all.Reset()
	log.Info("nothing", "note", (*gen.Note)(nil))
	if !strings.Contains(all.String(), `"msg":"nothing"`) { // slog logs the panic of a nil pointer
		t.Errorf("the log is\n%s", &all)
	}
}
