// Command webapp is a web service whose users log in with their accounts of
// Misskey, and see who they are.
//
//	go run ./examples/webapp
//
// logs in to an instance inside its own process, whose page lets you be whom you
// like. With MISSKEY_URL=https://misskey.example it logs in to that instance.
package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
)

func main() {
	const address = "127.0.0.1:8080"
	instance := os.Getenv("MISSKEY_URL")
	if instance == "" {
		srv, err := misskeytest.Start(context.Background(), "", misskeytest.Options{})
		if err != nil {
			log.Fatal(err)
		}
		srv.AddUser(misskeytest.User{Username: "alice", Name: "Alice Archer"})
		instance = srv.URL
	}
	fmt.Printf("Open http://%s in a browser of this machine; it logs in to %s.\n", address, instance)
	server := &http.Server{Addr: address, Handler: newApp("http://"+address, instance), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// An app is the web service. Who has logged in is in memory, by the value of a cookie.
type app struct{ sessions sync.Map }

// newApp returns a service at an address, whose users are those of an instance.
func newApp(self, instance string) http.Handler {
	a := &app{}
	web := &miauth.Web{
		Options: miauth.Options{
			Name: "misskey-go web example", Callback: self + "/callback", Permissions: []gen.Permission{gen.PermissionReadAccount},
		},
		Instance: func(*http.Request) (string, error) { return instance, nil },
		Success:  a.logIn, // a login that fails gets a page of miauth
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.Handle("POST /login", web.Start())
	mux.Handle("GET /callback", web.Callback())
	mux.HandleFunc("POST /logout", a.logOut)
	return http.NewCrossOriginProtection().Handler(mux) // forms of other sites do not log anybody in or out
}

// logIn remembers who has logged in. The token stays here; the browser gets a cookie.
func (a *app) logIn(w http.ResponseWriter, r *http.Request, grant *misskey.Grant, _ string) {
	id := rand.Text()
	a.sessions.Store(id, grant.Client())
	http.SetCookie(w, cookie(id, 0))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: "session", Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (a *app) logOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie("session"); err == nil {
		a.sessions.Delete(c.Value)
	}
	http.SetCookie(w, cookie("", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// home shows who has logged in, or lets the visitor log in.
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	var me *gen.MeDetailed
	if c, err := r.Cookie("session"); err == nil {
		if mk, ok := a.sessions.Load(c.Value); ok {
			if me, err = mk.(*misskey.Client).I(r.Context()); errors.Is(err, gen.ErrAuthenticationFailed) { // it has been revoked
				a.logOut(w, r)
				return
			} else if err != nil {
				http.Error(w, "The instance does not respond. Try again later.", http.StatusBadGateway)
				return
			}
		}
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src *; frame-ancestors 'none'; base-uri 'none'")
	w.Header().Set("Cache-Control", "no-store")
	_ = pageTemplate.Execute(w, me) // the browser has gone, or it has not
}
