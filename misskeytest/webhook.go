package misskeytest

import (
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A webhook is an address to which the server sends what happens to an account, or
// to the instance.
type webhook struct {
	id, name, url, secret string
	owner                 *account // nil for one of the instance
	on                    []any
	active                bool
	updated               time.Time
	sent                  time.Time // the last delivery; zero for none
	status                int       // of the last response; 0 for none
}

func (w *webhook) key() string { return w.id }

func packWebhook(w *webhook) any {
	packed := object{"id": w.id, "name": w.name, "on": w.on, "url": w.url, "secret": w.secret, "latestSentAt": nil, "latestStatus": nil}
	if w.owner != nil {
		packed["userId"], packed["active"] = w.owner.id, w.active
	} else {
		packed["updatedAt"], packed["isActive"] = stamp(w.updated), w.active
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
	for _, name := range []string{"active", "isActive"} { // of an account, of the instance
		if active, ok := c.params[name].(bool); ok {
			w.active = active
		}
	}
	w.updated = c.s.now()
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

// testWebhook is the endpoint i/webhooks/test.
func testWebhook(c *call) (any, error) {
	w, err := c.ownWebhook()
	if err != nil {
		return nil, err
	}
	return nil, c.testDelivery(w)
}

// createSystemWebhook is the endpoint admin/system-webhook/create.
func createSystemWebhook(c *call) (any, error) {
	w := &webhook{id: c.s.newID(), on: []any{}}
	c.changeWebhook(w)
	c.s.systemWebhooks.add(w)
	return packWebhook(w), nil
}

// updateSystemWebhook is the endpoint admin/system-webhook/update, to which all
// parameters are given.
func updateSystemWebhook(c *call) (any, error) {
	w := c.s.systemWebhooks.get(c.text("id"))
	if w == nil {
		return nil, internalError("there is no such webhook")
	}
	c.changeWebhook(w)
	return packWebhook(w), nil
}

// deleteSystemWebhook is the endpoint admin/system-webhook/delete.
func deleteSystemWebhook(c *call) (any, error) {
	if c.s.systemWebhooks.get(c.text("id")) == nil {
		return nil, internalError("there is no such webhook")
	}
	c.s.systemWebhooks.remove(c.text("id"))
	return nil, nil
}

// showSystemWebhook is the endpoint admin/system-webhook/show.
func showSystemWebhook(c *call) (any, error) {
	if w := c.s.systemWebhooks.get(c.text("id")); w != nil {
		return packWebhook(w), nil
	}
	return nil, c.refuse(gen.ErrNoSuchSystemWebhook)
}

// listSystemWebhooks is the endpoint admin/system-webhook/list.
func listSystemWebhooks(c *call) (any, error) {
	active, some := c.params["isActive"].(bool)
	on, _ := c.params["on"].([]any)
	return pack(c.s.systemWebhooks.all(func(w *webhook) bool {
		return (!some || w.active == active) && (len(on) == 0 || slices.ContainsFunc(on, func(kind any) bool { return slices.Contains(w.on, kind) }))
	}), packWebhook), nil
}

// testSystemWebhook is the endpoint admin/system-webhook/test.
func testSystemWebhook(c *call) (any, error) {
	w := c.s.systemWebhooks.get(c.text("webhookId"))
	if w == nil {
		return nil, c.refuse(gen.ErrNoSuchWebhook)
	}
	return nil, c.testDelivery(w)
}
