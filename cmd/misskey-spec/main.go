// Command misskey-spec keeps the client in step with Misskey's OpenAPI document.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// A command is one subcommand. Its run parses args, which come after the
// command's name.
type command struct {
	name    string
	usage   string // its arguments
	summary string
	details string
	run     func(ctx context.Context, c command, args []string, std stdio) error

	// finds says that exit status 1 is for what the command was to find,
	// [errFound]; then it is 2 for failures.
	finds bool
}

// commands are all subcommands; each has a file of its name.
var commands = []command{
	importCommand,
	generateCommand,
	referenceCommand,
	diffCommand,
	checkCommand,
}

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// errUsage stands for wrong arguments that have been explained already.
var errUsage = errors.New("usage")

// errFound stands for a finding that has been reported already.
var errFound = errors.New("found")

func main() {
	// A command allocates much, keeps most of it and ends after seconds: collecting
	// garbage at the usual rate takes a quarter of its processor time.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs the subcommand that args name and returns the exit status: 0 when
// all is well, 1 for a failure, 2 for wrong arguments; of a command that finds, 1
// for what it finds, 2 for a failure.
func run(ctx context.Context, args []string, stdin io.Reader, terminal, errTerminal io.Writer) int {
	stdout, stderr := printable(terminal), printable(errTerminal)
	defer stdout.Close()
	defer stderr.Close()
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(stdout)
		return 0
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, c, args[1:], stdio{stdin, stdout, stderr})
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case errors.Is(err, errFound):
			return 1
		}
		fmt.Fprintf(stderr, "misskey-spec %s: %v\n", c.name, err)
		if c.finds {
			return 2
		}
		return 1
	}
	fmt.Fprintf(stderr, "misskey-spec: there is no command %q\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintf(w, "usage: misskey-spec COMMAND [arguments]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "\n\"misskey-spec COMMAND -h\" lists its arguments.\n")
}

// flags returns the flag set of the command.
func (c command) flags(std stdio) *flag.FlagSet {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(std.err)
	f.Usage = func() {
		fmt.Fprintf(std.err, "usage: misskey-spec %s %s\n\n%s\n\n", c.name, c.usage, c.details)
		f.PrintDefaults()
	}
	return f
}

// parse reads args, which must leave n arguments after the flags.
func (c command) parse(f *flag.FlagSet, args []string, n int) error {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage // the flag package has printed what is wrong
	}
	if f.NArg() != n {
		f.Usage()
		return errUsage
	}
	return nil
}
