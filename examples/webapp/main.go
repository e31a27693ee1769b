// Command webapp is a web service whose users log in with their accounts of
// Misskey, and see who they are.
//
//	go run ./examples/webapp
//
// logs in to an instance inside its own process, whose page lets you be whom you
// like. With an instance of yours,
//
//	MISSKEY_URL=https://misskey.example go run ./examples/webapp
//
// it is that. Open http://127.0.0.1:8080 in a browser of this machine; -listen
// changes the address.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/misskey-go/misskey/misskeytest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "the `address` to serve")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "webapp:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, address string) error {
	instance := os.Getenv("MISSKEY_URL")
	if instance == "" {
		srv, err := misskeytest.Start(ctx, "", misskeytest.Options{})
		if err != nil {
			return err
		}
		defer srv.Close()
		srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice Archer"})
		srv.AddUser(misskeytest.User{Username: "bob"})
		instance = srv.URL
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	self := "http://" + listener.Addr().String()
	fmt.Printf("Open %s in a browser; it logs in to %s.\n", self, instance)
	server := &http.Server{Handler: newApp(self, instance), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
