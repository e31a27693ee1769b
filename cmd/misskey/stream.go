package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/stream"
)

const channelNames = `home, local, social, global, main, list:ID, antenna:ID, channel:ID,
role:ID, #TAG, drive, admin, chat:USER_ID, room:ID, or another as NAME or
NAME:{JSON}`

var channelCompletions = cobra.FixedCompletions([]string{"home", "local", "social", "global", "main", "drive", "admin"}, cobra.ShellCompDirectiveNoFileComp)

func (a *app) streamCommand() *cobra.Command {
	var cursor string
	var open bool
	cmd := &cobra.Command{
		Use:   "stream [CHANNEL]...",
		Short: "Show events as they happen",
		Long: `Show events as they happen, and fetch what an interruption has missed. Channels:
` + channelNames + `.
With --json each event is a line: {"channel": …, "type": …, "body": …}.`,
		Example: `misskey stream
misskey stream local main
misskey stream main --json --cursor bot.cursor | ./bot`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.stream(cmd.Context(), args, cursor, open)
		},
		ValidArgsFunction: channelCompletions,
	}
	cmd.Flags().StringVar(&cursor, "cursor", "", "keep in `FILE` how far it came, and go on there")
	cmd.Flags().BoolVar(&open, "open", false, "show what is behind content warnings")
	return cmd
}

func (a *app) stream(ctx context.Context, names []string, cursor string, open bool) error {
	s, err := a.connect(ctx, true)
	if err != nil {
		return err
	}
	p := a.printer(s)
	p.open = open
	return a.events(ctx, s, names, cursor, func(e stream.Event) (bool, error) {
		if a.json {
			line, err := eventJSON(e)
			if err != nil || line == nil {
				return true, err
			}
			return true, a.printJSON(line)
		}
		return true, p.event(e)
	})
}

// events calls do with each event until that returns false.
func (a *app) events(ctx context.Context, s *session, names []string, cursor string, do func(stream.Event) (bool, error)) error {
	if len(names) == 0 {
		names = []string{"home"}
	}
	var channels []stream.Channel
	for _, name := range names {
		c, err := channelOf(name)
		if err != nil {
			return err
		}
		channels = append(channels, c)
	}
	opts := stream.Options{KeepRaw: true}
	if cursor != "" {
		opts.Cursor = stream.NewFileCursor(cursor)
	}
	st := stream.New(s.Client, opts, channels...)
	for e, err := range st.Events(ctx) {
		if err != nil {
			if _, refused := errors.AsType[*stream.RefusedError](err); refused {
				return fmt.Errorf("%w; does the account see it, and may its token read it?", err)
			}
			return err
		}
		a.noteStream(e)
		more, err := do(e)
		if err != nil {
			return err
		}
		if !more {
			st.Hold(e)() // it is handled, though the loop does not go on
			return nil
		}
	}
	return nil
}

// noteStream says on the standard error what the stream reports of itself.
func (a *app) noteStream(e stream.Event) {
	switch e := e.(type) {
	case *stream.Disconnected:
		a.note("The connection was lost: %v. Connecting again.", e.Err)
	case *stream.Reconnected:
		a.note("Connected again; %s were fetched.", counted(e.Filled, "missed event"))
		for _, m := range e.Missed {
			if m.Cut {
				a.note("Events may be missing: %s", m.Why)
			}
		}
	case *stream.Dropped:
		a.note("%s came too fast, and were dropped.", counted(e.Count, "event"))
	case *stream.NotSaved:
		a.note("The cursor was not saved: %v", e.Err)
	}
}

// channelOf returns the channel of a name.
func channelOf(name string) (stream.Channel, error) {
	switch name {
	case "home":
		return stream.HomeTimeline{}, nil
	case "local":
		return stream.LocalTimeline{}, nil
	case "social":
		return stream.HybridTimeline{}, nil
	case "global":
		return stream.GlobalTimeline{}, nil
	case "main":
		return stream.Main{}, nil
	case "drive":
		return stream.Drive{}, nil
	case "admin":
		return stream.Admin{}, nil
	}
	if tag, ok := strings.CutPrefix(name, "#"); ok && tag != "" {
		return stream.Hashtag{Query: [][]string{{tag}}}, nil
	}
	kind, id, has := strings.Cut(name, ":")
	if has && strings.HasPrefix(id, "{") {
		var params map[string]any
		if err := json.Unmarshal([]byte(id), &params); err != nil {
			return nil, usagef("the parameters of the channel %s are not JSON: %v", kind, err)
		}
		return stream.Custom{Name: kind, Params: params}, nil
	}
	if has && id != "" {
		switch kind {
		case "list":
			return stream.UserList{ListID: id}, nil
		case "antenna":
			return stream.Antenna{AntennaID: id}, nil
		case "channel":
			return stream.ChannelTimeline{ChannelID: id}, nil
		case "role":
			return stream.RoleTimeline{RoleID: id}, nil
		case "chat":
			return stream.ChatUser{OtherID: id}, nil
		case "room":
			return stream.ChatRoom{RoomID: id}, nil
		}
	}
	if has || !regexp.MustCompile(`^[a-zA-Z]\w*$`).MatchString(name) {
		return nil, usagef("there is no channel %q: it is %s", name, channelNames)
	}
	return stream.Custom{Name: name}, nil
}

