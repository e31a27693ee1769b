package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
)

// An item of a list is a value and the JSON that it was decoded from.
type item[T any] struct {
	value T
	raw   json.RawMessage
}

// DecodeJSON decodes both; see misskey.Pages.
func (it *item[T]) DecodeJSON(_ byte, decode func(any) error) error {
	if err := decode(&it.raw); err != nil {
		return err
	}
	return decode(&it.value)
}

// list prints n items of a list: as JSON in the order of the server, for people
// from the last one to the first, so that the first is above the prompt.
func list[T any](ctx context.Context, a *app, s *session, endpoint string, params map[string]any, n int, print func(T) error) error {
	if n < 1 {
		return usagef("-n %d: how many must be at least 1", n)
	}
	params["limit"] = min(n, 100)
	var items []T
	count := 0
	for it, err := range misskey.Pages[item[T]](ctx, s.Client, endpoint, params) {
		if err != nil {
			return err
		}
		if a.json {
			if err := a.printJSON(it.raw); err != nil {
				return err
			}
		} else {
			items = append(items, it.value)
		}
		if count++; count == n {
			break
		}
	}
	for _, item := range slices.Backward(items) {
		if err := print(item); err != nil {
			return err
		}
	}
	if count == 0 {
		a.note("There is nothing.")
	}
	return nil
}

// A printer shows notes and the like to a person.
type printer struct {
	a          *app
	width      int
	color      bool
	hyperlinks bool
	open       bool // shows what is behind a content warning
	base       string
}

func (a *app) printer(s *session) *printer {
	p := &printer{a: a, color: a.colors(), base: s.BaseURL()}
	if isTerminal(a.out) {
		p.width = max(20, a.width())
	}
	p.hyperlinks = p.color && hasHyperlinks()
	return p
}

