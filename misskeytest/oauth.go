package misskeytest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// oauthLife is how long a transaction and a code are good for.
	oauthLife = 5 * time.Minute

	// maxClientDocument is more than any page that describes a client.
	maxClientDocument = 1 << 20

	// clientTimeout is how long such a page may take.
	clientTimeout = 10 * time.Second

	maxOAuthBody = 100_000
)

// An oauthError is a response in the form that OAuth has for what goes wrong.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

func (e *oauthError) write(w http.ResponseWriter) {
	body := object{"error": e.code}
	if e.description != "" {
		body["error_description"] = e.description
	}
	writeJSON(w, e.status, body)
}

func invalidRequest(description string) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_request", description}
}

// An oauthClient is what the page at a client's id says.
type oauthClient struct {
	id, name, logo string
	redirects      []string
}

// A grant is an authorization on its way: a transaction while the user decides,
// then a code.
type grant struct {
	client    *oauthClient
	redirect  string
	state     string
	challenge string
	scopes    []string
	expires   time.Time

	user  *account  // who has consented
	token *appToken // that the code was exchanged for
}

// serveOAuthMetadata serves the addresses of the endpoints of OAuth.
func (s *Server) serveOAuthMetadata(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, object{
		"issuer": s.URL, "authorization_endpoint": s.URL + "/oauth/authorize", "token_endpoint": s.URL + "/oauth/token",
		"scopes_supported": s.document.scopes(), "response_types_supported": []string{"code"},
		"grant_types_supported": []string{"authorization_code"}, "service_documentation": "https://misskey-hub.net",
		"code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true,
	})
}

func (s *Server) serveOAuth(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, "/oauth/") {
	case "GET authorize":
		header.Set("Cache-Control", "no-store")
		s.serveAuthorize(w, r)
	case "POST decision":
		header.Set("Cache-Control", "no-store")
		s.serveDecision(w, r)
	case "POST token":
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Cache-Control", "no-store")
		header.Set("Pragma", "no-cache")
		s.serveToken(w, r)
	default:
		errUnknownOAuthEndpoint.with(nil).write(w)
	}
}

// authorize checks an authorization request, and remembers it as a transaction,
// whose id it returns. An error that the client is to hear is one to be
// redirected.
func (s *Server) authorize(ctx context.Context, query url.Values) (id string, g *grant, err error) {
	for _, name := range []string{"response_type", "client_id"} {
		if query.Get(name) == "" {
			return "", nil, invalidRequest("Missing required parameter: " + name)
		}
	}
	if query.Get("response_type") != "code" {
		return "", nil, &oauthError{http.StatusNotImplemented, "unsupported_response_type", "the response type has to be code"}
	}
	client, err := s.fetchClient(ctx, query.Get("client_id"))
	if err != nil {
		return "", nil, err
	}
	g = &grant{
		client: client, redirect: query.Get("redirect_uri"), state: query.Get("state"), challenge: query.Get("code_challenge"),
	}
	if !slices.Contains(client.redirects, g.redirect) {
		return "", nil, invalidRequest("Invalid redirect_uri")
	}
	known := s.document.scopes()
	for scope := range strings.FieldsSeq(query.Get("scope")) {
		if slices.Contains(known, scope) && !slices.Contains(g.scopes, scope) {
			g.scopes = append(g.scopes, scope)
		}
	}
	switch {
	case len(g.scopes) == 0:
		return "", g, &oauthError{http.StatusFound, "invalid_scope", "no scope is known"}
	case g.challenge == "", query.Get("code_challenge_method") != "S256":
		return "", g, &oauthError{http.StatusFound, "invalid_request", "a code challenge of the method S256 is required"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g.expires = s.now().Add(oauthLife)
	id = s.newToken(128)
	s.transactions[id] = g
	return id, g, nil
}

// back returns the address of the client with the outcome.
func (s *Server) back(g *grant, pairs ...string) string {
	u, err := url.Parse(g.redirect)
	if err != nil {
		return g.redirect
	}
	if g.state != "" {
		pairs = append(pairs, "state", g.state)
	}
	pairs = append(pairs, "iss", s.URL)
	query := u.RawQuery
	for i := 0; i < len(pairs); i += 2 {
		if query != "" {
			query += "&"
		}
		query += url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
	}
	u.RawQuery = query
	return u.String()
}

func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	id, g, err := s.authorize(r.Context(), r.URL.Query())
	if failed, ok := errors.AsType[*oauthError](err); ok {
		if failed.status == http.StatusFound {
			http.Redirect(w, r, s.back(g, "error", failed.code, "error_description", failed.description), http.StatusFound)
			return
		}
		failed.write(w)
		return
	}
	s.writeConsent(w, r, consent{
		Name: g.client.name, Icon: g.client.logo, Origin: g.client.id, Permissions: g.scopes, Action: "/oauth/decision",
		Hidden: map[string]string{"transaction_id": id},
		Meta: map[string]string{
			"misskey:oauth:transaction-id": id, "misskey:oauth:client-name": g.client.name, "misskey:oauth:client-logo": g.client.logo,
			"misskey:oauth:scope": strings.Join(g.scopes, " "),
		},
	})
}

// decide ends a transaction, and returns where the browser goes. A nil user has
// denied.
func (s *Server) decide(id string, user *account) (string, error) {
	g := s.transactions[id]
	if g == nil || !s.now().Before(g.expires) {
		return "", &oauthError{http.StatusForbidden, "access_denied", "Invalid or expired transaction ID"}
	}
	delete(s.transactions, id)
	if user == nil {
		return s.back(g, "error", "access_denied"), nil
	}
	code := s.newToken(128)
	g.user, g.expires = user, s.now().Add(oauthLife)
	s.codes[code] = g
	return s.back(g, "code", code), nil
}

// serveDecision takes what a user has decided. The web client of Misskey sends
// the token of the user as login_token, the page of this server a user.
func (s *Server) serveDecision(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxOAuthBody)
	if r.ParseForm() != nil || len(r.PostForm) == 0 {
		(&oauthError{http.StatusInternalServerError, "server_error", "there is no form"}).write(w)
		return
	}
	form := r.PostForm
	denied := form.Get("cancel") != "" || form.Get("decision") == "deny"
	s.mu.Lock()
	user := s.tokens[form.Get("login_token")]
	if name := form.Get("user"); user == nil && name != "" {
		user = s.named(name)
	}
	var target string
	var err error
	switch {
	case denied:
		target, err = s.decide(form.Get("transaction_id"), nil)
	case user != nil:
		target, err = s.decide(form.Get("transaction_id"), user)
	case form.Get("login_token") == "":
		err = invalidRequest("No user")
	default:
		err = invalidRequest("No such user")
	}
	s.mu.Unlock()
	if failed, ok := errors.AsType[*oauthError](err); ok {
		failed.write(w)
		return
	}
	http.Redirect(w, r, target, http.StatusFound)
}

