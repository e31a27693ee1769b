package api

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/misskey-go/misskey/internal/oneline"
)

// The generated methods String and LogValue of notes, users, files and
// notifications print what these types hold, whichever document the types were
// made of.

const (
	maxWord = 100 // characters of a name, an id, an address
	maxText = 140 // characters of what somebody wrote
)

// Acct returns the address of an account as Misskey writes it, without the @ in
// front: alice for one of the instance itself, whose host is empty, and
// alice@misskey.example for one of another server.
func Acct(username, host string) string {
	if host == "" {
		return username
	}
	return username + "@" + host
}

// DisplayName returns the name, or the username where the name is empty or nothing
// but spaces.
func DisplayName(name, username string) string {
	if strings.TrimSpace(name) == "" {
		return username
	}
	return name
}

// WebURL returns the address of a page of an instance, whose own address is
// baseURL, with or without https:// and a slash at the end.
func WebURL(baseURL string, segments ...string) string {
	address := strings.TrimRight(baseURL, "/")
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	for _, segment := range segments {
		address += "/" + url.PathEscape(segment)
	}
	return address
}

// OriginURL returns the first of addresses that a browser can open, or otherwise.
// The addresses come from another server.
func OriginURL(otherwise string, addresses ...string) string {
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			return address
		}
	}
	return otherwise
}

// UserSummary is what is printed of a user.
type UserSummary struct {
	ID       string // of the user
	Username string // without the @ in front
	Host     string // empty for a user of the instance itself
	Name     string // which the user has chosen
}

// String returns the id, the address and the name in one line that a terminal
// takes.
func (s UserSummary) String() string {
	line := words(word(s.ID), at(Acct(s.Username, s.Host)))
	if name := word(s.Name); name != "" && s.Name != s.Username {
		line = words(line, "("+name+")")
	}
	return or(line, "no user")
}

// LogValue returns the id and the address.
func (s UserSummary) LogValue() slog.Value {
	return group(slog.String("id", s.ID), slog.String("acct", Acct(s.Username, s.Host)))
}

// NoteSummary is what is printed of a note.
type NoteSummary struct {
	ID         string // of the note
	Acct       string // of the author
	Visibility string // "public" is not printed
	CW         string // the content warning, printed in place of the text
	Text       string // what the author has written
	ReplyID    string // of the note that it replies to
	RenoteID   string // of the note that it renotes or quotes
	Files      int    // how many there are
	Poll       bool   // whether there is one
	Hidden     bool   // whether the reader may not see the text
}

// String returns the id, the author, and the content warning or else the text, in
// one line that a terminal takes, with what else there is in brackets.
func (s NoteSummary) String() string {
	line := words(word(s.ID), at(s.Acct))
	said := oneline.Of(s.Text, maxText)
	if s.CW != "" {
		said = "[" + oneline.Of(s.CW, maxText) + "]"
	}
	if said != "" {
		line += ": " + said
	}
	var marks []string
	mark := func(there bool, format string, args ...any) {
		if there {
			marks = append(marks, fmt.Sprintf(format, args...))
		}
	}
	mark(s.Visibility != "" && s.Visibility != "public", "%s", word(s.Visibility))
	mark(s.Hidden, "hidden")
	mark(s.ReplyID != "", "reply to %s", word(s.ReplyID))
	mark(s.RenoteID != "", "renote of %s", word(s.RenoteID))
	mark(s.Files == 1, "1 file")
	mark(s.Files > 1, "%d files", s.Files)
	mark(s.Poll, "poll")
	if len(marks) > 0 {
		line = words(line, "("+strings.Join(marks, ", ")+")")
	}
	return or(line, "no note")
}

// LogValue returns what the note is and whose, but not what it says.
func (s NoteSummary) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", s.ID), slog.String("user", s.Acct), slog.String("visibility", s.Visibility),
		slog.String("reply", s.ReplyID), slog.String("renote", s.RenoteID),
	}
	if s.Files > 0 {
		attrs = append(attrs, slog.Int("files", s.Files))
	}
	if s.Poll {
		attrs = append(attrs, slog.Bool("poll", true))
	}
	return group(attrs...)
}

// FileSummary is what is printed of a file.
type FileSummary struct {
	ID   string // of the file
	Name string // with its extension
	Type string // the media type
	Size int64  // in bytes
}

// String returns the id, the name, the type and the size in one line that a
// terminal takes.
func (s FileSummary) String() string {
	line := words(word(s.ID), word(s.Name))
	if s.Type != "" {
		line = words(line, fmt.Sprintf("(%s, %d bytes)", word(s.Type), s.Size))
	}
	return or(line, "no file")
}

// LogValue returns the id, the type and the size.
func (s FileSummary) LogValue() slog.Value {
	return group(slog.String("id", s.ID), slog.String("type", s.Type), slog.Int64("size", s.Size))
}

// NotificationSummary is what is printed of a notification.
type NotificationSummary struct {
	ID       string       // of the notification
	Type     string       // such as "mention"
	Acct     string       // of the user who caused it
	Reaction string       // of that user
	Text     string       // of a notification that an app has made
	Note     *NoteSummary // what it is about, or nil
}

// String returns the id, the type, the reaction, the user and the note in one
// line that a terminal takes.
func (s NotificationSummary) String() string {
	line := words(word(s.ID), word(s.Type), word(s.Reaction))
	if s.Acct != "" && (s.Note == nil || s.Note.Acct != s.Acct) {
		line = words(line, "from", at(s.Acct))
	}
	if said := oneline.Of(s.Text, maxText); said != "" {
		line += ": " + said
	}
	if s.Note != nil {
		line += ": " + s.Note.String()
	}
	return or(line, "no notification")
}

// LogValue returns what the notification is, and about whom and what, but not
// what the note or the app says.
func (s NotificationSummary) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", s.ID), slog.String("type", s.Type), slog.String("user", s.Acct), slog.String("reaction", s.Reaction),
	}
	if s.Note != nil {
		attrs = append(attrs, slog.Attr{Key: "note", Value: s.Note.LogValue()})
	}
	return group(attrs...)
}

// at returns the address of an account with the @ in front.
func at(acct string) string {
	if acct == "" {
		return ""
	}
	return "@" + word(acct)
}

// word makes a name, an id or an address of a stranger fit for a terminal.
func word(s string) string { return oneline.Of(s, maxWord) }

// words returns those of parts that are not empty, with spaces between them.
func words(parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, " ")
}

// group returns the attributes whose value is there, cleaned.
func group(attrs ...slog.Attr) slog.Value {
	var there []slog.Attr
	for _, attr := range attrs {
		if attr.Value.Kind() == slog.KindString {
			attr.Value = slog.StringValue(word(attr.Value.String()))
			if attr.Value.String() == "" {
				continue
			}
		}
		there = append(there, attr)
	}
	return slog.GroupValue(there...)
}

func or(line, otherwise string) string {
	if line == "" {
		return otherwise
	}
	return line
}
