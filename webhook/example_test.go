package webhook_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/webhook"
)

func Example() {
	handled := make(chan string)
	handle := func(_ context.Context, ev event.Event) error {
		switch ev := ev.(type) {
		case *event.Mention:
			handled <- fmt.Sprintf("%s: %s", ev.User.Username, *ev.Text)
		case *webhook.UserCreated:
			handled <- "welcome, " + ev.Username
		}
		return nil
	}
	h, err := webhook.New(handle, webhook.Options{Secrets: []webhook.Secret{{Value: "sesame"}}})
	if err != nil {
		log.Fatal(err)
	}
	receiver := httptest.NewServer(h) // a program would use http.Handle
	defer receiver.Close()

	srv, err := misskeytest.Start(context.Background(), "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	ctx := context.Background()
	alice, bob := srv.Client("alice"), srv.Client("bob")
	_, err = webhook.Setup(ctx, alice, webhook.Hook{
		Name: "example", URL: receiver.URL, Secret: "sesame", On: []gen.WebhookEvent{gen.WebhookEventMention},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := bob.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello @alice")}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-handled)
	// Output: bob: hello @alice
}

// A test of a program sends events without a webhook, and the same one twice.
func ExampleHandler() {
	h, err := webhook.New(func(_ context.Context, ev event.Event) error {
		fmt.Println(webhook.From(ev).Type, webhook.From(ev).Test)
		return nil
	}, webhook.Options{Secrets: []webhook.Secret{{Value: "sesame"}}})
	if err != nil {
		log.Fatal(err)
	}
	receiver := httptest.NewServer(h)
	defer receiver.Close()
	srv, err := misskeytest.Start(context.Background(), "", misskeytest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	for _, secret := range []string{"sesame", "sesame", "guess"} {
		status, err := srv.Deliver(context.Background(), misskeytest.Delivery{URL: receiver.URL, Secret: secret, Type: "followed", EventID: "1"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(status)
	}
	// Output:
	// followed true
	// 204
	// 204
	// 403
}

func ExampleSecret() {
	// While a secret is replaced, both are accepted. Another instance has its own.
	_, err := webhook.New(func(context.Context, event.Event) error { return nil }, webhook.Options{Secrets: []webhook.Secret{
		{Host: "misskey.example", Value: "new"},
		{Host: "misskey.example", Value: "old"},
		{Host: "other.example", Value: "another"},
	}})
	fmt.Println(err)
	_, err = webhook.New(func(context.Context, event.Event) error { return nil }, webhook.Options{Secrets: []webhook.Secret{{Value: ""}}})
	fmt.Println(err)
	// Output:
	// <nil>
	// webhook: New: secret 1: it is empty; make one with crypto/rand.Text
}
