package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey/cmd/misskey/internal/reference"
)

// groups are the commands as the first page of help shows them. They have to fit
// on a screen, so that each is only named.
var groups = []struct{ title, commands string }{
	{"Accounts", "login, logout, accounts, whoami"},
	{"Notes", "post, delete, react, timeline, notifications, search, user"},
	{"Events", "stream, watch"},
	{"Files", "upload, download, export"},
	{"Moderation", "emoji, admin"},
	{"Any endpoint", "api"},
	{"Development", "fake"},
	{"Shell", "completion, man"},
}

const wayOn = "misskey COMMAND --help shows more. In scripts set MISSKEY_URL and MISSKEY_TOKEN."

// setHelp replaces the help of cobra by one that fits on a screen.
func (a *app) setHelp(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		a.started = true
		out := cmd.OutOrStdout()
		if cmd.Name() == "api" {
			for _, arg := range args {
				if e := reference.Load().Find(strings.Trim(arg, "/")); e != nil {
					fmt.Fprint(out, describeEndpoint(reference.Load(), e, min(a.width(), 100), inJapanese()))
					return
				}
			}
		}
		printHelp(out, cmd)
	})
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.SetVersionTemplate("misskey {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]...", Short: "Show the help of a command", Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil {
				return &usageError{err}
			}
			root.HelpFunc()(cmd, rest)
			return nil
		},
	})
}

// existing are the commands of a group that root has.
func existing(root *cobra.Command, names string) string {
	var found []string
	for name := range strings.SplitSeq(names, ", ") {
		if slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name }) {
			found = append(found, name)
		}
	}
	return strings.Join(found, ", ")
}

func printHelp(out io.Writer, cmd *cobra.Command) {
	root := !cmd.HasParent()
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintln(out, strings.TrimSuffix(strings.TrimSpace(text), ".")+".")
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		usage = cmd.CommandPath() + " COMMAND"
	}
	fmt.Fprintf(out, "\nUsage: %s\n", strings.TrimSuffix(usage, " [flags]"))
	switch {
	case root:
		fmt.Fprintln(out)
		for _, g := range groups {
			if names := existing(cmd, g.commands); names != "" {
				fmt.Fprintf(out, "  %-13s %s\n", g.title, names)
			}
		}
	case cmd.HasAvailableSubCommands():
		fmt.Fprintln(out)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(out, "  %-10s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	cmd.InitDefaultHelpFlag()
	for _, name := range []string{"help", "version"} {
		if f := cmd.Flags().Lookup(name); f != nil {
			f.Hidden = true
		}
	}
	flags := cmd.LocalFlags()
	if flags.HasAvailableFlags() {
		fmt.Fprintf(out, "\n%s", flags.FlagUsagesWrapped(80))
	}
	if cmd.Example != "" {
		fmt.Fprintln(out)
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			fmt.Fprintln(out, "  $ "+line)
		}
	}
	if root {
		fmt.Fprintln(out, "\n"+wayOn)
	}
}
