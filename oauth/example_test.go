package oauth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/oauth"
)

// An app is known by a page on the public web, which names its callbacks. A program
// with a terminal has one on this machine.
func ExampleLogin() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	const callback = "http://127.0.0.1:38976/callback"
	document := oauth.Document{Name: "mycli", Callbacks: []string{callback}}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { document.ServeHTTP(w, r) }))
	defer page.Close()
	document.ID = page.URL + "/" // instead of https://mycli.example/

	grant, err := oauth.Login(ctx, srv.URL, oauth.Options{
		ID:          document.ID,
		Callback:    callback,
		Permissions: []gen.Permission{gen.PermissionReadAccount},
		OpenBrowser: func(page string) error { // instead of a user
			go http.Get(srv.Approve("alice", page))
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.User.Username, grant.Permissions)
	// Output: alice [read:account]
}

// A program that has a callback of its own hands its query to Finish.
func ExampleSession_Finish() {
	ctx := context.Background()
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	document := oauth.Document{Name: "App", Callbacks: []string{"https://app.example/callback"}}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { document.ServeHTTP(w, r) }))
	defer page.Close()
	document.ID = page.URL + "/" // instead of https://app.example/

	session, err := oauth.Start(ctx, srv.URL, oauth.Options{
		ID: document.ID, Callback: "https://app.example/callback", Permissions: []gen.Permission{gen.PermissionReadAccount},
	})
	if err != nil {
		log.Fatal(err)
	}
	callback, err := url.Parse(srv.Approve("alice", session.URL())) // a user opens the page and approves
	if err != nil {
		log.Fatal(err)
	}
	grant, err := session.Finish(ctx, callback.Query())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.User.Username)
	// Output: alice
}

// A web service serves its document, and logs in users of any instance.
func ExampleWeb() {
	const id, callback = "https://service.example/", "https://service.example/callback"
	web := &oauth.Web{
		Options:  oauth.Options{ID: id, Callback: callback, Permissions: []gen.Permission{gen.PermissionReadAccount}},
		Instance: func(r *http.Request) (string, error) { return r.FormValue("instance"), nil },
		Success: func(w http.ResponseWriter, _ *http.Request, grant *misskey.Grant, _ string) {
			fmt.Fprintln(w, "Hello,", grant.User.Username)
		},
	}
	http.Handle("GET /{$}", oauth.Document{ID: id, Name: "My service", Callbacks: []string{callback}})
	http.Handle("/login", web.Start())
	http.Handle("/callback", web.Callback())
}