// eventType is what Misskey calls an event.
func eventType(e stream.Event) string {
	if unknown, ok := e.(*stream.Unknown); ok {
		if unknown.Event != "" {
			return unknown.Event
		}
		return unknown.Type
	}
	name := []rune(reflect.TypeOf(e).Elem().Name())
	// The capitals at the beginning, but for the one that begins the next word.
	for i := range name {
		if i > 0 && (i+1 == len(name) || !unicode.IsUpper(name[i+1])) && unicode.IsUpper(name[i]) || !unicode.IsUpper(name[i]) {
			break
		}
		name[i] = unicode.ToLower(name[i])
	}
	return string(name)
}

// eventJSON is an event as a line; nil for what the stream reports of itself.
func eventJSON(e stream.Event) (json.RawMessage, error) {
	body := e.Raw()
	if unknown, ok := e.(*stream.Unknown); ok && body == nil {
		body = unknown.Body
	}
	switch e.(type) {
	case *stream.Connected, *stream.Disconnected, *stream.Reconnected, *stream.Dropped, *stream.NotSaved:
		return nil, nil
	}
	line := struct {
		Channel string          `json:"channel,omitempty"`
		Type    string          `json:"type"`
		Body    json.RawMessage `json:"body,omitempty"`
	}{Type: eventType(e), Body: body}
	if sub := stream.From(e); sub != nil {
		line.Channel, _, _ = strings.Cut(sub.String(), " ")
	}
	return json.Marshal(line)
}

// event prints an event for a person.
func (p *printer) event(e stream.Event) error {
	switch e := e.(type) {
	case *stream.Note:
		return p.note(e.Note)
	case *stream.Notification:
		return p.notification(e.Notification)
	case *stream.Connected, *stream.Disconnected, *stream.Reconnected, *stream.Dropped, *stream.NotSaved:
		return nil
	case *stream.Mention, *stream.Reply, *stream.Renote, *stream.UnreadNotification, *stream.MeUpdated:
		return nil // come as notifications, too, or are of no interest
	}
	text := p.bold(oneLine(eventType(e)))
	if body := e.Raw(); len(body) > 0 {
		text += " " + clip(oneLine(string(body)), 200)
	}
	return p.line("", text)
}

func (a *app) watchCommand() *cobra.Command {
	var w watch
	cmd := &cobra.Command{
		Use:   "watch [CHANNEL]...",
		Short: "Wait for events, for pipes and scripts",
		Long: `Wait for events and print each as a line of fields with tabs between them: type,
time, user, id, text. End after --count events with status 0, or after --timeout
with status 1. Channels are as for stream.`,
		Example: `misskey watch main --type mention --match deploy --count 1 && ./deploy
misskey watch local | cut -f 5`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.watch(cmd.Context(), args, w)
		},
		ValidArgsFunction: channelCompletions,
	}
	cmd.Flags().StringSliceVar(&w.types, "type", nil, "only events of `TYPES`, such as note,mention,follow")
	cmd.Flags().StringVar(&w.match, "match", "", "only texts that `REGEXP` matches")
	cmd.Flags().IntVar(&w.count, "count", 0, "end after `N` events")
	cmd.Flags().DurationVar(&w.timeout, "timeout", 0, "end after so `LONG`, as in 10m")
	cmd.Flags().StringVar(&w.cursor, "cursor", "", "keep in `FILE` how far it came, and go on there")
	return cmd
}

// A watch is what the flags of watch say.
type watch struct {
	types   []string
	match   string
	count   int
	timeout time.Duration
	cursor  string
}

var errTimeout = errors.New("the time is up")

func (a *app) watch(ctx context.Context, names []string, w watch) error {
	match, err := regexp.Compile(w.match)
	if err != nil {
		return &usageError{err}
	}
	s, err := a.connect(ctx, true)
	if err != nil {
		return err
	}
	inner := ctx
	if w.timeout > 0 {
		var cancel context.CancelFunc
		inner, cancel = context.WithTimeoutCause(ctx, w.timeout, errTimeout)
		defer cancel()
	}
	n := 0
	err = a.events(inner, s, names, w.cursor, func(e stream.Event) (bool, error) {
		line, err := eventJSON(e)
		if err != nil || line == nil {
			return true, err
		}
		fields := eventFields(e)
		if len(w.types) > 0 && !slices.Contains(w.types, fields[0]) || !match.MatchString(fields[4]) {
			return true, nil
		}
		if a.json {
			err = a.printJSON(line)
		} else {
			_, err = fmt.Fprintln(a.out, strings.Join(fields[:], "\t"))
		}
		n++
		return n != w.count, err
	})
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(inner), errTimeout) {
		return errTimeout
	}
	return err
}

// eventFields are the type, the time, the user, the id and the text of an event,
// without tabs and line ends.
func eventFields(e stream.Event) [5]string {
	var note *gen.Note
	fields := [5]string{0: oneLine(eventType(e))}
	switch e := e.(type) {
	case *stream.Note:
		note = &e.Note
	case *stream.Mention:
		note = &e.Note
	case *stream.Reply:
		note = &e.Note
	case *stream.Renote:
		note = &e.Note
	case *stream.Notification:
		fields[0] = oneLine(string(e.Notification.Type))
		fields[1], fields[3] = e.CreatedAt.Format(time.RFC3339), oneLine(e.ID)
		if e.User != nil {
			fields[2] = acct(e.User)
		}
		if e.Notification.Note != nil && e.Notification.Note.Text != nil {
			fields[4] = oneLine(*e.Notification.Note.Text)
		}
		return fields
	}
	if note == nil {
		fields[4] = oneLine(string(e.Raw()))
		return fields
	}
	fields[1], fields[2], fields[3] = note.CreatedAt.Format(time.RFC3339), acct(&note.User), oneLine(note.ID)
	if note.Text != nil {
		fields[4] = oneLine(*note.Text)
	}
	return fields
}
