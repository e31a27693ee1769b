package miauth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/misskey-go/misskey"
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
	session, err := miauth.Start(ctx, srv.URL, miauth.Options{Name: "mycli", Permissions: []gen.Permission{gen.PermissionReadAccount}})
	if err != nil {
		log.Fatal(err)
	}
	srv.Approve("alice", session.URL()) // a user opens the page and approves
	grant, err := session.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.User.Username)
	// Output: alice
}

// A web service keeps nothing of a login but what is in a cookie of the browser.
func ExampleWeb() {
	web := &miauth.Web{
		Options: miauth.Options{
			Name: "My service", Callback: "https://service.example/callback", Permissions: []gen.Permission{gen.PermissionReadAccount},
		},
		Instance: func(*http.Request) (string, error) { return "misskey.example", nil },
		Success: func(w http.ResponseWriter, _ *http.Request, grant *misskey.Grant, _ string) {
			fmt.Fprintln(w, "Hello,", grant.User.Username)
		},
	}
	http.Handle("/login", web.Start())
	http.Handle("/callback", web.Callback())
}
