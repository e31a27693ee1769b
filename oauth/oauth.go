// Package oauth gets tokens by OAuth 2.0, which Misskey has since 2023.9. Its
// clients are known by the address of a page, as in IndieAuth: there is nothing
// to register, but the program needs a page on the public web, see [Document].
// Programs without one use package miauth.
//
//	server, err := oauth.Discover(ctx, "misskey.example")
//	…
//	login, err := server.Begin(oauth.Client{
//		ID:          "https://app.example/",
//		RedirectURL: "https://app.example/callback",
//		Permissions: []gen.Permission{gen.PermissionReadAccount},
//	})
//	…
//	// Keep login with the session of the user, send the browser to login.URL, and
//	// in the callback:
//	grant, err := server.Finish(r.Context(), login, r.URL.Query())
//
// Tokens do not expire and are not refreshed; their owners can revoke them in the
// settings of the instance.
package oauth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/login"
	"github.com/misskey-go/misskey/internal/secret"
)

// metadataPath is where a server tells of itself (RFC 8414).
const metadataPath = "/.well-known/oauth-authorization-server"

// maxMetadata is more than that can be.
const maxMetadata = 1 << 20

// A Server is an instance that grants tokens by OAuth.
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
		return fmt.Errorf("HTTP %d with %q: the server is no Misskey, or one before 2023.9, which has no OAuth", resp.StatusCode, kind)
	case len(body) > maxMetadata:
		return errors.New("the answer is too large")
	}
	var metadata struct {
		Issuer                string           `json:"issuer"`
		AuthorizationEndpoint string           `json:"authorization_endpoint"`
		TokenEndpoint         string           `json:"token_endpoint"`
		ScopesSupported       []gen.Permission `json:"scopes_supported"`
		Challenges            []string         `json:"code_challenge_methods_supported"`
	}
	if err := json.Unmarshal(body, &metadata); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
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

// A Client is a program that asks for a token.
type Client struct {
	// ID is the address of the page of the client: see [Document].
	ID string

	// RedirectURL is where the browser comes back to, to the letter one of
	// those that the page names.
	RedirectURL string

	// Permissions are what the token will be good for.
	Permissions []gen.Permission
}

// Config returns the configuration of package oauth2 for a client, for those who
// do what [Server.Begin] and [Server.Finish] do by themselves. Misskey wants PKCE.
func (s *Server) Config(c Client) (*oauth2.Config, error) {
	if err := checkID(c.ID); err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	if u, err := url.Parse(c.RedirectURL); err != nil || u.Scheme == "" {
		return nil, errors.New("oauth: the redirect URL is no absolute URL")
	}
	if len(c.Permissions) == 0 {
		return nil, errors.New("oauth: there are no permissions; Misskey grants no token without any")
	}
	config := &oauth2.Config{ClientID: c.ID, RedirectURL: c.RedirectURL, Endpoint: s.endpoint}
	for _, p := range c.Permissions {
		if !slices.Contains(s.Permissions, p) {
			return nil, fmt.Errorf("oauth: the server does not know the permission %q, and would pass over it in silence", p)
		}
		config.Scopes = append(config.Scopes, string(p))
	}
	return config, nil
}

// A Login is one that is going on. Keep it where only this user's browser can
// reach it, as in the session of a web service. Printing it does not show what is
// secret of it.
type Login struct {
	// URL is where the browser goes. It is good for five minutes.
	URL string

	// State and Verifier prove, in the end, that it is the same browser and
	// the same client.
	State, Verifier string

	// Client is what asks.
	Client Client
}

// String names the client.
func (l Login) String() string { return "login of " + l.Client.ID }

// GoString is String, so that %#v shows no secret.
func (l Login) GoString() string { return l.String() }

// LogValue is what package slog tells of it.
func (l Login) LogValue() slog.Value { return slog.StringValue(l.String()) }

// Begin begins a login.
func (s *Server) Begin(c Client) (Login, error) {
	config, err := s.Config(c)
	if err != nil {
		return Login{}, err
	}
	l := Login{State: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Client: c}
	l.URL = config.AuthCodeURL(l.State, oauth2.S256ChallengeOption(l.Verifier))
	return l, nil
}

