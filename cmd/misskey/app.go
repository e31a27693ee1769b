package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/misskey-go/misskey"
)

// An app is one run of the command: where it reads and writes, and the flags
// that all commands have.
type app struct {
	in       io.Reader
	out, err io.Writer
	started  bool // the arguments were right

	account string
	json    bool
	quiet   bool
	verbose bool
	color   string // auto, always, never
}

func newApp(in io.Reader, out, err io.Writer) *app {
	return &app{in: in, out: out, err: err, color: "auto"}
}

// command returns the command line with all its commands.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "misskey",
		Short: "Misskey on the command line",
		Example: `misskey login misskey.example
misskey post "Good morning"`,
		Version:       version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.color != "auto" && a.color != "always" && a.color != "never" {
				return fmt.Errorf("--color is auto, always or never, not %q", a.color)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.account, "account", "a", "", "the `ACCOUNT` to use, such as alice@misskey.example")
	flags.BoolVar(&a.json, "json", false, "print JSON; of lists one item a line")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print only what was asked for, and errors")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log each call, without tokens and texts")
	flags.StringVar(&a.color, "color", "auto", "`WHEN` to use colors: auto, always, never")
	_ = root.RegisterFlagCompletionFunc("account", a.completeAccounts)
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))

	root.AddCommand(
		a.loginCommand(), a.logoutCommand(), a.accountsCommand(), a.whoamiCommand(),
		a.postCommand(), a.deleteCommand(), a.reactCommand(),
		a.timelineCommand(), a.notificationsCommand(), a.searchCommand(), a.userCommand(),
		a.streamCommand(), a.watchCommand(),
		a.uploadCommand(), a.downloadCommand(), a.exportCommand(),
		a.emojiCommand(), a.adminCommand(),
		a.apiCommand(), a.fakeCommand(), a.completionCommand(), a.manCommand(),
	)
	a.setHelp(root)
	a.markStarted(root)
	return root
}

// markStarted lets commands say that they have begun: what goes wrong before is
// the arguments.
func (a *app) markStarted(cmd *cobra.Command) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		a.markStarted(sub)
	}
}

// An account that a command acts for, and its client.
type session struct {
	*misskey.Client
	account account // empty if the environment gives the token
}

// connect returns the client of the account that the flags or the environment
// choose. Without a token it is that of nobody, if anonymous allows that.
func (a *app) connect(ctx context.Context, anonymous bool) (*session, error) {
	address, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
	if address != "" || token != "" {
		switch {
		case a.account != "":
			return nil, usagef("MISSKEY_URL and MISSKEY_TOKEN choose the account; leave out --account, or unset them")
		case address == "":
			return nil, usagef("MISSKEY_TOKEN is set without MISSKEY_URL; set the instance that it is for")
		case token == "" && !anonymous:
			return nil, fmt.Errorf("%w: MISSKEY_URL is set without MISSKEY_TOKEN", errNoLogin)
		}
		mk, err := a.client(address, token)
		return &session{Client: mk}, err
	}
	accounts, err := loadAccounts()
	if err != nil {
		return nil, err
	}
	acc, err := accounts.find(a.account)
	if err != nil {
		return nil, err
	}
	if token, err = acc.token(ctx); err != nil {
		return nil, err
	}
	mk, err := a.client(acc.URL, token)
	return &session{mk, acc}, err
}

// client returns a client that reports its waits.
func (a *app) client(address, token string) (*misskey.Client, error) {
	opts := a.clientOptions()
	if token != "" {
		opts = append(opts, misskey.WithToken(token))
	}
	mk, err := misskey.New(address, opts...)
	if err != nil {
		return nil, &usageError{err}
	}
	return mk, nil
}

func (a *app) clientOptions() []misskey.Option {
	opts := []misskey.Option{
		misskey.WithUserAgent("misskey-cli/" + version()),
		misskey.WithRetryNotify(func(e misskey.RetryEvent) {
			if e.Wait > 3*time.Second {
				a.note("%s: waiting for %v before trying again", e.Endpoint, e.Wait.Round(time.Second))
			}
		}),
	}
	if a.verbose {
		opts = append(opts, misskey.WithLogger(slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	return opts
}

// note prints a message for people to the standard error, unless quiet.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.err, clean(fmt.Sprintf(format, args...)))
	}
}

// done prints what was done, for people; with --json the JSON of the response.
func (a *app) done(body json.RawMessage, format string, args ...any) error {
	if a.json {
		return a.printJSON(body)
	}
	if a.quiet {
		return nil
	}
	_, err := fmt.Fprintln(a.out, clean(fmt.Sprintf(format, args...)))
	return err
}

// printJSON prints a JSON value: indented on a terminal, otherwise in one line. It
// escapes control characters.
func (a *app) printJSON(value json.RawMessage) error {
	if len(value) == 0 {
		return nil
	}
	var b bytes.Buffer
	var err error
	if isTerminal(a.out) {
		err = json.Indent(&b, value, "", "  ")
	} else {
		err = json.Compact(&b, value)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, escapeJSON(b.String()))
	return err
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width returns the number of columns of the output, or 80 if it is not a terminal.
func (a *app) width() int {
	if f, ok := a.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

// colors reports whether to print escape sequences.
func (a *app) colors() bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(a.out) && enableEscapes(a.out)
}

// readInput reads all of the standard input, at most a limit, and ends with the
// context.
func (a *app) readInput(ctx context.Context) ([]byte, error) {
	const limit = 16 << 20
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() { // ends with the input, or with the process
		data, err := io.ReadAll(io.LimitReader(a.in, limit+1))
		read <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-read:
		if len(r.data) > limit {
			return nil, usagef("the standard input has more than %d bytes", limit)
		}
		return r.data, r.err
	}
}

// isNetwork reports whether an error is that of a network.
func isNetwork(err error) bool {
	if _, ok := errors.AsType[*fs.PathError](err); ok { // whose errors of the system look like those of a network
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed)
}
