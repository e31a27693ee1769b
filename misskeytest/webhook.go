package misskeytest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/misskey-go/misskey/gen"
)

// A webhook is an address to which the server sends what happens to an account.
type webhook struct {
	id, name, url, secret string
	owner                 *account
	on                    []any
	active                bool
	sent                  time.Time // the last delivery; zero for none
	status                int       // of the last response; 0 for none
}

func (w *webhook) key() string { return w.id }

func packWebhook(w *webhook) any {
	packed := object{
		"id": w.id, "userId": w.owner.id, "name": w.name, "on": w.on, "url": w.url, "secret": w.secret, "active": w.active,
		"latestSentAt": nil, "latestStatus": nil,
	}
	if !w.sent.IsZero() {
		packed["latestSentAt"], packed["latestStatus"] = stamp(w.sent), w.status
	}
	return packed
}

// ownWebhook returns a webhook of the caller, by the parameter webhookId.
func (c *call) ownWebhook() (*webhook, error) {
	if w := c.s.webhooks.get(c.text("webhookId")); w != nil && w.owner == c.account {
		return w, nil
	}
	return nil, c.refuse(gen.ErrNoSuchWebhook)
}

// createWebhook is the endpoint i/webhooks/create.
func createWebhook(c *call) (any, error) {
	if c.s.webhooks.count(func(w *webhook) bool { return w.owner == c.account }) >= c.policy("webhookLimit") {
		return nil, c.refuse(gen.ErrTooManyWebhooks)
	}
	w := &webhook{id: c.s.newID(), owner: c.account, on: []any{}, active: true}
	c.changeWebhook(w)
	c.s.webhooks.add(w)
	return packWebhook(w), nil
}

// updateWebhook is the endpoint i/webhooks/update: what is absent stays.
func updateWebhook(c *call) (any, error) {
	w, err := c.ownWebhook()
	if err != nil {
		return nil, err
	}
	c.changeWebhook(w)
	return nil, nil
}

func (c *call) changeWebhook(w *webhook) {
	for name, field := range map[string]*string{"name": &w.name, "url": &w.url, "secret": &w.secret} {
		if v, ok := c.params[name]; ok {
			*field = text(v)
		}
	}
	if on, ok := c.params["on"].([]any); ok {
		w.on = on
	}
	if active, ok := c.params["active"].(bool); ok {
		w.active = active
	}
}

// deleteWebhook is the endpoint i/webhooks/delete.
func deleteWebhook(c *call) (any, error) {
	w, err := c.ownWebhook()
	if err != nil {
		return nil, err
	}
	c.s.webhooks.remove(w.id)
	return nil, nil
}

// showWebhook is the endpoint i/webhooks/show.
func showWebhook(c *call) (any, error) {
	w, err := c.ownWebhook()
	if err != nil {
		return nil, err
	}
	return packWebhook(w), nil
}

// listWebhooks is the endpoint i/webhooks/list.
func listWebhooks(c *call) (any, error) {
	return pack(c.s.webhooks.all(func(w *webhook) bool { return w.owner == c.account }), packWebhook), nil
}

// testWebhook is the endpoint i/webhooks/test, which delivers something made up,
// once, also to another place.
func testWebhook(c *call) (any, error) {
	w, err := c.ownWebhook()
	if err != nil {
		return nil, err
	}
	kind, to := c.text("type"), *w
	if url, ok := at(c.params, "override", "url").(string); ok {
		to.url = url
	}
	if secret, ok := at(c.params, "override", "secret").(string); ok {
		to.secret = secret
	}
	dummy := &account{id: "dummy-user-1", username: "dummy1", profile: newProfile()}
	var body object
	switch kind {
	case "reaction":
		return nil, nil // is never sent
	case "follow", "unfollow":
		body = object{"user": c.s.userDetailed(dummy, c.account)}
	case "followed":
		body = object{"user": c.s.userLite(dummy)}
	default:
		n := &note{id: "dummy-note-1", author: dummy, text: "This is a dummy note for testing purposes.", visibility: "public"}
		packed := c.s.packNote(n, c.account)
		packed["createdAt"] = stamp(c.s.now())
		body = object{"note": packed}
	}
	c.s.sendHook(w, to, c.s.newDelivery(to, kind, body), len(retries))
	return nil, nil
}

// hook sends what has happened to the webhooks of an account that want it.
func (s *Server) hook(owner *account, kind string, body func() object) {
	for _, w := range s.webhooks.items {
		if w.owner == owner && w.active && slices.Contains(w.on, any(kind)) {
			s.sendHook(w, *w, s.newDelivery(*w, kind, body()), 0)
		}
	}
}

// newDelivery is what is sent, the same in each attempt.
func (s *Server) newDelivery(to webhook, kind string, body object) []byte {
	return encode(object{
		"server": s.URL, "hookId": to.id, "userId": to.owner.id, "eventId": uuid.NewString(), "createdAt": s.now().UnixMilli(), "type": kind, "body": body,
	})
}

// retries are how long the server waits before further attempts.
var retries = []time.Duration{time.Minute, 3 * time.Minute, 7 * time.Minute}

// deliveryTimeout is how long a receiver may take.
const deliveryTimeout = 5 * time.Second

// sendHook sends to a webhook as it was when something happened. The first attempt
// has the number 0.
func (s *Server) sendHook(w *webhook, to webhook, data []byte, attempt int) {
	if strings.ContainsFunc(to.secret, func(r rune) bool { return r == '\r' || r == '\n' || r > '~' }) {
		return // it cannot be put into a header
	}
	s.running.Go(func() {
		status := s.post(to, data)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.done {
			return
		}
		w.sent, w.status = s.now(), status
		retry := status == 0 || status == http.StatusNotModified || status == http.StatusTooManyRequests || status > 499
		if retry && attempt < len(retries) {
			s.later(retries[attempt], func() { s.sendHook(w, to, data, attempt+1) })
		}
	})
}

// post makes one attempt at a delivery and returns the status of the response, 0
// where there is none.
func (s *Server) post(to webhook, data []byte) (status int) {
	ctx, cancel := context.WithTimeout(s.ctx, deliveryTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(data))
	if err != nil {
		return 0
	}
	for name, v := range map[string]string{
		"User-Agent": "Misskey-Hooks", "X-Misskey-Host": s.host(), "X-Misskey-Hook-Id": to.id,
		"X-Misskey-Hook-Secret": strings.TrimSpace(to.secret), "Content-Type": "application/json",
	} {
		r.Header.Set(name, v)
	}
	resp, err := s.deliveries.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxJSON)) // so that the connection can be used again
	return resp.StatusCode
}
