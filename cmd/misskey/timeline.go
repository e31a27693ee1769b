package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func (a *app) timelineCommand() *cobra.Command {
	var n int
	var files, open bool
	cmd := &cobra.Command{
		Use:   "timeline [TIMELINE]",
		Short: "Show a timeline",
		Long: `Show a timeline, the newest note last; with --json the newest first. It is
home, local, social, global, mentions, favorites, @USER, #TAG, list:ID,
antenna:ID, channel:ID or clip:ID, and home if none is named.`,
		Example: `misskey timeline
misskey timeline local -n 50
misskey timeline @alice --files --json | jq -r '.files[].url'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			where := "home"
			if len(args) > 0 {
				where = args[0]
			}
			return a.timeline(cmd.Context(), where, n, files, open)
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"home", "local", "social", "global", "mentions", "favorites"}, cobra.ShellCompDirectiveNoFileComp),
	}
	cmd.Flags().IntVarP(&n, "number", "n", 20, "show `N` notes")
	cmd.Flags().BoolVar(&files, "files", false, "only notes with files")
	cmd.Flags().BoolVar(&open, "open", false, "show what is behind content warnings")
	return cmd
}

func (a *app) timeline(ctx context.Context, where string, n int, files, open bool) error {
	s, err := a.connect(ctx, where == "local" || where == "global" || strings.HasPrefix(where, "#") || strings.HasPrefix(where, "@"))
	if err != nil {
		return err
	}
	endpoint, params, err := timelineOf(ctx, s, where)
	if err != nil {
		return err
	}
	if files {
		params["withFiles"] = true
	}
	p := a.printer(s)
	p.open = open
	if where == "favorites" {
		return list(ctx, a, s, endpoint, params, n, func(f gen.NoteFavorite) error { return p.note(f.Note) })
	}
	return list(ctx, a, s, endpoint, params, n, p.note)
}

// timelineOf returns the endpoint of a timeline.
func timelineOf(ctx context.Context, s *session, where string) (endpoint string, params map[string]any, err error) {
	params = map[string]any{}
	switch where {
	case "home":
		return "notes/timeline", params, nil
	case "local":
		return "notes/local-timeline", params, nil
	case "social":
		return "notes/hybrid-timeline", params, nil
	case "global":
		return "notes/global-timeline", params, nil
	case "mentions":
		return "notes/mentions", params, nil
	case "favorites":
		return "i/favorites", params, nil
	}
	if tag, ok := strings.CutPrefix(where, "#"); ok && tag != "" {
		params["tag"] = tag
		return "notes/search-by-tag", params, nil
	}
	if strings.HasPrefix(where, "@") {
		u, err := findUser(ctx, s, where)
		params["userId"] = u.value.ID
		return "users/notes", params, err
	}
	kind, id, _ := strings.Cut(where, ":")
	for _, known := range []struct{ kind, endpoint, param string }{
		{"list", "notes/user-list-timeline", "listId"},
		{"antenna", "antennas/notes", "antennaId"},
		{"channel", "channels/timeline", "channelId"},
		{"clip", "clips/notes", "clipId"},
	} {
		if kind == known.kind && id != "" {
			params[known.param] = id
			return known.endpoint, params, nil
		}
	}
	return "", nil, usagef("there is no timeline %q: it is home, local, social, global, mentions, favorites, @USER, #TAG, list:ID, antenna:ID, channel:ID or clip:ID", where)
}

func (a *app) searchCommand() *cobra.Command {
	var n int
	var user, host string
	var open bool
	cmd := &cobra.Command{
		Use:     "search WORD...",
		Short:   "Search notes",
		Long:    "Search notes for words, which not every instance allows, or for one #TAG",
		Example: "misskey search cherry blossoms\nmisskey search \"#hanami\" -n 100 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			query := strings.Join(args, " ")
			if strings.HasPrefix(query, "#") && len(args) == 1 && user == "" && host == "" {
				return a.timeline(ctx, query, n, false, open)
			}
			s, err := a.connect(ctx, true)
			if err != nil {
				return err
			}
			params := map[string]any{"query": query}
			if user != "" {
				u, err := findUser(ctx, s, user)
				if err != nil {
					return err
				}
				params["userId"] = u.value.ID
			}
			if host != "" {
				params["host"] = host
			}
			p := a.printer(s)
			p.open = open
			return list(ctx, a, s, "notes/search", params, n, p.note)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 20, "show `N` notes")
	cmd.Flags().StringVar(&user, "user", "", "only notes of `USER`")
	cmd.Flags().StringVar(&host, "host", "", "only notes of the server `HOST`; a dot for this one")
	cmd.Flags().BoolVar(&open, "open", false, "show what is behind content warnings")
	return cmd
}

func (a *app) notificationsCommand() *cobra.Command {
	var n int
	var types []string
	var read bool
	cmd := &cobra.Command{
		Use:     "notifications",
		Short:   "Show notifications",
		Long:    "Show notifications, the newest last; with --json first. They stay unread",
		Example: "misskey notifications\nmisskey notifications --type mention,reply --read",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			s, err := a.connect(ctx, false)
			if err != nil {
				return err
			}
			params := map[string]any{"markAsRead": read}
			if len(types) > 0 {
				params["includeTypes"] = types
			}
			p := a.printer(s)
			return list(ctx, a, s, "i/notifications", params, n, p.notification)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 20, "show `N` notifications")
	cmd.Flags().StringSliceVar(&types, "type", nil, "only those of `TYPES`, such as mention,reply,reaction,follow")
	cmd.Flags().BoolVar(&read, "read", false, "mark them as read")
	return cmd
}

// did is what a user did who caused a notification.
var did = map[gen.NotificationType]string{
	"follow": "follows you", "mention": "mentioned you", "reply": "replied", "renote": "renoted", "quote": "quoted you",
	"note": "posted", "receiveFollowRequest": "asks to follow you", "followRequestAccepted": "accepted your request",
	"pollEnded": "posted a poll that has ended", "chatRoomInvitationReceived": "invites you to a chat",
}

func (p *printer) notification(n gen.Notification) error {
	what := did[n.Type]
	if n.Type == gen.NotificationTypeReaction && n.Reaction != nil {
		what = "reacted with " + shortReaction(*n.Reaction)
	}
	switch {
	case n.User != nil && what != "":
		if err := p.header("", n.User, what, n.CreatedAt, ""); err != nil {
			return err
		}
	default:
		what = oneLine(string(n.Type))
		for _, s := range []*string{n.Header, n.Body} {
			if s != nil && *s != "" {
				what += ": " + oneLine(*s)
			}
		}
		if err := p.line("", p.bold(what)+"  "+p.dim(when(n.CreatedAt))); err != nil {
			return err
		}
	}
	if n.Note != nil {
		note := *n.Note
		if n.Type == gen.NotificationTypeRenote && note.Renote != nil {
			note = *note.Renote
		}
		if err := p.noteAt(&note, "│ ", maxNested); err != nil {
			return err
		}
	}
	return p.println()
}

// findUser finds a user by name: alice, @alice or @alice@host; or by id:….
func findUser(ctx context.Context, s *session, name string) (item[gen.UserDetailed], error) {
	var user *gen.UserDetailed
	var body json.RawMessage
	id, isID := strings.CutPrefix(name, "id:")
	_, err := misskey.ParseAddress(name)
	switch {
	case isID:
		user, err = s.UsersShow(ctx, gen.UsersShowRequest{UserID: &id}, misskey.Raw(&body))
	case err != nil:
		return item[gen.UserDetailed]{}, usagef("%q is not a user: write alice, @alice@misskey.example or id:9abc", name)
	default:
		user, err = misskey.FindUser(ctx, s.Client, name, misskey.Raw(&body))
	}
	if err == nil && user.ID == "" {
		err = fmt.Errorf("the server does not say who %s is", name)
	}
	if err != nil {
		return item[gen.UserDetailed]{}, err
	}
	return item[gen.UserDetailed]{*user, body}, nil
}

func (a *app) userCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "user [USER]",
		Short:   "Show a user",
		Long:    "Show a user, or without USER the account itself",
		Example: "misskey user @alice@misskey.example\nmisskey user id:9abcdefghi --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			s, err := a.connect(ctx, len(args) == 1)
			if err != nil {
				return err
			}
			var u item[gen.UserDetailed]
			if len(args) == 1 {
				u, err = findUser(ctx, s, args[0])
			} else {
				u, err = misskey.Call[item[gen.UserDetailed]](ctx, s.Client, "i", map[string]any{}, misskey.ReadOnly())
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(u.raw)
			}
			return a.printer(s).user(&u.value)
		},
	}
}

func (p *printer) user(u *gen.UserDetailed) error {
	if err := p.line("", p.bold(name(&u.UserLite))+"  "+p.style("36", acct(&u.UserLite))); err != nil {
		return err
	}
	var marks []string
	for _, mark := range []struct {
		is   bool
		name string
	}{
		{u.IsBot, "bot"}, {u.IsCat, "cat"}, {u.IsLocked, "accepts followers by hand"}, {u.IsSuspended, "suspended"}, {u.IsSilenced, "silenced"},
		{is(u.IsFollowed), "follows you"}, {is(u.IsFollowing), "you follow"}, {is(u.IsMuted), "muted"}, {is(u.IsBlocking), "blocked"},
	} {
		if mark.is {
			marks = append(marks, mark.name)
		}
	}
	if len(marks) > 0 {
		if err := p.line("", p.dim(strings.Join(marks, ", "))); err != nil {
			return err
		}
	}
	if u.Description != nil && *u.Description != "" {
		if err := p.println("\n", p.mfm(*u.Description, ""), "\n"); err != nil {
			return err
		}
	}
	for _, f := range u.Fields {
		if err := p.line("", oneLine(f.Name)+": "+oneLine(f.Value)); err != nil {
			return err
		}
	}
	return p.line("", fmt.Sprintf("%s, %s, follows %d; since %s; id %s",
		counted(u.NotesCount, "note"), counted(u.FollowersCount, "follower"), u.FollowingCount, u.CreatedAt.Local().Format("2006-01-02"), oneLine(u.ID)))
}

func is(b *bool) bool { return b != nil && *b }
