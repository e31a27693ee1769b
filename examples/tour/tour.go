package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
)

// Servers want a second between two notes that are deleted.
const deleteInterval = 1100 * time.Millisecond

// However the tour ends, it has this long to delete what it posted, and a call
// that posts has this long to say what it posted.
const (
	cleanUpTime = 15 * time.Second
	postTime    = 10 * time.Second
)

// run shows the tour on out.
func run(ctx context.Context, out io.Writer, mk *misskey.Client) error {
	t := &tour{mk: mk, out: newPrinter(out), interval: deleteInterval}
	return t.run(ctx)
}

type tour struct {
	mk       *misskey.Client
	out      *printer
	interval time.Duration
	posted   []string // ids of the notes to delete
}

func (t *tour) run(ctx context.Context) (err error) {
	// What was posted is deleted whatever happens, even if ctx has ended.
	defer func() { err = errors.Join(err, t.cleanUp(context.WithoutCancel(ctx))) }()

	for _, step := range []func(context.Context) error{t.whoAmI, t.timeline, t.talk, t.mistake} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *tour) whoAmI(ctx context.Context) error {
	t.out.heading("Who am I")
	me, err := t.mk.I(ctx)
	if errors.Is(err, gen.ErrAuthenticationFailed) {
		return fmt.Errorf("the token is not valid: %w", err)
	}
	if err != nil {
		return err
	}
	t.out.line("%s (@%s), %d notes, %d followers, following %d", me.DisplayName(), me.Acct(), me.NotesCount, me.FollowersCount, me.FollowingCount)
	return nil
}

func (t *tour) timeline(ctx context.Context) error {
	t.out.heading("My timeline")
	notes, err := t.mk.NotesTimeline(ctx, gen.NotesTimelineRequest{Limit: new(5)})
	if err != nil {
		return err
	}
	if len(notes) == 0 {
		t.out.line("Nothing yet.")
	}
	for _, note := range notes {
		t.out.line("%s  @%s: %s", note.CreatedAt.Local().Format("2006-01-02 15:04"), note.User.Acct(), summary(&note))
	}
	return nil
}

// talk posts, replies and reacts.
func (t *tour) talk(ctx context.Context) error {
	t.out.heading("Post, reply, react")
	note, err := t.post(ctx, gen.NotesCreateRequest{Text: new("Hello from the tour of misskey-go!")})
	if err != nil {
		return err
	}
	reply, err := t.post(ctx, gen.NotesCreateRequest{Text: new("And a reply."), ReplyID: &note.ID})
	if err != nil {
		return err
	}
	const reaction = "👍"
	if err := t.mk.NotesReactionsCreate(ctx, gen.NotesReactionsCreateRequest{NoteID: reply.ID, Reaction: reaction}); err != nil {
		return err
	}
	t.out.line("Reacted with %s to %s.", reaction, reply.ID)
	return nil
}

// post posts a note that only its author can see.
func (t *tour) post(ctx context.Context, req gen.NotesCreateRequest) (*gen.Note, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Not ended by Ctrl-C: a note whose id is not known could not be deleted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), postTime)
	defer cancel()
	req.Visibility = new(gen.NoteVisibilitySpecified)
	res, err := t.mk.NotesCreate(ctx, req)
	if _, refused := errors.AsType[*misskey.Error](err); err != nil && !refused {
		return nil, fmt.Errorf("no response, the note may have been posted all the same: %w", err)
	}
	if err != nil {
		return nil, err
	}
	note := &res.CreatedNote
	t.posted = append(t.posted, note.ID)
	t.out.line("Posted %s, visibility %s: %s", note.ID, note.Visibility, summary(note))
	return note, nil
}

// mistake asks for a note that does not exist.
func (t *tour) mistake(ctx context.Context) error {
	t.out.heading("An error, handled by its code")
	_, err := t.mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "9zzzzzzzzz"})
	if errors.Is(err, gen.ErrNoSuchNote) {
		t.out.line("There is no note 9zzzzzzzzz, as expected: %s", gen.ErrNoSuchNote)
		return nil
	}
	if err == nil {
		t.out.line("There is a note 9zzzzzzzzz. What are the odds?")
	}
	return err
}

// cleanUp deletes what was posted, the last first.
func (t *tour) cleanUp(ctx context.Context) error {
	if len(t.posted) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cleanUpTime)
	defer cancel()
	t.out.heading("Clean up")
	var failed []error
	for i, id := range slices.Backward(t.posted) {
		if err := t.delete(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("the note %s is still there, delete it by hand: %w", id, err))
			continue
		}
		t.out.line("Deleted %s.", id)
		if i > 0 {
			wait(ctx, t.interval)
		}
	}
	return errors.Join(failed...)
}

// delete deletes a note, when the server is ready for it.
func (t *tour) delete(ctx context.Context, id string) error {
	for {
		err := t.mk.NotesDelete(ctx, gen.NotesDeleteRequest{NoteID: id})
		if !errors.Is(err, gen.ErrRateLimitExceeded) {
			return err
		}
		pause := t.interval
		if e, ok := errors.AsType[*misskey.Error](err); ok {
			pause = max(pause, e.RetryAfter)
		}
		if !wait(ctx, pause) {
			return err
		}
	}
}

// wait waits; it returns false if ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// summary says on one line what is in a note.
func summary(note *gen.Note) string {
	var parts []string
	if note.CW != nil {
		parts = append(parts, "["+mfm.PlainText(mfm.Parse(*note.CW))+"]")
	}
	if note.Text != nil {
		parts = append(parts, mfm.PlainText(mfm.Parse(*note.Text)))
	}
	if n := len(note.Files); n > 0 {
		parts = append(parts, fmt.Sprintf("(files: %d)", n))
	}
	if note.Poll != nil {
		parts = append(parts, "(poll)")
	}
	if note.Reply != nil {
		parts = append(parts, fmt.Sprintf("(reply to @%s: %s)", note.Reply.User.Acct(), summary(note.Reply)))
	}
	if note.Renote != nil {
		parts = append(parts, fmt.Sprintf("(renote of @%s: %s)", note.Renote.User.Acct(), summary(note.Renote)))
	}
	return strings.Join(parts, " ")
}