// A Grant is what a user has approved of. Printing it does not show the token.
type Grant struct {
	// Permissions are those that were granted.
	Permissions []gen.Permission

	token secret.Text
	mk    *misskey.Client
}

// Token returns the token, for misskey.WithToken. It is a method and no field, so
// that nothing that holds a grant prints it.
func (g *Grant) Token() string { return g.token.Reveal() }

// Client returns a client with the token, of the instance that granted it.
func (g *Grant) Client() *misskey.Client { return g.mk.As(g.Token()) }

// String tells the permissions.
func (g Grant) String() string { return fmt.Sprintf("oauth grant of %v", g.Permissions) }

// GoString is String, so that %#v does not show the token.
func (g Grant) GoString() string { return g.String() }

// LogValue is what package slog tells of it.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// ErrOtherLogin says that a callback is not of the login that it was to end.
var ErrOtherLogin = errors.New("oauth: the callback is of another login")

// An Error is one that the server tells by a code of OAuth.
type Error struct {
	// Code is for programs: "access_denied" where the user has denied,
	// "invalid_grant" where the code was used before, has expired or is of
	// another login, and others of RFC 6749.
	Code string

	// Description is what the server says. It may be empty.
	Description string
}

// Error tells both.
func (e *Error) Error() string {
	text := fmt.Sprintf("oauth: %q", e.Code)
	switch e.Code {
	case "access_denied":
		text += ": the user has denied"
	case "invalid_grant":
		text += ": the code was used before, is older than five minutes, or is of another login; begin anew"
	}
	if e.Description != "" {
		text += fmt.Sprintf(" (the server says %q)", e.Description)
	}
	return text
}

// Finish ends a login with the query that the browser brings to the callback. The
// error is an [Error] where the server says so, and [ErrOtherLogin] where the
// callback is not of this login. An attempt uses the code up: after an error
// begin anew.
func (s *Server) Finish(ctx context.Context, l Login, query url.Values) (*Grant, error) {
	grant, err := s.finish(ctx, l, query)
	if err == nil {
		return grant, nil
	}
	// A server may repeat what it was sent.
	secrets := []string{query.Get("code"), l.State, l.Verifier}
	if e, ok := err.(*Error); ok {
		return nil, &Error{secret.Hide(e.Code, secrets...), secret.Hide(e.Description, secrets...)}
	}
	return nil, login.Hide(err, secrets...)
}

func (s *Server) finish(ctx context.Context, l Login, query url.Values) (*Grant, error) {
	if l.State == "" || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.State)) != 1 {
		return nil, ErrOtherLogin
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != s.Issuer {
		return nil, fmt.Errorf("%w: it comes from another server", ErrOtherLogin)
	}
	if code := query.Get("error"); code != "" {
		return nil, &Error{code, query.Get("error_description")}
	}
	if query.Get("code") == "" {
		return nil, errors.New("oauth: the callback has neither a code nor an error")
	}
	config, err := s.Config(l.Client)
	if err != nil {
		return nil, err
	}
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, s.mk.HTTPClient()), query.Get("code"), oauth2.VerifierOption(l.Verifier))
	if failed, ok := errors.AsType[*oauth2.RetrieveError](err); ok && failed.ErrorCode != "" {
		return nil, &Error{failed.ErrorCode, failed.ErrorDescription}
	} else if ok {
		return nil, fmt.Errorf("oauth: exchanging the code: HTTP %d", failed.Response.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("oauth: exchanging the code: %w", login.Explain(s.mk.BaseURL(), err))
	}
	if err := login.CheckToken(token.AccessToken); err != nil {
		return nil, fmt.Errorf("oauth: exchanging the code: %w", err)
	}
	g := &Grant{token: secret.New(token.AccessToken), mk: s.mk}
	scopes, _ := token.Extra("scope").(string)
	for scope := range strings.FieldsSeq(scopes) {
		g.Permissions = append(g.Permissions, gen.Permission(scope))
	}
	return g, nil
}
