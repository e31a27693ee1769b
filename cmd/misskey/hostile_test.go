package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// command runs the command in this process, for the account alice of srv, and
// returns what it printed.
func command(t *testing.T, srv *misskeytest.Server, args ...string) (out, stderr string, status int) {
	t.Helper()
	t.Setenv("MISSKEY_URL", srv.URL)
	t.Setenv("MISSKEY_TOKEN", srv.Token("alice"))
	t.Setenv("MISSKEY_KEYRING", "off")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var o, e bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return o.String(), e.String(), status
}

// hostile is text that would change what a terminal shows or does.
const hostile = "\x1b]0;title\x07\x1b[2J\x1b[31mred\u009b31m\u202egnp.exe\u2066\x00\x7f\u2028\r$[fg.color=red x]"

// ownEscapes are the sequences that the command itself writes.
var ownEscapes = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\]8;;[^\x1b\x07]*\x1b\\\\")

func obeyedIn(s string) string {
	var found []string
	for _, r := range ownEscapes.ReplaceAllString(s, "") {
		if r != '\n' && (unicode.IsControl(r) || obeyed(r)) {
			found = append(found, string(r))
		}
	}
	return strings.Join(found, "")
}

// Nothing that strangers wrote reaches the terminal as it is: text, names, hosts,
// files, reactions, polls, reports, errors.
func TestTextOfStrangersIsNotObeyed(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	s := hostile
	user := gen.UserLite{ID: "9" + s, Username: "u" + s, Name: &s, Host: &s}
	note := gen.Note{
		ID: "9" + s, User: user, Text: &s, CW: &s, Visibility: gen.NoteVisibility(s),
		Files:     []gen.DriveFile{{ID: "9", Name: s, Comment: &s, URL: "https://x.example/" + s}, {ID: "8", Name: s, URL: "javascript:" + s}},
		Reactions: map[string]int{s: 1, ":x@" + s + ":": 2},
		Poll:      &gen.NotePoll{Choices: []gen.NotePollChoice{{Text: s}}},
	}
	note.Reply, note.Renote = new(note), new(note)
	srv.Answer("notes/timeline", []gen.Note{note})
	srv.Answer("i/notifications", []gen.Notification{
		{ID: "1", Type: "reaction", User: &user, Reaction: &s, Note: &note},
		{ID: "2", Type: gen.NotificationType(s), Header: &s, Body: &s},
	})
	srv.Answer("users/show", gen.UserDetailed{UserLite: user, Description: &s, Fields: []gen.UserField{{Name: s, Value: s}}})
	srv.Answer("i", gen.UserDetailed{UserLite: user, Description: &s})
	for _, args := range [][]string{
		{"timeline", "--open"},
		{"notifications"},
		{"user", "bob"},
		{"whoami"},
		{"user"},
		{"react", "9" + s, "👍"},
		{"delete", s},
		{"api", "notes/show", "noteId=" + s},
		{"api", s},
		{"api", "notes/create", s + "=1"},
		{s},
	} {
		for _, more := range [][]string{{"--color=always"}, {"--color=never"}, {"--json"}} {
			out, stderr, _ := command(t, srv, append(args, more...)...)
			if out == "" && stderr == "" {
				t.Errorf("misskey %q printed nothing", args)
			}
			if bad := obeyedIn(out); bad != "" {
				t.Errorf("misskey %q %q prints %q in %q", args, more, bad, out)
			}
			if bad := obeyedIn(stderr); bad != "" {
				t.Errorf("misskey %q %q prints the error %q in %q", args, more, bad, stderr)
			}
			if more[0] == "--color=never" && strings.Contains(out+stderr, "\x1b") {
				t.Errorf("misskey %q prints colors: %q", args, out)
			}
		}
	}
}

// A huge note is printed, or refused, in bounded time.
func TestHugeText(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	huge := strings.Repeat("$[x2 **", 200_000)
	srv.Answer("notes/timeline", []gen.Note{{ID: "9", Text: &huge, User: gen.UserLite{Username: "u"}}})
	if out, stderr, status := command(t, srv, "timeline", "-n", "1"); status != 0 || len(out) < len(huge)/10 {
		t.Errorf("status %d, %d bytes, %s", status, len(out), stderr)
	}
}

// A server that lies gets an error, and never a crash.
func TestServerThatLies(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	for _, answer := range []any{nil, 1, "text", []any{}, []any{nil, 1, "x", []any{}}, map[string]any{"id": 1, "createdNote": nil, "user": 7}, []any{map[string]any{"id": []any{}, "user": nil, "files": 3}}} {
		for endpoint, args := range map[string][]string{
			"notes/timeline":  {"timeline", "-n", "3"},
			"i/notifications": {"notifications", "-n", "3"},
			"users/show":      {"user", "bob"},
			"i":               {"whoami"},
			"notes/create":    {"post", "x"},
			"meta":            {"post", "x", "--thread"},
			"ap/show":         {"post", "x", "--reply", "https://other.example/notes/1"},
		} {
			srv.Answer(endpoint, answer)
			for _, more := range []string{"--json", "--color=always"} {
				_, stderr, status := command(t, srv, append(args, more)...)
				if status != 0 && status != 1 || status == 1 && stderr == "" {
					t.Errorf("misskey %q with the response %v: status %d, %s", args, answer, status, stderr)
				}
			}
		}
	}
}
