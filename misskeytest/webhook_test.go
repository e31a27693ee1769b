package misskeytest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A delivery is what a receiver of webhooks got.
type delivery struct {
	header http.Header
	body   struct {
		Server, HookID, UserID, EventID, Type string
		CreatedAt                             int64
		Body                                  struct {
			Note *gen.Note
			User *gen.UserLite
		}
	}
}

// hooks receives webhooks, and responds with the statuses in turn, and with 200
// after that.
func hooks(t *testing.T, statuses ...int) (url string, deliveries <-chan delivery) {
	t.Helper()
	all := make(chan delivery, 100)
	answers := make(chan int, len(statuses))
	for _, status := range statuses {
		answers <- status
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := delivery{header: r.Header}
		if err := json.NewDecoder(r.Body).Decode(&d.body); err != nil {
			t.Error(err)
		}
		select {
		case status := <-answers:
			w.WriteHeader(status)
		default:
		}
		all <- d
	}))
	t.Cleanup(receiver.Close)
	return receiver.URL, all
}

// next returns the next delivery.
func next(t *testing.T, deliveries <-chan delivery) delivery {
	t.Helper()
	select {
	case d := <-deliveries:
		return d
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is delivered")
		return delivery{}
	}
}

func TestWebhooksAreDelivered(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	ctx := t.Context()
	url, deliveries := hooks(t)
	hook, err := alice.IWebhooksCreate(ctx, gen.IWebhooksCreateRequest{
		Name: "bell", URL: url, Secret: new("secret"), On: []gen.WebhookEvent{"mention", "follow", "followed", "unfollow", "note", "reply", "renote"},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(kinds ...string) (last delivery) {
		t.Helper()
		want := map[string]bool{}
		for _, kind := range kinds {
			want[kind] = true
		}
		for range kinds {
			last = next(t, deliveries)
			if !want[last.body.Type] {
				t.Errorf("%s, want %q", last.body.Type, kinds)
			}
			delete(want, last.body.Type)
		}
		return last
	}

	n := write(t, alice, "mine")
	d := expect("note")
	if d.body.Body.Note == nil || d.body.Body.Note.ID != n.ID || d.body.HookID != hook.ID || d.body.UserID != srv.UserID("alice") || d.body.Server != srv.URL || d.body.EventID == "" {
		t.Errorf("%+v", d.body)
	}
	for name, want := range map[string]string{
		"User-Agent": "Misskey-Hooks", "X-Misskey-Host": hostOf(srv), "X-Misskey-Hook-Id": hook.ID, "X-Misskey-Hook-Secret": "secret", "Content-Type": "application/json",
	} {
		if got := d.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID}); err != nil {
		t.Fatal(err)
	}
	expect("reply", "mention")
	if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{RenoteID: &n.ID}); err != nil {
		t.Fatal(err)
	}
	expect("renote")
	if _, err := bob.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("alice")}); err != nil {
		t.Fatal(err)
	}
	if d := expect("followed"); d.body.Body.User.Username != "bob" {
		t.Errorf("followed by %s", d.body.Body.User.Username)
	}
	if _, err := alice.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("bob")}); err != nil {
		t.Fatal(err)
	}
	expect("follow")
	if _, err := alice.FollowingDelete(ctx, gen.FollowingDeleteRequest{UserID: srv.UserID("bob")}); err != nil {
		t.Fatal(err)
	}
	expect("unfollow")

	if err := alice.IWebhooksTest(ctx, gen.IWebhooksTestRequest{WebhookID: hook.ID, Type: "renote"}); err != nil {
		t.Fatal(err)
	}
	if d := expect("renote"); d.body.Body.Note == nil {
		t.Errorf("%+v", d.body)
	}
	if err := alice.IWebhooksUpdate(ctx, gen.IWebhooksUpdateRequest{WebhookID: hook.ID, Active: new(false)}); err != nil {
		t.Fatal(err)
	}
	write(t, alice, "silently")
	srv.Close()
	if len(deliveries) > 0 {
		t.Error("a webhook that is not active gets deliveries")
	}
}

func TestWebhooksAreDeliveredAgain(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice := srv.Client("alice")
	url, deliveries := hooks(t, 500, 429, 404)
	hook, err := alice.IWebhooksCreate(t.Context(), gen.IWebhooksCreateRequest{Name: "bell", URL: url, On: []gen.WebhookEvent{"note"}})
	if err != nil {
		t.Fatal(err)
	}
	// attempted waits until the server has taken note of an attempt.
	attempted := func(status int) {
		t.Helper()
		for range 300 {
			w, err := alice.IWebhooksShow(t.Context(), gen.IWebhooksShowRequest{WebhookID: hook.ID})
			if err != nil {
				t.Fatal(err)
			}
			if w.LatestStatus != nil && int(*w.LatestStatus) == status {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("the last status is never %d", status)
	}
	write(t, alice, "hello")
	first := next(t, deliveries)
	attempted(500)
	srv.Advance(time.Minute)
	second := next(t, deliveries)
	attempted(429)
	srv.Advance(3 * time.Minute)
	third := next(t, deliveries)
	attempted(404) // is final
	srv.Advance(time.Hour)
	for _, d := range []delivery{second, third} {
		if d.body.EventID != first.body.EventID || d.body.CreatedAt != first.body.CreatedAt {
			t.Errorf("%+v is another event than %+v", d.body, first.body)
		}
	}
	srv.Close()
	if len(deliveries) > 0 {
		t.Error("it is delivered again after a final response")
	}
}
