// Command misskey is Misskey on the command line, for people and for scripts.
//
//	misskey login misskey.example
//	misskey post "Good morning"
//	misskey timeline
//	misskey api users/show username=alice
//
// misskey --help lists the commands; docs/cli.md is a tour of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// Exit statuses.
const (
	exitRefused     = 1 // by the server, or by something else that is not below
	exitUsage       = 2
	exitNetwork     = 3
	exitNoLogin     = 4
	exitInterrupted = 130 // as shells have it for Ctrl-C
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs a command and returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, stderr io.Writer) int {
	a := newApp(in, out, stderr)
	root := a.command()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !a.started { // cobra did not like the arguments
		err = &usageError{err}
	}
	status := exitStatus(ctx, err)
	if status == exitInterrupted {
		return status
	}
	// Errors of the packages begin with their names.
	text := strings.ReplaceAll(": "+clean(err.Error()), ": misskey: ", ": ")
	fmt.Fprintf(stderr, "misskey%s\n", text)
	if hint := hint(err); hint != "" {
		fmt.Fprintln(stderr, hint)
	}
	return status
}

// A usageError is wrong use of the command.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// errNoLogin says that a command needs an account.
var errNoLogin = errors.New("you are not logged in")

// exitStatus is what a script learns of an error.
func exitStatus(ctx context.Context, err error) int {
	if ctx.Err() != nil {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	e, refused := errors.AsType[*misskey.Error](err)
	switch {
	case errors.Is(err, errNoLogin), errors.Is(err, gen.ErrAuthenticationFailed), errors.Is(err, gen.ErrCredentialRequired):
		return exitNoLogin
	case refused && e.Code == "" && e.Status >= 502 && e.Status <= 504: // of a gateway
		return exitNetwork
	case refused:
		return exitRefused
	case isNetwork(err):
		return exitNetwork
	}
	return exitRefused
}

// hint says what to do about an error.
func hint(err error) string {
	_, usage := errors.AsType[*usageError](err)
	_, explained := errors.AsType[*mistake](err)
	switch {
	case errors.Is(err, errNoLogin):
		return "Log in with: misskey login INSTANCE"
	case errors.Is(err, gen.ErrAuthenticationFailed):
		return "The token is not valid any more. Log in again with: misskey login"
	case errors.Is(err, gen.ErrCredentialRequired):
		return "This needs an account. Log in with: misskey login INSTANCE"
	case errors.Is(err, gen.ErrPermissionDenied):
		return "The token lacks a permission. Log in again with more of them: misskey login --help"
	case usage && !explained:
		return "See: misskey --help, or misskey COMMAND --help"
	}
	return ""
}
