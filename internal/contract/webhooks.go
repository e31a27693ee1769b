package contract

import (
	"github.com/misskey-go/misskey/gen"
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
}
