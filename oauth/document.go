package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// A Document describes an app to an instance: its name, and where browsers may be
// sent back to. It has to be at the address that is the id of the app. It is a
// handler: it serves a page, which all versions of Misskey with OAuth read, or on
// request JSON, which Misskey reads since 2026.3.
//
//	mux.Handle("GET /{$}", oauth.Document{ID: "https://app.example/", Name: "App", Callbacks: []string{"https://app.example/callback"}})
type Document struct {
	// ID is the address where this is: https, without a fragment or a user,
	// with a name that has a dot. Misskey fetches it from the public web.
	ID string

	// Name is what the page of the instance calls the app.
	Name string

	// Logo is the URL of a picture, if any.
	Logo string

	// Callbacks are the URLs that browsers may be sent back to.
	Callbacks []string
}

// Check reports what an instance would not accept about the document.
func (d Document) Check() error {
	if err := checkID(d.ID); err != nil {
		return fmt.Errorf("oauth: %w", err)
	}
	if len(d.Callbacks) == 0 {
		return errors.New("oauth: the document has no callback")
	}
	return nil
}

// checkID refuses what cannot be the id of an app. This machine is for tests.
func checkID(id string) error {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" {
		return errors.New("the id of the app is not a URL")
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && local):
		return errors.New("the id of the app has to be an https URL")
	case u.Fragment != "", u.User != nil:
		return errors.New("the id of the app has a fragment or a user in it")
	case u.Path == "":
		return errors.New("the id of the app has no path: put a slash at its end")
	case !local && !strings.Contains(u.Hostname(), "."):
		return errors.New("the host of the id of the app is not on the public web")
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return errors.New("the path of the id of the app has dots as a segment")
		}
	}
	return nil
}

var documentTemplate = template.Must(template.New("document").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Name}}</title>
{{range .Callbacks}}<link rel="redirect_uri" href="{{.}}">
{{end}}</head>
<body>
<div class="h-app">
{{if .Logo}}<img class="u-logo" src="{{.Logo}}" alt="" width="64">
{{end}}<h1><a class="u-url p-name" href="{{.ID}}">{{.Name}}</a></h1>
</div>
</body>
</html>
`))

// ServeHTTP serves the document.
func (d Document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html") {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct {
			ClientID     string   `json:"client_id"`
			ClientURI    string   `json:"client_uri"`
			ClientName   string   `json:"client_name,omitempty"`
			LogoURI      string   `json:"logo_uri,omitempty"`
			RedirectURIs []string `json:"redirect_uris"`
		}{d.ID, d.ID, d.Name, d.Logo, d.Callbacks}) // the one who asks has gone, or has not
		return
	}
	for _, redirect := range d.Callbacks {
		if u, err := url.Parse(redirect); err == nil {
			w.Header().Add("Link", fmt.Sprintf(`<%s>; rel="redirect_uri"`, u))
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = documentTemplate.Execute(w, d)
}
