package appauth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/appauth"
	"github.com/misskey-go/misskey/gen"
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
	grant, err := appauth.Login(ctx, srv.URL, appauth.Options{
		Name:        "mycli",
		Permissions: []gen.Permission{gen.PermissionReadAccount},
		OpenBrowser: func(page string) error { // instead of a user
			srv.Approve("alice", page)
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.User.Username, grant.Permissions)
	// Output: alice [read:account]
}

// An app is made once for an instance. The next session asks as the same app.
func ExampleStart() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	made, err := appauth.Create(ctx, srv.URL, appauth.Options{Name: "mycli", Permissions: []gen.Permission{gen.PermissionReadAccount}})
	if err != nil {
		log.Fatal(err)
	}
	id, secret := made.ID, made.Secret() // which the program keeps

	app, err := appauth.Open(srv.URL, id, secret)
	if err != nil {
		log.Fatal(err)
	}
	session, err := appauth.Start(ctx, srv.URL, appauth.Options{App: app})
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

// A web service whose users have accounts at one instance.
func ExampleWeb() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	const callback = "https://service.example/callback"
	app, err := appauth.Create(ctx, srv.URL, appauth.Options{Name: "My service", Callback: callback, Permissions: []gen.Permission{gen.PermissionReadAccount}})
	if err != nil {
		log.Fatal(err)
	}
	web := &appauth.Web{
		Options:  appauth.Options{App: app, Callback: callback},
		Instance: func(*http.Request) (string, error) { return srv.URL, nil },
		Success: func(w http.ResponseWriter, _ *http.Request, grant *misskey.Grant, _ string) {
			fmt.Fprintln(w, "Hello,", grant.User.Username)
		},
	}
	http.Handle("/login", web.Start())
	http.Handle("/callback", web.Callback())
}
