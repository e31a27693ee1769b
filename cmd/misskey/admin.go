package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

func (a *app) adminCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "admin", Short: "Moderate an instance", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(
		a.reportsCommand(), a.resolveCommand(), a.usersCommand(),
		a.onUsers("suspend", "Suspend", "Suspended", "admin/suspend-user"),
		a.onUsers("unsuspend", "Unsuspend", "Unsuspended", "admin/unsuspend-user"),
	)
	return cmd
}

func (a *app) reportsCommand() *cobra.Command {
	var n int
	var all bool
	cmd := &cobra.Command{
		Use:     "reports",
		Short:   "List reports of abuse that are not resolved",
		Example: "misskey admin reports\nmisskey admin reports --all -n 100 --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			s, err := a.connect(ctx, false)
			if err != nil {
				return err
			}
			params := map[string]any{"state": "unresolved"}
			if all {
				params["state"] = "all"
			}
			p := a.printer(s)
			return list(ctx, a, s, "admin/abuse-user-reports", params, n, p.report)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 20, "list `N` reports")
	cmd.Flags().BoolVar(&all, "all", false, "also those that are resolved")
	return cmd
}

func (p *printer) report(r gen.AbuseUserReport) error {
	state := ""
	if r.Resolved {
		state = "resolved"
	}
	if err := p.header("", &r.Reporter.UserLite, "reports "+acct(&r.TargetUser.UserLite), r.CreatedAt, oneLine(state+" "+r.ID)); err != nil {
		return err
	}
	text := indentLines(clean(r.Comment), "  ")
	if p.width > 0 {
		text = ""
		for i, line := range wrap(clean(r.Comment), p.width-2) {
			if i > 0 {
				text += "\n"
			}
			text += "  " + line
		}
	}
	return p.println(text, "\n")
}

func (a *app) resolveCommand() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "resolve REPORT...",
		Short:   "Resolve reports of abuse",
		Example: "misskey admin resolve 9abcdefghi --as accept",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if as != "" && as != "accept" && as != "reject" {
				return usagef("--as is accept or reject, not %q", as)
			}
			s, err := a.connect(cmd.Context(), false)
			if err != nil {
				return err
			}
			for _, id := range args {
				req := gen.AdminResolveAbuseUserReportRequest{ReportID: id}
				if as != "" {
					req.ResolvedAs = new(gen.AbuseUserReportResolution(as))
				}
				if err := s.AdminResolveAbuseUserReport(cmd.Context(), req); err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
				if err := a.done(nil, "Resolved %s.", id); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "what came of it: accept or reject")
	return cmd
}

func (a *app) usersCommand() *cobra.Command {
	var n int
	var state, origin string
	cmd := &cobra.Command{
		Use:     "users [NAME]",
		Short:   "List users",
		Example: "misskey admin users --state suspended",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			s, err := a.connect(ctx, false)
			if err != nil {
				return err
			}
			params := map[string]any{"state": state, "origin": origin, "offset": 0}
			if len(args) == 1 {
				params["username"] = args[0]
			}
			p := a.printer(s)
			return list(ctx, a, s, "admin/show-users", params, n, func(u gen.UserDetailed) error {
				line := p.bold(name(&u.UserLite)) + " " + p.style("36", acct(&u.UserLite)) + "  " + counted(u.NotesCount, "note")
				if u.IsSuspended {
					line += ", suspended"
				}
				return p.line("", line)
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 20, "list `N` users")
	cmd.Flags().StringVar(&state, "state", "all", "only users who are `STATE`: available, admin, moderator,\nadminOrModerator, suspended")
	cmd.Flags().StringVar(&origin, "origin", "local", "users of `WHERE`: local, remote, combined")
	return cmd
}

// onUsers is a command that does something with users.
func (a *app) onUsers(name, verb, done, endpoint string) *cobra.Command {
	return &cobra.Command{
		Use:     name + " USER...",
		Short:   verb + " users",
		Example: "misskey admin " + name + " @spammer@remote.example",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			s, err := a.connect(ctx, false)
			if err != nil {
				return err
			}
			for _, user := range args {
				if err := onUser(ctx, s, endpoint, user); err != nil {
					return fmt.Errorf("%s: %w", user, err)
				}
				if err := a.done(nil, "%s %s.", done, user); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func onUser(ctx context.Context, s *session, endpoint, name string) error {
	u, err := findUser(ctx, s, name)
	if err != nil {
		return err
	}
	_, err = misskey.Call[json.RawMessage](ctx, s.Client, endpoint, map[string]string{"userId": u.value.ID})
	return err
}
