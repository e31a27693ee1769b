// Command login logs in with MiAuth from a terminal, and says who has logged in.
//
//	go run ./examples/login
//
// logs in to an instance inside its own process, whose page lets you be whom you
// like. With an instance of yours,
//
//	MISSKEY_URL=https://misskey.example go run ./examples/login
//
// its page opens in your browser, or over SSH is printed. The token may read the
// account; it is forgotten when the program ends, so revoke it in the settings.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

// start logs in to the instance of the environment or, without one, to one of its
// own.
func start(ctx context.Context) error {
	instance := os.Getenv("MISSKEY_URL")
	if instance == "" {
		srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
		if err != nil {
			return err
		}
		defer srv.Close()
		srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice Archer"})
		fmt.Println("An instance inside this process; to log in to yours, set MISSKEY_URL.")
		instance = srv.URL
	}
	return login(ctx, os.Stdout, instance, miauth.Options{})
}

// login logs in and says who that was. The options are those that a test has.
func login(ctx context.Context, out io.Writer, instance string, opts miauth.Options) error {
	opts.Name = "misskey-go login example"
	opts.Permissions = []gen.Permission{gen.PermissionReadAccount}
	fmt.Fprintln(out, "Waiting for you to approve; Ctrl-C gives up.")
	grant, err := miauth.Login(ctx, instance, opts)
	if err != nil {
		return err
	}
	me, err := grant.Client().I(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "You are @%s, with %d notes.\n", me.Username, me.NotesCount)
	return err
}