// serveToken exchanges a code for a token. Who tries to do that again loses the
// token.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	params, err := tokenParams(http.MaxBytesReader(w, r.Body, maxOAuthBody), r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		(&oauthError{http.StatusInternalServerError, "server_error", "there is no body"}).write(w)
		return
	case params.Get("grant_type") != "authorization_code":
		(&oauthError{http.StatusNotImplemented, "unsupported_grant_type", "the grant type has to be authorization_code"}).write(w)
		return
	case params.Get("code") == "":
		invalidRequest("Missing required parameter: code").write(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.exchange(params)
	if t == nil {
		(&oauthError{http.StatusForbidden, "invalid_grant", "Invalid authorization code"}).write(w)
		return
	}
	scopes := s.codes[params.Get("code")].scopes
	writeJSON(w, http.StatusOK, object{"access_token": t.token, "scope": strings.Join(scopes, " "), "token_type": "Bearer"})
}

// exchange returns the token for a code, or nil. Every attempt uses the code up.
func (s *Server) exchange(params url.Values) *appToken {
	g := s.codes[params.Get("code")]
	if g == nil || !s.now().Before(g.expires) {
		return nil
	}
	if g.token != nil {
		s.appTokens.remove(g.token.id)
		return nil
	}
	sum := sha256.Sum256([]byte(params.Get("code_verifier")))
	verified := subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(g.challenge)) == 1
	if !verified || params.Get("client_id") != g.client.id || params.Get("redirect_uri") != g.redirect {
		delete(s.codes, params.Get("code"))
		return nil
	}
	g.token = &appToken{owner: g.user, name: g.client.id, permissions: permitted(g.scopes)}
	s.addTokenOf(g.token, 128)
	return g.token
}

// tokenParams reads the body of a request for a token, a form or JSON.
func tokenParams(body io.Reader, contentType string) (url.Values, error) {
	data, err := io.ReadAll(body)
	if err != nil || len(data) == 0 {
		return nil, errors.New("there is no body")
	}
	if kind, _, _ := mime.ParseMediaType(contentType); kind != "application/json" {
		return url.ParseQuery(string(data))
	}
	var fields map[string]string
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	params := url.Values{}
	for name, v := range fields {
		params.Set(name, v)
	}
	return params, nil
}

var domainName = regexp.MustCompile(`\.[\w-]+$`)

