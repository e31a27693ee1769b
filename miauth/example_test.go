package miauth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

// A program with a terminal leaves OpenBrowser out: the browser of the system
// opens, or the address of the page is printed.
func ExampleLogin() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	grant, err := miauth.Login(ctx, srv.URL, miauth.Options{
		Name:        "mycli",
		Permissions: []gen.Permission{gen.PermissionReadAccount},
		OpenBrowser: func(page string) error { // instead of a user
			go http.Get(srv.Approve("alice", page))
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	me, err := grant.Client().I(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.Username)
	// Output: alice
}

func ExampleSession_Wait() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	session, err := miauth.New(srv.URL, miauth.Options{Name: "mycli", Permissions: []gen.Permission{gen.PermissionReadAccount}})
	if err != nil {
		log.Fatal(err)
	}
	srv.Approve("alice", session.URL()) // a user opens the page and approves
	grant, err := session.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant)
	// Output: miauth grant of @alice
}
