package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/webhook"
)

func TestSetupSendsNothingThatCannotWork(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	good := webhook.Hook{Name: "n", URL: "https://hooks.example/x", Secret: theSecret, On: []gen.WebhookEvent{"note"}}
	for name, change := range map[string]func(*webhook.Hook) (mk *misskey.Client){
		"no client":                 func(*webhook.Hook) *misskey.Client { return nil },
		"no name":                   func(h *webhook.Hook) *misskey.Client { h.Name = ""; return alice },
		"no events":                 func(h *webhook.Hook) *misskey.Client { h.On = nil; return alice },
		"no secret":                 func(h *webhook.Hook) *misskey.Client { h.Secret = " "; return alice },
		"secret never delivered":    func(h *webhook.Hook) *misskey.Client { h.Secret = "é"; return alice },
		"plain http":                func(h *webhook.Hook) *misskey.Client { h.URL = "http://hooks.example/x"; return alice },
		"no host":                   func(h *webhook.Hook) *misskey.Client { h.URL = "https:///x"; return alice },
		"no URL":                    func(h *webhook.Hook) *misskey.Client { h.URL = ":"; return alice },
		"URL of another scheme":     func(h *webhook.Hook) *misskey.Client { h.URL = "ftp://hooks.example"; return alice },
		"secret with a line's end":  func(h *webhook.Hook) *misskey.Client { h.Secret = "a\r\nb"; return alice },
		"plain http, other machine": func(h *webhook.Hook) *misskey.Client { h.URL = "http://localhost.example/x"; return alice },
	} {
		hook := good
		mk := change(&hook)
		_, err := webhook.Setup(t.Context(), mk, hook)
		if err == nil || !strings.HasPrefix(err.Error(), "webhook: Setup: ") || strings.Contains(err.Error(), theSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, endpoint := range []string{"i/webhooks/list", "i/webhooks/create"} {
		if n := len(srv.Requests(endpoint)); n > 0 {
			t.Errorf("%s was called %d times", endpoint, n)
		}
	}
	for _, hook := range []webhook.Hook{good, {Name: "local", URL: "http://127.0.0.1:1/", Secret: "s", On: good.On}, {Name: "plain", URL: "http://hooks.example", Secret: "s", On: good.On, PlainHTTP: true}} {
		if _, err := webhook.Setup(t.Context(), alice, hook); err != nil {
			t.Error(err)
		}
	}
}

func TestSetupDoesNotGuessBetweenTwo(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	for range 2 {
		if _, err := alice.IWebhooksCreate(t.Context(), gen.IWebhooksCreateRequest{Name: "n", URL: "https://h.example", On: []gen.WebhookEvent{}}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := webhook.Setup(t.Context(), alice, webhook.Hook{Name: "n", URL: "https://h.example", Secret: "s", On: []gen.WebhookEvent{"note"}})
	if err == nil || !strings.Contains(err.Error(), `two webhooks with the name "n"`) {
		t.Error(err)
	}
}

// The whole way: set up, delivered with Misskey's retries, and the test buttons.
func TestEventsOfAnInstanceArrive(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	root, alice, bob := srv.Client("root"), srv.Client("alice"), srv.Client("bob")
	ctx := t.Context()
	got := make(chan event.Event, 100)
	fail := make(chan error, 1)
	h := newHandler(t, webhook.Options{}, func(_ context.Context, ev event.Event) error {
		select {
		case err := <-fail:
			return err
		default:
		}
		got <- ev
		return nil
	})
	receiver := httptest.NewServer(h)
	defer receiver.Close()
	all := []gen.WebhookEvent{"mention", "unfollow", "follow", "followed", "note", "reply", "renote"}
	id, err := webhook.Setup(ctx, alice, webhook.Hook{Name: "n", URL: receiver.URL, Secret: theSecret, On: all})
	if err != nil {
		t.Fatal(err)
	}
	system := []gen.SystemWebhookEvent{"abuseReport", "abuseReportResolved", "userCreated", "inactiveModeratorsWarning", "inactiveModeratorsInvitationOnlyChanged"}
	systemID, err := webhook.SetupSystem(ctx, root, webhook.SystemHook{Name: "n", URL: receiver.URL, Secret: theSecret, On: system})
	if err != nil {
		t.Fatal(err)
	}
	next := func(kind string, test bool) event.Event {
		t.Helper()
		select {
		case ev := <-got:
			if d := webhook.From(ev); d.Type != kind || d.Test != test {
				t.Errorf("%+v, want %s", d, kind)
			}
			if u, ok := ev.(*event.Unknown); ok {
				t.Errorf("%s is not read: %v", kind, u.Err)
			}
			return ev
		case <-time.After(30 * time.Second):
			t.Fatalf("no %s arrives", kind)
			return nil
		}
	}
	n, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("mine")})
	if err != nil {
		t.Fatal(err)
	}
	if ev, ok := next("note", false).(*event.Note); !ok || ev.ID != n.CreatedNote.ID || webhook.From(ev).UserID != srv.UserID("alice") || webhook.From(ev).HookID != id {
		t.Errorf("%+v", ev)
	}
	if err := bob.UsersReportAbuse(ctx, gen.UsersReportAbuseRequest{UserID: srv.UserID("alice"), Comment: "rude"}); err != nil {
		t.Fatal(err)
	}
	report, ok := next("abuseReport", false).(*webhook.AbuseReport)
	if !ok || report.Comment != "rude" || report.Reporter.Username != "bob" || webhook.From(report).UserID != "" || webhook.From(report).HookID != systemID {
		t.Errorf("%+v", report)
	}
	if err := root.AdminResolveAbuseUserReport(ctx, gen.AdminResolveAbuseUserReportRequest{ReportID: report.ID}); err != nil {
		t.Fatal(err)
	}
	if r, ok := next("abuseReportResolved", false).(*webhook.AbuseReportResolved); !ok || r.ID != report.ID || r.Assignee == nil {
		t.Errorf("%+v", r)
	}
	if _, err := root.AdminAccountsCreate(ctx, gen.AdminAccountsCreateRequest{Username: "carol", Password: "x"}); err != nil {
		t.Fatal(err)
	}
	if u, ok := next("userCreated", false).(*webhook.UserCreated); !ok || u.Username != "carol" {
		t.Errorf("%+v", u)
	}
	for _, kind := range all {
		if err := alice.IWebhooksTest(ctx, gen.IWebhooksTestRequest{WebhookID: id, Type: kind}); err != nil {
			t.Fatal(err)
		}
		next(string(kind), true)
	}
	for i, kind := range system {
		if err := root.AdminSystemWebhookTest(ctx, gen.AdminSystemWebhookTestRequest{WebhookID: systemID, Type: kind}); err != nil {
			t.Fatal(err)
		}
		next(string(kind), i < 3)
	}
	fail <- http.ErrHandlerTimeout // any error
	if _, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("again")}); err != nil {
		t.Fatal(err)
	}
	for range 300 { // until the server has taken note of the failure
		if w, err := alice.IWebhooksShow(ctx, gen.IWebhooksShowRequest{WebhookID: id}); err == nil && w.LatestStatus != nil && *w.LatestStatus == 503 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	srv.Advance(time.Minute)
	next("note", false)
	if s := h.Stats(); s.Failed != 1 || s.Duplicates != 0 || s.Refused != 0 {
		t.Errorf("%+v", s)
	}
}
