package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the man page",
		Example: "misskey man > ~/.local/share/man/man1/misskey.1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var b strings.Builder
			writeMan(&b, cmd.Root())
			_, err := io.WriteString(a.out, b.String())
			return err
		},
	}
}

// roff escapes text of a man page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

func writeMan(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, ".TH MISSKEY 1 \"\" \"misskey %s\"\n.SH NAME\nmisskey \\- %s\n", roff(version()), roff(root.Short))
	fmt.Fprint(w, ".SH SYNOPSIS\n.B misskey\nCOMMAND [flags]\n.SH OPTIONS\n")
	writeManFlags(w, root.PersistentFlags())
	fmt.Fprintln(w, ".SH COMMANDS")
	writeManCommands(w, root)
	fmt.Fprint(w, `.SH ENVIRONMENT
.TP
.B MISSKEY_URL, MISSKEY_TOKEN
the instance and the token to use, in place of an account that is logged in
.TP
.B MISSKEY_KEYRING
off keeps tokens in a file and not in the keyring
.TP
.B NO_COLOR
if it is not empty, no colors are used
.TP
.B VISUAL, EDITOR
what post opens for a text
.SH FILES
.TP
.I $XDG_CONFIG_HOME/misskey\-go/accounts.json
the accounts, and where there is no keyring their tokens
.SH EXIT STATUS
0 success, 1 refused by the server or another failure, 2 wrong usage, 3 network, 4 not logged in
.SH EXAMPLES
.nf
`)
	for _, example := range examples(root) {
		fmt.Fprintln(w, roff(example))
	}
	fmt.Fprintln(w, ".fi")
}

func examples(cmd *cobra.Command) []string {
	var all []string
	if cmd.Example != "" {
		all = strings.Split(cmd.Example, "\n")
	}
	return all
}

func writeManCommands(w io.Writer, parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		if !cmd.IsAvailableCommand() {
			continue
		}
		if cmd.HasSubCommands() {
			writeManCommands(w, cmd)
			continue
		}
		fmt.Fprintf(w, ".SS %s\n", roff(strings.TrimSuffix(cmd.UseLine(), " [flags]")))
		text := cmd.Long
		if text == "" {
			text = cmd.Short
		}
		fmt.Fprintln(w, ".nf")
		for line := range strings.SplitSeq(strings.TrimSuffix(text, ".")+".", "\n") {
			fmt.Fprintln(w, roff(line))
		}
		fmt.Fprintln(w, ".fi")
		writeManFlags(w, cmd.LocalNonPersistentFlags())
		if cmd.Example != "" {
			fmt.Fprintln(w, ".PP\n.nf")
			for _, example := range examples(cmd) {
				fmt.Fprintln(w, roff("  $ "+example))
			}
			fmt.Fprintln(w, ".fi")
		}
	}
}

func writeManFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", strings.TrimSpace(roff(name+" "+value)), roff(strings.ReplaceAll(usage, "\n", " ")))
	})
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands in a shell",
		Long:  "Print a script that completes commands in bash, zsh, fish or powershell",
		Example: `misskey completion bash > ~/.local/share/bash-completion/completions/misskey
misskey completion zsh > "${fpath[1]}/_misskey"
misskey completion fish > ~/.config/fish/completions/misskey.fish`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(a.out, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(a.out)
			case "fish":
				return cmd.Root().GenFishCompletion(a.out, true)
			}
			return cmd.Root().GenPowerShellCompletionWithDesc(a.out)
		},
	}
}
