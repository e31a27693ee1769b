package webhook_test

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/webhook"
)

func runtimeGoexit() { runtime.Goexit() }

// Whatever the body is, an event is handled once and the response is 204, or nothing
// is handled and it is 400.
func FuzzBody(f *testing.F) {
	for _, r := range recorded(f) {
		f.Add([]byte(r.Body))
	}
	f.Add([]byte(body("1")))
	f.Add([]byte(`{"type":"tomorrow","body":[1,{"id":"dummy-"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []event.Event
		h := newHandler(t, webhook.Options{KeepRaw: true}, func(_ context.Context, ev event.Event) error { got = append(got, ev); return nil })
		r := request(string(data))
		switch status := deliver(h, r); status {
		case http.StatusNoContent:
			if len(got) != 1 {
				t.Fatalf("%d events", len(got))
			}
			d := webhook.From(got[0])
			if d == nil || d.Type == "" || d.Host != "misskey.example" {
				t.Errorf("%+v", d)
			}
		case http.StatusBadRequest:
			if len(got) > 0 {
				t.Errorf("status 400 and %d events", len(got))
			}
		default:
			t.Errorf("status %d", status)
		}
	})
}

// Whatever the headers are, only the right secret gets in.
func FuzzHeaders(f *testing.F) {
	f.Add("POST", theSecret, "misskey.example", "application/json", "")
	f.Add("POST", " "+theSecret, "", "application/json;charset=utf-8", "identity")
	f.Add("GET", "", "\x00", "text/plain", "gzip")
	f.Fuzz(func(t *testing.T, method, secret, host, contentType, coding string) {
		called := 0
		h := newHandler(t, webhook.Options{}, func(context.Context, event.Event) error { called++; return nil })
		r := request(body("1"))
		r.Method = method
		r.Header.Set("X-Misskey-Hook-Secret", secret)
		r.Header.Set("X-Misskey-Host", host)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Encoding", coding)
		status := deliver(h, r)
		if (status == http.StatusNoContent) != (called == 1) {
			t.Errorf("status %d, called %d times", status, called)
		}
		if called > 0 && (method != "POST" || strings.TrimSpace(secret) != theSecret) {
			t.Errorf("%s with %q gets in", method, secret)
		}
		if called == 0 && (status < 400 || status > 499) {
			t.Errorf("status %d", status)
		}
	})
}
