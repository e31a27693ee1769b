// Package webhook receives the webhooks of Misskey: an instance posts what happens to
// an account, or to the instance, to a URL of the program.
//
//	h, err := webhook.New(handle, webhook.Options{Secrets: []webhook.Secret{{Value: secret}}})
//	…
//	http.Handle("/misskey", h)
//
//	func handle(ctx context.Context, ev event.Event) error {
//		switch ev := ev.(type) {
//		case *event.Mention:
//			fmt.Println(ev.User.Username, "mentions account", webhook.From(ev).UserID)
//		case *webhook.UserCreated:
//			…
//		}
//		return nil
//	}
//
// [Setup] and [SetupSystem] make the webhook at an instance. The events of accounts are
// those of package event, which streams have too, so that one function handles both.
// Those of instances are types of this package.
//
// # The secret
//
// Misskey sends the secret of a webhook as it is, in a header. There is no signature:
// anyone who reads one request can send others. Serve webhooks over TLS only, and do
// not log headers. [Handler] compares secrets in constant time, and [New] refuses an
// empty one, which would match every webhook without a secret. A secret proves the
// instance, not the account: the administrators of an instance can send any event.
//
// # Delivery
//
// Misskey delivers an event at least once, and events in no order. It tries up to four
// times, after 1, 3 and 7 minutes and a little more, if the response is 429 or 5xx or
// does not come within five seconds. Any other status ends the delivery. So a Handler
// responds with 503 where a later attempt may succeed: a full queue, a function that
// fails, a body that does not arrive, a handler that is closing. It responds with 4xx
// only to what would fail again: a wrong secret (403), method (405), content type
// (415), a body that is too long (413) or no delivery (400).
//
// The handler remembers the ids of events, and handles none twice, unless the process
// restarts between attempts. An event of a type that this version does not know, or
// whose body it cannot read, is an *[event.Unknown] with its body.
//
// The server should have a ReadHeaderTimeout; the handler bounds the time and the size
// of bodies, the number of events that wait, and the memory that all of them take.
package webhook
