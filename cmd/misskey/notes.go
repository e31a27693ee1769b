package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
)

// A post is what the flags of post say.
type post struct {
	files, alts []string
	cw          string
	visibility  string
	to          []string
	reply       string
	quote       string
	choices     []string
	pollFor     time.Duration
	multiple    bool
	at          string
	local       bool
	thread      bool
	sensitive   bool
}

func (a *app) postCommand() *cobra.Command {
	var p post
	cmd := &cobra.Command{
		Use:   "post [TEXT]...",
		Short: "Post a note",
		Long: `Post a note. Without TEXT it comes from the standard input or $EDITOR; beside
--file or --quote write - for the standard input`,
		Example: `misskey post "Good morning" --file sun.jpg --alt "The sun over a bay"
misskey post --visibility home --cw drinks --poll tea --poll coffee Which?
git log -1 --format=%s | misskey post --local`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.post(cmd.Context(), p, args) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&p.files, "file", "f", nil, "attach `FILE`; may be repeated")
	f.StringArrayVar(&p.alts, "alt", nil, "what the file shows, in `TEXT`; in order")
	f.StringVar(&p.cw, "cw", "", "hide the note behind `TEXT`")
	f.StringVar(&p.visibility, "visibility", "", "who sees it: public, home, followers, specified")
	f.StringArrayVar(&p.to, "to", nil, "show it to `USER` only; may be repeated")
	f.StringVar(&p.reply, "reply", "", "reply to `NOTE`, an id or a URL")
	f.StringVar(&p.quote, "quote", "", "quote `NOTE`; without a text renote it")
	f.StringArrayVar(&p.choices, "poll", nil, "a `CHOICE` of a poll; repeat it")
	f.DurationVar(&p.pollFor, "poll-for", 0, "how `LONG` one can vote, as in 24h")
	f.BoolVar(&p.multiple, "poll-multiple", false, "allow several votes")
	f.StringVar(&p.at, "at", "", "post at `TIME`: 18:00, \"2027-01-01 09:00\", or in 2h30m")
	f.BoolVar(&p.local, "local", false, "do not send it to other servers")
	f.BoolVar(&p.thread, "thread", false, "split a text that is too long")
	f.BoolVar(&p.sensitive, "sensitive", false, "hide the files behind a warning")
	_ = cmd.RegisterFlagCompletionFunc("visibility", cobra.FixedCompletions([]string{"public", "home", "followers", "specified"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) post(ctx context.Context, p post, args []string) error {
	if err := p.check(); err != nil {
		return err
	}
	var at time.Time
	if p.at != "" {
		var err error
		if at, err = parseTime(p.at, time.Now()); err != nil {
			return &usageError{err}
		}
	}
	s, err := a.connect(ctx, false)
	if err != nil {
		return err
	}
	text, err := a.postText(ctx, p, args)
	if err != nil {
		return err
	}
	texts := []string{text}
	if p.thread {
		if texts, err = splitText(ctx, s, text); err != nil {
			return err
		}
	}
	req, err := p.request(ctx, s)
	if err != nil {
		return err
	}
	if req.FileIDs, err = a.attach(ctx, s, p); err != nil {
		return err
	}
	if !at.IsZero() {
		return a.schedule(ctx, s, req, text, at)
	}
	return a.postAll(ctx, s, req, texts)
}

// check finds flags that contradict each other.
func (p post) check() error {
	switch {
	case len(p.alts) > len(p.files):
		return usagef("there are more --alt than --file")
	case len(p.choices) == 1:
		return usagef("a poll has at least two choices: repeat --poll")
	case len(p.choices) == 0 && (p.pollFor != 0 || p.multiple):
		return usagef("--poll-for and --poll-multiple need choices: --poll")
	case p.pollFor < 0:
		return usagef("--poll-for %v is in the past", p.pollFor)
	case len(p.to) > 0 && p.visibility != "" && p.visibility != "specified":
		return usagef("--to is for notes that are specified; leave out --visibility")
	case p.thread && p.at != "":
		return usagef("--thread cannot be scheduled; leave out --at")
	}
	switch p.visibility {
	case "", "public", "home", "followers", "specified":
		return nil
	}
	return usagef("--visibility is public, home, followers or specified, not %q", p.visibility)
}

// postText is what the arguments, the standard input or the editor say.
func (a *app) postText(ctx context.Context, p post, args []string) (string, error) {
	// Beside a file or a quote a text has to be asked for: in a loop of a shell, the
	// standard input is what the loop reads.
	alone := len(p.files) == 0 && p.quote == ""
	var text string
	switch {
	case len(args) == 1 && args[0] == "-", len(args) == 0 && alone && !isTerminal(a.in):
		data, err := a.readInput(ctx)
		if err != nil {
			return "", fmt.Errorf("reading the text: %w", err)
		}
		text = string(data)
	case len(args) == 0 && alone:
		var err error
		if text, err = edit(ctx); err != nil {
			return "", err
		}
	default:
		text = strings.Join(args, " ")
	}
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\ufffd"))
	if text == "" && alone {
		return "", usagef("there is nothing to post")
	}
	return text, nil
}

// edit lets the user write a text.
func edit(ctx context.Context) (string, error) {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		editor = "vi"
		if runtime.GOOS == "windows" {
			editor = "notepad"
		}
	}
	f, err := os.CreateTemp("", "note-*.txt")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return "", err
	}
	command := strings.Fields(editor) // as in EDITOR="code --wait"
	cmd := exec.CommandContext(ctx, command[0], append(command[1:], f.Name())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the editor %s: %w; nothing is posted", editor, err)
	}
	data, err := readFile(f.Name())
	return string(data), err
}

// splitText splits a text into what the instance takes.
func splitText(ctx context.Context, s *session, text string) ([]string, error) {
	meta, err := misskey.Call[struct {
		MaxNoteTextLength int `json:"maxNoteTextLength"`
	}](ctx, s.Client, "meta", map[string]any{"detail": false}, misskey.ReadOnly())
	if err != nil {
		return nil, err
	}
	if meta.MaxNoteTextLength < 100 {
		return nil, fmt.Errorf("the instance says that notes have at most %d characters, which cannot be; leave out --thread", meta.MaxNoteTextLength)
	}
	var texts []string
	for _, part := range mfm.Split(text, meta.MaxNoteTextLength) {
		if part = strings.TrimSpace(part); part != "" {
			texts = append(texts, part)
		}
	}
	return texts, nil
}

// request is the note without its text and files. A reply is as private as what it
// replies to, unless flags say otherwise.
func (p post) request(ctx context.Context, s *session) (gen.NotesCreateRequest, error) {
	var req gen.NotesCreateRequest
	if p.reply != "" {
		id, err := noteID(ctx, s, p.reply)
		if err != nil {
			return req, err
		}
		note, err := s.NotesShow(ctx, gen.NotesShowRequest{NoteID: id})
		if err != nil {
			return req, err
		}
		me, err := s.I(ctx)
		if errors.Is(err, gen.ErrPermissionDenied) {
			me, err = &gen.MeDetailed{}, nil // a token for posting only; the server leaves out the author itself
		}
		if err != nil {
			return req, err
		}
		req = misskey.ReplyTo(note, me.ID)
	}
	if p.cw != "" {
		req.CW = &p.cw
	}
	if p.local {
		req.LocalOnly = new(true)
	}
	if len(p.to) > 0 {
		p.visibility = "specified"
	}
	if p.visibility != "" {
		req.Visibility = new(gen.NoteVisibility(p.visibility))
		if p.visibility != "specified" {
			req.VisibleUserIDs = nil
		}
	}
	for _, name := range p.to {
		u, err := findUser(ctx, s, name)
		if err != nil {
			return req, err
		}
		req.VisibleUserIDs = append(req.VisibleUserIDs, u.value.ID)
	}
	if len(p.choices) > 0 {
		req.Poll = &gen.PollInput{Choices: p.choices, Multiple: &p.multiple}
		if p.pollFor > 0 {
			req.Poll.ExpiredAfter = new(gen.InMilliseconds(p.pollFor))
		}
	}
	if p.quote != "" {
		id, err := noteID(ctx, s, p.quote)
		if err != nil {
			return req, err
		}
		req.RenoteID = &id
	}
	return req, nil
}

// attach uploads the files of a note. All can be read before the first is sent.
func (a *app) attach(ctx context.Context, s *session, p post) ([]string, error) {
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, name := range p.files {
		f, err := openFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	var ids []string
	for i, f := range files {
		file := misskey.File{Name: filepath.Base(f.Name()), Body: f, IsSensitive: p.sensitive}
		if i < len(p.alts) {
			file.Comment = p.alts[i]
		}
		stored, err := s.Upload(ctx, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		ids = append(ids, stored.ID)
	}
	return ids, nil
}

func (a *app) schedule(ctx context.Context, s *session, req gen.NotesCreateRequest, text string, at time.Time) error {
	draft := gen.NotesDraftsCreateRequest{
		CW: req.CW, FileIDs: req.FileIDs, LocalOnly: req.LocalOnly, Poll: req.Poll, RenoteID: req.RenoteID, ReplyID: req.ReplyID,
		Visibility: req.Visibility, VisibleUserIDs: req.VisibleUserIDs,
		IsActuallyScheduled: new(true), ScheduledAt: new(gen.At(at)),
	}
	if text != "" {
		draft.Text = &text
	}
	var body json.RawMessage
	if _, err := s.NotesDraftsCreate(ctx, draft, misskey.Raw(&body)); err != nil {
		return err
	}
	return a.done(body, "The note will be posted at %s.", at.Format("2006-01-02 15:04"))
}

// postAll posts a note, or several that reply each to the one before.
func (a *app) postAll(ctx context.Context, s *session, req gen.NotesCreateRequest, texts []string) error {
	for i, text := range texts {
		req.Text = nil
		if text != "" {
			req.Text = &text
		}
		var body json.RawMessage
		res, err := s.NotesCreate(ctx, req, misskey.Raw(&body))
		if err != nil {
			if i > 0 {
				return fmt.Errorf("%d of %s are posted: %w", i, counted(len(texts), "note"), err)
			}
			return err
		}
		if a.json {
			err = a.printJSON(body)
		} else {
			_, err = fmt.Fprintln(a.out, s.BaseURL()+"/notes/"+oneLine(res.CreatedNote.ID))
		}
		if err != nil {
			return err
		}
		req.ReplyID, req.RenoteID, req.Poll, req.FileIDs = &res.CreatedNote.ID, nil, nil, nil
	}
	return nil
}

// parseTime reads a point in time after now: a time of day, a date and a time, one
// of RFC 3339, or how long it is until then.
func parseTime(text string, now time.Time) (time.Time, error) {
	t, err := time.Time{}, error(nil)
	if d, durationErr := time.ParseDuration(text); durationErr == nil {
		t = now.Add(d)
	} else if t, err = time.ParseInLocation("15:04", text, now.Location()); err == nil {
		t = time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
		if !t.After(now) {
			t = t.AddDate(0, 0, 1)
		}
	} else if t, err = time.ParseInLocation("2006-01-02 15:04", text, now.Location()); err != nil {
		if t, err = time.Parse(time.RFC3339, text); err != nil {
			return t, fmt.Errorf("%q is not a time such as 18:00, \"2027-01-01 09:00\", 2027-01-01T09:00:00+09:00 or 2h30m", text)
		}
	}
	if !t.After(now) {
		return t, fmt.Errorf("%s is in the past", t.Format("2006-01-02 15:04"))
	}
	return t, nil
}

// noteID returns the id of a note that is given as such, or by its address.
func noteID(ctx context.Context, s *session, note string) (string, error) {
	u, err := url.Parse(note)
	if err != nil || u.Scheme == "" {
		if note == "" || strings.ContainsAny(note, " /?#") {
			return "", usagef("%q is neither the id of a note nor its address", note)
		}
		return note, nil
	}
	if base, err := url.Parse(s.BaseURL()); err == nil && base.Host == u.Host && strings.Contains(u.Path, "/notes/") {
		return path.Base(u.Path), nil
	}
	found, err := misskey.Call[struct {
		Type   string              `json:"type"`
		Object struct{ ID string } `json:"object"`
	}](ctx, s.Client, "ap/show", map[string]string{"uri": note})
	if err != nil {
		return "", err
	}
	if found.Type != "Note" || found.Object.ID == "" {
		return "", fmt.Errorf("%s is not a note", note)
	}
	return found.Object.ID, nil
}

// each does something with every note of the arguments.
func (a *app) each(ctx context.Context, notes []string, do func(s *session, id string) error) error {
	s, err := a.connect(ctx, false)
	if err != nil {
		return err
	}
	for _, note := range notes {
		id, err := noteID(ctx, s, note)
		if err == nil {
			err = do(s, id)
		}
		if err != nil {
			if len(notes) > 1 {
				err = fmt.Errorf("%s: %w", note, err)
			}
			return err
		}
	}
	return nil
}

func (a *app) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "delete NOTE...",
		Short:   "Delete notes",
		Long:    "Delete notes, given by their ids or URLs",
		Example: "misskey delete 9abcdefghi",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd.Context(), args, func(s *session, id string) error {
				if err := s.NotesDelete(cmd.Context(), gen.NotesDeleteRequest{NoteID: id}); err != nil {
					return err
				}
				return a.done(nil, "Deleted %s.", id)
			})
		},
	}
}

func (a *app) reactCommand() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "react NOTE EMOJI",
		Short: "React to a note",
		Long:  "React to a note with an emoji, or take the reaction back",
		Example: `misskey react 9abcdefghi 👍
misskey react 9abcdefghi :blobcat:
misskey react 9abcdefghi --remove`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case remove && len(args) != 1:
				return errors.New("with --remove name the note, and nothing else")
			case !remove && len(args) != 2:
				return errors.New("name a note and an emoji")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if remove {
				return a.each(ctx, args, func(s *session, id string) error {
					if err := s.NotesReactionsDelete(ctx, gen.NotesReactionsDeleteRequest{NoteID: id}); err != nil {
						return err
					}
					return a.done(nil, "Took the reaction to %s back.", id)
				})
			}
			reaction, err := misskey.ParseReaction(args[1])
			if err != nil {
				return &usageError{err}
			}
			return a.each(ctx, args[:1], func(s *session, id string) error {
				if err := s.NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{NoteID: id, Reaction: reaction.String()}); err != nil {
					return err
				}
				return a.done(nil, "Reacted with %s to %s.", args[1], id)
			})
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take the reaction back")
	return cmd
}
