package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/mfm"
	"github.com/misskey-go/misskey/stream"
)

// show writes the notes of a timeline, until the context ends or no connection
// will help.
func show(ctx context.Context, out io.Writer, mk *misskey.Client, timeline stream.Channel) error {
	st := stream.New(mk, stream.Options{}, timeline)
	for event, err := range st.Events(ctx) {
		if err != nil {
			return err
		}
		switch event := event.(type) {
		case *stream.Connected:
			fmt.Fprintln(out, "— connected")
		case *stream.Disconnected:
			fmt.Fprintln(out, "— the connection has ended:", clean(event.Err.Error()))
		case *stream.Reconnected:
			fmt.Fprintf(out, "— connected again; notes that came meanwhile: %d\n", event.Filled)
			for _, missed := range event.Missed {
				fmt.Fprintln(out, "— some may be missing:", clean(missed.Why))
			}
		case *stream.Refused:
			return event.Err
		case *stream.Note:
			fmt.Fprintln(out, line(&event.Note))
		}
	}
	return ctx.Err()
}

// line is a note in one line.
func line(n *gen.Note) string {
	s := n.CreatedAt.Local().Format("15:04:05 ") + "@" + n.User.Acct()
	switch {
	case n.CW != nil: // who reads decides
		s += ": [" + mfm.PlainText(mfm.Parse(*n.CW)) + "]"
	case n.Text != nil:
		s += ": " + mfm.PlainText(mfm.Parse(*n.Text))
	case n.Renote != nil:
		s += " renotes " + strings.TrimPrefix(line(n.Renote), n.Renote.CreatedAt.Local().Format("15:04:05 "))
	}
	if len(n.FileIDs) > 0 {
		s += fmt.Sprintf(" (%d files)", len(n.FileIDs))
	}
	return clean(s)
}

// clean makes one line without anything that a terminal would obey.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r) || r == '\u200d': // joins emoji
			return r
		}
		return -1
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