// hasHyperlinks reports whether the terminal is one that shows links by OSC 8.
func hasHyperlinks() bool {
	if os.Getenv("TMUX") != "" || strings.HasPrefix(os.Getenv("TERM"), "screen") {
		return false
	}
	switch os.Getenv("TERM_PROGRAM") {
	case "iTerm.app", "WezTerm", "vscode", "ghostty":
		return true
	}
	for _, name := range []string{"WT_SESSION", "KITTY_WINDOW_ID", "VTE_VERSION"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// style puts text between sequences of SGR. Only colors are used that can be read
// on black and on white.
func (p *printer) style(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) bold(text string) string { return p.style("1", text) }
func (p *printer) dim(text string) string  { return p.style("2", text) }

// mfm renders the text of a note, in lines that begin with indent.
func (p *printer) mfm(text, indent string) string {
	options := mfm.ANSIOptions{Links: mfm.LinksTo(p.base), Plain: !p.color, Hyperlinks: p.hyperlinks}
	if p.width > 0 {
		options.Width = max(10, p.width-columns(indent))
	}
	if !p.hyperlinks {
		options.Links = mfm.Links{} // a URL behind each mention would drown the text
	}
	return indentLines(mfm.ANSI(mfm.Parse(text), options), indent)
}

func indentLines(text, indent string) string {
	return indent + strings.ReplaceAll(text, "\n", "\n"+indent)
}

func (p *printer) println(parts ...string) error {
	_, err := fmt.Fprintln(p.a.out, strings.Join(parts, ""))
	return err
}

// line prints text that was made clean, cut to the width.
func (p *printer) line(indent, text string) error {
	if p.width > 0 {
		text = clip(text, p.width-columns(indent))
	}
	return p.println(indent, text)
}

// name is what a user is called.
func name(u *gen.UserLite) string {
	if u.Name != nil {
		if name := oneLine(mfm.PlainText(mfm.ParseSimple(*u.Name))); name != "" {
			return clip(name, 40)
		}
	}
	return oneLine(u.Username)
}

// acct is how a user is mentioned.
func acct(u *gen.UserLite) string {
	acct := "@" + oneLine(u.Username)
	if u.Host != nil {
		acct += "@" + oneLine(*u.Host)
	}
	return acct
}

// when is a time for a person: without the date if it is today.
func when(t time.Time) string {
	t, now := t.Local(), time.Now()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// note prints a note and an empty line.
func (p *printer) note(note gen.Note) error {
	if err := p.noteAt(&note, "", 0); err != nil {
		return err
	}
	return p.println()
}

// maxNested is how deep notes that quote notes are shown.
const maxNested = 2

func (p *printer) noteAt(note *gen.Note, indent string, depth int) error {
	if isRenote(note) {
		if err := p.header(indent, &note.User, "renoted", note.CreatedAt, ""); err != nil {
			return err
		}
		return p.noteAt(note.Renote, indent, depth)
	}
	details := note.ID
	if note.Visibility != gen.NoteVisibilityPublic {
		details = oneLine(string(note.Visibility)) + " " + details
	}
	if err := p.header(indent, &note.User, "", note.CreatedAt, oneLine(details)); err != nil {
		return err
	}
	if err := p.body(note, indent); err != nil {
		return err
	}
	if note.Renote != nil && depth < maxNested {
		return p.noteAt(note.Renote, indent+"│ ", depth+1)
	}
	return nil
}

// isRenote reports whether a note is only another one shown again.
func isRenote(note *gen.Note) bool {
	return note.Renote != nil && note.Text == nil && note.CW == nil && len(note.FileIDs) == 0 && note.Poll == nil
}

// header prints who did something, and when, in one line.
func (p *printer) header(indent string, u *gen.UserLite, did string, at time.Time, details string) error {
	who, acct := name(u), acct(u)
	rest := strings.TrimSpace(when(at) + " " + details)
	if p.width > 0 { // what does not fit is cut, the name first
		room := p.width - columns(indent) - columns(rest) - columns(did) - 4
		acct = clip(acct, max(8, room-8))
		who = clip(who, max(4, room-columns(acct)))
	}
	line := p.bold(who) + " " + p.style("36", acct)
	if did != "" {
		line += " " + did
	}
	return p.println(indent, line, "  ", p.dim(rest))
}

func (p *printer) body(note *gen.Note, indent string) error {
	if note.Reply != nil {
		if err := p.line(indent, p.dim("to "+acct(&note.Reply.User))); err != nil {
			return err
		}
	}
	if note.CW != nil && *note.CW != "" {
		if err := p.println(indentLines(p.bold("CW: ")+strings.TrimLeft(p.mfm(*note.CW, indent), " │"), indent)); err != nil {
			return err
		}
		if !p.open {
			return p.println(indent, p.dim("(hidden; --open shows it)"))
		}
	}
	if note.Text != nil && *note.Text != "" {
		if err := p.println(p.mfm(*note.Text, indent)); err != nil {
			return err
		}
	} else if note.IsHidden != nil && *note.IsHidden {
		if err := p.println(indent, p.dim("(not for you to see)")); err != nil {
			return err
		}
	}
	if note.Poll != nil {
		for _, c := range note.Poll.Choices {
			mark := "○"
			if c.IsVoted {
				mark = "●"
			}
			if err := p.line(indent, fmt.Sprintf("%s %s  %s", mark, oneLine(c.Text), counted(c.Votes, "vote"))); err != nil {
				return err
			}
		}
	}
	for i := range note.Files {
		if err := p.file(&note.Files[i], indent); err != nil {
			return err
		}
	}
	return p.reactions(note, indent)
}

// file prints a file of a note: its description, and where it is.
func (p *printer) file(f *gen.DriveFile, indent string) error {
	what := oneLine(f.Name)
	if f.Comment != nil && *f.Comment != "" {
		what = oneLine(*f.Comment)
	}
	if f.IsSensitive {
		what = "sensitive: " + what
	}
	address := webAddress(f.URL)
	if p.hyperlinks && address != "" {
		return p.println(indent, "[", "\x1b]8;;"+address+"\x1b\\", clip(what, 60), "\x1b]8;;\x1b\\", "]")
	}
	if err := p.line(indent, "["+what+"]"); err != nil {
		return err
	}
	if address == "" {
		return nil
	}
	return p.println(indent, p.style("4", address))
}

// webAddress returns an address if it is one of the web, without anything that a
// terminal obeys, and "" otherwise.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	if s = u.String(); s != oneLine(s) {
		return ""
	}
	return s
}

func (p *printer) reactions(note *gen.Note, indent string) error {
	if len(note.Reactions) == 0 {
		return nil
	}
	names := sortedKeys(note.Reactions)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(note.Reactions[b], note.Reactions[a]) })
	var parts []string
	for _, reaction := range names {
		parts = append(parts, fmt.Sprintf("%s %d", shortReaction(reaction), note.Reactions[reaction]))
	}
	return p.line(indent, p.dim(strings.Join(parts, "  ")))
}

// shortReaction is a reaction without the @. that emoji of the instance have.
func shortReaction(s string) string {
	return clip(strings.Replace(oneLine(s), "@.:", ":", 1), 40)
}
