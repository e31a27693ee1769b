package contract

import (
	"context"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/webhook"
)

var webhookCases = []testCase{
	{"webhooks are kept, changed and deleted", func(t *T) {
		u, v := t.user(), t.user()
		w, err := u.IWebhooksCreate(t.Context(), gen.IWebhooksCreateRequest{
			Name: "bell", URL: "https://hooks.example/bell", Secret: new("secret"), On: []gen.WebhookEvent{"mention", "note"},
		})
		t.ok(err)
		equal(t, "name", w.Name, "bell")
		equal(t, "secret", w.Secret, "secret")
		equal(t, "events", len(w.On), 2)
		equal(t, "active", w.Active, true)
		t.ok(u.IWebhooksUpdate(t.Context(), gen.IWebhooksUpdateRequest{WebhookID: w.ID, Name: new("gong"), Active: new(false)}))
		shown, err := u.IWebhooksShow(t.Context(), gen.IWebhooksShowRequest{WebhookID: w.ID})
		t.ok(err)
		equal(t, "name", shown.Name, "gong")
		equal(t, "url", shown.URL, "https://hooks.example/bell")
		equal(t, "active", shown.Active, false)
		all, err := u.IWebhooksList(t.Context())
		t.ok(err)
		equal(t, "webhooks", len(all), 1)
		_, err = v.IWebhooksShow(t.Context(), gen.IWebhooksShowRequest{WebhookID: w.ID})
		t.refused(err, gen.ErrNoSuchWebhook, 400)
		t.ok(u.IWebhooksDelete(t.Context(), gen.IWebhooksDeleteRequest{WebhookID: w.ID}))
		t.refused(u.IWebhooksDelete(t.Context(), gen.IWebhooksDeleteRequest{WebhookID: w.ID}), gen.ErrNoSuchWebhook, 400)
	}},
	{"an account has so many webhooks", func(t *T) {
		u := t.user()
		req := gen.IWebhooksCreateRequest{Name: "bell", URL: "https://hooks.example/bell", On: []gen.WebhookEvent{}}
		me, err := u.I(t.Context())
		t.ok(err)
		for range me.Policies.WebhookLimit {
			_, err := u.IWebhooksCreate(t.Context(), req)
			t.ok(err)
		}
		_, err = u.IWebhooksCreate(t.Context(), req)
		t.refused(err, gen.ErrTooManyWebhooks, 400)
	}},
	{"webhook.Setup makes a webhook, leaves it, changes it", func(t *T) {
		u := t.user()
		hook := webhook.Hook{Name: "gopher", URL: "https://hooks.example/1", Secret: "secret", On: []gen.WebhookEvent{"mention", "follow"}}
		id, err := webhook.Setup(t.Context(), u.Client, hook)
		t.ok(err)
		is := func(url, secret string, events int) {
			t.Helper()
			all, err := u.IWebhooksList(t.Context())
			t.ok(err)
			if len(all) != 1 {
				t.Fatalf("there are %d webhooks", len(all))
			}
			equal(t, "id", all[0].ID, id)
			equal(t, "URL", all[0].URL, url)
			equal(t, "secret", all[0].Secret, secret)
			equal(t, "events", len(all[0].On), events)
			equal(t, "active", all[0].Active, true)
		}
		is("https://hooks.example/1", "secret", 2)
		again := func() {
			t.Helper()
			same, err := webhook.Setup(t.Context(), u.Client, hook)
			t.ok(err)
			equal(t, "id", same, id)
		}
		hook.On = []gen.WebhookEvent{"follow", "mention"}
		again()
		t.ok(u.IWebhooksUpdate(t.Context(), gen.IWebhooksUpdateRequest{WebhookID: id, Active: new(false)}))
		hook.URL, hook.Secret, hook.On = "https://hooks.example/2", "another", []gen.WebhookEvent{"note"}
		again()
		is("https://hooks.example/2", "another", 1)
	}},
	{"webhook.SetupSystem does the same for the instance", func(t *T) {
		u := t.user()
		hook := webhook.SystemHook{Name: "of " + u.username, URL: "https://hooks.example/1", Secret: "secret", On: []gen.SystemWebhookEvent{"userCreated", "abuseReport"}}
		_, err := webhook.SetupSystem(t.Context(), u.Client, hook)
		t.refused(err, gen.ErrRolePermissionDenied, 403)
		id, err := webhook.SetupSystem(t.Context(), t.root, hook)
		t.ok(err)
		t.Cleanup(func() {
			if err := t.root.AdminSystemWebhookDelete(context.Background(), gen.AdminSystemWebhookDeleteRequest{ID: id}); err != nil {
				t.Errorf("the webhook %s is still there, delete it by hand: %v", id, err)
			}
		})
		hook.URL, hook.On = "https://hooks.example/2", []gen.SystemWebhookEvent{"abuseReport"}
		for range 2 {
			same, err := webhook.SetupSystem(t.Context(), t.root, hook)
			t.ok(err)
			equal(t, "id", same, id)
		}
		shown, err := t.root.AdminSystemWebhookShow(t.Context(), gen.AdminSystemWebhookShowRequest{ID: id})
		t.ok(err)
		equal(t, "URL", shown.URL, hook.URL)
		equal(t, "events", len(shown.On), 1)
		equal(t, "active", shown.IsActive, true)
		for on, want := range map[gen.SystemWebhookEvent]bool{"abuseReport": true, "userCreated": false} {
			listed, err := t.root.AdminSystemWebhookList(t.Context(), gen.AdminSystemWebhookListRequest{On: []gen.SystemWebhookEvent{on}})
			t.ok(err)
			found := false
			for _, w := range listed {
				found = found || w.ID == id
			}
			equal(t, "listed with "+string(on), found, want)
		}
	}},
	{"webhooks of the instance that do not exist", func(t *T) {
		_, err := t.root.AdminSystemWebhookShow(t.Context(), gen.AdminSystemWebhookShowRequest{ID: "0"})
		t.refused(err, gen.ErrNoSuchSystemWebhook, 404)
		t.refused(t.root.AdminSystemWebhookDelete(t.Context(), gen.AdminSystemWebhookDeleteRequest{ID: "0"}), gen.ErrInternalError, 500)
		err = t.root.AdminSystemWebhookTest(t.Context(), gen.AdminSystemWebhookTestRequest{WebhookID: "0", Type: "userCreated"}, misskey.NoRetry())
		t.refused(err, gen.ErrNoSuchWebhook, 400)
		_, err = t.root.AdminSystemWebhookUpdate(t.Context(), gen.AdminSystemWebhookUpdateRequest{
			ID: "0", Name: "x", URL: "https://hooks.example", On: []gen.SystemWebhookEvent{}, IsActive: true,
		})
		t.refused(err, gen.ErrInternalError, 500)
	}},
}
