package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/webhook"
)

const theSecret = "correct horse battery staple"

// newHandler returns a handler with the secret, unless opts have others.
func newHandler(t testing.TB, opts webhook.Options, handle func(context.Context, event.Event) error) *webhook.Handler {
	t.Helper()
	if opts.Secrets == nil {
		opts.Secrets = []webhook.Secret{{Value: theSecret}}
	}
	h, err := webhook.New(handle, opts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// body is a delivery of a note.
func body(eventID string) string {
	return fmt.Sprintf(`{"server":"https://misskey.example","hookId":"h1","userId":"u1","eventId":%q,"createdAt":1795792112024,`+
		`"type":"mention","body":{"note":{"id":%q,"text":"hello","user":{"id":"u2","username":"bob"}}}}`, eventID, "note-of-"+eventID)
}

// request is a delivery as Misskey makes it.
func request(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Misskey-Hooks")
	r.Header.Set("X-Misskey-Host", "misskey.example")
	r.Header.Set("X-Misskey-Hook-Id", "h1")
	r.Header.Set("X-Misskey-Hook-Secret", theSecret)
	return r
}

// deliver returns the status of the response.
func deliver(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}
