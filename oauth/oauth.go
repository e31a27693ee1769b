// Package oauth gets tokens by OAuth 2.0, which Misskey has since 2023.9. Its
// clients are known by the address of a page, as in IndieAuth: there is nothing
// to register, but the program needs a page on the public web, see [Document].
// Programs without one use package miauth.
//
// A web service uses [Web]. A program with a terminal logs its user in with [Login]:
//
//	grant, err := oauth.Login(ctx, "misskey.example", oauth.Options{
//		ID:          "https://app.example/",           // a page that has an oauth.Document
//		Callback:    "http://127.0.0.1:8976/callback", // which that page names
//		Permissions: []gen.Permission{gen.PermissionReadAccount},
//	})
//
// Other programs begin a [Session] with [Start], send the browser to its
// [Session.URL] and hand the query of the callback to [Session.Finish]. Packages
// miauth and appauth have the same functions, and return the same grants and errors.
//
// Tokens do not expire and are not refreshed; their owners can revoke them in the
// settings of the instance.
package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// metadataPath is where a server describes itself (RFC 8414).
const metadataPath = "/.well-known/oauth-authorization-server"

// maxMetadata is more than that can be.
const maxMetadata = 1 << 20

// A Server is what an instance says about its OAuth.
type Server struct {
	// Issuer is the address of the server, as it gives it itself.
	Issuer string

	// Permissions are the scopes that the server knows.
	Permissions []gen.Permission

	endpoint oauth2.Endpoint
	mk       *misskey.Client
}

// Discover asks an instance, which is given as for misskey.New, where its
// endpoints are.
func Discover(ctx context.Context, instance string, opts ...misskey.Option) (*Server, error) {
	mk, err := misskey.New(instance, opts...)
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	s := &Server{mk: mk}
	if err := s.discover(ctx); err != nil {
		return nil, fmt.Errorf("oauth: asking %s for %s: %w", mk.BaseURL(), metadataPath, login.Explain(mk.BaseURL(), err))
	}
	return s, nil
}

func (s *Server) discover(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.mk.BaseURL()+metadataPath, nil)
	if err != nil {
		return err
	}
	resp, err := s.mk.HTTPClient().Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxMetadata+1))
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK, kind != "application/json":
		return fmt.Errorf("HTTP %d with %q: the server is not a Misskey, or one before 2023.9, which has no OAuth", resp.StatusCode, kind)
	case len(body) > maxMetadata:
		return errors.New("the response is too large")
	}
	var metadata struct {
		Issuer                string           `json:"issuer"`
		AuthorizationEndpoint string           `json:"authorization_endpoint"`
		TokenEndpoint         string           `json:"token_endpoint"`
		ScopesSupported       []gen.Permission `json:"scopes_supported"`
		Challenges            []string         `json:"code_challenge_methods_supported"`
	}
	if err := json.Unmarshal(body, &metadata); err != nil {
		return fmt.Errorf("the response cannot be read: %w", err)
	}
	// Somebody else's endpoints would get the code.
	for what, address := range map[string]string{
		"issuer": metadata.Issuer, "authorization endpoint": metadata.AuthorizationEndpoint, "token endpoint": metadata.TokenEndpoint,
	} {
		if !sameOrigin(address, s.mk.BaseURL()) {
			return fmt.Errorf("the %s is not on the instance, but at %q; if that is its right address, use it", what, address)
		}
	}
	if !slices.Contains(metadata.Challenges, "S256") {
		return errors.New("the server does not know the code challenge S256")
	}
	s.Issuer, s.Permissions = metadata.Issuer, metadata.ScopesSupported
	s.endpoint = oauth2.Endpoint{
		AuthURL: metadata.AuthorizationEndpoint, TokenURL: metadata.TokenEndpoint,
		AuthStyle: oauth2.AuthStyleInParams, // finding it out by trying would use up the code
	}
	return nil
}

func sameOrigin(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}

// Options say who asks, and for what.
type Options struct {
	// ID is the address of the page that describes the app: see [Document].
	ID string

	// Callback is the URL that the browser comes back to. It equals one of those
	// that the page names. That of [Login] is http://127.0.0.1 with a port.
	Callback string

	// Permissions are what the token will be good for. The user can only accept
	// all of them or none. Misskey grants no token without any.
	Permissions []gen.Permission

	// Timeout is how long [Login] waits for the user; [DefaultTimeout] if it is 0.
	// The page of the instance is good for five minutes.
	Timeout time.Duration

	// Client are options of the client that talks to the instance, such as
	// misskey.WithUserAgent.
	Client []misskey.Option

	// OpenBrowser opens a URL in the browser of the user, for [Login]. Without
	// it the browser of the system is used, if there is one.
	OpenBrowser func(url string) error

	// Output is where [Login] prints the URL, for users without a browser on this
	// machine. Nil means the standard error.
	Output io.Writer
}

