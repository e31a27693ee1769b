package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A Hook is a webhook of an account, as [Setup] makes it.
type Hook struct {
	// Name tells the webhooks of an account apart: Setup changes the one that has
	// it.
	Name string

	// URL is where the events go. Since the secret goes there as it is, it must be
	// an https URL, or lead to this machine.
	URL string

	// Secret goes with each event. [Options].Secrets must contain it.
	Secret string

	// On are the types of events to send. [gen.WebhookEventReaction] is one that
	// no version of Misskey sends.
	On []gen.WebhookEvent

	// PlainHTTP permits an http URL to other machines. Anyone on the way can read
	// the secret, and send events with it.
	PlainHTTP bool
}

// Setup creates or changes a webhook of the account of mk, switches it on, and returns
// its id. A webhook that is as it should be is left alone, so that a program can call
// Setup whenever it starts. The token needs the permissions read:account and
// write:account.
func Setup(ctx context.Context, mk *misskey.Client, hook Hook) (id string, err error) {
	secret, err := checkHook(mk, hook.Name, hook.URL, hook.Secret, len(hook.On), hook.PlainHTTP)
	if err != nil {
		return "", fmt.Errorf("webhook: Setup: %w", err)
	}
	all, err := mk.IWebhooksList(ctx)
	if err != nil {
		return "", fmt.Errorf("webhook: Setup: %w", err)
	}
	there, err := named(all, hook.Name, func(w gen.UserWebhook) string { return w.Name })
	switch {
	case err != nil:
	case there == nil:
		var made *gen.UserWebhook
		made, err = mk.IWebhooksCreate(ctx, gen.IWebhooksCreateRequest{Name: hook.Name, URL: hook.URL, Secret: &secret, On: hook.On})
		if err == nil {
			return made.ID, nil
		}
	case there.URL == hook.URL && there.Secret == secret && there.Active && sameSet(there.On, hook.On):
		return there.ID, nil
	default:
		err = mk.IWebhooksUpdate(ctx, gen.IWebhooksUpdateRequest{
			WebhookID: there.ID, Name: &hook.Name, URL: &hook.URL, Secret: gen.Value(secret), On: hook.On, Active: new(true),
		})
		if err == nil {
			return there.ID, nil
		}
	}
	return "", fmt.Errorf("webhook: Setup: %w", err)
}

// A SystemHook is a webhook of an instance, as [SetupSystem] makes it. The fields are
// as in [Hook].
type SystemHook struct {
	Name, URL, Secret string
	On                []gen.SystemWebhookEvent
	PlainHTTP         bool
}

// SetupSystem is [Setup] for the webhook of an instance. The account of mk must be a
// moderator, and the token its own, such as that of signin-flow: the endpoints refuse
// the tokens of apps.
func SetupSystem(ctx context.Context, mk *misskey.Client, hook SystemHook) (id string, err error) {
	secret, err := checkHook(mk, hook.Name, hook.URL, hook.Secret, len(hook.On), hook.PlainHTTP)
	if err != nil {
		return "", fmt.Errorf("webhook: SetupSystem: %w", err)
	}
	all, err := mk.AdminSystemWebhookList(ctx, gen.AdminSystemWebhookListRequest{})
	if err != nil {
		return "", fmt.Errorf("webhook: SetupSystem: %w", err)
	}
	there, err := named(all, hook.Name, func(w gen.SystemWebhook) string { return w.Name })
	switch {
	case err != nil:
	case there == nil:
		var made *gen.SystemWebhook
		made, err = mk.AdminSystemWebhookCreate(ctx, gen.AdminSystemWebhookCreateRequest{
			Name: hook.Name, URL: hook.URL, Secret: &secret, On: hook.On, IsActive: true,
		})
		if err == nil {
			return made.ID, nil
		}
	case there.URL == hook.URL && there.Secret == secret && there.IsActive && sameSet(there.On, hook.On):
		return there.ID, nil
	default:
		_, err = mk.AdminSystemWebhookUpdate(ctx, gen.AdminSystemWebhookUpdateRequest{
			ID: there.ID, Name: hook.Name, URL: hook.URL, Secret: &secret, On: hook.On, IsActive: true,
		})
		if err == nil {
			return there.ID, nil
		}
	}
	return "", fmt.Errorf("webhook: SetupSystem: %w", err)
}

// checkHook returns the secret as it arrives.
func checkHook(mk *misskey.Client, name, to, secret string, events int, plainHTTP bool) (string, error) {
	if mk == nil {
		return "", errors.New("the client is nil")
	}
	if name == "" {
		return "", errors.New("the field Name is empty")
	}
	if events == 0 {
		return "", errors.New("the field On is empty; no event would be sent")
	}
	u, err := url.Parse(to)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("URL is not an http or https URL with a host")
	case u.Scheme == "http" && !plainHTTP && !isLocal(u.Hostname()):
		return "", errors.New("URL is plain http: anyone on the way could read the secret; use https, or set PlainHTTP")
	}
	secret, err = Secret{Value: secret}.check()
	if err != nil {
		return "", fmt.Errorf("Secret: %w", err)
	}
	return secret, nil
}

func isLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// named returns the webhook with a name, or nil.
func named[T any](all []T, name string, nameOf func(T) string) (found *T, err error) {
	for i := range all {
		if nameOf(all[i]) != name {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("there are two webhooks with the name %q; rename or delete one", name)
		}
		found = &all[i]
	}
	return found, nil
}

// sameSet reports whether a and b have the same elements in any order.
func sameSet[T ~string](a, b []T) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