// checkClientID refuses what cannot be the id of a client. Plain http is for this
// machine.
func checkClientID(id string) *oauthError {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" {
		return invalidRequest("client_id is not a URL")
	}
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && local):
		return invalidRequest("client_id must be a valid HTTPS URL")
	case u.Fragment != "" || u.User != nil || strings.Contains(u.Path, "/./") || strings.Contains(u.Path, "/../"):
		return invalidRequest("client_id has what it must not have: dots in its path, a fragment or a user")
	case !local && !domainName.MatchString(u.Hostname()):
		return invalidRequest("client_id has no domain")
	}
	return nil
}

// fetchClient asks the page at the id of a client who it is.
func (s *Server) fetchClient(ctx context.Context, id string) (*oauthClient, error) {
	if err := checkClientID(id); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, clientTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, invalidRequest("client_id is not a URL")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, invalidRequest("Failed to fetch client information")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxClientDocument))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, invalidRequest("Failed to fetch client information")
	}
	client := &oauthClient{id: id, name: id}
	for _, link := range resp.Header.Values("Link") {
		client.redirects = append(client.redirects, redirectLinks(link)...)
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "application/json" {
		err = client.readMetadata(body)
	} else {
		err = client.readPage(body)
	}
	if err != nil {
		return nil, err
	}
	for i, redirect := range client.redirects { // they may be relative
		if u, err := resp.Request.URL.Parse(redirect); err == nil {
			client.redirects[i] = u.String()
		}
	}
	return client, nil
}

var redirectLink = regexp.MustCompile(`<([^>]*)>\s*;[^,]*\brel="?redirect_uri"?`)

// redirectLinks returns what a header Link has of the relation redirect_uri.
func redirectLinks(header string) (all []string) {
	for _, m := range redirectLink.FindAllStringSubmatch(header, -1) {
		all = append(all, m[1])
	}
	return all
}

// readMetadata reads the document that describes a client as JSON.
func (c *oauthClient) readMetadata(body []byte) error {
	var doc struct {
		ClientID     string   `json:"client_id"`
		ClientURI    string   `json:"client_uri"`
		ClientName   string   `json:"client_name"`
		LogoURI      string   `json:"logo_uri"`
		RedirectURIs []string `json:"redirect_uris"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return &oauthError{http.StatusBadRequest, "server_error", "the document of the client is not JSON"}
	}
	if doc.ClientID != c.id || doc.ClientURI == "" || !strings.HasPrefix(c.id, doc.ClientURI) {
		return invalidRequest("the document of the client is about another one")
	}
	if doc.ClientName != "" {
		c.name = doc.ClientName
	}
	c.logo = doc.LogoURI
	c.redirects = append(c.redirects, doc.RedirectURIs...)
	return nil
}

// readPage reads the page that describes a client as IndieAuth has it: links of
// the relation redirect_uri, and an h-app with its name and logo.
func (c *oauthClient) readPage(body []byte) error {
	page := xml.NewDecoder(strings.NewReader(string(body)))
	page.Strict, page.AutoClose, page.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	page.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	depth, inApp, named := 0, -1, false
	for {
		token, err := page.Token()
		if err != nil {
			return nil // of a broken page what could be read counts
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			attr := func(name string) string {
				for _, a := range t.Attr {
					if strings.EqualFold(a.Name.Local, name) {
						return a.Value
					}
				}
				return ""
			}
			classes := strings.Fields(attr("class"))
			switch {
			case strings.EqualFold(t.Name.Local, "link") && slices.Contains(strings.Fields(attr("rel")), "redirect_uri"):
				c.redirects = append(c.redirects, attr("href"))
			case slices.Contains(classes, "h-app"):
				inApp = depth
			}
			if inApp >= 0 && slices.Contains(classes, "p-name") {
				named = true
			}
			if inApp >= 0 && slices.Contains(classes, "u-logo") {
				c.logo = attr("src")
			}
		case xml.EndElement:
			if depth == inApp {
				inApp = -1
			}
			depth--
			named = false
		case xml.CharData:
			if name := strings.TrimSpace(string(t)); inApp >= 0 && named && name != "" {
				c.name, named = name, false
			}
		}
	}
}

// readScopes finds the permissions that endpoints ask for or that the document
// lists, without those that no consent page grants.
func (d *document) readScopes(listed json.RawMessage) []string {
	grantable := map[string]bool{}
	for endpoint := range d.paths {
		if op, err := d.read(endpoint); err == nil && op.permission != "" {
			grantable[op.permission] = true
		}
	}
	var more []struct {
		Name      string
		Grantable *bool
	}
	_ = json.Unmarshal(listed, &more)
	for _, p := range more {
		grantable[p.Name] = p.Grantable == nil || *p.Grantable
	}
	var all []string
	for name, ok := range grantable {
		if ok {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