// DefaultTimeout is how long [Login] waits for a user.
const DefaultTimeout = login.DefaultTimeout

// Config returns the configuration of package oauth2, for programs that do by
// themselves what a [Session] does. Misskey requires PKCE.
func (s *Server) Config(opts Options) (*oauth2.Config, error) {
	if err := checkID(opts.ID); err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	if u, err := url.Parse(opts.Callback); err != nil || u.Scheme == "" {
		return nil, errors.New("oauth: the callback is not an absolute URL")
	}
	if len(opts.Permissions) == 0 {
		return nil, errors.New("oauth: there are no permissions; Misskey grants no token without any")
	}
	if opts.Timeout < 0 {
		return nil, fmt.Errorf("oauth: the timeout is negative: %v", opts.Timeout)
	}
	config := &oauth2.Config{ClientID: opts.ID, RedirectURL: opts.Callback, Endpoint: s.endpoint}
	for _, p := range opts.Permissions {
		if !slices.Contains(s.Permissions, p) {
			return nil, fmt.Errorf("oauth: the server does not know the permission %q, and would pass over it in silence", p)
		}
		config.Scopes = append(config.Scopes, string(p))
	}
	return config, nil
}

// A Session is one attempt to get a token. It can be used by several goroutines at
// once. Keep it where only this user's browser can reach it.
type Session struct {
	server          *Server
	config          *oauth2.Config
	options         Options
	state, verifier secret.Text
	keeper          *login.Keeper
}

// Start begins a session with an instance, which is given as for misskey.New. It
// asks the instance where its endpoints are.
func Start(ctx context.Context, instance string, opts Options) (*Session, error) {
	server, err := Discover(ctx, instance, opts.Client...)
	if err != nil {
		return nil, err
	}
	return server.session(opts, oauth2.GenerateVerifier(), oauth2.GenerateVerifier())
}

func (s *Server) session(opts Options, state, verifier string) (*Session, error) {
	config, err := s.Config(opts)
	if err != nil {
		return nil, err
	}
	return &Session{server: s, config: config, options: opts, state: secret.New(state), verifier: secret.New(verifier), keeper: login.NewKeeper()}, nil
}

// URL returns the page for the user to open. It is good for five minutes.
func (s *Session) URL() string {
	return s.config.AuthCodeURL(s.state.Reveal(), oauth2.S256ChallengeOption(s.verifier.Reveal()))
}

// String names the app.
func (s *Session) String() string { return "oauth session of " + s.options.ID }

// An Error is an error that the server reports by a code of OAuth. That of a denial
// is [misskey.ErrNotGranted].
type Error struct {
	// Code is for programs: "access_denied" where the user has denied,
	// "invalid_grant" where the code was used before, has expired or is of
	// another login, and others of RFC 6749.
	Code string

	// Description is what the server says. It may be empty.
	Description string
}

const accessDenied = "access_denied"

// Is reports whether target is [misskey.ErrNotGranted] and the user has denied.
func (e *Error) Is(target error) bool {
	return target == misskey.ErrNotGranted && e.Code == accessDenied
}

// Error returns both.
func (e *Error) Error() string {
	text := fmt.Sprintf("oauth: %q", e.Code)
	switch e.Code {
	case accessDenied:
		text += ": the user has denied"
	case "invalid_grant":
		text += ": the code was used before, is older than five minutes, or is of another login; begin anew"
	}
	if e.Description != "" {
		text += fmt.Sprintf(" (the server says %q)", e.Description)
	}
	return text
}

// Finish ends a session with the query that the browser brings to the callback. The
// error is an [Error] where the server reports one, and [misskey.ErrUnknownLogin]
// where the callback is not of this session. An attempt uses the code up: after
// another error begin anew. After the first grant Finish returns the same grant for
// the same callback and does not ask any more.
func (s *Session) Finish(ctx context.Context, query url.Values) (*misskey.Grant, error) {
	if !s.mine(query) {
		return nil, misskey.ErrUnknownLogin
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != s.server.Issuer {
		return nil, fmt.Errorf("%w: the callback comes from another server", misskey.ErrUnknownLogin)
	}
	grant, err := s.keeper.Get(ctx, func(ctx context.Context) (*misskey.Grant, error) { return s.exchange(ctx, query) })
	if err == nil {
		return grant, nil
	}
	// A server may repeat what it was sent.
	secrets := []string{query.Get("code"), s.state.Reveal(), s.verifier.Reveal()}
	if e, ok := err.(*Error); ok {
		return nil, &Error{secret.Hide(e.Code, secrets...), secret.Hide(e.Description, secrets...)}
	}
	return nil, login.Hide(fmt.Errorf("oauth: %w", err), secrets...)
}

// mine reports whether a callback is of this session.
func (s *Session) mine(query url.Values) bool {
	state := s.state.Reveal()
	return state != "" && login.Same(query.Get("state"), state)
}

func (s *Session) exchange(ctx context.Context, query url.Values) (*misskey.Grant, error) {
	if code := query.Get("error"); code != "" {
		return nil, &Error{code, query.Get("error_description")}
	}
	if query.Get("code") == "" {
		return nil, errors.New("the callback has neither a code nor an error")
	}
	mk := s.server.mk
	token, err := s.config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, mk.HTTPClient()), query.Get("code"), oauth2.VerifierOption(s.verifier.Reveal()))
	if failed, ok := errors.AsType[*oauth2.RetrieveError](err); ok && failed.ErrorCode != "" {
		return nil, &Error{failed.ErrorCode, failed.ErrorDescription}
	} else if ok {
		return nil, fmt.Errorf("exchanging the code: HTTP %d", failed.Response.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("exchanging the code: %w", login.Explain(mk.BaseURL(), err))
	}
	if err := login.CheckToken(token.AccessToken); err != nil {
		return nil, fmt.Errorf("exchanging the code: %w", err)
	}
	var permissions []gen.Permission
	scopes, _ := token.Extra("scope").(string)
	for scope := range strings.FieldsSeq(scopes) {
		permissions = append(permissions, gen.Permission(scope))
	}
	if !slices.Contains(permissions, gen.PermissionReadAccount) {
		return misskey.NewGrant(mk, token.AccessToken, nil, permissions...), nil
	}
	me, err := mk.As(token.AccessToken).I(ctx) // the token itself does not say whose it is
	if err != nil {
		return nil, fmt.Errorf("asking whose the token is: %w", login.Explain(mk.BaseURL(), err))
	}
	return login.Grant(mk, token.AccessToken, &me.UserLite, permissions)
}

// Login logs in the user of a program with a terminal. It opens the page of the
// instance in the browser, or prints its URL where there is none, and ends when the
// browser has come back to [Options].Callback. That has to be an address of this
// machine with a port, such as http://127.0.0.1:8976/callback. The error wraps
// [misskey.ErrNotGranted] where the user has denied, or not come back in time.
func Login(ctx context.Context, instance string, opts Options) (*misskey.Grant, error) {
	callback, err := url.Parse(opts.Callback)
	if err != nil || callback.Scheme != "http" || callback.Port() == "" || callback.RawQuery != "" || !net.ParseIP(callback.Hostname()).IsLoopback() {
		return nil, errors.New("oauth: the callback of Login is not an address of this machine such as http://127.0.0.1:8976/callback")
	}
	s, err := Start(ctx, instance, opts)
	if err != nil {
		return nil, err
	}
	type result struct {
		grant *misskey.Grant
		err   error
	}
	results := make(chan result, 1)
	terminal := login.Terminal{
		Name: "oauth", Open: opts.OpenBrowser, Output: opts.Output, Address: callback.Host, Path: callback.Path, Needed: true,
		Page: func(string) string { return s.URL() },
		Mine: s.mine,
		Finish: func(ctx context.Context, query url.Values) (*misskey.Grant, error) {
			grant, err := s.Finish(ctx, query)
			select {
			case results <- result{grant, err}:
			default: // the first counts
			}
			return grant, err
		},
		Wait: func(ctx context.Context, _ <-chan struct{}) (*misskey.Grant, error) {
			timeout := login.Timeout(opts.Timeout)
			timer := time.NewTimer(timeout)
			defer timer.Stop()
			select {
			case r := <-results:
				return r.grant, r.err
			case <-timer.C:
				return nil, fmt.Errorf("%w within %v: the browser has not come back", misskey.ErrNotGranted, timeout)
			case <-ctx.Done():
				return nil, fmt.Errorf("oauth: waiting for the user: %w", ctx.Err())
			}
		},
	}
	return terminal.Login(ctx)
}
